"""Each question to a model gets full marks from one that knows everything."""

import numpy as np
import pytest

from mmtutorial import data, evaluation
from mmtutorial.chapters.cross_modal.retrieval import asked
from mmtutorial.chapters.cross_modal.retrieval.errors import KINDS, sort_errors
from mmtutorial.tasks import EmojiPairs


@pytest.fixture(scope="module")
def pairs():
    return EmojiPairs(languages=("en", "zh"))


class Oracle:
    """Knows by heart what each vector of images and texts stands for: a direction a thing."""

    def __init__(self, inputs, things):
        self.directions = np.eye(1 + max(max(rows) for rows in things.values()))
        self.known = {
            name: {
                row.tobytes(): thing for row, thing in zip(inputs[name], things[name], strict=True)
            }
            for name in inputs
        }

    def encode(self, inputs):
        return {
            name: self.directions[[self.known[name][row.tobytes()] for row in rows]]
            for name, rows in inputs.items()
        }


def test_an_oracle_of_groups_is_always_right(pairs):
    prompts = asked.group_prompts(pairs, language="zh")
    texts = np.concatenate(list(prompts.values()))
    numbers = np.repeat(np.arange(len(prompts)), [len(rows) for rows in prompts.values()])
    truth = pairs.datasets["en"].test.targets["group"]
    images = pairs.images("test")
    oracle = Oracle({"image": images, "text": texts}, {"image": truth, "text": numbers})
    said = asked.ask_groups(oracle, pairs, language="zh").argmax(axis=1)
    np.testing.assert_array_equal(said, truth)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_prompts_of_a_group_begin_with_its_bare_name(pairs, language):
    one, every = (asked.group_prompts(pairs, language=language, count=n) for n in (1, None))
    assert list(one) == list(every) == list(pairs.datasets["en"].classes["group"])
    for name, rows in one.items():
        assert rows.shape == (1, 256)
        np.testing.assert_array_equal(rows[0], every[name][0])


def test_names_are_found_by_who_knows_them(pairs):
    split, ids = pairs.datasets["zh"].test, pairs.ids("test")
    texts = pairs.encode(split.info["name"].tolist(), language="zh")
    inputs = {"image": pairs.images("test"), "text": texts}
    found = asked.ask_names(Oracle(inputs, {"image": ids, "text": ids}), pairs, language="zh")
    assert found["recall_at_1"] == found["mean_average_precision"] == 1


def test_image_to_image_skips_the_artists_own_drawings():
    """Each drawing's nearest is its own artist's; among the other's, the right one is nearest."""
    concepts, artists = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    vectors = np.array([[1, 0.2, 1], [0.2, 1, 1], [1, 0, -1], [0, 1, -1]])
    assert asked.ask_drawings(vectors, concepts, artists) == 1
    assert asked.ask_drawings(vectors, concepts[[0, 1, 3, 2]], artists) == 0


def test_a_concept_that_the_other_artist_did_not_draw_is_no_query():
    concepts, artists = np.array([0, 1, 2, 0]), np.array([0, 0, 0, 1])
    vectors = np.eye(4)[[0, 1, 2, 0]]
    assert asked.ask_drawings(vectors, concepts, artists) == 1


def test_one_caption_of_several_stamps_is_right_for_each(pairs):
    stamps = data.load_stamps(image="emoji-features", language="en")
    parts = (stamps.train, stamps.validation, stamps.test)
    there = [part.presence["image"] & part.presence["text"] for part in parts]
    images, texts = (
        np.concatenate([part.inputs[name][rows] for part, rows in zip(parts, there, strict=True)])
        for name in ("image", "text")
    )
    captions, ids = np.unique(texts, return_inverse=True)
    assert len(captions) < len(texts)
    images = (images / pairs.image_scale).astype(np.float32)
    inputs = {"image": images, "text": pairs.encode(captions, language="en")}
    things = {"image": ids, "text": np.arange(len(captions))}
    found = asked.ask_photographs(Oracle(inputs, things), pairs, language="en")
    for scores in found.values():
        assert scores["recall_at_1"] == scores["mean_average_precision"] == 1


def test_a_probe_of_all_labels_is_better_than_one_of_few(pairs):
    truth, right = pairs.datasets["en"].test.targets["group"], []
    for shots, labels in (("1", 8), ("all", len(pairs.ids("train")))):
        model, count = asked.fit_probe(pairs, shots, penalty=100.0, seed=0)
        assert count == labels
        said = model.predict_log_proba(pairs.images("test")).argmax(axis=1)
        right.append(evaluation.accuracy(truth, said))
    assert right[0] < right[1]
    with pytest.raises(ValueError, match="shots must be one of"):
        asked.fit_probe(pairs, "3", penalty=1.0, seed=0)


def test_each_error_is_sorted_once_and_into_the_first_kind_that_fits(pairs):
    rng = np.random.default_rng(0)
    ids, split = pairs.ids("test"), pairs.datasets["en"].test
    similarity = rng.normal(size=(len(ids), len(ids)))
    errors = sort_errors(similarity, pairs, language="en")
    assert list(errors) == list(KINDS)
    wrong = ids[similarity.argmax(axis=1)] != ids
    rows = np.concatenate([found[:, 0] for found in errors.values()])
    np.testing.assert_array_equal(np.sort(rows), np.flatnonzero(wrong))
    for kind, found in errors.items():
        asked_for, answered = found.T
        np.testing.assert_array_equal(similarity[asked_for].argmax(axis=1), answered)
        same = split.targets["subgroup"][asked_for] == split.targets["subgroup"][answered]
        assert same.all() if kind == "same subgroup" else not same.any()
        for one, other in found if kind in ("common word", "other") else []:
            words = [set(split.info["keywords"][row].split(" | ")) for row in (one, other)]
            assert bool(words[0] & words[1]) is (kind == "common word")


def test_who_is_always_right_has_no_errors(pairs):
    ids = pairs.ids("test")
    errors = sort_errors((ids[:, None] == ids).astype(float), pairs, language="zh")
    assert not any(map(len, errors.values()))
