"""What a captioner and a vision-language model share: an image, read as the first tokens."""

import re
from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_array, check_whole
from mmtutorial._doors import Doors
from mmtutorial.cross_modal._prefix_inputs import check_image, check_texts
from mmtutorial.cross_modal.decoder import TransformerDecoder
from mmtutorial.cross_modal.generation import write_tokens
from mmtutorial.cross_modal.projector import Projector
from mmtutorial.encoders._base import build_layer, check_layer
from mmtutorial.preprocessing.vocabulary import PADDING, UNKNOWN, Vocabulary

BEGIN, END = "<begin>", "<end>"
CHUNK = 256  # images that are encoded at once
OPTIONS = ("num_layers", "heads", "hidden", "max_length", "dropout")  # those of the decoder


def end_text(ids: Any, end: int) -> Any:
    """Return the ids with ``end`` behind the last real one, ``(batch, time + 1)``.

    >>> end_text(ops.array([[5, 6, 0], [7, 0, 0]]), 9).numpy()
    array([[5, 6, 9, 0],
           [7, 9, 0, 0]], dtype=int32)
    """
    longer = ops.pad(ids, ((0, 0), (0, 1)))
    length = ops.sum(ops.cast(ops.not_equal(ids, PADDING), "int32"), axis=1)
    return ops.where(ops.arange(ops.shape(longer)[1]) == length[:, None], end, longer)


class PrefixModel(Doors, keras.Model):
    """Reads image tokens, then texts that are given, then writes: base of both models.

    ``modalities`` names its inputs: the image, the texts that are read, and last the one that is
    written. The vocabulary gets two tokens more, which begin and end what is written.
    """

    modalities: tuple[str, ...] = ()

    def __init__(
        self,
        vocabulary: Vocabulary,
        units: int = 128,
        *,
        encoder: keras.layers.Layer | None = None,
        prefix: int = 4,
        projector_hidden: int = 0,
        num_layers: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        max_length: int = 64,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not isinstance(vocabulary, Vocabulary):
            raise TypeError(f"vocabulary must be a Vocabulary, got {vocabulary!r}")
        added = [token for token in (BEGIN, END) if token not in vocabulary.tokens]
        self.vocabulary = Vocabulary((*vocabulary.tokens, *added))
        self._image_shape = None  # until it is built
        self.begin, self.end = map(self.vocabulary.tokens.index, (BEGIN, END))
        self.encoder = None if encoder is None else check_layer("encoder", encoder)
        check_whole("prefix", prefix, least=1)
        check_whole("projector_hidden", projector_hidden, least=0)
        self.projector = Projector(
            units, tokens=prefix, hidden=projector_hidden, dtype=self.dtype_policy
        )
        self.decoder = TransformerDecoder(
            len(self.vocabulary), units, num_layers=num_layers, heads=heads, hidden=hidden,
            max_length=max_length, dropout=dropout, dtype=self.dtype_policy,
        )  # fmt: skip

    def __call__(self, inputs, *args, **kwargs):
        """Look at what comes in before Keras does."""
        return super().__call__(self._check(inputs), *args, **kwargs)

    def build(self, input_shape):
        """Make all weights for images of this shape."""
        self._image_shape = image = tuple(input_shape["image"])
        self.projector.build(image if self.encoder is None else build_layer(self.encoder, image))
        self.decoder.build((None, None))
        self.built = True

    def call(self, inputs, training=None):
        """Return logits of each token to write, and of the end: ``(batch, time + 1, tokens)``.

        At each place, the decoder has read the right tokens before it: teacher forcing.
        """
        return self._decode(inputs, training).logits

    def _decode(self, inputs, training=False):
        """Read image, given texts, begin token and the text; return all from the begin token on."""
        start, text = self._start(inputs), ops.cast(inputs[self.modalities[-1]], "int32")
        ids = ops.concatenate([start, text], axis=1)
        read = self._see(inputs["image"], training)
        decoded = self.decoder.decode(ids, read, training=training)
        return decoded._replace(logits=decoded.logits[:, ops.shape(start)[1] - 1 :])

    def _see(self, image, training=False):
        """Return the image tokens, ``(batch, length, units)``."""
        if self.encoder is not None:
            image = self.encoder(image, training=training)
        return self.projector(image)

    def _start(self, inputs):
        """Return the tokens in front of what is written: texts that are given, and the begin."""
        given = [ops.cast(inputs[name], "int32") for name in self.modalities[1:-1]]
        begin = ops.full((ops.shape(inputs["image"])[0], 1), self.begin, dtype="int32")
        return ops.concatenate([*given, begin], axis=1)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean cross-entropy over the real tokens of what is written, and its end."""
        losses, real = self._cross_entropy(x, y_pred)
        return ops.sum(losses) / ops.sum(real)

    def _cross_entropy(self, inputs, logits):
        """Return the cross-entropy of each token, 0 of padding, and which are real."""
        targets = end_text(ops.cast(inputs[self.modalities[-1]], "int32"), self.end)
        losses = keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)
        real = ops.cast(ops.not_equal(targets, PADDING), losses.dtype)
        return losses * real, real

    def log_likelihood(self, inputs: dict[str, Any]) -> np.ndarray:
        """How probable does the model find these texts? ``(batch,)`` of log-probabilities."""
        inputs = self._check(inputs)
        losses, _ = self._cross_entropy(inputs, self(inputs, training=False))
        return -ops.convert_to_numpy(ops.sum(losses, axis=1))

    def perplexity(self, inputs: dict[str, Any]) -> float:
        """Between how many equally probable tokens does the model seem to waver, each time?

        That is the exponential of the mean cross-entropy of a token, the end counted; a model that
        finds all tokens equally probable has the size of the vocabulary.
        """
        inputs = self._check(inputs)
        losses, real = self._cross_entropy(inputs, self(inputs, training=False))
        return float(np.exp(float(ops.sum(losses) / ops.sum(real))))

    def attention_weights(self, inputs: dict[str, Any]) -> np.ndarray:
        """Where does the model look in the image while it writes each token?

        Returns ``(batch, layers, heads, time + 1, length)``: the weights of the image tokens as
        each token of the text, and then its end, is written. What is missing to 1 goes to words.
        """
        inputs = self._check(inputs)
        weights = ops.stack(self._decode(inputs).weights, axis=1)
        written = inputs[self.modalities[-1]].shape[1] + 1
        image = weights.shape[-1] - self._start(inputs).shape[1] - written + 1
        return ops.convert_to_numpy(weights[..., -written:, :image])

    def _step(self, tokens, cache):
        """Read one more token per row; return the log-probabilities of the next, and the cache."""
        decoded = self.decoder.decode(tokens[:, None], cache=cache)
        log_p = ops.convert_to_numpy(ops.log_softmax(decoded.logits[:, 0])).astype("float64")
        log_p[:, [PADDING, UNKNOWN, self.begin]] = -np.inf  # these are never written
        return log_p, decoded.cache

    def _write(self, inputs, max_length, options):
        """Write a text for each row, by the options of `write_tokens`; see there."""
        inputs["image"] = images = check_array("images", inputs["image"]).astype("float32")
        if not images.size:
            raise ValueError(f"images must hold at least one, got shape {images.shape}")
        check_image("images", images, self._image_shape, self.encoder)
        start = ops.convert_to_numpy(self._start(inputs))
        parts = [images[place : place + CHUNK] for place in range(0, len(images), CHUNK)]
        read = ops.concatenate([self._see(part) for part in parts])
        room = self.decoder.max_length - read.shape[1] - start.shape[1] + 1
        if max_length is not None:
            check_whole("max_length", max_length, least=1, most=room)
        elif room < 1:
            raise ValueError(
                f"questions must leave room to write: the decoder takes {self.decoder.max_length} "
                f"tokens, the image has {read.shape[1]}, the longest question {start.shape[1] - 1}"
            )
        cache = self.decoder.decode(start[:, :-1], read).cache
        length = max_length or room
        return write_tokens(self._step, start[:, -1], cache, self.end, length, **options)

    def _texts(self, ids):
        """Return rows of ids as texts: words with a space between, Chinese without."""
        texts = map(" ".join, self.vocabulary.decode(ids))
        return [re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", text) for text in texts]

    def _look_at(self, inputs):
        """Return inputs for a compiled graph, after a look; a data set is not looked at."""
        return self._check(inputs) if isinstance(inputs, dict) else inputs

    def _check(self, inputs):
        """Return inputs as arrays, after a look at their names, shapes and ids."""
        inputs = check_texts(inputs, self.modalities, len(self.vocabulary))
        check_image("image", inputs["image"], self._image_shape, self.encoder)
        return inputs

    def _look_at_targets(self, y):
        """Refuse targets beside the inputs."""
        if y is not None:
            name = self.modalities[-1]
            raise ValueError(f"y must be None: what is learnt to write is inputs[{name!r}]")
        return y

    def get_config(self):
        """Return the arguments, so that the model survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "vocabulary": list(self.vocabulary.tokens),
            "units": self.decoder.units,
            "encoder": self.encoder and serialize(self.encoder),
            "prefix": self.projector.tokens,
            "projector_hidden": self.projector.hidden,
            **{name: getattr(self.decoder, name) for name in OPTIONS},
        }

    @classmethod
    def from_config(cls, config):
        """Make the model again from what `get_config` returned."""
        encoder = config["encoder"] and keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "vocabulary": Vocabulary(config["vocabulary"]), "encoder": encoder})
