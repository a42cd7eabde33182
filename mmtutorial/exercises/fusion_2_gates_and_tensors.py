"""The checks of the chapter "Gates and tensors"."""

import tracemalloc
from copy import deepcopy

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_numbers, same, say


def _sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def _gated_unit(answer):
    rng = np.random.default_rng(0)
    image, text = rng.normal(size=(6, 3)), rng.normal(size=(6, 4))
    V_image, V_text, G = (rng.normal(size=(dim, 5)) for dim in (3, 4, 7))
    given = (image, text, V_image, V_text, G)
    kept = deepcopy(given)
    got = answer(*given)
    if not same(given, kept):
        return CHANGED
    if not is_numbers(got) or np.shape(got) != (6, 5):
        return f"You returned {say(got)}; one row a sample, one number a gate makes it (6, 5)."
    gate = _sigmoid(np.concatenate([image, text], axis=1) @ G)
    a, b = image @ V_image, text @ V_text
    wrong = {
        "You take from the words what the gate leaves to the picture, and the other way round: "
        "gate 1 is all picture.": (1 - gate) * np.tanh(a) + gate * np.tanh(b),
        "The gate is right, but a proposal is the tanh of its linear map.": gate * a
        + (1 - gate) * b,
        "Both proposals go through the same gate: what it takes from one it must leave to the "
        "other, 1 - gate.": gate * (np.tanh(a) + np.tanh(b)),
        "The gate is not between 0 and 1: put it through the sigmoid.": _by_scores(
            np.concatenate([image, text], axis=1) @ G, np.tanh(a), np.tanh(b)
        ),
        "Your gate's map takes the words first; G takes the picture's numbers first.": _by_scores(
            _sigmoid(np.concatenate([text, image], axis=1) @ G), np.tanh(a), np.tanh(b)
        ),
    }
    return _compare(got, _by_scores(gate, np.tanh(a), np.tanh(b)), wrong, "equation of the gate")


def _by_scores(gate, a, b):
    return gate * a + (1 - gate) * b


def _compare(got, right, wrong, what):
    """Say nothing if the answer is right, else which of the known mistakes it is."""
    got = np.asarray(got, dtype=float)
    if np.allclose(got, right):
        return ""
    for message, mistake in wrong.items():
        if np.shape(mistake) == got.shape and np.allclose(got, mistake):
            return message
    return f"The shape is right, but the numbers are not those of the {what}."


def _outer(parts):
    return np.einsum("bi,bj,bk->bijk", *parts).reshape(len(parts[0]), -1)


def _with_one(vectors, *, last=False):
    one = np.ones((len(vectors), 1))
    return np.concatenate([vectors, one] if last else [one, vectors], axis=1)


def _tensor_of_three(answer):
    rng = np.random.default_rng(0)
    given = tuple(rng.normal(size=(3, dim)) for dim in (2, 3, 4))
    kept = deepcopy(given)
    got = answer(*given)
    if not same(given, kept):
        return CHANGED
    if is_numbers(got) and np.shape(got) == (3, 24):
        return (
            "You have all products of three numbers and nothing else. A 1 in front of each vector "
            "keeps each modality alone, and each pair."
        )
    if is_numbers(got) and np.shape(got) == (3, 3, 4, 5):
        return "That is the tensor; asked for is one row a sample, so flatten it."
    if not is_numbers(got) or np.shape(got) != (3, 60):
        return f"You returned {say(got)}; for vectors of 2, 3 and 4 numbers it is (3, 3 * 4 * 5)."
    parts = [_with_one(vectors) for vectors in given]
    wrong = {
        "The 1 stands behind each vector; put it in front.": _outer(
            [_with_one(vectors, last=True) for vectors in given]
        ),
        "The first modality runs fastest; asked for is the last.": _outer(parts[::-1]),
    }
    return _compare(got, _outer(parts), wrong, "outer product")


def _low_rank(answer):
    rng = np.random.default_rng(0)
    for dims, units, rank in (((2, 3), 4, 2), ((3, 2, 4), 5, 3)):
        vectors = [rng.normal(size=(6, dim)) for dim in dims]
        factors = [rng.normal(size=(rank, dim + 1, units)) for dim in dims]
        weights = rng.normal(size=rank)
        given = (*vectors, *factors, weights)
        kept = deepcopy(given)
        got = answer(vectors, factors, weights)
        if not same(given, kept):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != (6, units):
            return (
                f"You returned {say(got)} for {len(dims)} modalities; one row a sample makes it "
                f"(6, {units})."
            )
        problem = _check_low_rank(np.asarray(got, dtype=float), vectors, factors, weights)
        if problem:
            return problem
    return _memory(answer, rng)


def _check_low_rank(got, vectors, factors, weights):
    terms = np.stack(
        [_with_one(h) @ factor for h, factor in zip(vectors, factors, strict=True)]
    )  # (modalities, rank, batch, units)
    bare = np.stack(
        [h @ factor[:, 1:] for h, factor in zip(vectors, factors, strict=True)]
    )  # without the 1
    wrong = {
        "You add the modalities up; multiply them.": np.tensordot(weights, terms.sum(0), axes=1),
        "You sum over the ranks first and multiply then. Multiply first: a product of sums holds "
        "the terms of all ranks with each other.": np.prod(
            np.tensordot(terms, weights, axes=(1, 0)), axis=0
        ),
        "Your products are not weighed: each rank has a number in `weights`.": terms.prod(0).sum(0),
        "No 1 stands in front of the vectors, and so no modality is kept alone.": np.tensordot(
            weights, bare.prod(0), axes=1
        ),
    }
    right = np.tensordot(weights, terms.prod(0), axes=1)
    return _compare(got, right, wrong, "equation of low-rank fusion")


def _memory(answer, rng):
    """Watch the memory for vectors whose tensor would hold eight million numbers."""
    vectors = [rng.normal(size=(80, 320)) for _ in range(2)]
    factors = [rng.normal(size=(2, 321, 3)) for _ in range(2)]
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        answer(vectors, factors, np.ones(2))
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()
    if peak > 20e6:
        return (
            f"The numbers are right, but two vectors of 320 took {peak / 1e6:.0f} MB: you made the "
            "tensor, or its weights. Project each vector first, then multiply."
        )
    return ""


CHECKS = {
    "gated_unit": _gated_unit,
    "low_rank": _low_rank,
    "tensor_of_three": _tensor_of_three,
}
PRAISE = {
    "gated_unit": "Two proposals, one gate, and what it takes from one it leaves to the other.",
    "low_rank": "Project, multiply, weigh, add: the tensor's answer without the tensor.",
    "tensor_of_three": "Each alone, each pair and all three together, in one row.",
}
