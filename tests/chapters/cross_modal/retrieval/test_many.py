"""Many vectors: drawn the same each time, and searched exactly and by a graph."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.retrieval import many


def test_vectors_are_drawn_by_their_seed_and_cluster():
    one, other = (many.draw_vectors(200, 1000, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(one, many.draw_vectors(200, 1000, seed=0))
    assert one.shape == (200, many.DIM)
    assert not np.array_equal(one, other)
    unit = one / np.linalg.norm(one, axis=1, keepdims=True)
    other = other / np.linalg.norm(other, axis=1, keepdims=True)
    assert np.median((unit @ other.T).max(axis=1)) > 0.5  # a neighbour of the same concept


def test_a_graph_that_looks_at_more_finds_more():
    pytest.importorskip("faiss")
    exact, *graph = many.compare_indexes(3000, widths=(10, 200), queries=50)
    assert (exact["index"], exact["recall"]) == ("exact", 1)
    assert [row["ef"] for row in graph] == [10, 200]
    assert 0.5 < graph[0]["recall"] <= graph[1]["recall"]
    assert graph[1]["recall"] > 0.97
    assert all(row["milliseconds"] > 0 for row in (exact, *graph))


def test_no_vectors_are_refused():
    with pytest.raises(ValueError, match="count"):
        many.draw_vectors(0, 10, seed=0)
