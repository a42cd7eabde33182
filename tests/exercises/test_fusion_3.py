"""The checks of "Attention and bottlenecks" name each mistake that a reader makes."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler

from mmtutorial import exercises


def count(image, text, shared):
    return (image + shared) ** 2 + (text + shared) ** 2


def softmax(scores):
    raised = np.exp(scores)
    return raised / raised.sum(axis=-1, keepdims=True)


def attend(queries, keys, values, real, *, root=True):
    keys, values = keys[real], values[real]
    return softmax(queries @ keys.T / (keys.shape[1] ** 0.5 if root else 1)) @ values


def by_hiding(queries, keys, values, real, *, before=-np.inf, after=1.0, zeros=False):
    scores = np.where(real, queries @ keys.T / keys.shape[1] ** 0.5, before)
    return (softmax(scores) * after) @ (np.where(real[:, None], values, 0) if zeros else values)


def exchange(image, text, shared, see, read):
    seen, told = see(np.concatenate([image, shared])), read(np.concatenate([text, shared]))
    count = len(shared)
    return seen[:-count], told[:-count], (seen[-count:] + told[-count:]) / 2


def one_hears(image, text, shared, see, read):
    seen, told, _ = exchange(image, text, shared, see, read)
    return seen, told, see(np.concatenate([image, shared]))[len(image) :]


def in_turn(image, text, shared, see, read):
    seen = see(np.concatenate([image, shared]))
    told = read(np.concatenate([text, seen[len(image) :]]))
    return seen[: len(image)], told[: len(text)], told[len(text) :] / 2 + seen[len(image) :] / 2


def each_alone(image, text, shared, see, read):
    return see(image), read(text), exchange(image, text, shared, see, read)[2]


MISTAKES = [
    ("count_scores", lambda i, t, s: (i + t + s) ** 2, "let words look at patches"),
    ("count_scores", lambda i, t, s: i**2 + t**2, "left out the shared tokens"),
    ("count_scores", lambda i, t, s: 2 * count(i, t, s), "counted each score twice"),
    ("count_scores", lambda i, t, s: s * (i + t), "themselves included"),
    ("count_scores", lambda i, t, s: [i, t], "asked for is one number"),
    ("masked_attention", lambda q, k, v, r: attend(q, k, v, r | True), "Padding is looked at"),
    ("masked_attention", lambda q, k, v, r: by_hiding(q, k, v, r, before=0), "0 is no mask"),
    ("masked_attention", lambda *g: attend(*g, root=False), "not divided by the root"),
    ("masked_attention", lambda *g: attend(*g).T, "makes it (3, 2)"),
    ("masked_attention", lambda *g: attend(*g) + 1, "not those of scaled dot-product"),
    ("masked_attention", by_hiding, "0 times NaN is NaN"),
    (
        "masked_attention",
        lambda q, k, v, r: (softmax(q @ k.T / 2) * r) @ v,
        "before the softmax",
    ),
    ("exchange", one_hears, "heard one modality only"),
    ("exchange", in_turn, "what the picture has just written"),
    ("exchange", each_alone, "must see the shared ones"),
    ("exchange", lambda *g: exchange(*g)[:2], "three arrays"),
    ("exchange", lambda *g: exchange(*g)[::-1], "keeps its shape"),
    ("exchange", lambda *g: [2 * x for x in exchange(*g)], "of the equation of the bottleneck"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("count_scores", count),
        ("masked_attention", attend),
        ("masked_attention", lambda *g: attend(*g).tolist()),
        ("masked_attention", lambda *g: by_hiding(*g, zeros=True)),
        ("exchange", exchange),
        ("exchange", lambda *g: list(exchange(*g))),
    ],
)
def test_another_right_answer_passes(name, answer):
    assert exercises.check(name, answer).passed


def spoil_values(queries, keys, values, real):
    found = attend(queries, keys, values, real)
    values[~real] = 0
    return found


def spoil_shared(image, text, shared, see, read):
    found = exchange(image, text, shared, see, read)
    shared[...] = found[2]
    return found


@pytest.mark.parametrize(
    ("name", "answer"), [("masked_attention", spoil_values), ("exchange", spoil_shared)]
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
