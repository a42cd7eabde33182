"""An image -> one vector."""

import keras
from keras import layers

POOLING = ("average", "flatten")


@keras.saving.register_keras_serializable(package="mmtutorial")
class ImageCNN(layers.Layer):
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

    ``(batch, height, width, channels)`` of floats in 0..1 -> ``(batch, units)``. Raises
    ``ValueError`` if the image is smaller than ``2 ** len(filters)`` pixels.
    Papers: LeCun et al. 1998; Ioffe and Szegedy 2015, Batch Normalization.

    >>> ImageCNN(16, filters=(8, 8))(keras.ops.ones((2, 32, 32, 3))).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        units=128,
        *,
        filters=(32, 64, 128),
        kernel_size=3,
        pooling="average",
        batch_norm=True,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if pooling not in POOLING:
            raise ValueError(f"pooling must be one of {POOLING}, got {pooling!r}")
        if not filters or units < 1:
            raise ValueError(f"units and filters must be positive, got {units} and {filters}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in 0..1 (1 excluded), got {dropout}")
        self.units, self.filters, self.kernel_size = units, tuple(filters), kernel_size
        self.pooling, self.batch_norm, self.dropout = pooling, batch_norm, dropout
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
        if len(input_shape) != 4:
            raise ValueError(
                f"images must have shape (batch, height, width, channels), got {input_shape}"
            )
        smallest = 2 ** len(self.filters)
        if min(side or smallest for side in input_shape[1:3]) < smallest:
            raise ValueError(
                f"images must be at least {smallest} pixels wide and high for "
                f"{len(self.filters)} stages, got {input_shape}"
            )
        shape = tuple(input_shape)
        for layer in self.stages:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.dense.build(self.pool.compute_output_shape(shape))

    def call(self, images, training=None):
        """Encode ``(batch, height, width, channels)`` as ``(batch, units)``."""
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
