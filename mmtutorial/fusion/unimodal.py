"""One modality alone: the baseline of every fusion."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial.encoders._base import check_layer
from mmtutorial.fusion._inputs import check_modalities
from mmtutorial.fusion.classifier import RepresentationClassifier

INPUT = "input"  # the modality of an encoder that comes without a name


@keras.saving.register_keras_serializable(package="mmtutorial")
class UnimodalClassifier(RepresentationClassifier):
    """Encode one modality, and tell the class: what a fusion has to beat.

    It is a `FusionClassifier` that concatenates one vector with nothing.

    Parameters
    ----------
    encoder : a layer, ``(batch, ...) -> (batch, dim)`` or ``(batch, time, dim)``, or a dict of one
        layer by the name of its modality, such as ``{"image": encoder}``
    classes : number of classes
    hidden : sizes of dense layers with ReLU in the head
    dropout : share of each hidden layer set to 0 while training
    missing : what stands in for an absent modality: ``"zeros"``, or a ``"learnt"`` vector

    ``{modality: array}`` -> logits ``(batch, classes)``; an array, if the encoder came without a
    name. Raises ``ValueError`` for encoders of several modalities, and as `FusionClassifier` does.

    >>> model = UnimodalClassifier(layers.Flatten(), 3)
    >>> model(ops.ones((2, 8, 8))).shape
    TensorShape([2, 3])
    >>> UnimodalClassifier({"image": layers.Flatten()}, 3)({"image": ops.ones((2, 8, 8))}).shape
    TensorShape([2, 3])
    """

    def __init__(
        self,
        encoder: layers.Layer | Mapping[str, layers.Layer],
        classes: int,
        *,
        hidden: Sequence[int] = (),
        dropout: float = 0.0,
        missing: str = "zeros",
        **kwargs,
    ):
        if not isinstance(encoder, dict):
            encoders = {INPUT: check_layer("encoder", encoder)}
        elif len(check_modalities(encoder, name="encoder", of="layers")) > 1:
            raise ValueError(f"encoder must be that of one modality, got {sorted(encoder)}")
        else:
            encoders = {name: check_layer(f"encoder[{name!r}]", encoder[name]) for name in encoder}
        options = {"hidden": hidden, "dropout": dropout, "missing": missing}
        super().__init__(encoders, "concat", classes, **options, **kwargs)

    def _name(self, inputs):
        """Return a dict of what comes without the name of its modality."""
        return {INPUT: inputs} if self.modalities == [INPUT] else inputs

    def _to_arrays(self, inputs, presence=None):
        named = isinstance(inputs, dict)
        return super()._to_arrays(inputs if named else self._name(inputs), presence)

    def _look_at(self, inputs):
        array = isinstance(inputs, (np.ndarray, list)) or ops.is_tensor(inputs)
        return super()._look_at(self._name(inputs) if array else inputs)

    def build(self, input_shape):
        """Make all weights for inputs of this shape."""
        super().build(input_shape if isinstance(input_shape, dict) else self._name(input_shape))

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        named = isinstance(input_shape, dict)
        return super().compute_output_shape(input_shape if named else self._name(input_shape))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        config = super().get_config()
        for name in ("fusion", "modality_dropout", "auxiliary"):
            del config[name]
        encoders = config.pop("encoders")
        return {**config, "encoder": encoders.get(INPUT, encoders)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "UnimodalClassifier":
        """Make the model again from what `get_config` returned."""
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})
