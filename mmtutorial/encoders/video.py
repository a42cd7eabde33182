"""A clip, a row of pictures -> one vector, or one vector a frame."""

import keras
from keras import layers, ops

from mmtutorial.encoders._masks import average, check_mask, hide_padding
from mmtutorial.encoders.image import ImageCNN

TEMPORAL = ("average", "gru", "conv")


def _check_shape(shape):
    if len(shape) != 5:
        raise ValueError(
            f"clips must have shape (batch, frames, height, width, channels), got {tuple(shape)}"
        )


@keras.saving.register_keras_serializable(package="mmtutorial")
class VideoEncoder(layers.Layer):
    """Encode every frame with the same image encoder, then put them together over time.

    Parameters
    ----------
    units : size of the vector that comes out
    frame_encoder : layer, ``(batch, height, width, channels) -> (batch, dim)``; an
        ``ImageCNN(units)`` unless told otherwise
    temporal : ``"average"``: a dense layer on each frame, then their average, which forgets the
        order; ``"conv"``: the same, but each dense layer sees three frames in a row, and so
        which way things move; ``"gru"``: read the frames in order, the last state is the clip
    dropout : share of the result set to 0 while training
    sequence : return a vector for each frame

    ``(batch, frames, height, width, channels)`` of floats in 0..1 -> ``(batch, units)``, or with
    ``sequence`` ``(batch, frames, units)`` and a Keras mask. The argument ``mask``, boolean
    ``(batch, frames)``, says which frames are real; without it all are: black is a picture, too.
    Padded frames change nothing, except that a frame encoder with batch normalization counts
    them, as black, in its averages while it trains. A clip of padding alone gives zeros. Raises
    ``ValueError`` for an array of another shape or of whole numbers, and for a frame encoder that
    gives no vectors.
    Papers: Karpathy et al. 2014, Large-Scale Video Classification with Convolutional Neural
    Networks; Donahue et al. 2015, Long-Term Recurrent Convolutional Networks.

    >>> VideoEncoder(16, temporal="gru")(ops.ones((2, 5, 16, 16, 3))).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        units=128,
        *,
        frame_encoder=None,
        temporal="average",
        dropout=0.0,
        sequence=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1, got {units}")
        if temporal not in TEMPORAL:
            raise ValueError(f"temporal must be one of {TEMPORAL}, got {temporal!r}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in 0..1 (1 excluded), got {dropout}")
        policy = {"dtype": self.dtype_policy}
        self.units, self.temporal = units, temporal
        self.dropout, self.sequence = dropout, sequence
        self.frame_encoder = frame_encoder or ImageCNN(units, **policy)
        if temporal == "average":
            self.over_time = layers.Dense(units, activation="relu", **policy)
        elif temporal == "conv":
            self.over_time = layers.Conv1D(units, 3, padding="same", activation="relu", **policy)
        else:
            self.over_time = layers.GRU(units, return_sequences=sequence, **policy)
        self.drop = layers.Dropout(dropout, **policy)

    def build(self, input_shape):
        """Make the weights for frames of this shape."""
        _check_shape(input_shape)
        frame = (None, *input_shape[2:])
        if not self.frame_encoder.built:
            self.frame_encoder.build(frame)
        encoded = tuple(self.frame_encoder.compute_output_shape(frame))
        if len(encoded) != 2:
            raise ValueError(f"frame_encoder must give (batch, dim), got {encoded}")
        self.over_time.build((None, None, encoded[-1]))

    def call(self, clips, mask=None, training=None):
        """Encode the clips as ``(batch, units)``, or ``(batch, frames, units)``."""
        _check_shape(clips.shape)
        if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(clips.dtype)):
            raise ValueError(
                f"clips must hold floats in 0..1, got {clips.dtype}; divide bytes by 255"
            )
        if mask is None:
            mask = ops.ones(ops.shape(clips)[:2], "bool")
        else:
            mask = check_mask(mask, clips, "frames")
        frames = hide_padding(clips, mask)
        vectors = self.frame_encoder(ops.reshape(frames, (-1, *clips.shape[2:])), training=training)
        vectors = ops.reshape(vectors, (-1, ops.shape(clips)[1], vectors.shape[-1]))
        vectors = hide_padding(ops.cast(vectors, self.compute_dtype), mask)
        if self.temporal == "gru":
            encoded = self.over_time(vectors, mask=mask)
        else:
            encoded = self.over_time(vectors)
            encoded = encoded if self.sequence else average(encoded, mask)
        if self.sequence:
            encoded = hide_padding(encoded, mask)
        return self.drop(encoded, training=training)

    def compute_mask(self, clips, mask=None):
        """Tell the layers behind which frames are real, if there are frames."""
        return mask if self.sequence else None

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``, or ``(batch, frames, units)`` of a sequence."""
        return (*input_shape[: 2 if self.sequence else 1], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("units", "temporal", "dropout", "sequence")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "frame_encoder": keras.saving.serialize_keras_object(self.frame_encoder),
        }

    @classmethod
    def from_config(cls, config):
        """Make the layer again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        return cls(**{**config, "frame_encoder": restore(config["frame_encoder"])})
