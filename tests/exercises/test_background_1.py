"""The checks of "What is multimodal?" name each mistake that a reader makes."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler


def joined(beliefs, prior):
    product = beliefs.prod(axis=0) / prior ** (len(beliefs) - 1)
    return product / product.sum()


def at_truth(probabilities, target):
    return probabilities[np.arange(len(target)), target]


def log_ratio(before, after, target):
    return np.log2(at_truth(after, target) / at_truth(before, target))


def favourites(before, after, target):
    return np.log2(after.max(axis=1) / before.max(axis=1)).mean()


MISTAKES = [
    ("numbers_per_second", lambda s, r: sum(s) * r, "you returned 0"),
    ("numbers_per_second", lambda s, r: (sum(s) or 1) * r, "they multiply"),
    ("numbers_per_second", lambda s, r: int(np.prod(s[:2])) * r, "each has 3 numbers"),
    ("numbers_per_second", lambda s, r: r, "a different number"),
    ("join_beliefs", lambda b, p: b.mean(axis=0), "the mean of the beliefs"),
    ("join_beliefs", lambda b, p: b.prod(axis=0) / b.prod(axis=0).sum(), "the product alone"),
    ("join_beliefs", lambda b, p: joined(b, p) / p, "divided once too often"),
    ("join_beliefs", lambda b, p: 2 * joined(b, p), "they add up to 2.00"),
    ("join_beliefs", lambda b, p: joined(b, p)[:2], "shape (2,)"),
    ("join_beliefs", lambda b, p: p, "not what the product rule gives"),
    ("worth_in_bits", lambda b, a, t: log_ratio(b, a, t).sum(), "the sum over the items"),
    ("worth_in_bits", lambda b, a, t: log_ratio(a, b, t).mean(), "turn it round"),
    ("worth_in_bits", lambda b, a, t: log_ratio(b, a, t).mean() * np.log(2), "natural logarithm"),
    ("worth_in_bits", favourites, "look at the true class"),
    ("worth_in_bits", lambda b, a, t: 0.123, "0.123 is not by how many bits"),
    ("worth_in_bits", log_ratio, "the mean over the items"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


def join_in_place(beliefs, prior):
    result = joined(beliefs, prior)
    beliefs[:] = prior
    return result


def worth_in_place(before, after, target):
    result = log_ratio(before, after, target).mean()
    np.log2(after, out=after)
    return result


@pytest.mark.parametrize(
    ("name", "answer"), [("join_beliefs", join_in_place), ("worth_in_bits", worth_in_place)]
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
