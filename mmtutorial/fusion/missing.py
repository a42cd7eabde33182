"""What helps when a modality may be missing: hide some while training, let a token stand in."""

import keras
from keras import layers, ops

from mmtutorial.fusion._base import check_modalities, check_share, find_mask, split_presence


@keras.saving.register_keras_serializable(package="mmtutorial")
class ModalityDropout(layers.Layer):
    """While training, make whole modalities vanish, so that no other learns to lean on them.

    Parameters
    ----------
    rate : how often a modality is drawn to vanish, in 0..1. A draw that would drop all drops
        none, so of M modalities each vanishes with probability rate - rate^M: with two and a
        rate of 0.3, in 0.21 of the rows
    seed : int or None

    Takes a boolean ``presence``, ``(batch, modalities)``, and returns one; outside training it
    returns the same. Paper: Neverova et al. 2016, ModDrop.

    >>> ModalityDropout(0.5)(keras.ops.ones((1, 2), "bool")).numpy()
    array([[ True,  True]])
    """

    def __init__(self, rate=0.2, *, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = check_share("rate", rate), seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, presence, training=None):
        """Drop modalities at random; where that would drop all, drop none."""
        presence = ops.cast(presence, "bool")
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
class MissingTokens(layers.Layer):
    """Let a learnt vector stand in for each modality that is absent.

    Zeros say nothing, but a network may take them for a value; a vector of its own can mean
    "missing", or what is usual. It starts at zero and is trained where something is absent: by
    samples that lack a modality, or by `ModalityDropout`.

    ``{modality: (batch, dim) or (batch, time, dim)}`` and ``presence`` ``(batch, modalities)`` ->
    a dict of the same shapes, in which nothing is absent any more. In a sequence each step
    becomes the vector; `masks` leaves one of them. Raises ``ValueError`` for a missing or
    unexpected modality. It has one weight for each number of each modality.
    Paper: Ma et al. 2022, Are Multimodal Transformers Robust to Missing Modality? (the problem);
    Devlin et al. 2019, BERT (a learnt token that stands for what is hidden).

    >>> layer = MissingTokens()
    >>> layer({"text": ops.ones((1, 2))}, presence=[[False]])["text"].numpy()
    array([[0., 0.]], dtype=float32)
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        """Make one vector a modality."""
        self.modalities = check_modalities(input_shape)
        self.vectors = [
            self.add_weight(shape=(input_shape[name][-1],), initializer="zeros", name=name)
            for name in self.modalities
        ]

    def call(self, inputs, presence=None):
        """Return the inputs, the learnt vectors in place of what is absent."""
        check_modalities(inputs, self.modalities)
        if presence is None:
            return inputs
        present = split_presence(presence, self.modalities)
        filled = {}
        for name, vector in zip(self.modalities, self.vectors, strict=True):
            here = present[name] if len(inputs[name].shape) == 2 else present[name][..., None]
            array = ops.cast(inputs[name], self.compute_dtype)
            filled[name] = ops.where(here, array, ops.cast(vector, self.compute_dtype))
        return filled

    def masks(self, inputs, presence, mask=None):
        """Return the masks that go with the result: of what is absent the first step is real."""
        present, masks = split_presence(presence, self.modalities), {}
        for name, array in inputs.items():
            if len(array.shape) == 3:
                steps = ops.ones_like(array[..., 0], dtype="bool")
                first = ops.equal(ops.cumsum(ops.cast(steps, "int32"), axis=1), 1)
                given = find_mask(array, (mask or {}).get(name))
                real = steps if given is None else ops.cast(given, "bool")
                masks[name] = ops.where(present[name], real, first)
        return masks

    def compute_mask(self, inputs, previous_mask=None):
        """Tell Keras nothing: who is absent is known to `masks` alone."""

    def compute_output_shape(self, input_shape):
        """Return the same shapes."""
        return input_shape
