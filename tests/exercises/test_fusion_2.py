"""The checks of "Gates and tensors" name each mistake that a reader makes."""

import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler

from mmtutorial import exercises


def one(vectors, *, last=False):
    ones = np.ones((len(vectors), 1))
    return np.concatenate([vectors, ones] if last else [ones, vectors], axis=1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unit(image, text, V, U, G, *, bend=np.tanh, squash=sigmoid, swap=False, order=1, same=False):
    gate = squash(np.concatenate([image, text][::order], axis=1) @ G)
    gate = 1 - gate if swap else gate
    other = gate if same else 1 - gate
    return gate * bend(image @ V) + other * bend(text @ U)


def tensor(*vectors, last=False, order="ijk", flat=True):
    parts = [one(h, last=last) for h in vectors]
    found = np.einsum(f"bi,bj,bk->b{order}", *parts)
    return found.reshape(len(found), -1) if flat else found


def low_rank(vectors, factors, weights, *, put=one):
    product = 1.0
    for h, factor in zip(vectors, factors, strict=True):
        product = product * (put(h) @ factor)
    return np.tensordot(weights, product, axes=1)


def summed_first(vectors, factors, weights):
    product = 1.0
    for h, factor in zip(vectors, factors, strict=True):
        product = product * np.tensordot(weights, one(h) @ factor, axes=1)
    return product


def added(vectors, factors, weights):
    terms = [one(h) @ factor for h, factor in zip(vectors, factors, strict=True)]
    return np.tensordot(weights, sum(terms), axes=1)


def through_the_tensor(vectors, factors, weights):
    if len(vectors) > 2:
        return low_rank(vectors, factors, weights)
    table = np.einsum("bi,bj->bij", *map(one, vectors))
    W = np.einsum("r,riu,rju->iju", weights, *factors)
    return np.einsum("bij,iju->bu", table, W)


def for_two(vectors, factors, weights):
    return low_rank(vectors[:2], factors[:2], weights)


MISTAKES = [
    ("gated_unit", lambda *g: unit(*g, swap=True), "gate 1 is all picture"),
    ("gated_unit", lambda *g: unit(*g, bend=lambda x: x), "a proposal is the tanh"),
    ("gated_unit", lambda *g: unit(*g, squash=lambda x: x), "put it through the sigmoid"),
    ("gated_unit", lambda *g: unit(*g, order=-1), "takes the picture's numbers first"),
    ("gated_unit", lambda *g: unit(*g, same=True), "through the same gate"),
    ("gated_unit", lambda *g: unit(*g).T, "it (6, 5)"),
    ("gated_unit", lambda *g: unit(*g) + 1, "not those of the equation of the gate"),
    ("tensor_of_three", lambda *h: tensor(*h, last=True), "put it in front"),
    ("tensor_of_three", lambda *h: tensor(*h, order="kji"), "The first modality runs fastest"),
    ("tensor_of_three", lambda *h: tensor(*h, flat=False), "so flatten it"),
    ("tensor_of_three", lambda *h: np.concatenate(h, axis=1), "an array of shape (3, 9)"),
    (
        "tensor_of_three",
        lambda *h: np.einsum("bi,bj,bk->bijk", *h).reshape(3, -1),
        "keeps each modality alone",
    ),
    ("low_rank", lambda v, f, w: low_rank(v, f, np.ones_like(w)), "are not weighed"),
    ("low_rank", summed_first, "Multiply first"),
    ("low_rank", added, "multiply them"),
    ("low_rank", lambda v, f, w: low_rank(v, [x[:, 1:] for x in f], w, put=lambda h: h), "No 1"),
    ("low_rank", through_the_tensor, "you made the tensor"),
    ("low_rank", for_two, "not those of the equation of low-rank fusion"),
    ("low_rank", lambda v, f, w: low_rank(v, f, w).sum(1), "for 2 modalities"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("gated_unit", unit),
        ("gated_unit", lambda *g: unit(*g).tolist()),
        ("tensor_of_three", tensor),
        ("low_rank", low_rank),
    ],
)
def test_another_right_answer_passes(name, answer):
    assert exercises.check(name, answer).passed


def spoil_vectors(vectors, factors, weights):
    found = low_rank(vectors, factors, weights)
    vectors[0][...] = 0
    return found


def spoil_image(image, *rest):
    found = unit(image, *rest)
    image *= 2
    return found


def spoil_third(*vectors):
    found = tensor(*vectors)
    vectors[2][...] = 1
    return found


@pytest.mark.parametrize(
    ("name", "answer"),
    [("gated_unit", spoil_image), ("tensor_of_three", spoil_third), ("low_rank", spoil_vectors)],
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)
