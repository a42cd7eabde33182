"""The checks of "From raw samples to arrays" name each mistake that a reader makes."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler


def counts(train):
    flat = [token for text in train for token in text]
    return {token: flat.count(token) for token in flat}


def unknown(train, test, least, each=list):
    seen, tokens = counts(train), each(token for text in test for token in text)
    return np.mean([seen.get(token, 0) < least for token in tokens])


def scale_by(frames, *sides):
    mean, spread = frames.mean(axis=0), frames.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return tuple([(x - mean) / spread for x in side] for side in sides)


def by_all(train, test):
    return scale_by(np.concatenate(train + test), train, test)


def by_themselves(train, test):
    return *scale_by(np.concatenate(train), train), *scale_by(np.concatenate(test), test)


def by_clip(train, test):
    return tuple([scale_by(x, [x])[0][0] for x in side] for side in (train, test))


def by_zero(train, test):
    frames = np.concatenate(train)
    with np.errstate(all="ignore"):
        return tuple(
            [(x - frames.mean(0)) / (0 * frames[0]) for x in side] for side in (train, test)
        )


def in_place(train, test):
    right = scale_by(np.concatenate(train), train, test)
    for x in train:
        x *= 0
    return right


def centred(train, test):
    mean = np.concatenate(train).mean(axis=0)
    return [x - mean for x in train], [x - mean for x in test]


MISTAKES = [
    ("heard_frequency", lambda t, r: t % r, "can show 2000 Hz at most"),
    ("heard_frequency", lambda t, r: min(t, r / 2), "take off the nearest multiple"),
    ("heard_frequency", lambda t, r: t - r * round(t / r), "a frequency is not negative"),
    ("unknown_share", lambda a, b, n: 1 - unknown(a, b, n), "the share that is known"),
    ("unknown_share", lambda a, b, n: unknown(a, b, n, set), "each different token once"),
    ("unknown_share", lambda a, b, n: unknown(a, b, n + 1), "a token seen 1 times is known"),
    ("unknown_share", lambda a, b, n: unknown(a, b, 1), "seen once in training is not known"),
    ("unknown_share", lambda a, b, n: 0.123, "is not the unknown share"),
    ("standardise", by_all, "on the test frames, too"),
    ("standardise", by_themselves, "the test frames by themselves"),
    ("standardise", by_clip, "each clip by itself"),
    ("standardise", by_zero, "you divided by it"),
    ("standardise", in_place, "changed the arrays"),
    ("standardise", centred, "not the standard deviation"),
    ("standardise", lambda a, b: (a, b), "do not have mean 0"),
    ("standardise", lambda a, b: (a, [x[:1] for x in b]), "shaped as those given"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


def test_what_is_given_must_not_be_changed():
    def empty(train, test, least):
        share = unknown(train, test, least)
        train.clear()
        return share

    check_spoiler("unknown_share", empty)
