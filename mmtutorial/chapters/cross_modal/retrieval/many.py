"""Exact or approximate search among many vectors: what each finds, and what it costs."""

import time
from collections.abc import Callable

import numpy as np

from mmtutorial._checks import check_whole
from mmtutorial.cross_modal import RetrievalIndex

DIM, K, PART = 128, 10, 50_000
GROUPS, A_CONCEPT = 20, 100  # concepts of a group are near each other, as vectors of a concept are
SPREAD = (1 + np.arange(DIM)) ** -0.5  # of each number, as after a PCA


def draw_vectors(count: int, size: int, *, seed: int) -> np.ndarray:
    """Draw vectors ``(count, 128)``, float32, of the concepts that ``size`` vectors have.

    >>> draw_vectors(3, 1000, seed=0).shape
    (3, 128)
    """
    check_whole("count", count, least=1)
    check_whole("size", size, least=1)
    rng = np.random.default_rng(0)
    concepts = rng.normal(size=(max(1, size // A_CONCEPT), DIM))
    concepts += rng.normal(size=(GROUPS, DIM))[np.arange(len(concepts)) % GROUPS]
    rng = np.random.default_rng(1 + seed)
    vectors = concepts[rng.integers(0, len(concepts), count)] + 0.7 * rng.normal(size=(count, DIM))
    return (SPREAD * vectors).astype(np.float32)


def fill_index(kind: str, size: int) -> tuple[RetrievalIndex, float]:
    """Return an index of ``size`` vectors, and the processor time of each, microseconds."""
    index, seconds = RetrievalIndex(DIM, kind=kind), 0.0
    for start in range(0, size, PART):
        rows = min(PART, size - start)
        vectors = draw_vectors(rows, size, seed=start + 1)
        begun = time.process_time()
        index.add(vectors, range(start, start + rows))
        seconds += time.process_time() - begun
    return index, 1e6 * seconds / size


def time_queries(search: Callable, queries: np.ndarray) -> float:
    """Return the processor time of a query, milliseconds, asked one after the other."""
    begun = time.process_time()
    for query in np.split(queries, len(queries)):
        search(query, K)
    return 1000 * (time.process_time() - begun) / len(queries)


def compare_indexes(size: int, *, widths: tuple[int, ...], queries: int = 500) -> list[dict]:
    """Search ``size`` vectors exactly, and by a graph that looks at each number of ``widths``.

    Returns a row for each search: ``recall`` of the ten nearest, ``milliseconds`` of a query and
    ``build_microseconds`` of a vector, both processor time.
    """
    asked = draw_vectors(queries, size, seed=0)
    exact, built = fill_index("exact", size)
    nearest, _ = exact.search(asked, K)
    few = asked[: max(20, min(queries, 10**7 // size))]
    row = {"index": "exact", "ef": 0, "recall": 1.0, "build_microseconds": built}
    rows = [{**row, "milliseconds": time_queries(exact.search, few)}]
    del exact
    graph, built = fill_index("hnsw", size)
    for width in widths:
        graph.ef_search = width
        found, _ = graph.search(asked, K)
        shared = [len(set(a) & set(b)) / K for a, b in zip(nearest, found, strict=True)]
        row = {"index": "HNSW", "ef": width, "recall": float(np.mean(shared))}
        row |= {"build_microseconds": built, "milliseconds": time_queries(graph.search, asked)}
        rows.append(row)
    return rows
