"""Encoders, a fusion and a head, put together: one model for every way to fuse."""

import keras
from keras import layers, ops

from mmtutorial.fusion._base import check_modalities
from mmtutorial.fusion.layers import ConcatFusion, LateFusion, ModalityDropout, SumFusion

BY_NAME = {"concat": ConcatFusion, "late": LateFusion, "sum": SumFusion}


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
            fusion = BY_NAME[fusion]()
        if classes < 2:
            raise ValueError(f"classes must be at least 2, got {classes}")
        self.encoders, self.fusion = dict(encoders), fusion
        self.classes, self.hidden, self.dropout = classes, tuple(hidden), dropout
        self.modality_dropout = ModalityDropout(modality_dropout)
        names = self.modalities if fusion.level == "decision" else ["fused"]
        self.heads = {name: self._head(name) for name in names}

    def _head(self, name):
        stack = []
        for units in self.hidden:
            stack += [layers.Dense(units, activation="relu"), layers.Dropout(self.dropout)]
        return keras.Sequential([*stack, layers.Dense(self.classes)], name=f"{name}_head")

    def build(self, input_shape):
        """Make all weights for inputs of these shapes."""
        check_modalities(input_shape, self.modalities)
        shapes = {}
        for name in self.modalities:
            self.encoders[name].build(input_shape[name])
            shapes[name] = tuple(self.encoders[name].compute_output_shape(input_shape[name]))
        if self.fusion.level == "decision":
            for name in self.modalities:
                self.heads[name].build(shapes[name])
            self.fusion.build({name: (None, self.classes) for name in self.modalities})
        else:
            self.fusion.build(shapes)
            self.heads["fused"].build(self.fusion.compute_output_shape(shapes))
        self.built = True

    def call(self, inputs, training=None, presence=None):
        """Classify; ``presence`` as in the fusion layers."""
        check_modalities(inputs, self.modalities)
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
        return self.fusion(votes, presence=presence)

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
