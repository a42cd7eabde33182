"""What the chapter "Retrieval and zero-shot" trains: the model, its baselines, and ensembles."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_like, check_list, check_whole
from mmtutorial._vectors import to_unit
from mmtutorial.cross_modal import DualEncoder
from mmtutorial.encoders import DenseEncoder
from mmtutorial.tasks import PairRecipe, fit_ridge_map

RECIPE = PairRecipe(hidden=768, units=384, dropout=0.4, epochs=30)


class ShuffledPairs:
    """Emoji with the words of other emoji: what can be learnt where nothing belongs together.

    ``pairs`` is an `EmojiPairs`; which words each training drawing gets is drawn once, by the seed.

    >>> from mmtutorial.tasks import EmojiPairs
    >>> pairs = EmojiPairs()
    >>> inputs, _ = ShuffledPairs(pairs).draw_epoch(0, seed=0)
    >>> bool((inputs["image"] == pairs.images("train")).all())
    True
    """

    def __init__(self, pairs: Any):
        check_like("pairs", pairs, "an EmojiPairs", "image", "draw_epoch")
        self.pairs, self.image = pairs, pairs.image

    def draw_epoch(self, epoch: int, *, seed: int) -> tuple[dict, np.ndarray]:
        """Return inputs of a training epoch, and a number of its own for each pair."""
        inputs, ids = self.pairs.draw_epoch(epoch, seed=seed)
        order = np.random.default_rng(seed).permutation(len(ids))
        return {**inputs, "text": inputs["text"][order]}, np.arange(len(ids))


def build_frozen_text(pairs: Any, recipe: PairRecipe) -> DualEncoder:
    """Build a dual encoder whose text half is frozen: word vectors less their training mean.

    The image half alone learns, and must find the way into the space of the word vectors, so the
    common space has as many numbers as they. ``pairs`` is an `EmojiPairs` with frozen features,
    ``recipe`` as for `build_dual_encoder`. Paper: Zhai et al. 2022, LiT: Zero-Shot Transfer with
    Locked-image text Tuning, the other way round.
    """
    texts = [pairs.inputs("train", language=each)["text"] for each in pairs.languages]
    dim, mean = texts[0].shape[1], np.concatenate(texts).mean(axis=0)
    center = keras.layers.Normalization(mean=mean, variance=np.ones(dim))
    see = DenseEncoder(recipe.hidden, dropout=recipe.dropout)
    model = DualEncoder({"image": see, "text": center}, units=dim, frozen=("text",))
    model({"image": pairs.images("train")[:2], "text": texts[0][:2]})
    model.projections["text"].set_weights([np.eye(dim, dtype=np.float32)])
    model.projections["text"].trainable = False
    return model


class RidgeSearch:
    """Search with a linear map from images to the vectors of their words: nothing contrasts.

    Parameters
    ----------
    pairs : an `EmojiPairs` with features on both sides
    penalty : see `fit_ridge_map`

    Texts are taken less the mean of the training texts, for all words share a direction.

    >>> from mmtutorial.tasks import EmojiPairs
    >>> search = RidgeSearch(EmojiPairs(), penalty=100.0)
    >>> search.encode({"image": np.ones((2, 256))})["image"].shape
    (2, 256)
    """

    def __init__(self, pairs: Any, *, penalty: float):
        check_like("pairs", pairs, "an EmojiPairs", "images", "inputs", "languages")
        images = pairs.images("train")
        texts = [pairs.inputs("train", language=each)["text"] for each in pairs.languages]
        self.mean = np.concatenate(texts).mean(axis=0)
        targets = np.concatenate(texts) - self.mean
        self.map = fit_ridge_map(np.tile(images, (len(texts), 1)), targets, penalty=penalty)

    def encode(self, inputs: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
        """Return the vectors of images, of texts or of both, of length 1."""
        found = {}
        for name, rows in inputs.items():
            rows = self.map.predict(rows) if name == "image" else np.asarray(rows) - self.mean
            found[name] = to_unit(rows)
        return found


class Ensemble:
    """Several models as one: the cosine of two of its vectors is the mean of theirs.

    ``models`` are trained on the same task. Its vectors are theirs side by side.

    >>> from mmtutorial.tasks import EmojiPairs
    >>> pairs = EmojiPairs()
    >>> both = Ensemble([RidgeSearch(pairs, penalty=each) for each in (10.0, 100.0)])
    >>> both.encode({"image": np.ones((2, 256))})["image"].shape
    (2, 512)
    """

    def __init__(self, models: Sequence[Any]):
        self.models = check_list("models", models, "models that encode")
        for place, model in enumerate(self.models):
            check_like(f"models[{place}]", model, "a DualEncoder", "encode")

    def encode(self, inputs: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
        """Return the vectors of images, of texts or of both, of length 1."""
        found = [model.encode(inputs) for model in self.models]
        return {
            name: np.concatenate([each[name] for each in found], axis=1) / np.sqrt(len(found))
            for name in inputs
        }


def draw_shots(
    targets: np.ndarray, concepts: np.ndarray, shots: int | None, *, seed: int
) -> np.ndarray:
    """Draw rows to label: one drawing of each of ``shots`` concepts per class; None takes all rows.

    ``targets`` and ``concepts`` are ``(rows,)``; a class with fewer concepts gives what it has.
    Returns the numbers of the rows, sorted.

    >>> draw_shots(np.array([0, 0, 0, 1]), np.array([5, 5, 6, 7]), 9, seed=0).shape
    (3,)
    """
    if shots is None:
        return np.arange(len(targets))
    check_whole("shots", shots, least=1)
    order = np.random.default_rng(seed).permutation(len(targets))
    _, first = np.unique(concepts[order], return_index=True)
    rows = order[np.sort(first)]  # one drawing per concept, in a random order
    return np.sort(np.concatenate([rows[targets[rows] == c][:shots] for c in np.unique(targets)]))
