"""A log-mel spectrogram -> one vector, or a sequence of them. Padded frames change nothing."""

import keras
from keras import layers, ops

from mmtutorial.encoders._masks import check_mask, hide_padding


@keras.saving.register_keras_serializable(package="mmtutorial")
class AudioConvRNN(layers.Layer):
    """Look at a sound's picture through small windows, then read it forwards and backwards.

    Each band is standardised first, because log-mel numbers are far from 0 and from each other.
    Convolutions with steps of two then find patterns in time and pitch and shorten both; a
    bidirectional GRU reads what is left. Each of its halves ends with one state; side by side
    they stand for the sound. Convolution and batch normalization leave out what is padding.

    Parameters
    ----------
    units : size of the vector that comes out, half of it for each direction
    filters : patterns looked for by each convolution
    kernel_size : frames and bands that a pattern spans, odd
    time_strides : by how much each convolution shortens the time (bands always halve)
    dropout : share of the result set to 0 while training
    sequence : return the states at every step instead of the last ones

    ``(batch, frames, bands)`` of floats -> ``(batch, units)``, or with ``sequence`` ``(batch,
    output_length(frames), units)`` and a Keras mask. Padding stands at the end of a row, and is
    what the argument ``mask``, boolean ``(batch, frames)``, calls False. Without a mask it is each
    frame that holds nothing but zeros, so pad spectrograms with zeros, after `log_mel` (where
    silence is -13.8, not 0). A row of padding alone gives zeros. Raises ``ValueError`` for odd
    ``units``, an even kernel, or an array of another shape.
    Papers: Graves, Mohamed and Hinton 2013, Speech Recognition with Deep Recurrent Neural
    Networks; Amodei et al. 2016, Deep Speech 2.

    >>> AudioConvRNN(16, filters=(4, 4))(ops.ones((2, 50, 64))).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        units=128,
        *,
        filters=(32, 32),
        kernel_size=3,
        time_strides=(2, 2),
        dropout=0.0,
        sequence=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 2 or units % 2:
            raise ValueError(f"units must be even, half for each direction, got {units}")
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        if not filters or len(filters) != len(time_strides) or min(*filters, *time_strides) < 1:
            raise ValueError(
                "filters and time_strides must be positive, one of each for every convolution; "
                f"got {filters} and {time_strides}"
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in 0..1 (1 excluded), got {dropout}")
        self.units, self.filters, self.kernel_size = units, tuple(filters), kernel_size
        self.time_strides, self.dropout, self.sequence = tuple(time_strides), dropout, sequence
        policy = {"dtype": self.dtype_policy}
        self.standardise = layers.BatchNormalization(
            center=False, scale=False, momentum=0.9, **policy
        )
        self.convolutions = [
            layers.Conv2D(count, kernel_size, strides=(stride, 2), use_bias=False, **policy)
            for count, stride in zip(self.filters, self.time_strides, strict=True)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.9, **policy) for _ in filters]
        self.rnn = layers.Bidirectional(
            layers.GRU(units // 2, return_sequences=sequence, **policy), **policy
        )
        self.drop = layers.Dropout(dropout, **policy)

    def output_length(self, frames):
        """Return how many steps come out of so many frames: int, or array of int.

        >>> AudioConvRNN().output_length(299)
        75
        """
        for stride in self.time_strides:
            frames = (frames + stride - 1) // stride
        return frames

    def build(self, input_shape):
        """Make the weights for spectrograms of so many bands."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"spectrograms must have shape (batch, frames, bands), got {input_shape}"
            )
        self.bands = input_shape[-1]
        self.standardise.build(input_shape)
        bands, channels = input_shape[-1], 1
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            convolution.build((None, None, None, channels))
            bands, channels = (bands + 1) // 2, convolution.filters
            norm.build((None, None, None, channels))
        self.rnn.build((None, None, bands * channels))

    def call(self, spectrograms, mask=None, training=None):
        """Encode ``(batch, frames, bands)`` as ``(batch, units)``, or a sequence of them."""
        if len(spectrograms.shape) != 3 or spectrograms.shape[-1] != self.bands:
            raise ValueError(
                f"spectrograms must have shape (batch, frames, {self.bands}), "
                f"got {tuple(spectrograms.shape)}"
            )
        real = self._find_real(spectrograms, mask)
        maps = self.standardise(spectrograms, training=training, mask=real)
        maps = hide_padding(maps, real)[..., None]
        for convolution, norm, stride in zip(
            self.convolutions, self.norms, self.time_strides, strict=True
        ):
            maps, real = self._convolve(maps, real, convolution, norm, stride, training)
        steps = ops.reshape(maps, (-1, ops.shape(maps)[1], maps.shape[2] * maps.shape[3]))
        states = self.rnn(steps, mask=real)
        if self.sequence:
            states = hide_padding(states, real)
        return self.drop(states, training=training)

    def _find_real(self, spectrograms, mask):
        if mask is None:
            return ops.any(ops.not_equal(spectrograms, 0), axis=-1)
        return check_mask(mask, spectrograms, "frames")

    def _convolve(self, maps, real, convolution, norm, stride, training):
        """Return the next maps ``(batch, time, bands, filters)`` and which of their times are real.

        A border of half a kernel on all sides keeps the windows in their places: with
        ``padding="same"`` they would shift with the number of padded frames.
        """
        border = (self.kernel_size // 2,) * 2
        maps = convolution(ops.pad(maps, ((0, 0), border, border, (0, 0))))
        real = real[:, ::stride]
        everywhere = ops.broadcast_to(real[:, :, None], ops.shape(maps)[:-1])
        maps = norm(maps, training=training, mask=everywhere)
        return hide_padding(ops.relu(maps), real), real

    def compute_mask(self, spectrograms, mask=None):
        """Tell the layers behind which steps are real, if there are steps."""
        if not self.sequence:
            return None
        real = self._find_real(spectrograms, mask)
        for stride in self.time_strides:
            real = real[:, ::stride]
        return real

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``, or ``(batch, time, units)`` of a sequence."""
        batch, frames = input_shape[:2]
        if not self.sequence:
            return (batch, self.units)
        return (batch, None if frames is None else self.output_length(frames), self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("units", "filters", "kernel_size", "time_strides", "dropout", "sequence")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
