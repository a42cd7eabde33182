"""Encoders, a fusion and a head, put together: one model for every way to fuse."""

import keras
from keras import layers, ops

from mmtutorial.fusion._base import check_modalities, hide_absent, split_presence
from mmtutorial.fusion.layers import ConcatFusion, LateFusion, ModalityDropout, SumFusion

BY_NAME = {"concat": ConcatFusion, "late": LateFusion, "sum": SumFusion}


def _build_once(layer, shape):
    """Make a layer's weights, unless it comes with them (reloaded, or trained elsewhere)."""
    if not layer.built:
        layer.build(shape)


@keras.saving.register_keras_serializable(package="mmtutorial")
class FusionClassifier(keras.Model):
    """Encode each modality, fuse, and tell the class.

    Parameters
    ----------
    encoders : dict of one layer a modality, each ``(batch, ...) -> (batch, dim)``; with a single
        one the model is the baseline "this modality alone"
    fusion : a fusion layer, or its name: ``"concat"``, ``"sum"``, ``"late"``
    classes : number of classes
    hidden : sizes of dense layers with ReLU in the head
    dropout : share of each hidden layer set to 0 while training
    modality_dropout : how often a whole modality vanishes while training

    ``{modality: array}`` -> logits ``(batch, classes)``. A fusion of representations has one
    head behind it; a fusion of decisions has one head for each modality before it. Raises
    ``ValueError`` for a missing or unexpected modality, ``TypeError`` for anything but a dict.
    Paper: Baltrusaitis et al. 2019, Multimodal Machine Learning.

    >>> encoders = {"image": layers.Flatten(), "text": layers.Flatten()}
    >>> model = FusionClassifier(encoders, "concat", 3)
    >>> model({"text": ops.ones((2, 4)), "image": ops.ones((2, 8, 8))}).shape
    TensorShape([2, 3])
    """

    def __init__(
        self,
        encoders,
        fusion,
        classes,
        *,
        hidden=(),
        dropout=0.0,
        modality_dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.modalities = check_modalities(encoders)
        if isinstance(fusion, str):
            if fusion not in BY_NAME:
                raise ValueError(f"fusion must be one of {sorted(BY_NAME)}, got {fusion!r}")
            fusion = BY_NAME[fusion](dtype=self.dtype_policy)
        if classes < 2:
            raise ValueError(f"classes must be at least 2, got {classes}")
        for name, share in (("dropout", dropout), ("modality_dropout", modality_dropout)):
            if not 0 <= share < 1:
                raise ValueError(f"{name} must lie in 0..1 (1 excluded), got {share}")
        self.encoders = {name: encoders[name] for name in self.modalities}
        self.fusion = fusion
        self.classes, self.hidden, self.dropout = classes, tuple(hidden), dropout
        self.modality_dropout = ModalityDropout(modality_dropout)
        names = self.modalities if fusion.level == "decision" else ["fused"]
        self.heads = {name: self._head(name) for name in names}

    def _head(self, name):
        stack = []
        for units in self.hidden:
            stack.append(layers.Dense(units, activation="relu", dtype=self.dtype_policy))
            stack.append(layers.Dropout(self.dropout, dtype=self.dtype_policy))
        stack.append(layers.Dense(self.classes, dtype=self.dtype_policy))
        return keras.Sequential(stack, name=f"{name}_head")

    def build(self, input_shape):
        """Make all weights for inputs of these shapes."""
        check_modalities(input_shape, self.modalities)
        shapes = {}
        for name in self.modalities:
            _build_once(self.encoders[name], input_shape[name])
            shapes[name] = tuple(self.encoders[name].compute_output_shape(input_shape[name]))
        if self.fusion.level == "decision":
            for name in self.modalities:
                self.heads[name].build(shapes[name])
            _build_once(self.fusion, {name: (None, self.classes) for name in self.modalities})
        else:
            _build_once(self.fusion, shapes)
            self.heads["fused"].build(self.fusion.compute_output_shape(shapes))
        self.built = True

    def call(self, inputs, training=None, presence=None):
        """Classify; ``presence`` as in the fusion layers, here for the raw inputs."""
        check_modalities(inputs, self.modalities)
        if presence is not None:
            inputs = hide_absent(inputs, split_presence(presence, self.modalities))
        vectors = {
            name: self.encoders[name](inputs[name], training=training) for name in self.modalities
        }
        if training and self.modality_dropout.rate:
            batch = ops.shape(vectors[self.modalities[0]])[0]
            everyone = ops.ones((batch, len(vectors)), dtype="bool")
            presence = self.modality_dropout(
                everyone if presence is None else presence, training=True
            )
        if self.fusion.level == "representation":
            fused = self.fusion(vectors, presence=presence)
            return self.heads["fused"](fused, training=training)
        votes = {name: self.heads[name](v, training=training) for name, v in vectors.items()}
        return ops.cast(self.fusion(votes, presence=presence), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        return (input_shape[self.modalities[0]][0], self.classes)

    def get_config(self):
        """Return the arguments, so that the model survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "encoders": {name: serialize(layer) for name, layer in self.encoders.items()},
            "fusion": serialize(self.fusion),
            "classes": self.classes,
            "hidden": self.hidden,
            "dropout": self.dropout,
            "modality_dropout": self.modality_dropout.rate,
        }

    @classmethod
    def from_config(cls, config):
        """Make the model again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        encoders = {name: restore(layer) for name, layer in config["encoders"].items()}
        return cls(**{**config, "encoders": encoders, "fusion": restore(config["fusion"])})
