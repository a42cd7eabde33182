"""What of FAISS an index uses; it is loaded when the first index is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from mmtutorial._checks import check_whole
from mmtutorial._optional import load_optional
from mmtutorial._vectors import check_vectors, normalize


def load_faiss(user: str) -> ModuleType:
    """Return FAISS; without it, say what needs it, and how to get it."""
    return load_optional("faiss", user)


def check_threads(threads: Any) -> int | None:
    """Return a number of threads, or None."""
    return None if threads is None else check_whole("threads", threads, least=1, most=1024)


@contextmanager
def limited(faiss: ModuleType, threads: int | None) -> Iterator[None]:
    """Let FAISS use so many threads for a while; None leaves its setting as it is."""
    if threads is None:
        yield
        return
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return checked vectors as FAISS takes them: of length 1, float32, row after row."""
    return np.ascontiguousarray(normalize(vectors), "float32")


def check_search(queries: Any, k: Any, *, dim: int, count: int) -> tuple[np.ndarray, int]:
    """Return the queries as FAISS takes them, and ``k``; refuse a search that cannot be."""
    queries = check_vectors("queries", queries, dim=dim)
    if not count:
        raise ValueError("the index is empty, so queries find nothing: add vectors first")
    return unit_rows(queries), check_whole("k", k, least=1, most=count)


def first_rows(
    faiss: ModuleType, queries: np.ndarray, vectors: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores and rows of the ``k`` nearest of all vectors, ``(queries, k)`` each."""
    return faiss.knn(queries, vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
