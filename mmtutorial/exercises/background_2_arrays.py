"""The checks of the chapter "From raw samples to arrays"."""

from copy import deepcopy

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_number, say


def _heard_frequency(answer):
    cases = [(1000, 16000), (3000, 4000), (7000, 8000), (9000, 4000), (4000, 4000), (2000, 4000)]
    for tone, rate in cases:
        right = abs(tone - rate * round(tone / rate))
        got, given = answer(tone, rate), f"a tone of {tone} Hz at {rate} samples a second"
        if not is_number(got):
            return f"You returned {say(got)} for {given}; asked for is one number, in hertz."
        if got < 0:
            return f"You returned {say(got)} for {given}: a frequency is not negative."
        if got > rate / 2:
            return f"You returned {say(got)} for {given}, which can show {rate / 2:.0f} Hz at most."
        if not np.isclose(got, right):
            return f"You returned {say(got)} for {given}: take off the nearest multiple of it."
    return ""


def _unknown_share(answer):
    train = [["red", "heart"], ["red", "moon", "moon"], ["red", "red"]]
    test = [["red", "moon", "comet"], ["comet", "heart"], ["red", "heart", "red", "star"]]
    every, once = [t for text in test for t in text], {t for text in test for t in text}
    for least in (1, 2):
        counts = {t: sum(text.count(t) for text in train) for t in once}
        right = np.mean([counts[t] < least for t in every])
        given = deepcopy((train, test))
        got = answer(*given, least)
        if given != (train, test):
            return CHANGED
        if not is_number(got):
            return f"You returned {say(got)}; asked for is one number, a share."
        if np.isclose(got, right):
            continue
        if np.isclose(got, 1 - right):
            return f"You returned the share that is known, {float(got):.2f}."
        if np.isclose(got, np.mean([counts[t] < least for t in once])):
            return "You counted each different token once: a token that occurs twice is lost twice."
        if np.isclose(got, np.mean([counts[t] <= least for t in every])):
            return f"With min_count={least}, a token seen {least} times is known."
        if np.isclose(got, np.mean([counts[t] < 1 for t in every])):
            return f"With min_count={least}, a token seen once in training is not known."
        return f"You returned {say(got)} with min_count={least}, which is not the unknown share."
    return ""


def _standardise(answer):
    rng = np.random.default_rng(0)
    train = [rng.normal(3, 2, (n, 4)) for n in (5, 30, 11)]
    test = [rng.normal(9, 5, (n, 4)) for n in (20, 6)]
    for array in train + test:
        array[:, 3] = -13.5  # with no rounding in its mean
    given = deepcopy((train, test))
    got = answer(*given)
    if not all(map(np.array_equal, given[0] + given[1], train + test)):
        return CHANGED
    try:
        sides = [[np.asarray(x, dtype=float) for x in side] for side in got]
        shapes = [[x.shape for x in side] for side in sides]
    except (TypeError, ValueError):
        return f"You returned {say(got)}; asked for are two lists of arrays."
    if shapes != [[x.shape for x in side] for side in (train, test)]:
        return f"You returned {say(got)}; asked for are two lists of arrays, shaped as those given."
    if not all(np.isfinite(x).all() for side in sides for x in side):
        return "The last band never changes: its spread is 0, and you divided by it."
    frames = np.concatenate(train)
    mean, spread = frames.mean(axis=0), frames.std(axis=0)
    spread[3] = 1
    mine, right = sides[0] + sides[1], [(x - mean) / spread for x in train + test]
    if all(np.allclose(x, y, atol=1e-6) for x, y in zip(mine, right, strict=True)):
        return ""
    if _is_centred(sides[0][:1]):
        return "You standardised each clip by itself: measure over all training frames together."
    if _is_centred(sides[1]):
        return "You standardised the test frames by themselves: use the training frames' numbers."
    if _is_centred(mine):
        return "You measured mean and spread on the test frames, too: that leaks."
    if not _is_centred(sides[0]):
        return "The bands of your training frames do not have mean 0."
    return "Mean 0 is right, but what you divide by is not the standard deviation of the band."


def _is_centred(arrays):
    return np.allclose(np.concatenate(arrays)[:, :3].mean(axis=0), 0, atol=1e-6)


CHECKS = {
    "heard_frequency": _heard_frequency,
    "unknown_share": _unknown_share,
    "standardise": _standardise,
}
PRAISE = {
    "heard_frequency": "What is above half the rate folds down, however high it was.",
    "unknown_share": "And the model reads all of those as one and the same token.",
    "standardise": "Measured on the training frames, applied to both.",
}
