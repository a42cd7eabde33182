"""The checks of "Honest evaluation" name each mistake that a reader makes."""

import functools

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler

from mmtutorial import exercises


def held_out(concepts, share, seed):
    drawn = np.random.default_rng(seed).permutation(np.unique(concepts))
    return np.isin(concepts, drawn[: round(share * len(drawn))])


def by_row(concepts, share, seed):
    return np.random.default_rng(seed).random(len(concepts)) < share


def never_drawn(concepts, share, seed):
    return held_out(concepts, share, 0)


def anew(concepts, share, seed):
    return held_out(concepts, share, None)


def gain(new, old, t, *, side="validation", ddof=1, sign=1, root=True):
    def stopped(run):
        epoch = run[side].argmax(axis=1)
        return run["test"][np.arange(len(epoch)), epoch]

    gains = sign * (stopped(new) - stopped(old))
    half = t * gains.std(ddof=ddof) / (np.sqrt(len(gains)) if root else 1)
    return gains.mean() - half, gains.mean() + half


def one_epoch_for_all(new, old, t):
    runs = [{**r, "validation": np.tile(r["validation"].mean(0), (len(r["test"]), 1))}
            for r in (new, old)]  # fmt: skip
    return gain(*runs, t)


def with_option(**options):
    return functools.partial(gain, **options)


MISTAKES = [
    ("split_by_concept", by_row, "draw concepts, not rows"),
    ("split_by_concept", lambda c, p, s: ~held_out(c, p, s), "you hold out 80 of 100"),
    ("split_by_concept", lambda c, p, s: np.flatnonzero(held_out(c, p, s)), "True or False"),
    ("split_by_concept", never_drawn, "Two seeds gave the same split"),
    ("split_by_concept", anew, "The same seed gave two different splits"),
    ("additive_part", lambda t: t.mean(0) + t.mean(1), "counted the overall mean twice"),
    ("additive_part", lambda t: t.diagonal().copy(), "interactions included"),
    ("additive_part", lambda t: t, "an array of shape (5, 5) for 5 items"),
    ("additive_part", lambda t: t.mean(1), "not the row's mean plus"),
    ("honest_gain", with_option(side="test"), "at which the test split is best"),
    ("honest_gain", with_option(ddof=0), "divide by seeds - 1"),
    ("honest_gain", with_option(root=False), "The middle is right"),
    ("honest_gain", with_option(sign=-1), "what the old method gains"),
    ("honest_gain", one_epoch_for_all, "seed by seed"),
    ("honest_gain", lambda n, o, t: sum(gain(n, o, t)) / 2, "two numbers, low and high"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("split_by_concept", held_out),
        ("additive_part", lambda t: (t.mean(1) + t.mean(0) - t.mean()).tolist()),
        ("honest_gain", lambda *given: list(gain(*given))),
    ],
)
def test_another_right_answer_passes(name, answer):
    assert exercises.check(name, answer).passed


def spoil_concepts(concepts, share, seed):
    held = held_out(concepts, share, seed)
    concepts[...] = 0
    return held


def spoil_table(table):
    table -= table.mean()
    return table.mean(0) + table.mean(1)


def spoil_curves(new, old, t):
    found = gain(new, old, t)
    new["test"][...] = 0
    return found


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("split_by_concept", spoil_concepts),
        ("additive_part", spoil_table),
        ("honest_gain", spoil_curves),
    ],
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
