"""Scores of a search, against slow versions in plain Python, closed forms and scikit-learn."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from mmtutorial.evaluation import (
    CosineSimilarity,
    SameLabels,
    _tables,
    chance_recall_at_k,
    hits_at_k,
    match_ranks,
    mean_average_precision,
    median_rank,
    paired_bootstrap,
    recall_at_k,
)

# Few different scores, so that many are equal.
SCORES = st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 0.5, 1.0])


@st.composite
def problems(draw):
    """Draw scores, and matches with at least one a query."""
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 7)))
    scores = draw(arrays(float, shape, elements=SCORES))
    matches = draw(arrays(bool, shape))
    places = draw(arrays(int, shape[0], elements=st.integers(0, shape[1] - 1)))
    matches[np.arange(shape[0]), places] = True
    return scores, matches


def slow_order(scores, matches):
    """The matches in the order in which a query sees them: of equal scores, matches last."""
    return [match for _, match in sorted(zip(-scores, matches, strict=True))]


def slow_ranks(scores, matches):
    return [1 + slow_order(*row).index(True) for row in zip(scores, matches, strict=True)]


def slow_precision(scores, matches):
    means = []
    for row in zip(scores, matches, strict=True):
        order, found = slow_order(*row), []
        for place, match in enumerate(order, 1):
            if match:
                found.append(sum(order[:place]) / place)
        means.append(sum(found) / len(found))
    return sum(means) / len(means)


# --- against plain Python


@given(problems())
def test_ranks_are_those_of_a_sorted_list(problem):
    scores, matches = problem
    expected = slow_ranks(scores, matches)
    assert match_ranks(scores, matches=matches).tolist() == expected
    assert median_rank(scores, matches=matches) == np.median(expected)


@given(problems())
def test_recall_counts_the_ranks_up_to_k(problem):
    scores, matches = problem
    ranks = np.array(slow_ranks(scores, matches))
    for k in range(1, scores.shape[1] + 1):
        assert hits_at_k(scores, k, matches=matches).tolist() == (ranks <= k).tolist()
        assert recall_at_k(scores, k, matches=matches) == np.mean(ranks <= k)
    assert recall_at_k(scores, scores.shape[1], matches=matches) == 1


@given(problems())
def test_average_precision_is_that_of_a_sorted_list(problem):
    scores, matches = problem
    found = mean_average_precision(scores, matches=matches)
    assert found == pytest.approx(slow_precision(scores, matches), rel=1e-12)


@given(st.integers(2, 30), st.integers(1, 5), st.integers(0, 100))
def test_without_ties_average_precision_is_that_of_scikit_learn(candidates, queries, seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(queries, candidates))
    matches = rng.random((queries, candidates)) < 0.3
    matches[:, 0] = True
    expected = [average_precision_score(*row) for row in zip(matches, scores, strict=True)]
    found = mean_average_precision(scores, matches=matches)
    assert found == pytest.approx(np.mean(expected), rel=1e-12)


@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_queries_and_of_candidates_does_not_matter(problem, random):
    scores, matches = problem
    queries, candidates = (random.sample(range(n), n) for n in scores.shape)
    moved = scores[queries][:, candidates]
    moved_matches = matches[queries][:, candidates]
    ranks = match_ranks(scores, matches=matches)[queries]
    np.testing.assert_array_equal(match_ranks(moved, matches=moved_matches), ranks)
    assert mean_average_precision(moved, matches=moved_matches) == pytest.approx(
        mean_average_precision(scores, matches=matches), rel=1e-12
    )


@given(problems())
def test_only_the_order_of_scores_matters(problem):
    scores, matches = problem
    other = np.where(np.isneginf(scores), -np.inf, np.exp(np.maximum(scores, -5)))
    for score in (match_ranks, mean_average_precision):
        np.testing.assert_array_equal(score(other, matches=matches), score(scores, matches=matches))


# --- closed forms


def test_by_hand():
    scores = [[0.9, 0.1, 0.3], [0.8, 0.2, 0.4], [0.1, 0.2, 0.3]]
    assert match_ranks(scores).tolist() == [1, 3, 1]
    assert recall_at_k(scores, 1) == pytest.approx(2 / 3)
    assert median_rank(scores) == 1
    assert mean_average_precision(scores) == pytest.approx((1 + 1 / 3 + 1) / 3)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_what_finds_all_equally_near_finds_nothing(count):
    constant = np.full((count, count), 0.5)
    assert match_ranks(constant).tolist() == [count] * count
    if count > 1:
        assert recall_at_k(constant, count - 1) == 0
    assert mean_average_precision(constant) == pytest.approx(1 / count)


@pytest.mark.parametrize("matches", [1, 2, 4])
def test_over_all_orders_recall_is_exactly_what_chance_gives(matches):
    """Each of the 120 orders of five candidates is a query."""
    scores = np.array(list(itertools.permutations(range(5))), float)
    right = np.tile(np.arange(5) < matches, (120, 1))
    for k in range(1, 6):
        by_chance = 1 - math.comb(5 - matches, k) / math.comb(5, k)
        assert recall_at_k(scores, k, matches=right) == pytest.approx(by_chance, rel=1e-12)
        assert chance_recall_at_k(k, 5, matches=matches) == pytest.approx(by_chance, rel=1e-12)
        if matches == 1:
            assert by_chance == pytest.approx(k / 5)
    if matches == 1:
        assert median_rank(scores, matches=right) == (5 + 1) / 2
        harmonic = np.mean(1 / np.arange(1, 6))
        assert mean_average_precision(scores, matches=right) == pytest.approx(harmonic)


def test_chance_averages_over_queries_with_different_numbers_of_matches():
    mean = np.mean([chance_recall_at_k(3, 10, matches=m) for m in (1, 5, 10)])
    for kind in ("int64", "uint8"):
        several = np.array([1, 5, 10], kind)
        assert chance_recall_at_k(3, 10, matches=several) == pytest.approx(mean)
    assert chance_recall_at_k(3, 10, matches=8) == 1  # two are wrong, three are drawn


def test_random_scores_come_near_to_chance(rng):
    scores = rng.random((2000, 50))
    right = np.arange(50) == rng.integers(0, 50, 2000)[:, None]
    deviation = math.sqrt(0.2 * 0.8 / 2000)
    assert abs(recall_at_k(scores, 10, matches=right) - 0.2) < 5 * deviation


def test_a_candidate_that_is_left_out_ranks_last():
    scores = [[-np.inf, 0.1, -5.0], [0.3, 0.2, -np.inf]]
    matches = [[False, False, True], [False, False, True]]
    assert match_ranks(scores, matches=matches).tolist() == [2, 3]


@pytest.mark.parametrize("kind", ["float16", "float32", "int64", "uint8", "bool"])
def test_every_kind_of_number_is_taken(kind):
    scores = np.array([[3, 1, 0], [0, 1, 1], [0, 1, 3]]).astype(kind)
    ranks = [1, 2, 1] if kind != "bool" else [2, 2, 2]
    assert match_ranks(scores).tolist() == ranks
    assert mean_average_precision(scores) == pytest.approx(np.mean(1 / np.array(ranks)))


def test_hits_go_into_the_paired_bootstrap(rng):
    noise = rng.normal(size=(300, 300))
    weak, strong = (noise + signal * np.eye(300) for signal in (1, 3))
    hits = [hits_at_k(scores, 10) for scores in (strong, weak)]
    found = paired_bootstrap(*hits, samples=500)
    assert found.difference == pytest.approx(recall_at_k(strong, 10) - recall_at_k(weak, 10))
    assert found.low > 0


# --- tables of which only some rows exist


@pytest.mark.parametrize("block", [1, 100, 2**23])
def test_in_blocks_as_at_once(block, monkeypatch, rng):
    monkeypatch.setattr(_tables, "BLOCK", block)
    queries, candidates = rng.normal(size=(57, 8)), rng.normal(size=(31, 8))
    candidates[5] = 3 * candidates[20]  # one direction: equal scores
    labels = rng.integers(0, 12, 57), np.arange(31) % 12
    lazy, matches = CosineSimilarity(queries, candidates), SameLabels(*labels)
    whole, right = lazy[0:57], labels[0][:, None] == labels[1]
    np.testing.assert_array_equal(matches[0:57], right)
    np.testing.assert_array_equal(whole[:, 5], whole[:, 20])
    expected = slow_ranks(whole, right)
    assert match_ranks(lazy, matches=matches).tolist() == expected
    assert recall_at_k(lazy, 3, matches=matches) == recall_at_k(whole, 3, matches=right)
    assert median_rank(lazy, matches=matches) == median_rank(whole, matches=right)
    assert mean_average_precision(lazy, matches=matches) == pytest.approx(
        slow_precision(whole, right), rel=1e-12
    )
    square = CosineSimilarity(queries[:31], candidates)
    np.testing.assert_array_equal(match_ranks(square), match_ranks(square[0:31]))


def test_cosines_are_those_of_numpy(rng):
    a, b = rng.normal(size=(2, 9, 5))
    expected = (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    np.testing.assert_allclose(CosineSimilarity(a, b)[0:9], expected, rtol=0, atol=1e-7)
    huge = CosineSimilarity(a * 1e300, b * 1e-300)[0:9]  # their squares are no numbers
    np.testing.assert_allclose(huge, expected, rtol=0, atol=1e-7)


def test_only_a_few_rows_exist_at_a_time(monkeypatch):
    monkeypatch.setattr(_tables, "BLOCK", 1000)
    seen = []

    class Watched(CosineSimilarity):
        def __getitem__(self, rows):
            seen.append(rows.stop - rows.start)
            return super().__getitem__(rows)

    vectors = np.random.default_rng(0).normal(size=(200, 4))
    assert recall_at_k(Watched(vectors, vectors), 1) == 1
    assert set(seen) == {5}
    assert len(seen) == 40


def test_a_memory_mapped_table_is_read_row_by_row(tmp_path, rng):
    scores = rng.normal(size=(20, 20)).astype("float32")
    np.save(tmp_path / "scores.npy", scores)
    mapped = np.load(tmp_path / "scores.npy", mmap_mode="r")
    np.testing.assert_array_equal(match_ranks(mapped), match_ranks(scores))


# --- what is wrong is said


@pytest.mark.parametrize("score", [match_ranks, median_rank, mean_average_precision])
def test_what_cannot_be_scored_is_refused(score):
    with pytest.raises(ValueError, match=r"similarity must hold numbers.* got nan"):
        score([[0.5, np.nan], [0.1, 0.2]])
    with pytest.raises(ValueError, match=r"similarity must hold numbers.* got inf"):
        score([[0.5, np.inf], [0.1, 0.2]])
    with pytest.raises(ValueError, match=r"similarity must be of shape \(queries, candidates\)"):
        score([0.5, 0.1])
    with pytest.raises(ValueError, match=r"without matches, similarity must hold as many"):
        score([[0.5, 0.1, 0.2]])
    with pytest.raises(ValueError, match=r"matches must have the shape of similarity, \(1, 2\)"):
        score([[0.5, 0.1]], matches=[[True]])
    with pytest.raises(ValueError, match="at least one match per query, query 1 has none"):
        score(np.eye(2), matches=[[True, False], [False, False]])
    with pytest.raises(TypeError, match="matches must hold True and False, got int64"):
        score(np.eye(2), matches=np.eye(2, dtype=int))


def test_the_query_without_a_match_is_named_in_any_block(monkeypatch):
    monkeypatch.setattr(_tables, "BLOCK", 4)
    matches = np.eye(6, dtype=bool)
    matches[4, 4] = False
    with pytest.raises(ValueError, match="query 4 has none"):
        match_ranks(np.eye(6), matches=matches)


def test_k_lies_among_the_candidates():
    for k in (0, 4):
        with pytest.raises(ValueError, match=f"k must be at (least 1|most 3), got {k}"):
            recall_at_k(np.eye(3), k)
    with pytest.raises(TypeError, match="k must be a whole number"):
        hits_at_k(np.eye(3), 1.5)
    with pytest.raises(ValueError, match="k must be at most 3"):
        chance_recall_at_k(4, 3)
    with pytest.raises(ValueError, match=r"matches must lie in 1..candidates = 3, got 0 to 4"):
        chance_recall_at_k(1, 3, matches=[0, 4])
    with pytest.raises(ValueError, match="matches must be a number, or"):
        chance_recall_at_k(1, 3, matches=[])


def test_vectors_without_a_direction_are_refused():
    with pytest.raises(ValueError, match="candidates must have a direction, but row 1 holds noth"):
        CosineSimilarity(np.ones((2, 3)), [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"candidates must be vectors, \(items, dim = 3"):
        CosineSimilarity(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="queries must hold finite numbers, got nan"):
        CosineSimilarity([[np.nan, 1]], [[1, 1]])


def test_labels_are_of_one_kind():
    with pytest.raises(ValueError, match="both be whole numbers, or both texts, got 'a' and 1"):
        SameLabels(["a"], [1])
    with pytest.raises(ValueError, match="candidates must hold at least one label"):
        SameLabels([1], [])
