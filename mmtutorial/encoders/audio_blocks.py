"""More layers between convolutions and GRU: blocks that look over a stretch of time, and add."""

import keras
from keras import layers

from mmtutorial._checks import check_whole
from mmtutorial.encoders._masks import apply_mask
from mmtutorial.encoders.audio import AudioConvRNN


@keras.saving.register_keras_serializable(package="mmtutorial")
class AudioSeparableRNN(AudioConvRNN):
    """Look longer before you read: residual blocks between the convolutions and the GRU.

    What the convolutions find in one step becomes ``width`` numbers. Each block looks at each of
    them over ``block_kernel`` steps (a depthwise convolution), mixes them step by step in a network
    of one hidden layer, and adds the result to what came in. So many layers cost less than one
    convolution that does both at once.

    Parameters
    ----------
    units : size of the vector that comes out, half of it for each direction of the GRU
    width : numbers in each step of the blocks
    blocks : how many there are
    block_kernel : steps that each looks over, odd
    kwargs : the options of `AudioConvRNN`; ``dropout`` also stands behind each block

    Shapes, masks and errors are those of `AudioConvRNN`; ``ValueError`` as well for an even
    ``block_kernel``. Papers: Kriman et al. 2020, QuartzNet: Deep Automatic Speech Recognition with
    1D Time-Channel Separable Convolutions; Liu et al. 2022, A ConvNet for the 2020s (the order of
    the layers of a block).

    >>> from keras import ops
    >>> encoder = AudioSeparableRNN(16, width=8, blocks=2, filters=(4, 4), sequence=True)
    >>> encoder(ops.ones((2, 50, 64))).shape
    TensorShape([2, 13, 16])
    """

    def __init__(
        self,
        units: int = 256,
        *,
        width: int = 160,
        blocks: int = 4,
        block_kernel: int = 9,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.width = check_whole("width", width, least=1)
        self.block_kernel = check_whole("block_kernel", block_kernel, least=1)
        if block_kernel % 2 == 0:
            raise ValueError(f"block_kernel must be odd, got {block_kernel}")
        policy = {"dtype": self.dtype_policy}
        self.project = layers.Dense(width, **policy)
        self.blocks = [
            _Block(width, block_kernel, self.dropout, **policy)
            for _ in range(check_whole("blocks", blocks, least=0))
        ]
        self.last_norm = layers.LayerNormalization(**policy)

    def _build_steps(self, size):
        """Make the weights of the blocks."""
        self.project.build((None, None, size))
        for layer in (*self.blocks, self.last_norm):
            layer.build((None, None, self.width))
        return self.width

    def _call_steps(self, steps, mask, training):
        """Return ``(batch, time, width)``; what is padding stays out of every look."""
        steps = self.project(steps)
        for block in self.blocks:
            steps = block(steps, mask=mask, training=training)
        return apply_mask(self.last_norm(steps), mask)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        mine = {"width": self.width, "block_kernel": self.block_kernel}
        return {**super().get_config(), **mine, "blocks": len(self.blocks)}


class _Block(layers.Layer):
    """Look over time, mix, and add to what came in, ``(batch, time, width)``."""

    def __init__(self, width, kernel_size, dropout, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        policy = {"dtype": self.dtype_policy}
        self.norm = layers.LayerNormalization(**policy)
        self.look = layers.DepthwiseConv1D(kernel_size, padding="same", **policy)
        self.expand = layers.Dense(2 * width, activation="silu", **policy)
        self.shrink = layers.Dense(width, **policy)
        self.drop = layers.Dropout(dropout, **policy)

    def build(self, input_shape):
        """Make the weights."""
        for layer in (self.norm, self.look, self.expand, self.drop):
            layer.build(input_shape)
        self.shrink.build((*input_shape[:-1], self.expand.units))

    def call(self, steps, mask=None, training=None):
        """Return what came in and the change."""
        seen = self.look(apply_mask(self.norm(steps), mask))
        return steps + self.drop(self.shrink(self.expand(seen)), training=training)
