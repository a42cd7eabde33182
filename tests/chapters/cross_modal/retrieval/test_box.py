"""The box computes what the model does, up to what its few bytes cost."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.retrieval import box as room
from mmtutorial.chapters.cross_modal.retrieval.live import PictureSearch
from mmtutorial.data import DataError
from mmtutorial.tasks import EmojiPairs, PairRecipe, score_search, train_pairs


@pytest.fixture(scope="module")
def pairs():
    return EmojiPairs(languages=("en", "zh"), keywords=5)


@pytest.fixture(scope="module")
def model(pairs):
    return train_pairs(pairs, PairRecipe(hidden=64, units=32, epochs=2, dropout=0.1), seed=0)


@pytest.fixture(scope="module")
def box():
    return room.SearchBox(room.load_weights())


@pytest.mark.parametrize("axis", [0, 1])
def test_quantized_numbers_are_right_to_half_a_step(axis, rng):
    matrix = rng.normal(size=(7, 5)) * np.exp(rng.normal(size=(7, 1)))
    levels, step = found = room.quantize(matrix, axis=axis)
    assert levels.dtype == np.int8
    assert np.abs(levels.astype(int)).max() == 127
    assert step.shape == ((1, 5) if axis == 0 else (7, 1))
    assert np.all(np.abs(found.numbers() - matrix) <= step * (0.5 + 1e-4))


def test_a_row_of_zeros_stays_zeros():
    assert not room.quantize(np.zeros((2, 3)), axis=1).numbers().any()


def test_with_full_rank_the_box_ranks_as_the_model(model, pairs):
    """The last matrix and the pictures became one; only rounding to 127 steps is left."""
    weights = room.compress_text_half(model, pairs, rank=64)
    box, captions = room.SearchBox(weights), pairs.captions("test", language="en")
    found = model.encode({"image": pairs.images("test"), "text": captions.vectors})
    exact = found["text"] @ found["image"].T
    scores = np.array([box.scores(text.split(" | ")) for text in captions.texts])
    agree = [np.corrcoef(a, b)[0, 1] for a, b in zip(exact, scores, strict=True)]
    assert min(agree) > 0.99


def test_a_lower_rank_comes_as_near_as_a_matrix_of_that_rank_can(model, pairs):
    """Eckart and Young: the error is that of the singular values left out."""
    weights = room.compress_text_half(model, pairs, rank=10)
    vectors = room.data.load_word_vectors().encode(room.known_words())
    hidden, _ = model.encoders["text"].dense.get_weights()
    exact = vectors @ hidden / pairs.text_scales["features"]
    error = np.linalg.norm(exact - vectors @ weights.words @ weights.hidden)
    left = np.sqrt(np.sum(np.linalg.svd(exact, compute_uv=False)[10:] ** 2))
    assert error == pytest.approx(left, rel=1e-3)


def test_the_stored_box_searches_well(box, pairs):
    ids = pairs.ids("test")
    for language in ("en", "zh"):
        captions = pairs.captions("test", language=language)
        scores = np.array([box.scores(text.split(" | ")) for text in captions.texts])
        assert score_search(scores, captions.ids, ids)["recall_at_10"] > 0.38


def test_every_keyword_and_name_is_known_and_no_word_twice(box, pairs):
    known = set(box.known)
    assert len(known) == len(box.known) > 10_000
    for dataset in pairs.datasets.values():
        for split in (dataset.train, dataset.test):
            assert known >= set(split.info["name"].tolist())
            assert known >= {word for text in split.info["keywords"] for word in text.split(" | ")}


def test_a_search_gives_the_best_first_and_nothing_for_nothing_known(box):
    pieces, rows = box.search("birthday cake", k=10)
    scores = box.scores([piece.word for piece in pieces])
    assert len(set(rows.tolist())) == 10
    assert np.all(np.diff(scores[rows]) <= 0)
    assert scores[rows[-1]] >= np.sort(scores)[-10]
    pieces, rows = box.search("xqzzjw", k=10)
    assert len(rows) == 0
    assert not pieces[0].word
    for k in (0, 383):
        with pytest.raises(ValueError, match="k must be"):
            box.search("cake", k=k)


def test_weights_are_read_as_they_were_written_and_refused_if_damaged(tmp_path, box):
    weights, path = room.load_weights(), tmp_path / "weights.npz"
    room.save_weights(weights, path)
    for one, other in zip(weights, room.load_weights(path), strict=True):
        np.testing.assert_array_equal(one, other)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match="write_box"):
        room.load_weights(path)


def test_what_is_shown_names_each_picture_in_the_language_of_the_query(box):
    search = PictureSearch(box)
    for query, language in (("a happy dog", "en"), ("小狗", "zh")):
        _, rows = box.search(query, 10)
        html = search.show(query)._repr_html_()
        assert html.count("<img") == 10
        for name in search.names[language][rows]:
            assert name.replace("&", "&amp;").replace("'", "&#x27;") in html
    assert "<script>" not in search.show("<script>")._repr_html_()
