"""An image -> tokens, one for each part of a grid."""

from collections.abc import Sequence

import keras
from keras import layers, ops

from mmtutorial._checks import check_sizes, check_whole
from mmtutorial.encoders._base import (
    Encoder,
    check_channels_last,
    check_fit,
    check_pictures,
    check_pictures_type,
)


@keras.saving.register_keras_serializable(package="mmtutorial")
class GridCNN(Encoder):
    """What is where in the picture? A small convolutional network that keeps a token per place.

    Every stage is a convolution that takes each second pixel, batch normalization and ReLU; it
    halves the picture, and costs a fraction of `ImageCNN`'s stages. Trained on pictures of one
    thing, with the average of its tokens, it makes tokens of pictures of many: it does not mind
    how large they are.

    Parameters
    ----------
    filters : patterns looked for at each stage; a token has as many numbers as the last
    kernel_size : width of a pattern at the first stage, pixels; 3 at the others
    pool : average over so many places, down and across, at the end

    ``(batch, height, width, channels)`` of floats in 0..1 -> ``(batch, rows * columns,
    filters[-1])``, row by row, of ``height / (2 ** len(filters) * pool)`` rows. Raises
    ``ValueError`` for bytes, floats far out of that range (where values can be seen), and pictures
    that the grid does not divide. Paper: Jiang et al. 2020, In Defense of Grid Features for Visual
    Question Answering.

    >>> GridCNN((8, 16), pool=2)(ops.ones((2, 32, 32, 3))).shape
    TensorShape([2, 16, 16])
    """

    def __init__(
        self,
        filters: Sequence[int] = (24, 48, 96, 128),
        *,
        kernel_size: int = 5,
        pool: int = 1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = check_sizes("filters", filters, least_count=1)
        self.kernel_size = check_whole("kernel_size", kernel_size, least=1)
        self.pool = check_whole("pool", pool, least=1)
        sizes = [self.kernel_size, *[3] * (len(self.filters) - 1)]
        policy = {"dtype": self.dtype_policy}
        self.convolutions = [
            layers.Conv2D(count, size, strides=2, padding="same", use_bias=False, **policy)
            for count, size in zip(self.filters, sizes, strict=True)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.95, **policy) for _ in self.filters]

    def build(self, input_shape):
        """Make the weights for images of this shape."""
        self.check_shape(tuple(input_shape))
        shape = self.first_shape = tuple(input_shape)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            norm.build(shape)

    def check_type(self, images):
        """Refuse bytes."""
        check_pictures_type("images", images)

    def check_shape(self, shape):
        """Refuse what is no picture, or is not divided by the grid."""
        if len(shape) != 4:
            raise ValueError(
                f"images must have shape (batch, height, width, channels), got {shape}"
            )
        check_channels_last("images", shape)
        step = 2 ** len(self.filters) * self.pool
        if any(side is not None and (side < step or side % step) for side in shape[1:3]):
            raise ValueError(
                f"images must be multiples of {step} pixels wide and high, got {shape}"
            )
        if self.built:
            check_fit("images", shape, self.first_shape, (3,))

    def check_values(self, images):
        """Refuse floats far out of 0..1."""
        check_pictures("images", images)

    def call(self, images, training=None):
        """Return the tokens, ``(batch, rows * columns, filters[-1])``."""
        self.check_values(images)
        maps = images
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            maps = ops.relu(norm(convolution(maps), training=training))
        if self.pool > 1:
            maps = ops.average_pool(maps, self.pool)
        return ops.reshape(maps, (ops.shape(maps)[0], -1, self.filters[-1]))

    def compute_output_shape(self, input_shape):
        """Return ``(batch, rows * columns, filters[-1])``."""
        step = 2 ** len(self.filters) * self.pool
        height, width = (None if side is None else side // step for side in input_shape[1:3])
        places = None if None in (height, width) else height * width
        return (input_shape[0], places, self.filters[-1])

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("filters", "kernel_size", "pool")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
