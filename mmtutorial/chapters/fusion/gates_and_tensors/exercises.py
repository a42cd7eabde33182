"""The exercises of the chapter "Gates and tensors"."""

import tracemalloc

import numpy as np
from scipy.special import expit

from mmtutorial.exercises.engine import Exercise, Mistake


def _gated_unit(image, text, V_image, V_text, G, *, squash=expit, bend=np.tanh, order=1):
    gate = squash(np.concatenate([image, text][::order], axis=1) @ G)
    return gate * bend(image @ V_image) + (1 - gate) * bend(text @ V_text)


def _draw_gate():
    rng = np.random.default_rng(0)
    return [tuple(rng.normal(size=size) for size in ((6, 3), (6, 4), (3, 5), (4, 5), (7, 5)))]


def _one_gate_for_both(image, text, V_image, V_text, G):
    gate = expit(np.concatenate([image, text], axis=1) @ G)
    return gate * (np.tanh(image @ V_image) + np.tanh(text @ V_text))


GATE = Exercise(
    "gated_unit",
    reference=_gated_unit,
    cases=_draw_gate,
    given="{image.shape[0]} samples and {G.shape[1]} gates",
    asked="one row for each sample, one number for each gate",
    mistakes={
        "You take from the words what the gate leaves to the picture, and the other way round: "
        "gate 1 is all picture.": lambda *given: _gated_unit(*given, squash=lambda x: expit(-x)),
        "The gate is right, but a proposal is the tanh of its linear map.": (
            lambda *given: _gated_unit(*given, bend=lambda x: x)
        ),
        "Both proposals go through the same gate: what it takes from one it must leave to the "
        "other, 1 - gate.": _one_gate_for_both,
        "The gate is not between 0 and 1: put it through the sigmoid.": (
            lambda *given: _gated_unit(*given, squash=lambda x: x)
        ),
        "Your gate's map takes the words first; G takes the picture's numbers first.": (
            lambda *given: _gated_unit(*given, order=-1)
        ),
    },
    hint="They are not those of the equation of the gate.",
    success="Two proposals, one gate, and what it takes from one it leaves to the other.",
)


def _tensor_of_three(first, second, third):
    return _outer(*map(_with_one, (first, second, third))).reshape(len(first), -1)


def _with_one(vectors):
    return np.concatenate([np.ones((len(vectors), 1)), vectors], axis=1)


def _with_one_behind(vectors):
    return np.roll(_with_one(vectors), -1, axis=1)


def _outer(*vectors):
    return np.einsum("bi,bj,bk->bijk", *vectors)


def _draw_vectors():
    rng = np.random.default_rng(0)
    return [tuple(rng.normal(size=(3, dim)) for dim in (2, 3, 4))]


TENSOR = Exercise(
    "tensor_of_three",
    reference=_tensor_of_three,
    cases=_draw_vectors,
    given="vectors of 2, 3 and 4 numbers",
    asked="one row for each sample, 3 * 4 * 5 numbers in it",
    mistakes={
        "You have all products of three numbers and nothing else. A 1 in front of each vector "
        "keeps each modality alone, and each pair.": (
            lambda *vectors: _outer(*vectors).reshape(3, -1),
            _outer,
        ),
        "That is the tensor; asked for is one row per sample, so flatten it.": (
            lambda *vectors: _outer(*map(_with_one, vectors))
        ),
        "The 1 stands behind each vector; put it in front.": (
            lambda *vectors: _outer(*map(_with_one_behind, vectors)).reshape(3, -1)
        ),
        "The first modality runs fastest; asked for is the last.": (
            lambda *vectors: _outer(*map(_with_one, vectors[::-1])).reshape(3, -1)
        ),
    },
    hint="They are not those of the outer product.",
    success="Each alone, each pair and all three together, in one row.",
)


def _low_rank(vectors, factors, weights):
    return np.tensordot(weights, np.prod(_terms(vectors, factors), axis=0), axes=1)


def _terms(vectors, factors):
    """Project each modality, its 1 in front: ``(modalities, rank, batch, units)``."""
    return np.stack([_with_one(h) @ factor for h, factor in zip(vectors, factors, strict=True)])


def _draw_factors():
    rng = np.random.default_rng(0)
    return [
        (
            [rng.normal(size=(6, dim)) for dim in dims],
            [rng.normal(size=(rank, dim + 1, units)) for dim in dims],
            rng.normal(size=rank),
        )
        for dims, units, rank in (((2, 3), 4, 2), ((3, 2, 4), 5, 3))
    ]


def _without_ones(vectors, factors, weights):
    bare = [h @ factor[:, 1:] for h, factor in zip(vectors, factors, strict=True)]
    return np.tensordot(weights, np.prod(bare, axis=0), axes=1)


def _through_the_tensor(vectors, factors, weights):
    if len(vectors) > 2:
        return _low_rank(vectors, factors, weights)
    table = np.einsum("bi,bj->bij", *map(_with_one, vectors))
    return np.einsum("bij,iju->bu", table, np.einsum("r,riu,rju->iju", weights, *factors))


def _measure_memory(answer):
    """Watch the memory for vectors whose tensor would hold eight million numbers."""
    rng = np.random.default_rng(0)
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
    return f"{peak / 1e6:.0f}" if peak > 20e6 else ""


LOW_RANK = Exercise(
    "low_rank",
    reference=_low_rank,
    cases=_draw_factors,
    given="{weights.size} ranks",
    asked="one row for each sample, one number for each unit",
    mistakes={
        "You add the modalities up; multiply them.": lambda vectors, factors, weights: np.tensordot(
            weights, _terms(vectors, factors).sum(axis=0), axes=1
        ),
        "You sum over the ranks first and multiply then. Multiply first: a product of sums holds "
        "the terms of all ranks with each other.": lambda vectors, factors, weights: np.prod(
            np.tensordot(_terms(vectors, factors), weights, axes=(1, 0)), axis=0
        ),
        "Your products are not weighed: each rank has a number in `weights`.": (
            lambda vectors, factors, weights: _low_rank(vectors, factors, np.ones_like(weights))
        ),
        "No 1 stands in front of the vectors, and so no modality is kept alone.": _without_ones,
    },
    also={
        "The numbers are right, but two vectors of 320 took {seen} MB: you made the tensor, or "
        "its weights. Project each vector first, then multiply.": Mistake(
            (_through_the_tensor,), seen=_measure_memory
        ),
    },
    hint="They are not those of the equation of low-rank fusion.",
    success="Project, multiply, weigh, add: the tensor's answer without the tensor.",
)

EXERCISES = (GATE, TENSOR, LOW_RANK)
