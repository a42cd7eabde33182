"""The checks of "Missing modalities" name each mistake that a reader makes."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler

from mmtutorial import exercises


def fill(vectors, there, *, mean=None):
    mean = vectors[there].mean(axis=0) if mean is None else mean
    return np.where(there[:, None], vectors, mean)


def mixed(vectors, there):
    return there[:, None] * vectors + ~there[:, None] * vectors[there].mean(axis=0)


def join(votes, prior, presence):
    ratios = np.where(presence.T[:, :, None], votes / prior, 1.0)
    joined = prior * np.prod(ratios, axis=0)
    return joined / joined.sum(axis=1, keepdims=True)


def multiply(votes, prior, presence):
    joined = np.prod(np.where(presence.T[:, :, None], votes, 1.0), axis=0)
    return joined / joined.sum(axis=1, keepdims=True)


def average(votes, prior, presence):
    return np.mean(votes, axis=0)


def even_without_anyone(votes, prior, presence):
    joined = join(votes, prior, presence)
    return np.where(presence.any(axis=1, keepdims=True), joined, 0.25)


def not_scaled(votes, prior, presence):
    return prior * np.prod(np.where(presence.T[:, :, None], votes / prior, 1.0), axis=0)


def hide(targets, shares, seed):
    return np.random.default_rng(seed).random(len(targets)) >= shares[targets]


def hide_first(targets, shares, seed):
    there = np.ones(len(targets), bool)
    for c, share in enumerate(shares):
        rows = np.flatnonzero(targets == c)
        there[rows[: int(share * len(rows))]] = False
    return there


def hide_alike(targets, shares, seed):
    return np.random.default_rng(seed).random(len(targets)) >= shares.mean()


MISTAKES = [
    ("fill_with_mean", lambda v, t: fill(v, t, mean=0.0), "That is zero-filling"),
    ("fill_with_mean", lambda v, t: fill(v, t, mean=v[t].mean()), "each column has its own mean"),
    ("fill_with_mean", lambda v, t: fill(v, t, mean=v.mean(axis=0)), "counts the absent rows"),
    ("fill_with_mean", mixed, "0 x NaN is NaN"),
    ("fill_with_mean", lambda v, t: fill(v, ~t), "A row that was there has changed"),
    ("fill_with_mean", lambda v, t: v[t], "an array of shape (5, 3)"),
    ("fill_with_mean", lambda v, t: fill(v, t, mean=np.median(v[t], axis=0)), "does not hold"),
    ("join_present", lambda v, p, r: join(v, p, np.ones_like(r)), "who is absent has no say"),
    ("join_present", multiply, "divide each by the prior"),
    ("join_present", average, "For the item of which nothing is there"),
    ("join_present", even_without_anyone, "For the item of which nothing is there"),
    ("join_present", not_scaled, "scale them to sum to 1"),
    ("join_present", lambda v, p, r: join(v, p, r)[0], "one row of beliefs an item"),
    ("hide_by_class", lambda t, s, seed: ~hide(t, s, seed), "the other way round"),
    ("hide_by_class", hide_alike, "Every class is hidden alike"),
    ("hide_by_class", hide_first, "not rows drawn at random"),
    ("hide_by_class", lambda t, s, seed: hide(t, s, 0), "Two seeds hid the same rows"),
    ("hide_by_class", lambda t, s, seed: hide(t, s, None), "The same seed hid different rows"),
    ("hide_by_class", lambda t, s, seed: hide(t, s / 2, seed), "Of the classes you hide"),
    ("hide_by_class", lambda t, s, seed: s[t], "True or False"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("fill_with_mean", lambda v, t: fill(v, t).tolist()),
        ("join_present", lambda v, p, r: join(v, p, r).tolist()),
        ("hide_by_class", lambda t, s, seed: hide(t, s, seed + 7)),
    ],
)
def test_another_right_answer_passes(name, answer):
    assert exercises.check(name, answer).passed


def spoil_vectors(vectors, there):
    vectors[~there] = vectors[there].mean(axis=0)
    return vectors


def spoil_votes(votes, prior, presence):
    joined = join(votes, prior, presence)
    votes[...] = 0
    return joined


def spoil_targets(targets, shares, seed):
    there = hide(targets, shares, seed)
    targets[...] = 0
    return there


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("fill_with_mean", spoil_vectors),
        ("join_present", spoil_votes),
        ("hide_by_class", spoil_targets),
    ],
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
