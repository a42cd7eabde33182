"""A leak and its honest twin differ in the leak and in nothing else."""

import numpy as np
import pytest

from mmtutorial.chapters.background.evaluation.leaky_splits import (
    concept_leak_splits,
    designer_leak_splits,
)
from mmtutorial.tasks.emoji import EmojiTask


@pytest.mark.parametrize("replaced", ["noto", "emojione"])
def test_the_designers_are_all_that_differs(replaced):
    honest, leaking = designer_leak_splits(replaced)
    counts = []
    for data, artist in ((honest, replaced), (leaking, "fluent_flat")):
        names = np.array(data.classes["artist"])[data.train.targets["artist"]]
        swapped = np.where(names == artist, "swapped", names)
        rows = zip(swapped, data.train.info["hexcode"], strict=True)
        counts.append(sorted(rows))
        assert (names == artist).sum() > 500
    assert counts[0] == counts[1]
    assert "fluent_flat" not in honest.classes["artist"]
    np.testing.assert_array_equal(honest.test.inputs["image"], leaking.test.inputs["image"])
    np.testing.assert_array_equal(honest.test.targets["group"], leaking.test.targets["group"])


def test_no_leak_without_a_known_artist():
    with pytest.raises(ValueError, match=r"replaced must be one of \('noto', .* got 'fluent_3d'"):
        designer_leak_splits("fluent_3d")


def test_one_split_keeps_concepts_apart_and_the_other_does_not():
    honest, leaking = concept_leak_splits(seed=0)
    for data, shared in ((honest, False), (leaking, True)):
        concepts = [set(s.targets["concept"].tolist()) for s in (data.train, data.test)]
        assert bool(concepts[0] & concepts[1]) == shared
        assert not (concepts[0] | concepts[1]) & set(data.validation.targets["concept"].tolist())
        artists = [set(s.targets["artist"].tolist()) for s in (data.train, data.test)]
        assert artists[0] == artists[1]
    assert len(honest.test) == len(leaking.test)
    assert len(honest.train) == len(leaking.train)
    everything = data_rows(honest.train) + data_rows(honest.test)
    assert sorted(everything) == sorted(data_rows(leaking.train) + data_rows(leaking.test))
    again = concept_leak_splits(seed=0)[1]
    assert data_rows(again.test) == data_rows(leaking.test)
    assert data_rows(concept_leak_splits(seed=1)[1].test) != data_rows(leaking.test)
    with pytest.raises(ValueError, match="share must be above 0 and below 1, got 1"):
        concept_leak_splits(seed=0, share=1)


def data_rows(split):
    return list(zip(split.targets["artist"].tolist(), split.info["hexcode"], strict=True))


def test_a_task_takes_emoji_that_are_split_in_another_way():
    honest, _ = concept_leak_splits(seed=0)
    task = EmojiTask(keywords=1, dataset=honest)
    assert len(task.targets("test")) == len(honest.test)
    assert len(task.inputs("train", seed=0)["text"]) == len(honest.train)
