"""A clip, a row of pictures -> one vector, or one vector per frame."""

import keras
from keras import layers, ops

from mmtutorial._checks import check_choice, check_flag, check_share, check_whole
from mmtutorial.encoders._base import (
    Encoder,
    build_layer,
    check_channels_last,
    check_fit,
    check_layer,
    check_pictures,
    check_pictures_type,
)
from mmtutorial.encoders._masks import apply_mask, check_mask, masked_mean
from mmtutorial.encoders.image import ImageCNN

TEMPORAL = ("average", "gru", "conv")


@keras.saving.register_keras_serializable(package="mmtutorial")
class VideoEncoder(Encoder):
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

    ``(batch, frames, height, width, channels)`` of floats in 0..1, any number of channels, last ->
    ``(batch, units)``, or with ``sequence`` ``(batch, frames, units)`` and a Keras mask. The
    argument ``mask``, boolean ``(batch, frames)``, says which frames are real; without it all are:
    black is a picture, too.
    Padded frames change nothing, except that a frame encoder with batch normalization counts
    them, as black, in its averages while it trains. A clip of padding alone gives zeros. Raises
    ``ValueError`` for an array of another shape, without a frame, of bytes, or of floats far out
    of 0..1 (where values can be seen: not inside a compiled graph), and for a frame encoder that
    gives no vectors; ``TypeError`` for one that is no layer.
    Papers: Karpathy et al. 2014, Large-Scale Video Classification with Convolutional Neural
    Networks; Donahue et al. 2015, Long-Term Recurrent Convolutional Networks.

    >>> VideoEncoder(16, temporal="gru")(ops.ones((2, 5, 16, 16, 3))).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        units: int = 128,
        *,
        frame_encoder: layers.Layer | None = None,
        temporal: str = "average",
        dropout: float = 0.0,
        sequence: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.units = check_whole("units", units, least=1)
        self.temporal = check_choice("temporal", temporal, TEMPORAL)
        self.dropout = check_share("dropout", dropout)
        self.sequence = check_flag("sequence", sequence)
        if frame_encoder is None:
            frame_encoder = ImageCNN(units, **policy)
        self.frame_encoder = check_layer("frame_encoder", frame_encoder)
        if temporal == "average":
            self.temporal_layer = layers.Dense(units, activation="relu", **policy)
        elif temporal == "conv":
            self.temporal_layer = layers.Conv1D(
                units, 3, padding="same", activation="relu", **policy
            )
        else:
            self.temporal_layer = layers.GRU(units, return_sequences=sequence, **policy)
        self.drop = layers.Dropout(dropout, **policy)

    def build(self, input_shape):
        """Make the weights for frames of this shape."""
        self.check_shape(tuple(input_shape))
        self.first_shape = tuple(input_shape)
        encoded = build_layer(self.frame_encoder, (None, *input_shape[2:]))
        if len(encoded) != 2:
            raise ValueError(f"frame_encoder must give (batch, dim), got {encoded}")
        self.temporal_layer.build((None, None, encoded[-1]))
        self.drop.build((None, None, self.units))

    def check_type(self, clips):
        """Refuse bytes."""
        check_pictures_type("clips", clips)

    def check_shape(self, shape):
        """Refuse what is no clip, has no frame, or other channels than the first."""
        if len(shape) != 5:
            raise ValueError(
                f"clips must have shape (batch, frames, height, width, channels), got {shape}"
            )
        if shape[1] == 0:
            raise ValueError(f"clips must hold at least one frame, got shape {shape}")
        check_channels_last("clips", shape)
        if self.built:
            check_fit("clips", shape, self.first_shape, axes=(4,))

    def check_values(self, clips):
        """Refuse floats far out of 0..1."""
        check_pictures("clips", clips)

    def call(self, clips, mask=None, training=None):
        """Encode the clips as ``(batch, units)``, or ``(batch, frames, units)``."""
        if mask is None:
            mask = ops.ones(ops.shape(clips)[:2], "bool")
        else:
            mask = check_mask(mask, clips, "frames")
        frames = apply_mask(clips, mask)
        self.check_values(frames)
        vectors = self.frame_encoder(ops.reshape(frames, (-1, *clips.shape[2:])), training=training)
        vectors = ops.reshape(vectors, (-1, ops.shape(clips)[1], vectors.shape[-1]))
        vectors = apply_mask(ops.cast(vectors, self.compute_dtype), mask)
        if self.temporal == "gru":
            encoded = self.temporal_layer(vectors, mask=mask)
        else:
            encoded = self.temporal_layer(vectors)
            encoded = encoded if self.sequence else masked_mean(encoded, mask)
        if self.sequence:
            encoded = apply_mask(encoded, mask)
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
