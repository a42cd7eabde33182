"""A log-mel spectrogram -> one vector, or a sequence of them. Padded frames change nothing."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_array, check_flag, check_share, check_sizes, check_whole
from mmtutorial.encoders._base import Encoder
from mmtutorial.encoders._masks import apply_mask, check_mask


@keras.saving.register_keras_serializable(package="mmtutorial")
class AudioConvRNN(Encoder):
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
    ``units``, an even kernel, whole numbers, no frame at all, or an array of another shape.
    Papers: Graves, Mohamed and Hinton 2013, Speech Recognition with Deep Recurrent Neural
    Networks; Amodei et al. 2016, Deep Speech 2.

    >>> AudioConvRNN(16, filters=(4, 4))(ops.ones((2, 50, 64))).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        units: int = 128,
        *,
        filters: Sequence[int] = (32, 32),
        kernel_size: int = 3,
        time_strides: Sequence[int] = (2, 2),
        dropout: float = 0.0,
        sequence: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=2)
        if units % 2:
            raise ValueError(f"units must be even, half for each direction, got {units}")
        self.kernel_size = check_whole("kernel_size", kernel_size, least=1)
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        self.filters = check_sizes("filters", filters, least_count=1)
        self.time_strides = check_sizes("time_strides", time_strides)
        if len(self.filters) != len(self.time_strides):
            raise ValueError(
                "filters and time_strides must hold one number for every convolution; "
                f"got {filters} and {time_strides}"
            )
        self.dropout = check_share("dropout", dropout)
        self.sequence = check_flag("sequence", sequence)
        policy = {"dtype": self.dtype_policy}
        self.standardise = layers.BatchNormalization(
            center=False, scale=False, momentum=0.9, **policy
        )
        self.convolutions = [
            layers.Conv2D(count, kernel_size, strides=(stride, 2), use_bias=False, **policy)
            for count, stride in zip(self.filters, self.time_strides, strict=True)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.9, **policy) for _ in self.filters]
        self.rnn = layers.Bidirectional(
            layers.GRU(units // 2, return_sequences=sequence, **policy), **policy
        )
        self.drop = layers.Dropout(dropout, **policy)

    def output_length(self, frames: int | np.ndarray) -> int | np.ndarray:
        """Return how many steps come out of so many frames: int, or array of int.

        >>> AudioConvRNN().output_length(299)
        75
        """
        if isinstance(frames, np.ndarray):
            frames = check_array("frames", frames, kinds="iu")
            if frames.size:
                check_whole("frames", frames.min(), least=0)
        else:
            check_whole("frames", frames, least=0)
        for stride in self.time_strides:
            frames = (frames + stride - 1) // stride
        return frames

    def build(self, input_shape):
        """Make the weights for spectrograms of so many bands."""
        self.check_shape(tuple(input_shape))
        self.bands = input_shape[-1]
        self.standardise.build(input_shape)
        bands, channels = input_shape[-1], 1
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            convolution.build((None, None, None, channels))
            bands, channels = (bands + 1) // 2, convolution.filters
            norm.build((None, None, None, channels))
        self.rnn.build((None, None, self._build_steps(bands * channels)))
        self.drop.build((None, None, self.units))

    def _build_steps(self, size):
        """Make what stands between convolutions and GRU; return the size of what comes out."""
        return size

    def check_type(self, spectrograms):
        """Refuse whole numbers: log-mel numbers are floats."""
        dtype = keras.backend.standardize_dtype(spectrograms.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"spectrograms must hold floats, such as log_mel gives; got {dtype}")

    def check_shape(self, shape):
        """Refuse what is no spectrogram, has no frame, or other bands than the first."""
        bands = self.bands if self.built else "bands"
        wrong = len(shape) != 3 or shape[-1] is None or (self.built and shape[-1] != bands)
        if wrong:
            raise ValueError(f"spectrograms must have shape (batch, frames, {bands}), got {shape}")
        if shape[1] == 0:
            raise ValueError(f"spectrograms must hold at least one frame, got shape {shape}")

    def call(self, spectrograms, mask=None, training=None):
        """Encode ``(batch, frames, bands)`` as ``(batch, units)``, or a sequence of them."""
        mask = self._frame_mask(spectrograms, mask)
        maps = self.standardise(spectrograms, training=training, mask=mask)
        maps = apply_mask(maps, mask)[..., None]
        for convolution, norm, stride in zip(
            self.convolutions, self.norms, self.time_strides, strict=True
        ):
            maps, mask = self._convolve(maps, mask, convolution, norm, stride, training)
        steps = ops.reshape(maps, (-1, ops.shape(maps)[1], maps.shape[2] * maps.shape[3]))
        states = self.rnn(self._call_steps(steps, mask, training), mask=mask)
        if self.sequence:
            states = apply_mask(states, mask)
        return self.drop(states, training=training)

    def _call_steps(self, steps, mask, training):
        """Return what the GRU reads: here, what the convolutions found."""
        return steps

    def _frame_mask(self, spectrograms, mask):
        if mask is None:
            return ops.any(ops.not_equal(spectrograms, 0), axis=-1)
        return check_mask(mask, spectrograms, "frames")

    def _convolve(self, maps, mask, convolution, norm, stride, training):
        """Return the next maps ``(batch, time, bands, filters)`` and the mask of their steps.

        A border of half a kernel on all sides keeps the windows in their places: with
        ``padding="same"`` they would shift with the number of padded frames.
        """
        border = (self.kernel_size // 2,) * 2
        maps = convolution(ops.pad(maps, ((0, 0), border, border, (0, 0))))
        mask = mask[:, ::stride]
        everywhere = ops.broadcast_to(mask[:, :, None], ops.shape(maps)[:-1])
        maps = norm(maps, training=training, mask=everywhere)
        return apply_mask(ops.relu(maps), mask), mask

    def compute_mask(self, spectrograms, mask=None):
        """Tell the layers behind which steps are real, if there are steps."""
        if not self.sequence:
            return None
        mask = self._frame_mask(spectrograms, mask)
        for stride in self.time_strides:
            mask = mask[:, ::stride]
        return mask

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
