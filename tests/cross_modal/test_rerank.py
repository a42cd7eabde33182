"""Putting the first candidates of a search into a better order, and learning to."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from layer_checks import (
    LAYER_CHECKS,
    check_dtypes,
    check_rows,
    check_zeros,
    to_numpy,
    train_one_step,
)
from tolerance import assert_close, assert_differ, count_steps, make_rng

from mmtutorial.cross_modal import (
    CrossAttentionReranker,
    hard_negatives,
    matching_pairs,
    rerank,
)
from mmtutorial.evaluation import CosineSimilarity, SameLabels, match_ranks, recall_at_k

# Few different scores, so that many are equal.
tables = arrays(
    float,
    array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0]),
)


# --- the order


@given(tables, st.integers(1, 7), st.integers(0, 99))
def test_the_first_k_are_in_the_order_of_their_scores_and_above_the_others(similarity, k, seed):
    k = min(k, similarity.shape[1])
    scores = np.random.default_rng(seed).integers(0, 4, similarity.shape)
    result = rerank(similarity, lambda rows, columns: scores[rows, columns], k=k)
    for old, new, score in zip(similarity, result, scores, strict=True):
        first = np.argsort(-old, kind="stable")[:k]
        rest = np.setdiff1d(np.arange(len(old)), first)
        np.testing.assert_array_equal(new[rest], old[rest])
        kept = first[np.isfinite(old[first])]
        np.testing.assert_array_equal(new[np.setdiff1d(first, kept)], -np.inf)
        if len(kept):
            assert new[kept].min() > old.max()
            gaps = np.subtract.outer(score[kept], score[kept])
            np.testing.assert_allclose(np.subtract.outer(new[kept], new[kept]), gaps, atol=1e-12)


def test_each_pair_is_scored_once(rng):
    seen = []
    similarity = rng.random((5, 8))

    def score(rows, columns):
        seen.extend(zip(rows.tolist(), columns.tolist(), strict=True))
        return np.zeros(len(rows))

    result = rerank(similarity, score, k=3)
    best = np.argsort(-similarity, axis=1)[:, :3]
    assert sorted(seen) == sorted((i, j) for i, row in enumerate(best.tolist()) for j in row)
    assert (np.sort(result, axis=1)[:, -3:] == result.max(axis=1, keepdims=True)).all()


def test_a_perfect_second_stage_finds_all_that_the_first_one_found(rng):
    similarity = rng.random((40, 40))
    perfect = rerank(similarity, lambda rows, columns: rows == columns, k=10)
    assert recall_at_k(perfect, 1) == recall_at_k(similarity, 10)
    later = match_ranks(similarity) > 10
    np.testing.assert_array_equal(match_ranks(perfect)[later], match_ranks(similarity)[later])


def test_with_all_candidates_only_the_second_stage_counts(rng):
    scores = rng.normal(size=(6, 9))
    matches = np.arange(9) == rng.integers(0, 9, 6)[:, None]
    result = rerank(rng.normal(size=(6, 9)), lambda i, j: scores[i, j], k=9)
    expected = match_ranks(scores, matches=matches)
    np.testing.assert_array_equal(match_ranks(result, matches=matches), expected)


def test_a_second_stage_that_cannot_be_is_refused():
    def zeros(rows, columns):
        return np.zeros(len(rows))

    for message, similarity, score, k in [
        ("k must be at most 3, got 4", np.eye(3), zeros, 4),
        ("similarity must hold finite numbers, got nan", [[np.nan]], zeros, 1),
        ("similarity must hold finite numbers, got inf", [[np.inf]], zeros, 1),
        (r"similarity must be of shape \(queries, candidates\)", [0.5], zeros, 1),
        ("score_pairs returns must hold finite", np.eye(3), lambda i, j: i * np.nan, 1),
        (r"for each of the 6 pairs, \(pairs,\), got shape \(1,\)", np.eye(3), lambda i, j: [1], 2),
    ]:
        with pytest.raises(ValueError, match=message):
            rerank(similarity, score, k=k)
    with pytest.raises(TypeError, match="score_pairs must be a function"):
        rerank(np.eye(3), None, k=1)


# --- hard negatives


@given(tables, st.integers(1, 4), st.floats(0, 100), st.integers(0, 99))
def test_negatives_are_wrong_and_different(similarity, count, scale, seed):
    matches = np.random.default_rng(seed).random(similarity.shape) < 0.3
    matches[:, 0] = True
    wrong = ~matches & np.isfinite(similarity)
    if wrong.sum(axis=1).min() < count:
        with pytest.raises(ValueError, match="count must be at most"):
            hard_negatives(similarity, count=count, matches=matches)
        return
    found = hard_negatives(similarity, count=count, logit_scale=scale, matches=matches, seed=seed)
    assert found.shape == (len(similarity), count)
    assert np.take_along_axis(wrong, found, axis=1).all()
    assert all(len(set(row)) == count for row in found.tolist())


def test_negatives_are_drawn_from_the_softmax(rng):
    scores = np.array([0.5, 0.1, 0.3, 0.2])
    draws = 20_000
    similarity, right = (
        np.tile(scores, (draws, 1)),
        np.tile([True, False, False, False], (draws, 1)),
    )
    found = hard_negatives(similarity, logit_scale=5, matches=right)[:, 0]
    expected = np.exp(5 * scores) * (np.arange(4) > 0)
    expected /= expected.sum()
    share = np.bincount(found, minlength=4) / draws
    assert (np.abs(share - expected) <= 5 * np.sqrt(expected * (1 - expected) / draws)).all()


def test_limits_of_the_scale(rng):
    similarity = rng.random((30, 30))
    hardest = np.where(np.eye(30, dtype=bool), -np.inf, similarity)
    nearest = np.sort(np.argsort(-hardest, axis=1)[:, :3], axis=1)
    found = hard_negatives(similarity, count=3, logit_scale=1e6)
    np.testing.assert_array_equal(np.sort(found, axis=1), nearest)
    np.testing.assert_array_equal(
        hard_negatives(similarity, seed=3), hard_negatives(similarity, seed=3)
    )
    assert (hard_negatives(similarity, seed=3) != hard_negatives(similarity, seed=4)).any()


def test_negatives_of_embeddings_with_labels(rng):
    vectors, labels = rng.normal(size=(20, 4)), np.arange(20) % 5
    matches = SameLabels(labels, labels)
    found = hard_negatives(CosineSimilarity(vectors, vectors), count=2, matches=matches)
    assert (labels[found] != labels[:, None]).all()


# --- pairs


def test_pairs_are_the_right_ones_and_then_the_wrong_ones(rng):
    inputs = {
        "query": rng.normal(size=(3, 2, 4)),
        "candidate": rng.normal(size=(5, 6)),
        "query_mask": rng.random((3, 2)) < 0.5,
    }
    pairs, labels = matching_pairs(inputs, [[4, 3], [0, 2], [1, 0]], positives=[0, 1, 2])
    candidates = [0, 4, 3, 1, 0, 2, 2, 1, 0]
    np.testing.assert_array_equal(pairs["candidate"], inputs["candidate"][candidates])
    np.testing.assert_array_equal(pairs["query"], np.repeat(inputs["query"], 3, axis=0))
    np.testing.assert_array_equal(pairs["query_mask"], np.repeat(inputs["query_mask"], 3, axis=0))
    assert labels[:, 0].tolist() == [1, 0, 0] * 3
    _, several = matching_pairs(inputs, [[4], [0], [1]], positives=[[0, 1], [1, 2], [2, 3]])
    assert several[:, 0].tolist() == [1, 1, 0] * 3


def test_pairs_that_cannot_be_are_refused():
    inputs = {"query": np.ones((3, 4)), "candidate": np.ones((2, 4))}
    with pytest.raises(ValueError, match="positives must be given where 3 queries have 2 cand"):
        matching_pairs(inputs, [[0], [1], [0]])
    with pytest.raises(ValueError, match=r"negatives must lie in 0\.\.1, the rows of candidates"):
        matching_pairs(inputs, [[0], [2], [0]], positives=[0, 1, 1])
    with pytest.raises(ValueError, match=r"negatives must be rows of candidates, \(3, count\)"):
        matching_pairs(inputs, [[0], [1]], positives=[0, 1, 1])
    with pytest.raises(TypeError, match="positives must hold whole numbers"):
        matching_pairs(inputs, [[0], [1], [0]], positives=[0.5, 1, 1])


# --- the model


def make(**options):
    return CrossAttentionReranker(8, **{"num_layers": 1, "heads": 2, **options})


def example(batch=4, stream=0):
    rng = make_rng(stream)
    return {
        "query": rng.normal(size=(batch, 3, 5)).astype("float32"),
        "candidate": rng.normal(size=(batch, 4, 6)).astype("float32"),
    }


def until(lengths, steps):
    return np.arange(steps) < np.asarray(lengths)[:, None]


CHECKS = [check for check in LAYER_CHECKS if check is not check_dtypes]  # its logits are float32


@pytest.mark.backend
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_is_a_layer_like_any_other(check):
    check(make, example())


@pytest.mark.backend
@pytest.mark.parametrize("check", [check_zeros, check_rows], ids=lambda check: check.__name__)
def test_it_is_so_with_masks(check):
    masks = {"query_mask": until([3, 1, 2, 0], 3), "candidate_mask": until([1, 4, 0, 2], 4)}
    check(make, example() | masks)


@pytest.mark.backend
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_logits_in_float32(policy):
    exact, model, inputs = make(), make(dtype=policy), example()
    expected = to_numpy(exact(inputs))
    model(inputs)
    model.set_weights(exact.get_weights())
    result = model(inputs)
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}
    eps = 2.0**-8 if "bfloat16" in policy else 2.0**-11
    steps = 4 + sum(len(weight.shape) > 1 for weight in model.weights)
    assert_close(to_numpy(result), expected, steps=steps, eps=eps, scale=1)


@pytest.mark.backend
def test_padding_changes_nothing():
    model, inputs = make(num_layers=2), example()
    lengths, steps = [3, 1, 2, 3], [1, 4, 2, 3]
    masked = inputs | {"query_mask": until(lengths, 3), "candidate_mask": until(steps, 4)}
    together = to_numpy(model(masked))
    longer = {
        "query": np.pad(inputs["query"], [(0, 0), (0, 5), (0, 0)], constant_values=1e3),
        "candidate": np.pad(inputs["candidate"], [(0, 0), (0, 2), (0, 0)], constant_values=-1e3),
        "query_mask": until(lengths, 8),
        "candidate_mask": until(steps, 6),
    }
    assert_close(to_numpy(model(longer)), together, steps=count_steps(model, longer))
    for row, (length, step) in enumerate(zip(lengths, steps, strict=True)):
        alone = {
            "query": inputs["query"][row : row + 1, :length],
            "candidate": inputs["candidate"][row : row + 1, :step],
        }
        assert_close(to_numpy(model(alone))[0], together[row], steps=count_steps(model, inputs))


@pytest.mark.backend
def test_both_sides_matter_and_the_order_of_tokens_does_not():
    model, inputs, other = make(), example(), example(stream=1)
    expected = to_numpy(model(inputs))
    steps = count_steps(model, inputs)
    for side in ("query", "candidate"):
        backwards = inputs | {side: inputs[side][:, ::-1]}
        assert_close(to_numpy(model(backwards)), expected, steps=steps, scale=1)
        assert_differ(to_numpy(model(inputs | {side: other[side]})), expected, steps=steps)


@pytest.mark.backend
def test_a_vector_is_one_token():
    model, inputs = make(), example()
    vectors = {side: tokens[:, 0] for side, tokens in inputs.items()}
    tokens = {side: tokens[:, :1] for side, tokens in inputs.items()}
    np.testing.assert_array_equal(to_numpy(model(vectors)), to_numpy(model(tokens)))


@pytest.mark.backend
def test_its_loss_is_the_binary_cross_entropy():
    model, inputs, labels = make(), example(), np.array([1, 0, 0, 1], "float32")
    model.compile("adam", run_eagerly=True)
    logits = to_numpy(model(inputs))[:, 0].astype("float64")
    expected = np.mean(np.logaddexp(0, logits) - labels * logits)
    loss = model.evaluate(inputs, labels, verbose=0)
    assert_close(np.float32(loss), expected, steps=20, scale=1)


@pytest.mark.backend
def test_every_weight_moves_by_its_own_loss():
    model, inputs = make(dropout=0.1), example(16)
    model(inputs)
    gradients = train_one_step(model, inputs, targets=np.arange(16) % 2)
    assert len(gradients) == len(model.trainable_weights) == 28
    for path, gradient in gradients.items():
        assert np.abs(gradient).max() > 1e-7, path


def scenes(count, seed):
    """Return scenes of two things of three shapes and colours, each beside its colour-swapped twin.

    The mean of the tokens is that of the twin: a bag of features cannot tell them apart.
    """
    rng, eye, rows = np.random.default_rng(seed), np.eye(3), []
    for _ in range(count):
        (a, b), (x, y) = rng.choice(3, 2, replace=False), rng.choice(3, 2, replace=False)
        rows += [[(a, x), (b, y)], [(a, y), (b, x)]]
    things = np.array([[np.concatenate([eye[i], eye[j]]) for i, j in row] for row in rows])
    seen = things[:, ::-1] @ np.random.default_rng(9).normal(size=(6, 6))
    seen += 0.05 * rng.normal(size=seen.shape)
    names = [str(sorted(row)) for row in rows]
    inputs = {"query": seen.astype("float32"), "candidate": things.astype("float32")}
    return inputs, things.mean(axis=1) @ things.mean(axis=1).T, SameLabels(names, names)


def test_it_learns_which_colour_goes_with_which_shape():
    keras.utils.set_random_seed(0)
    train, similarity, matches = scenes(40, seed=0)
    model = CrossAttentionReranker(32, num_layers=1, heads=2)
    model.compile(keras.optimizers.Adam(5e-3))
    negatives = hard_negatives(similarity, count=3, matches=matches)
    pairs, labels = matching_pairs(train, negatives)
    model.fit(pairs, labels, epochs=30, batch_size=64, verbose=0)
    test, similarity, matches = scenes(30, seed=1)
    assert recall_at_k(similarity, 1, matches=matches) == 0  # the twin is as near
    second = model.rerank(similarity, test, k=10, batch_size=100)
    assert recall_at_k(second, 1, matches=matches) > 0.6
    one_by_one = model.rerank(similarity[:3], {**test, "query": test["query"][:3]}, batch_size=7)
    steps = count_steps(model, test)
    assert_close(one_by_one.astype("float32"), second[:3], steps=steps, scale=20)


@pytest.mark.backend
def test_what_cannot_be_read_is_refused():
    model, inputs = make(), example()
    model(inputs)
    query = inputs["query"]
    wrong = {
        "inputs must hold query and candidate": {"query": query},
        "inputs must hold query and candidate, and": inputs | {"image": query},
        r"query must be tokens, \(batch, time, dim\)": inputs | {"query": query[0, 0]},
        "must hold one row per pair, got rows": inputs | {"query": query[:2]},
        "query must have 5 numbers per token": inputs | {"query": query[..., :4]},
        "query_mask must say of each token": inputs | {"query_mask": np.ones((4, 2), bool)},
        "candidate_mask must hold True and False": inputs | {"candidate_mask": np.full((4, 4), 2)},
    }
    for message, values in wrong.items():
        for use in (model, model.predict):
            with pytest.raises(ValueError, match=message):
                use(values)
    model.compile("adam")
    with pytest.raises(ValueError, match="y must be 1 for pairs that match, and 0 for others"):
        model.fit(inputs, np.array([0, 1, 2, 1]))
    with pytest.raises(ValueError, match=r"similarity must have a row for each query .*\(4, 4\)"):
        model.rerank(np.eye(3), inputs)
    with pytest.raises(ValueError, match="units must be a multiple of heads = 3, got 8"):
        CrossAttentionReranker(8, heads=3)
