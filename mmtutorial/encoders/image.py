"""An image -> one vector."""

from collections.abc import Sequence

import keras
from keras import layers

from mmtutorial._checks import check_choice, check_flag, check_share, check_sizes, check_whole
from mmtutorial.encoders._base import (
    Encoder,
    check_channels_last,
    check_fit,
    check_pictures,
    check_pictures_type,
)

POOLING = ("average", "flatten")


@keras.saving.register_keras_serializable(package="mmtutorial")
class ImageCNN(Encoder):
    """A small convolutional network: look for patterns, shrink, look for patterns of patterns.

    Every stage is a convolution, batch normalization, ReLU and 2x2 max pooling; the last map is
    averaged over the picture, so that the number of weights does not depend on its size.

    Parameters
    ----------
    units : size of the vector that comes out
    filters : patterns looked for at each stage
    kernel_size : width of a pattern, pixels
    pooling : ``"average"`` over the picture, or ``"flatten"``: keep every position (many weights)
    batch_norm : normalise each stage over the batch
    dropout : share of the pooled numbers set to 0 while training

    ``(batch, height, width, channels)`` of floats in 0..1, any number of channels, last ->
    ``(batch, units)``. Standardised pictures may leave 0..1. Raises ``ValueError`` for bytes, for
    floats far out of that range (where values can be seen: not inside a compiled graph), for an
    image smaller than ``2 ** len(filters)`` pixels, or of another shape than the first.
    Papers: LeCun et al. 1998; Ioffe and Szegedy 2015, Batch Normalization.

    >>> ImageCNN(16, filters=(8, 8))(keras.ops.ones((2, 32, 32, 3))).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        units: int = 128,
        *,
        filters: Sequence[int] = (32, 64, 128),
        kernel_size: int = 3,
        pooling: str = "average",
        batch_norm: bool = True,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.filters = check_sizes("filters", filters, least_count=1)
        self.kernel_size = check_whole("kernel_size", kernel_size, least=1)
        self.pooling = check_choice("pooling", pooling, POOLING)
        self.batch_norm = check_flag("batch_norm", batch_norm)
        self.dropout = check_share("dropout", dropout)
        self.stages = [layer for count in self.filters for layer in self._stage(count)]
        self.pool = (
            layers.GlobalAveragePooling2D(dtype=self.dtype_policy)
            if pooling == "average"
            else layers.Flatten(dtype=self.dtype_policy)
        )
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)
        self.dense = layers.Dense(units, activation="relu", dtype=self.dtype_policy)

    def _stage(self, count):
        policy = {"dtype": self.dtype_policy}
        yield layers.Conv2D(
            count, self.kernel_size, padding="same", use_bias=not self.batch_norm, **policy
        )
        if self.batch_norm:
            yield layers.BatchNormalization(momentum=0.9, **policy)  # short runs
        yield layers.ReLU(**policy)
        yield layers.MaxPooling2D(2, **policy)

    def build(self, input_shape):
        """Make the weights for images of this shape."""
        self.check_shape(tuple(input_shape))
        shape = self.first_shape = tuple(input_shape)
        for layer in self.stages:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.pool.build(shape)
        shape = self.pool.compute_output_shape(shape)
        self.drop.build(shape)
        self.dense.build(shape)

    def check_type(self, images):
        """Refuse bytes."""
        check_pictures_type("images", images)

    def check_shape(self, shape):
        """Refuse what is no picture, too small, or of another shape than the first."""
        if len(shape) != 4:
            raise ValueError(
                f"images must have shape (batch, height, width, channels), got {shape}"
            )
        check_channels_last("images", shape)
        smallest = 2 ** len(self.filters)
        if min(smallest if side is None else side for side in shape[1:3]) < smallest:
            raise ValueError(
                f"images must be at least {smallest} pixels wide and high for "
                f"{len(self.filters)} stages, got {shape}"
            )
        if self.built:
            axes = (1, 2, 3) if self.pooling == "flatten" else (3,)
            check_fit("images", shape, self.first_shape, axes)

    def check_values(self, images):
        """Refuse floats far out of 0..1."""
        check_pictures("images", images)

    def call(self, images, training=None):
        """Encode ``(batch, height, width, channels)`` as ``(batch, units)``."""
        self.check_values(images)
        maps = images
        for layer in self.stages:
            if isinstance(layer, layers.BatchNormalization):
                maps = layer(maps, training=training)
            else:
                maps = layer(maps)
        return self.dense(self.drop(self.pool(maps), training=training))

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (input_shape[0], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("units", "filters", "kernel_size", "pooling", "batch_norm", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
