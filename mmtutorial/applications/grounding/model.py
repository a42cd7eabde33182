"""Vectors of places and of phrases in one space: their cosines are a map of where it is."""

import math
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import (
    check_array,
    check_choice,
    check_counts,
    check_finite,
    check_number,
    check_whole,
)
from mmtutorial._doors import Doors
from mmtutorial.applications.grounding.losses import place_loss, scene_loss
from mmtutorial.encoders._base import build_layer, check_layer, to_array

SUPERVISION = ("scenes", "places", "both")
CHUNK = 64  # pictures that are read at once
LEAST, MOST = 1.0, 100.0  # of the scale


@keras.saving.register_keras_serializable(package="mmtutorial")
class GroundingModel(Doors, keras.Model):
    """Where is what these words name? A map of how well each place of a picture fits a phrase.

    A matrix makes ``units`` numbers of each place of an encoder's grid, and convolutions add what
    its neighbours say; another makes as many of each word, and a phrase is the sum of its words. Of
    length 1, both are compared: the map is their cosine, times a scale that is learnt. A word of a
    phrase has a map of its own.

    Parameters
    ----------
    units : numbers of the space in which both are compared
    encoder : None, if images come as tokens, ``(batch, places, size)``, row by row of a square; or
        a layer from images to these, such as `GridCNN`
    context : convolutions of 3 x 3 places, each added to what comes in
    supervision : of which ``compile`` tells more, ``"scenes"`` at first
    scale : with what a cosine is multiplied at first

    ``{"image": ..., "text": (batch, phrases, words, dim)}`` -> ``(batch, phrases, rows, columns)``;
    a word of zeros is none, and so is a phrase without a word, whose map is 0. ``fit`` takes no
    targets: with ``compile(optimizer, supervision="scenes")`` it learns from which scene a phrase
    comes (`scene_loss`); with ``"places"`` also from ``"seen"``, ``(batch, phrases, places)``,
    beside the other inputs (`place_loss`), and with ``"both"`` from the sum. Raises ``ValueError``
    for missing or unexpected inputs, other shapes, and places that are no square. Papers: Radford
    et al. 2021 (CLIP); Zhou et al. 2022, Extract Free Dense Labels from CLIP.

    >>> model = GroundingModel(8)
    >>> model({"image": ops.ones((2, 16, 6)), "text": ops.ones((2, 3, 4, 5))}).shape
    TensorShape([2, 3, 4, 4])
    """

    def __init__(
        self,
        units: int = 64,
        *,
        encoder: layers.Layer | None = None,
        context: int = 1,
        supervision: str = "scenes",
        scale: float = 10.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.encoder = None if encoder is None else check_layer("encoder", encoder)
        self.context = check_whole("context", context, least=0)
        self.supervision = check_choice("supervision", supervision, SUPERVISION)
        self.scale = check_number("scale", scale, least=LEAST, most=MOST)
        self._widths = {}  # of image and text, once it is built
        policy = {"dtype": self.dtype_policy}
        self.places = layers.Dense(units, name="places", **policy)
        self.words = layers.Dense(units, use_bias=False, name="words", **policy)
        self.convolutions = [
            layers.Conv2D(units, 3, padding="same", use_bias=False, **policy)
            for _ in range(self.context)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.95, **policy) for _ in self.convolutions]

    def __call__(self, inputs, *args, **kwargs):
        """Look at what comes in before Keras does."""
        return super().__call__(self._check(inputs), *args, **kwargs)

    def compile(self, *args, supervision: str | None = None, **kwargs):
        """Choose what it learns from, and compile as Keras does; None keeps what was chosen."""
        if supervision is not None:
            self.supervision = check_choice("supervision", supervision, SUPERVISION)
        super().compile(*args, **kwargs)

    def _look_at(self, inputs):
        return self._check(inputs) if isinstance(inputs, dict) else inputs

    def _look_at_targets(self, y):
        if y is not None:
            raise ValueError("y must be None: what is learnt from comes with the inputs")

    def build(self, input_shape):
        """Make all weights for images and words of this shape."""
        image = tuple(input_shape["image"])
        shape = image if self.encoder is None else build_layer(self.encoder, image)
        _side(shape[1])
        self._widths = {"text": input_shape["text"][-1]}
        if self.encoder is None:
            self._widths["image"] = shape[-1]
        self.places.build((None, None, shape[-1]))
        self.words.build((None, input_shape["text"][-1]))
        for layer in (*self.convolutions, *self.norms):
            layer.build((None, None, None, self.units))
        self.log_scale = self.add_weight(
            name="log_scale", shape=(),
            initializer=keras.initializers.Constant(math.log(self.scale)),
        )  # fmt: skip
        self.built = True

    def call(self, inputs, training=None):
        """Return the maps, ``(batch, phrases, rows, columns)``."""
        scores = self._own(*self._embed(inputs, training))
        side = _side(scores.shape[-1])
        return ops.reshape(scores, (-1, *scores.shape[1:2], side, side))

    def embed_image(self, images: Any, training=None) -> Any:
        """Return a vector of length 1 for each place, ``(batch, places, units)``."""
        tokens = images if self.encoder is None else self.encoder(images, training=training)
        side = _side(tokens.shape[1])
        maps = ops.reshape(self.places(tokens), (-1, side, side, self.units))
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            maps = maps + ops.relu(norm(convolution(maps), training=training))
        return ops.normalize(ops.reshape(maps, (-1, side * side, self.units)), axis=-1)

    def embed_text(self, texts: Any) -> Any:
        """Return a vector of length 1 for each phrase, ``(..., units)``, of its words' sum.

        ``texts`` is ``(..., words, dim)``. Without a word it is 0.
        """
        return ops.normalize(ops.sum(self.words(texts), axis=-2), axis=-1)  # no bias: 0 stays 0

    def _embed(self, inputs, training):
        return self.embed_image(inputs["image"], training), self.embed_text(inputs["text"])

    def _own(self, places, phrases):
        return self._scale() * ops.einsum("bpu,bku->bkp", places, phrases)

    def _scale(self):
        return ops.exp(ops.clip(self.log_scale, math.log(LEAST), math.log(MOST)))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the loss of what is learnt from, in nats."""
        places, phrases = self._embed(x, training)
        loss = 0.0
        if self.supervision != "scenes":
            loss = loss + place_loss(self._own(places, phrases), x["seen"])
        if self.supervision != "places":
            scores = self._scale() * ops.einsum("bpu,aku->akbp", places, phrases)
            loss = loss + scene_loss(scores, ops.any(x["text"] != 0, axis=(2, 3)))
        return loss

    def find(self, images: Any, texts: Any) -> np.ndarray:
        """Return the map of one phrase in each image, ``(batch, rows, columns)`` of cosines.

        ``texts`` is ``(batch, words, dim)``.
        """
        images, texts = check_array("images", images), check_array("texts", texts)
        if texts.ndim != 3:
            raise ValueError(f"texts must be (batch, words, dim), got shape {texts.shape}")
        check_counts({"images": np.atleast_1d(images), "texts": texts})
        made = []
        for start in range(0, len(images), CHUNK):
            part = slice(start, start + CHUNK)
            inputs = {"image": images[part], "text": texts[part][:, None]}
            made.append(ops.convert_to_numpy(self(inputs, training=False))[:, 0])
        return np.concatenate(made) / float(ops.convert_to_numpy(self._scale()))

    def _check(self, inputs):
        """Return inputs as arrays, after a look at their names and shapes."""
        if not isinstance(inputs, dict):
            raise TypeError(
                f'inputs must be a dict such as {{"image": ..., "text": ...}}, got {inputs!r}'
            )
        lacking, more = {"image", "text"} - inputs.keys(), inputs.keys() - {"image", "text", "seen"}
        if lacking or more:
            raise ValueError(
                "inputs must be 'image' and 'text', and perhaps 'seen', got "
                f"{[*inputs]}: {sorted(lacking)} missing, {sorted(map(str, more))} unexpected"
            )
        inputs = {name: to_array(name, array) for name, array in inputs.items()}
        image, text = tuple(inputs["image"].shape), tuple(inputs["text"].shape)
        self._check_shape("text", text, ("batch", "phrases", "words", "dim"))
        if self.encoder is None:
            self._check_shape("image", image, ("batch", "places", "size"))
        if None not in (image[0], text[0]) and image[0] != text[0]:
            raise ValueError(f"image and text must be as many, got {image[0]} and {text[0]}")
        for name, array in inputs.items():
            if isinstance(array, np.ndarray):
                check_finite(name, array)
        return inputs

    def _check_shape(self, name, shape, axes):
        """Refuse another rank, an empty axis, and another width than when it was built."""
        wrong = len(shape) != len(axes) or 0 in shape[1:]
        width = self._widths.get(name)
        if wrong or (width and shape[-1] not in (None, width)):
            wanted = f", {width} wide" if width else ""
            raise ValueError(f"{name} must be ({', '.join(axes)}){wanted}, got shape {shape}")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        encoder = self.encoder and keras.saving.serialize_keras_object(self.encoder)
        names = ("units", "context", "supervision", "scale")
        return {**super().get_config(), "encoder": encoder,
                **{name: getattr(self, name) for name in names}}  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "GroundingModel":
        """Make the model again from what `get_config` returned."""
        encoder = config["encoder"] and keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})


def _side(places):
    side = math.isqrt(places or 0)
    if not side or side * side != places:
        raise ValueError(f"image must have places that make a square, row by row, got {places}")
    return side
