"""The exercises of the chapter "From raw samples to arrays"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _heard_frequency(tone, rate):
    return abs(tone - rate * round(tone / rate))


def _fold_once(tone, rate):
    return tone if tone <= rate / 2 else rate - tone


HEARD = Exercise(
    "heard_frequency",
    reference=_heard_frequency,
    cases=lambda: [
        (1000, 16000), (3000, 4000), (7000, 8000), (9000, 4000), (4000, 4000), (2000, 4000)
    ],
    given="a tone of {tone} Hz at {rate} samples a second",
    asked="one number, in hertz",
    mistakes={
        "You returned {got} for {given}: you folded once, and what lies above the rate itself "
        "folds again and again. Start from the nearest multiple of the rate.": Mistake(
            (
                _fold_once,
                lambda tone, rate: abs(_fold_once(tone, rate)),
            ),
            seen=lambda got, right, tone, rate: tone > rate and abs(got) == tone - rate,
        ),
        "You returned {got} for {given}, which can show {seen} Hz at most.": Mistake(
            (lambda tone, rate: tone % rate, lambda tone, rate: tone),
            seen=lambda got, right, tone, rate: f"{rate / 2:.0f}" if got > rate / 2 else "",
        ),
        "You returned {got} for {given}: a frequency is not negative.": Mistake(
            (lambda tone, rate: tone - rate * round(tone / rate),),
            seen=lambda got, right, tone, rate: got < 0,
        ),
        "You returned {got} for {given}: a tone that is too high does not stop at half the rate, "
        "it folds down from there.": lambda tone, rate: min(tone, rate / 2),
    },
    hint="Take off the nearest multiple of the rate.",
    success="What is above half the rate folds down, however high it was.",
)  # fmt: skip


def _unknown_share(train, test, min_count):
    return _share_of(train, [token for text in test for token in text], min_count)


def _share_of(train, tokens, min_count):
    seen = [token for text in train for token in text]
    return np.mean([seen.count(token) < min_count for token in tokens])


def _draw_texts():
    train = [["red", "heart"], ["red", "moon", "moon"], ["red", "red"]]
    test = [["red", "moon", "comet"], ["comet", "heart"], ["red", "heart", "red", "star"]]
    return [(train, test, 1), (train, test, 2)]


UNKNOWN = Exercise(
    "unknown_share",
    reference=_unknown_share,
    cases=_draw_texts,
    given="min_count={min_count}",
    asked="one number, a share",
    mistakes={
        "You returned the share that is known, {got}.": (
            lambda train, test, min_count: 1 - _unknown_share(train, test, min_count)
        ),
        "You counted each different token once: a token that occurs twice is lost twice.": (
            lambda train, test, min_count: _share_of(train, {t for x in test for t in x}, min_count)
        ),
        "With min_count={min_count}, a token seen just that often is known.": (
            lambda train, test, min_count: _unknown_share(train, test, min_count + 1)
        ),
        "With min_count={min_count}, a token seen once in training is not known.": (
            lambda train, test, min_count: _unknown_share(train, test, 1)
        ),
        "You counted the tokens of the test texts, too: that leaks. What is known was seen in "
        "training.": lambda train, test, min_count: _unknown_share(train + test, test, min_count),
        "You took the mean over the texts: a long text loses more tokens than a short one.": (
            lambda train, test, min_count: np.mean(
                [_share_of(train, text, min_count) for text in test]
            )
        ),
        "You counted the unknown tokens: divide by how many there are.": (
            lambda train, test, min_count: (
                _unknown_share(train, test, min_count) * sum(map(len, test))
            )
        ),
    },
    hint="That is not the unknown share.",
    success="And the model reads all of those as one and the same token.",
)


def _standardise(train, test, *, frames=None, spread=np.std):
    frames = np.concatenate(train) if frames is None else frames
    width = spread(frames, axis=0)
    width, middle = np.where(width > 0, width, 1), frames.mean(axis=0)
    return tuple([(x - middle) / width for x in side] for side in (train, test))


def _draw_frames():
    rng = np.random.default_rng(0)
    train = [rng.normal(3, 2, (n, 4)) for n in (5, 30, 11)]
    test = [rng.normal(9, 5, (n, 4)) for n in (20, 6)]
    for array in train + test:
        array[:, 3] = -13.5  # with no rounding in its mean
    return [(train, test)]


def _by_clip(train, test):
    return tuple([_standardise([x], [])[0][0] for x in side] for side in (train, test))


def _by_zero(train, test):
    frames = np.concatenate(train)
    return tuple([(x - frames.mean(0)) / frames.std(0) for x in side] for side in (train, test))


def _is_centred(arrays):
    return np.allclose(np.concatenate(arrays)[:, :3].mean(axis=0), 0, atol=1e-6)


STANDARDISE = Exercise(
    "standardise",
    reference=_standardise,
    cases=_draw_frames,
    given="3 training and 2 test clips",
    asked="two lists of arrays, shaped as those given",
    mistakes={
        "The last band never changes: its spread is 0, and you divided by it.": Mistake(
            (_by_zero,),
            seen=lambda got, *_: not all(np.isfinite(x).all() for side in got for x in side),
        ),
        "You standardised each clip by itself: measure over all training frames together.": Mistake(
            (_by_clip,), seen=lambda got, *_: _is_centred(got[0][:1])
        ),
        "You standardised the test frames by themselves: use the training frames' "
        "numbers.": Mistake(
            (lambda train, test: (_standardise(train, [])[0], _standardise(test, [])[0]),),
            seen=lambda got, *_: _is_centred(got[1]),
        ),
        "You measured mean and spread on the test frames, too: that leaks.": Mistake(
            (lambda train, test: _standardise(train, test, frames=np.concatenate(train + test)),),
            seen=lambda got, *_: _is_centred([*got[0], *got[1]]),
        ),
        "The bands of your training frames do not have mean 0.": Mistake(
            (lambda train, test: (train, test),), seen=lambda got, *_: not _is_centred(got[0])
        ),
        "Mean 0 is right, but what you divide by is not the standard deviation of the band.": (
            Mistake(
                (
                    lambda *given: _standardise(*given, spread=np.var),
                    lambda *given: _standardise(*given, spread=lambda x, axis: x[0] * 0),
                ),
                seen=lambda *_: True,
            )
        ),
    },
    success="Measured on the training frames, applied to both.",
)

EXERCISES = (HEARD, UNKNOWN, STANDARDISE)
