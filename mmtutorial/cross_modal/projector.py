"""From what an image encoder returns to tokens that a decoder can read."""

import keras
from keras import layers, ops

from mmtutorial._checks import check_whole


@keras.saving.register_keras_serializable(package="mmtutorial")
class Projector(layers.Layer):
    """Turn an image into prefix tokens: a linear map, or a network with one hidden layer.

    A sequence keeps its length, each token is mapped by itself. A vector becomes ``tokens`` tokens.

    Parameters
    ----------
    units : size of a token, that of the decoder
    tokens : how many tokens a vector becomes
    hidden : size of a hidden layer, 0 for none

    ``(batch, dim)`` -> ``(batch, tokens, units)``; ``(batch, time, dim)`` -> ``(batch, time,
    units)``. Raises ``ValueError`` for another rank. Papers: Mokady et al. 2021, ClipCap: CLIP
    Prefix for Image Captioning (a vector); Liu et al. 2023, Visual Instruction Tuning (a sequence).

    >>> Projector(8, tokens=4)(ops.ones((2, 16))).shape
    TensorShape([2, 4, 8])
    """

    def __init__(self, units: int, *, tokens: int = 4, hidden: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.tokens = check_whole("tokens", tokens, least=1)
        self.hidden = check_whole("hidden", hidden, least=0)

    def build(self, input_shape):
        """Make the matrices for an image of this shape."""
        if len(input_shape) not in (2, 3):
            raise ValueError(
                f"image must be (batch, dim) or (batch, time, dim), got {tuple(input_shape)}; "
                "pictures need an encoder in front"
            )
        of_vector = len(input_shape) == 2
        sizes = [self.hidden] * bool(self.hidden)
        sizes.append(self.units * (self.tokens if of_vector else 1))
        policy = {"dtype": self.dtype_policy}
        self.maps = [layers.Dense(size, **policy) for size in sizes]
        for dense in self.maps:
            dense.build(input_shape)
            input_shape = (*input_shape[:-1], dense.units)

    def call(self, image):
        """Return the tokens, ``(batch, time, units)``."""
        first, *others = self.maps
        tokens = first(image)
        for dense in others:
            tokens = dense(ops.gelu(tokens))
        if len(image.shape) == 2:
            return ops.reshape(tokens, (-1, self.tokens, self.units))
        return tokens

    def compute_output_shape(self, input_shape):
        """Return ``(batch, time, units)``."""
        batch, *time, _ = input_shape
        return (batch, *(time or [self.tokens]), self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        sizes = {"units": self.units, "tokens": self.tokens, "hidden": self.hidden}
        return {**super().get_config(), **sizes}
