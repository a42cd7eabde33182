"""Re-ranking moves nothing but the first candidates, and reads each word once."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.retrieval import second_stage
from mmtutorial.chapters.cross_modal.retrieval.experiment import RidgeSearch
from mmtutorial.tasks import EmojiPairs


@pytest.fixture(scope="module")
def pairs():
    return EmojiPairs()


@pytest.fixture(scope="module")
def near(pairs):
    search = RidgeSearch(pairs, penalty=1000.0)
    return {
        split: second_stage.search_first(search, pairs, split, language="en")
        for split in ("train", "validation")
    }


def test_a_text_is_read_word_by_word_and_a_drawing_as_one_token(pairs):
    inputs, concepts = second_stage.read_tokens(pairs, "test", language="en")
    captions = pairs.captions("test", language="en")
    np.testing.assert_array_equal(concepts, captions.ids)
    assert inputs["query"].shape == (len(pairs.ids("test")), 256)
    words = [text.split(" | ")[: second_stage.WORDS] for text in captions.texts]
    assert inputs["candidate_mask"].sum(axis=1).tolist() == list(map(len, words))
    assert not inputs["candidate"][~inputs["candidate_mask"]].any()
    whole = np.array([len(text.split(" | ")) <= second_stage.WORDS for text in captions.texts])
    mean = inputs["candidate"].sum(axis=1) / inputs["candidate_mask"].sum(axis=1)[:, None]
    np.testing.assert_allclose(mean[whole], captions.vectors[whole], atol=0.02)


def test_the_first_stage_is_a_cosine(near):
    assert np.abs(near["validation"]).max() <= 1 + 1e-6


def test_a_reranker_learns_and_moves_the_first_ten_alone(pairs, near):
    model = second_stage.train_reranker(near["train"], pairs, language="en", seed=0, epochs=1)
    inputs, _ = second_stage.read_tokens(pairs, "validation", language="en")
    first, few = near["validation"][:50], {**inputs, "query": inputs["query"][:50]}
    for weight in (0.0, 0.1, np.inf):
        order = second_stage.add_logits(model, first, few, weight=weight)
        ten = np.argsort(-first, axis=1, kind="stable")[:, :10]
        assert np.array_equal(
            np.sort(ten), np.sort(np.argsort(-order, axis=1, kind="stable")[:, :10])
        )
        same = np.argsort(-order, axis=1, kind="stable")[:, :10] == ten
        assert same.all() == (weight == 0)


def test_no_epoch_is_refused(pairs, near):
    with pytest.raises(ValueError, match="epochs"):
        second_stage.train_reranker(near["train"], pairs, language="en", seed=0, epochs=0)
