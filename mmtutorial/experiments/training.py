"""How is a model trained? One recipe and one loop, for every task of the fusion part."""

from dataclasses import dataclass, replace

import keras
import numpy as np

from mmtutorial import fusion


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run; defaults are where the search on validation begins."""

    units: int = 128
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0  # in the head, behind each hidden layer
    image_dropout: float = 0.0
    text_dropout: float = 0.0
    modality_dropout: float = 0.0
    auxiliary: float = 0.0  # weight of a loss of its own for each modality
    missing: str = "zeros"  # or "learnt": what stands in for an absent modality
    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 2e-3

    def but(self, **changes):
        """Return the same recipe with some choices changed."""
        return replace(self, **changes)


def join(parts, fused, classes, recipe):
    """Put encoders and a fusion together, with what the recipe says of the rest."""
    return fusion.FusionClassifier(
        parts,
        fused,
        classes,
        hidden=recipe.hidden,
        dropout=recipe.dropout,
        modality_dropout=recipe.modality_dropout,
        auxiliary=recipe.auxiliary,
        missing=recipe.missing,
    )


def fit_model(build, draw, targets, recipe, *, seed, on_epoch=None):
    """Train what ``build()`` makes on what ``draw(epoch)`` gives; return it, trained.

    A model that comes compiled stays as it is. Raises ``ValueError`` if there are fewer rows than
    a batch holds.
    """
    if recipe.batch_size > len(targets):
        raise ValueError(
            f"batch_size must be at most {len(targets)}, the training rows, got {recipe.batch_size}"
        )
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build()
    if not model.compiled:
        model.compile(
            optimizer=keras.optimizers.Adam(recipe.learning_rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
    for epoch in range(recipe.epochs):
        inputs = draw(epoch)
        order = rng.permutation(len(targets))
        for start in range(0, len(order) - recipe.batch_size + 1, recipe.batch_size):
            rows = order[start : start + recipe.batch_size]
            model.train_on_batch(take(inputs, model.modalities, rows), targets[rows])
        if on_epoch is not None:
            on_epoch(epoch, model)
    return model


def log_probabilities(model, inputs):
    """Return what a model believes of each class, ``(rows, classes)``."""
    inputs = take(inputs, model.modalities)
    return keras.ops.convert_to_numpy(keras.ops.log_softmax(model(inputs, training=False)))


def take(inputs, modalities, rows=slice(None)):
    """Return some modalities of some rows, and of ``"presence"``, if it is there, their columns."""
    batch = {name: inputs[name][rows] for name in modalities}
    if "presence" in inputs:
        names = sorted(inputs.keys() - {"presence"})
        batch["presence"] = inputs["presence"][rows][:, [names.index(name) for name in modalities]]
    return batch
