"""What helps when a modality may be missing: modality dropout, and learnt missing tokens."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_share, check_whole
from mmtutorial.encoders._base import to_array, to_booleans
from mmtutorial.encoders._masks import check_mask
from mmtutorial.fusion._inputs import (
    ModalityLayer,
    check_masks,
    check_modalities,
    check_rows,
    check_shape,
    find_mask,
    layer_names,
    split_presence,
    stack_presence,
    to_arrays,
)


@keras.saving.register_keras_serializable(package="mmtutorial")
class ModalityDropout(layers.Layer):
    """Set whole modalities to absent at random in training, so that no other depends on them.

    Parameters
    ----------
    rate : how often a modality is drawn to be dropped, in 0..1. A draw that would drop all drops
        none, so of M modalities each is dropped with probability rate - rate^M: with two and a
        rate of 0.3, in 0.21 of the rows
    seed : int or None

    Takes a boolean ``presence``, ``(batch, modalities)`` or ``(batch,)`` by modality, and returns
    ``(batch, modalities)``; outside training nothing is dropped.
    Paper: Neverova et al. 2016, ModDrop.

    >>> ModalityDropout(0.5)(keras.ops.ones((1, 2), "bool")).numpy()
    array([[ True,  True]])
    """

    def __init__(self, rate: float = 0.2, *, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.rate = check_share("rate", rate)
        self.seed = seed if seed is None else check_whole("seed", seed, least=0, most=2**32 - 1)
        self.generator = keras.random.SeedGenerator(seed)

    def __call__(self, presence, *args, **kwargs):
        """Turn lists into an array before Keras does."""
        if isinstance(presence, dict):
            presence = stack_presence(presence, check_modalities(presence, name="presence"))
        presence = to_array("presence", presence)
        if len(presence.shape) != 2 or presence.shape[1] == 0:
            raise ValueError(
                f"presence must have shape (batch, modalities), got {tuple(presence.shape)}"
            )
        return super().__call__(presence, *args, **kwargs)

    def call(self, presence, training=None):
        """Drop modalities at random; where that would drop all, drop none."""
        presence = to_booleans("presence", presence)
        if not training or not self.rate:
            return presence
        drawn = keras.random.uniform(ops.shape(presence), seed=self.generator) >= self.rate
        kept = ops.logical_and(presence, drawn)
        return ops.where(ops.any(kept, axis=-1, keepdims=True), kept, presence)

    def compute_output_shape(self, input_shape):
        """Return the same shape."""
        return input_shape

    def compute_output_spec(self, presence, training=None):
        """Tell Keras that booleans come out."""
        return keras.KerasTensor(presence.shape, dtype="bool")

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="mmtutorial")
class MissingTokens(ModalityLayer):
    """Put a learnt vector in place of each modality that is absent.

    Zeros say nothing, but a network may take them for a value; a vector of its own can mean
    "missing", or what is usual. It starts at zero and is trained where something is absent: by
    samples that lack a modality, or by `ModalityDropout`.

    ``{modality: (batch, dim) or (batch, time, dim)}`` and ``presence``, a dict of ``(batch,)`` or
    ``(batch, modalities)`` in the order of the sorted names -> a dict of the same shapes, in which
    nothing is absent any more. In a sequence each step becomes the vector; `masks` leaves one of
    them. Raises ``ValueError`` for a missing or unexpected modality. It has one weight for each
    number of each modality.
    Paper: Ma et al. 2022, Are Multimodal Transformers Robust to Missing Modality? (the problem);
    Devlin et al. 2019, BERT (a learnt token that stands for what is hidden).

    >>> layer = MissingTokens()
    >>> layer({"text": ops.ones((1, 2))}, presence={"text": [False]})["text"].numpy()
    array([[0., 0.]], dtype=float32)
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        """Make one vector per modality."""
        self.modalities = check_modalities(input_shape)
        names = layer_names(self.modalities)
        for name in self.modalities:
            check_shape(name, tuple(input_shape[name]))
        self.vectors = [
            self.add_weight(shape=(input_shape[name][-1],), initializer="zeros", name=names[name])
            for name in self.modalities
        ]

    def call(self, inputs, presence=None):
        """Return the inputs, the learnt vectors in place of what is absent."""
        self._check_shapes(inputs)
        if presence is None:
            return inputs
        present = self._split(presence, inputs)
        filled = {}
        for name, vector in zip(self.modalities, self.vectors, strict=True):
            array = ops.cast(inputs[name], self.compute_dtype)
            column = present[name] if len(array.shape) == 2 else present[name][..., None]
            filled[name] = ops.where(column, array, ops.cast(vector, self.compute_dtype))
        return filled

    def _check_shapes(self, inputs):
        check_modalities(inputs, self.modalities)
        for name, vector in zip(self.modalities, self.vectors, strict=True):
            check_shape(name, tuple(inputs[name].shape), vector.shape[0])

    def _split(self, presence, inputs):
        """Return the presence by name; it has as many rows as the inputs."""
        present = split_presence(presence, self.modalities)
        check_rows({**inputs, **{f"presence of {name}": row for name, row in present.items()}})
        return present

    def masks(
        self, inputs: Mapping[str, Any], presence: Any, mask: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the masks that go with the result: of what is absent the first step is real."""
        inputs = to_arrays(inputs, self.modalities)
        self._check_shapes(inputs)
        present, masks = self._split(presence, inputs), {}
        mask = check_masks(mask, self.modalities)
        for name, array in inputs.items():
            if len(array.shape) == 3:
                steps = ops.ones_like(array[..., 0], dtype="bool")
                first = ops.equal(ops.cumsum(ops.cast(steps, "int32"), axis=1), 1)
                given = find_mask(array, mask.get(name))
                given = steps if given is None else check_mask(given, array, "time")
                masks[name] = ops.where(present[name], given, first)
        return masks

    def compute_mask(self, inputs, previous_mask=None):
        """Tell Keras nothing: what is absent is known to `masks` alone."""

    def compute_output_shape(self, input_shape):
        """Return the same shapes."""
        return input_shape
