"""Planted mistakes in the chapter on features: each gets the message that helps."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler

from mmtutorial import exercises


def states(vectors, W, U, b, *, start=0.0, bend=np.tanh, listen=True):
    state, found = np.full(len(U), start), []
    for x in vectors:
        state = bend(x @ W + (state @ U if listen else 0) + b)
        found.append(state)
    return np.array(found)


def pca(fitted, centre, test, dims, keep=slice(None)):
    directions = np.linalg.svd(fitted - fitted.mean(axis=0), full_matrices=False)[2]
    return (test - centre) @ directions[keep][:dims].T


BACKWARDS = slice(None, None, -1)
MISTAKES = [
    ("conv_weights", lambda s, c, f: s * s * c * f, "no filter has its bias"),
    ("conv_weights", lambda s, c, f: (s * s + 1) * f, "you counted one channel"),
    ("conv_weights", lambda s, c, f: (s * c + 1) * f, "you counted one row"),
    ("conv_weights", lambda s, c, f: 64 * 64 * f, "the size of the picture does not matter"),
    ("read_states", lambda *a: states(*a)[-1], "You returned one state"),
    ("read_states", lambda *a: states(*a, listen=False), "add `state @ U`"),
    ("read_states", lambda *a: states(*a, bend=lambda s: s), "the tanh is missing"),
    ("read_states", lambda *a: states(*a, start=0.5), "from a state of zeros"),
    ("read_states", lambda v, W, U, b: states(v[::-1], W, U, b), "from a state of zeros"),
    ("read_states", lambda *a: states(*a)[:, :2], "a state each makes"),
    ("project", lambda a, b, d: pca(b, b.mean(axis=0), b, d), "come from the test rows"),
    ("project", lambda a, b, d: pca(a, b.mean(axis=0), b, d), "a new row has no such mean"),
    ("project", lambda a, b, d: pca(a, 0, b, d), "from the test rows, too"),
    ("project", lambda a, b, d: pca(a, a.mean(axis=0), b, d, BACKWARDS), "vary least"),
    ("project", lambda a, b, d: b[:, :d], "not the directions in which the training rows"),
    ("project", lambda a, b, d: pca(a, a.mean(axis=0), b, d).T, "asked for is an array"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


def test_the_sign_of_a_direction_does_not_matter():
    def flipped(train, test, dims):
        return -pca(train, train.mean(axis=0), test, dims)

    assert exercises.check("project", flipped).passed


def spoil(train, test, dims):
    test -= train.mean(axis=0)
    return pca(train, 0, test, dims)


def listen_in_place(vectors, W, U, b):
    found = states(vectors, W, U, b)
    vectors[...] = 0
    return found


@pytest.mark.parametrize(("name", "answer"), [("project", spoil), ("read_states", listen_in_place)])
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
