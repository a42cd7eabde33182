"""The checks of "Which fusion, and is it worth it?" name each mistake that a reader makes."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler
from scipy.stats import rankdata

from mmtutorial import exercises


def ranks(scores, *, sign=-1, ties="average", axis=0):
    return rankdata(sign * scores, ties, axis=axis).mean(axis=1)


def holm(p_values, *, factor=None, monotone=True, cap=True, back=True):
    order, count = np.argsort(p_values), len(p_values)
    steps = np.sort(p_values) * (factor or count - np.arange(count))
    steps = np.maximum.accumulate(steps) if monotone else steps
    steps = np.minimum(steps, 1) if cap else steps
    if not back:
        return steps
    adjusted = np.empty(count)
    adjusted[order] = steps
    return adjusted


def decide(offers, price, *, test=True, sign=True):
    worth = {
        name: gain - price * seconds
        for name, (gain, p, seconds) in offers.items()
        if (p < 0.05 or not test) and (gain > 0 or not sign)
    }
    best = max(worth, key=worth.get, default="concat")
    return best if worth and worth[best] > 0 else "concat"


MISTAKES = [
    ("average_rank", lambda s: ranks(s, sign=1), "Rank 1 is the best"),
    ("average_rank", lambda s: ranks(s, axis=1), "Rank the methods within each part"),
    ("average_rank", lambda s: ranks(s, ties="min"), "the mean of the ranks they share"),
    ("average_rank", lambda s: 1.0, "one number a method"),
    ("average_rank", lambda s: s.mean(axis=1), "no average of ranks"),
    ("holm", lambda p: np.minimum(len(p) * p, 1), "Bonferroni"),
    ("holm", lambda p: holm(p, monotone=False), "must not end below a smaller one"),
    ("holm", lambda p: holm(p, cap=False), "exceeds 1"),
    ("holm", lambda p: holm(p, back=False), "sorted"),
    ("holm", lambda p: p, "For [0.01, 0.5, 0.03] you returned"),
    ("holm", lambda p: None, "nothing (None)"),
    ("decide", lambda o, price: decide(o, price, test=False), "luck explains"),
    ("decide", lambda o, price: max(o), "luck explains"),
    ("decide", lambda o, price: decide(o, 0), "late"),
    ("decide", lambda o, price: decide(o, price, sign=False), "clearly worse"),
    ("decide", lambda o, price: 0.03, "the method's name"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


@pytest.mark.parametrize(
    ("name", "answer"),
    [("average_rank", lambda s: ranks(s).tolist()), ("holm", holm), ("decide", decide)],
)
def test_a_right_answer_passes(name, answer):
    assert exercises.check(name, answer).passed


def spoil_ranks(scores):
    found = ranks(scores)
    scores[...] = 0
    return found


def spoil_p_values(p_values):
    found = holm(p_values)
    p_values.sort()
    return found


@pytest.mark.parametrize(
    ("name", "answer"), [("average_rank", spoil_ranks), ("holm", spoil_p_values)]
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
