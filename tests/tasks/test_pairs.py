"""A dual encoder learns what belongs together, repeats, and is scored as one would by hand."""

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial.evaluation import chance_recall_at_k
from mmtutorial.tasks.emoji_pairs import EmojiPairs
from mmtutorial.tasks.pairs import (
    LOSSES,
    PairRecipe,
    build_dual_encoder,
    score_pairs,
    score_search,
    train_pairs,
)

SMALL = PairRecipe(hidden=64, units=32, epochs=6, dropout=0.2)


@pytest.fixture(scope="module")
def task():
    return EmojiPairs(keywords=3)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_few_epochs_find_more_than_chance_in_both_directions(task, loss):
    model = train_pairs(task, SMALL.replace(loss=loss, epochs=10), seed=0)
    scores = score_pairs(model, task, "validation", language="en")
    captions = task.captions("validation", language="en")
    ids = task.ids("validation")
    for name, queries, found in (
        ("image_to_text", ids, captions.ids),
        ("text_to_image", captions.ids, ids),
    ):
        right = np.sum(queries[:, None] == found, axis=1)
        assert scores[name]["recall_at_10"] > 3 * chance_recall_at_k(10, len(found), matches=right)
        assert scores[name]["median_rank"] < len(found) / 5


def test_training_repeats_by_its_seed(task):
    epochs = []
    models = [
        train_pairs(task, SMALL, seed=seed, on_epoch=lambda epoch, model: epochs.append(epoch))
        for seed in (1, 1, 2)
    ]
    first, again, other = (m.encode({"image": task.images("test")})["image"] for m in models)
    np.testing.assert_allclose(first, again, atol=1e-4)
    assert np.abs(first - other).max() > 0.1
    assert epochs == list(range(6)) * 3


def test_duplicates_are_masked_unless_the_recipe_says_not(task):
    seen = []

    class Watched(EmojiPairs):
        def draw_epoch(self, epoch, *, seed):
            inputs, ids = super().draw_epoch(epoch, seed=seed)
            seen.append(ids)
            return inputs, ids

    def first_loss(mask):
        recipe = SMALL.replace(epochs=1, mask_duplicates=mask, learning_rate=0.0)
        model = train_pairs(Watched(keywords=3), recipe, seed=0)
        inputs, ids = task.draw_epoch(0, seed=0)
        ids = ids if mask else np.arange(len(ids))
        return model.evaluate(inputs, ids, verbose=0, return_dict=True)["loss"]

    assert first_loss(True) < first_loss(False)  # fewer candidates are easier
    assert len(np.unique(seen[0])) < len(seen[0])


def test_pixels_are_read_by_a_convolution():
    task = EmojiPairs(image="pixels", text="ngrams", artists=("noto",))
    model = build_dual_encoder(task, SMALL)
    found = model({"image": task.images("test")[:3], "text": np.ones((3, 2048), np.float32)})
    assert found["image"].shape == (3, 32)
    assert len(model.encoders["image"].trainable_weights) > 2


def test_scores_are_those_of_a_count_by_hand():
    similarity = -np.abs(np.arange(12.0)[:, None] - (np.arange(12) + 2))
    scores = score_search(similarity, np.arange(12), np.arange(12), hits=True)
    ranks = []
    for row in range(12):  # nearest is column row - 2; ties count against the model
        better = np.sum(similarity[row] >= similarity[row, row]) - 1
        ranks.append(better + 1)
    assert scores["recall_at_1"] == np.mean(np.array(ranks) == 1)
    np.testing.assert_array_equal(scores["hits_at_10"], np.array(ranks) <= 10)
    assert scores["median_rank"] == np.median(ranks)
    assert_close(scores["mean_average_precision"], np.mean(1 / np.array(ranks)), steps=12)


def test_wrong_choices_are_named():
    with pytest.raises(ValueError, match=r"loss must be one of .* got 'infonce'"):
        PairRecipe(loss="infonce")
    with pytest.raises(ValueError, match="batch_size must be at least 2, got 1"):
        PairRecipe(batch_size=1)
    with pytest.raises(ValueError, match=r"one number for each row and column .*\(2,\) and \(3,\)"):
        score_search(np.ones((3, 3)), [0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="batch_size must be at most 4360"):
        train_pairs(EmojiPairs(), SMALL.replace(batch_size=5000), seed=0)
