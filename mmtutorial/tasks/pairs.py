"""One recipe, one way to train and one way to score models of pairs of image and text."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from mmtutorial import encoders, evaluation
from mmtutorial._checks import (
    check_array,
    check_callable,
    check_choice,
    check_flag,
    check_like,
    check_number,
    check_share,
    check_whole,
)
from mmtutorial.cross_modal.dual_encoder import DualEncoder
from mmtutorial.tasks.training import fit

LOSSES = ("clip", "siglip", "triplet")
FILTERS = (16, 32, 64)  # of the convolution that reads pixels


@dataclass(frozen=True)
class PairRecipe:
    """Every choice of the training of a dual encoder; defaults train in some ten seconds.

    Raises ``ValueError`` or ``TypeError`` for a choice that cannot be, such as -1 epochs.

    >>> PairRecipe(epochs=3).replace(loss="siglip").epochs
    3
    """

    loss: str = "clip"
    temperature: float | None = None  # to begin with; None: the paper's
    hidden: int = 384  # units of each encoder
    units: int = 192  # of the common space
    dropout: float = 0.5  # before and behind each encoder's hidden layer
    mask_duplicates: bool = True  # whether other pairs of one concept are no negatives
    epochs: int = 40
    batch_size: int = 512
    learning_rate: float = 1e-3

    def __post_init__(self):
        check_choice("loss", self.loss, LOSSES)
        if self.temperature is not None:
            check_number("temperature", self.temperature, above=0)
        least = {"hidden": 1, "units": 1, "epochs": 0, "batch_size": 2}  # 0: left untrained
        for name, bound in least.items():
            check_whole(name, getattr(self, name), least=bound)
        check_share("dropout", self.dropout)
        check_flag("mask_duplicates", self.mask_duplicates)
        check_number("learning_rate", self.learning_rate, least=0)

    def replace(self, **changes) -> "PairRecipe":
        """Return the same recipe with some choices changed."""
        return replace(self, **changes)


def build_dual_encoder(task: Any, recipe: PairRecipe) -> DualEncoder:
    """Build two encoders of one hidden layer each, or a convolution for pixels, and their space.

    ``task`` is an `EmojiPairs`, or another that says by ``image`` whether images are
    ``"pixels"``. Returns a `DualEncoder`, not compiled.
    """
    check_like("task", task, "a task such as EmojiPairs", "image")
    check_like("recipe", recipe, "a PairRecipe", "hidden", "units", "loss")
    see = encoders.DenseEncoder(recipe.hidden, dropout=recipe.dropout)
    if task.image == "pixels":
        see = encoders.ImageCNN(recipe.hidden, filters=FILTERS, dropout=recipe.dropout)
    read = encoders.DenseEncoder(recipe.hidden, dropout=recipe.dropout)
    return DualEncoder(
        {"image": see, "text": read},
        units=recipe.units,
        loss=recipe.loss,
        temperature=recipe.temperature,
    )


def train_pairs(
    task: Any,
    recipe: PairRecipe,
    *,
    seed: int,
    on_epoch: Callable[[int, Any], None] | None = None,
    build: Callable[[Any, PairRecipe], Any] = build_dual_encoder,
) -> Any:
    """Train a model of pairs with Adam, on what the task draws anew for each epoch.

    Parameters
    ----------
    task : an `EmojiPairs`, or another with ``draw_epoch(epoch, seed=)`` that returns ``{"image":
        ..., "text": ...}`` and which concept each row is of
    recipe : all choices of the training
    seed : of weights, dropout, the order of rows and what is drawn
    on_epoch : None, or ``on_epoch(epoch, model)``, called after each epoch
    build : ``build(task, recipe)`` makes the model

    Returns the model, trained. Raises ``ValueError`` for fewer rows than a batch holds.

    >>> from mmtutorial.tasks import EmojiPairs
    >>> model = train_pairs(EmojiPairs(), PairRecipe(epochs=1), seed=0)
    >>> model.encode({"text": np.ones((2, 256))})["text"].shape
    (2, 192)
    """
    check_like("task", task, "a task such as EmojiPairs", "draw_epoch")
    check_like("recipe", recipe, "a PairRecipe", "mask_duplicates", "learning_rate", "epochs")
    check_callable("build", build)

    def make():
        model = build(task, recipe)
        if not model.compiled:
            model.compile(keras.optimizers.Adam(recipe.learning_rate))
        return model

    def draw(epoch):
        inputs, ids = task.draw_epoch(epoch, seed=seed)
        return inputs, ids if recipe.mask_duplicates else np.arange(len(ids))

    return fit(make, draw, recipe, seed=seed, on_epoch=on_epoch)


def score_search(
    similarity: ArrayLike, query_ids: ArrayLike, candidate_ids: ArrayLike, *, hits: bool = False
) -> dict[str, Any]:
    """Return R@1, R@10, the median rank and mAP of a search.

    ``similarity`` is ``(queries, candidates)``. A candidate is right if its id, ``(candidates,)``,
    is that of the query, ``(queries,)``. With ``hits``, ``"hits_at_10"`` says of each query whether
    one of its first ten candidates is right, booleans ``(queries,)``. Raises ``ValueError`` for a
    query without a right candidate, for fewer than 10 candidates and if the shapes do not fit.

    >>> score_search(np.eye(20), np.arange(20), np.arange(20))["median_rank"]
    1.0
    """
    check_flag("hits", hits)
    queries = check_array("query_ids", query_ids, kinds="iu")
    candidates = check_array("candidate_ids", candidate_ids, kinds="iu")
    similarity = check_array("similarity", similarity)
    shape = similarity.shape
    if (queries.shape, candidates.shape) != (shape[:1], shape[1:]):
        raise ValueError(
            f"query_ids and candidate_ids must hold one number for each row and column of "
            f"similarity, {shape}, got {queries.shape} and {candidates.shape}"
        )
    options = {"matches": queries[:, None] == candidates}
    more = {"hits_at_10": evaluation.hits_at_k(similarity, 10, **options)} if hits else {}
    return {
        "recall_at_1": evaluation.recall_at_k(similarity, 1, **options),
        "recall_at_10": evaluation.recall_at_k(similarity, 10, **options),
        "median_rank": evaluation.median_rank(similarity, **options),
        "mean_average_precision": evaluation.mean_average_precision(similarity, **options),
        **more,
    }


def score_pairs(
    model: Any, task: Any, split: str, *, language: str, hits: bool = False
) -> dict[str, dict]:
    """Search all texts of a split by each image, and all images by each text.

    Parameters
    ----------
    model : a trained `DualEncoder`, or what has such an ``encode``
    task : an `EmojiPairs`
    split, language : where, and by which words
    hits : whether to say of each query if it found something, too

    Returns ``{"image_to_text": scores, "text_to_image": scores}``, see `score_search`. The texts
    are all words of each emoji, once; all drawings are images.
    """
    check_like("model", model, "a DualEncoder", "encode")
    check_like("task", task, "an EmojiPairs", "captions", "images", "ids")
    captions, ids = task.captions(split, language=language), task.ids(split)
    found = model.encode({"image": task.images(split), "text": captions.vectors})
    similarity = found["image"] @ found["text"].T
    return {
        "image_to_text": score_search(similarity, ids, captions.ids, hits=hits),
        "text_to_image": score_search(similarity.T, captions.ids, ids, hits=hits),
    }
