"""The plainest model for several tasks of classes: a dense encoder each, and hard sharing."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from mmtutorial import encoders, multi_task
from mmtutorial.tasks.training import Recipe


def build_hard_sharing(
    modalities: Sequence[str],
    heads: Mapping[str, int],
    recipe: Recipe,
    weighting: Any = "equal",
    aggregator: Any = None,
    *,
    seed: int = 0,
) -> multi_task.MultiTaskModel:
    """Build a compiled model that reads vectors of some modalities, for tasks of classes.

    ``heads`` says how many classes each task has; ``weighting``, ``aggregator`` and ``seed`` are
    those of `multi_task.MultiTaskModel`.
    """
    parts = {
        name: encoders.DenseEncoder(recipe.units, dropout=recipe.dropout) for name in modalities
    }
    shared = multi_task.HardSharing(parts, heads, hidden=recipe.hidden, dropout=recipe.dropout)
    model = multi_task.MultiTaskModel(shared, weighting, aggregator, seed=seed)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), loss)
    return model
