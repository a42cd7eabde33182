"""A sequence encoder, a score for each letter at each step, and the loss that needs no times."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_finite, check_texts, check_whole
from mmtutorial.applications.speech._letters import check_letters, check_spelling
from mmtutorial.applications.speech._paths import BLANK, sum_paths
from mmtutorial.applications.speech.beam import ctc_beam_decode
from mmtutorial.applications.speech.ctc import ctc_greedy_decode
from mmtutorial.applications.speech.language_model import CharacterLM
from mmtutorial.encoders._base import build_layer, check_layer, to_array


@keras.saving.register_keras_serializable(package="mmtutorial")
class SpeechRecognizer(keras.Model):
    """What was said? Scores of each letter at each step of a spectrogram, trained with CTC.

    Parameters
    ----------
    encoder : a layer from spectrograms to a sequence, such as ``AudioConvRNN(sequence=True)``, with
        ``output_length(frames)``
    letters : the characters that it writes; letter ``i`` is class ``i + 1``, and 0 the blank

    ``(batch, frames, bands)`` of floats, padded by frames of zeros at the end -> logits ``(batch,
    output_length(frames), letters + 1)``. ``fit`` takes the classes of the letters, ``(batch,
    letters)`` of int, padded by 0: see `encode`. A row whose text is too long for its steps adds
    nothing to the loss. Raises ``ValueError`` for letters that are no single characters, or are
    twice there. Papers: Graves et al. 2006, Connectionist Temporal Classification; Amodei et al.
    2016, Deep Speech 2.

    >>> from mmtutorial.encoders import AudioConvRNN
    >>> model = SpeechRecognizer(AudioConvRNN(8, filters=(2, 2), sequence=True), "ab ")
    >>> model(ops.ones((2, 20, 16))).shape
    TensorShape([2, 5, 4])
    """

    def __init__(self, encoder: layers.Layer, letters: Sequence[str], **kwargs):
        super().__init__(**kwargs)
        self.encoder = check_layer("encoder", encoder)
        if not hasattr(encoder, "output_length"):
            raise TypeError(f"encoder must have output_length, got {type(encoder).__name__}")
        if not getattr(encoder, "sequence", True):
            raise ValueError("encoder must return a sequence: write sequence=True")
        self.letters = check_letters(letters)
        self.head = layers.Dense(len(self.letters) + 1, dtype=self.dtype_policy)

    def __call__(self, spectrograms, *args, **kwargs):
        """Turn lists into arrays, and look at them, before Keras does."""
        return super().__call__(_check_speech(spectrograms), *args, **kwargs)

    def build(self, input_shape):
        """Make the weights for spectrograms of so many bands."""
        build_layer(self.head, build_layer(self.encoder, tuple(input_shape)))
        self.built = True

    def call(self, spectrograms, training=None):
        """Return the logits of each step."""
        return self.head(self.encoder(spectrograms, training=training))

    def step_counts(self, spectrograms: Any) -> Any:
        """Return how many steps of each row are no padding, ``(batch,)``."""
        spectrograms = _check_speech(spectrograms)
        frames = ops.any(ops.not_equal(spectrograms, 0), axis=-1)
        return ops.sum(ops.cast(self.encoder.compute_mask(spectrograms, frames), "int32"), axis=1)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean loss of connectionist temporal classification, in nats per letter."""
        y = ops.cast(y, "int32")
        letters = ops.sum(ops.cast(y != BLANK, "int32"), axis=1)
        steps = self.step_counts(x)
        twice = ops.sum(ops.cast((y[:, 1:] == y[:, :-1]) & (y[:, 1:] != BLANK), "int32"), axis=1)
        fits = letters + twice <= steps
        letters = ops.where(fits, letters, ops.zeros_like(letters))
        each = sum_paths(y, ops.cast(y_pred, "float32"), letters, steps)
        total = ops.sum(ops.where(fits, each, ops.zeros_like(each)))
        count = ops.sum(letters)
        return total / ops.cast(ops.maximum(count, 1), "float32")

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the classes of the letters of texts, ``(texts, longest)`` of int, padded by 0.

        Raises ``ValueError`` for a character that is no letter of the model.
        """
        texts = check_texts("texts", texts)
        places = {letter: place + 1 for place, letter in enumerate(self.letters)}
        longest = max(map(len, texts), default=0)
        classes = np.zeros((len(texts), longest), np.int32)
        for row, text in enumerate(texts):
            check_spelling(f"texts[{row}]", text, self.letters)
            classes[row, : len(text)] = [places[letter] for letter in text]
        return classes

    def transcribe(
        self,
        spectrograms: Any,
        *,
        language_model: CharacterLM | None = None,
        beam_width: int | None = None,
        batch_size: int = 32,
        **options: Any,
    ) -> list[str]:
        """Return the text of each spectrogram, ``(batch, frames, bands)``.

        With ``beam_width``, by `ctc_beam_decode` with its ``options``, else by the best letter of
        each step. Raises ``ValueError`` for what are no spectrograms, and NaN in them.
        """
        speech, found = np.asarray(_check_speech(spectrograms)), []
        size = check_whole("batch_size", batch_size, least=1)
        options |= {"language_model": language_model}
        for start in range(0, len(speech), size):
            batch = speech[start : start + size]
            logits, steps = self.predict_on_batch(batch), self.step_counts(batch)
            if beam_width is None:
                found += ctc_greedy_decode(logits, steps)
            else:
                found += ctc_beam_decode(logits, steps, beam_width=beam_width, **options)
        return ["".join(self.letters[each - 1] for each in row) for row in found]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        encoder = keras.saving.serialize_keras_object(self.encoder)
        return {**super().get_config(), "encoder": encoder, "letters": self.letters}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SpeechRecognizer":
        """Make the model again from what `get_config` returned."""
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})


def _check_speech(given):
    """Return spectrograms, if they are of the right rank and, where values can be seen, finite."""
    speech = to_array("spectrograms", given)
    if len(speech.shape) != 3:
        raise ValueError(
            f"spectrograms must be (batch, frames, bands), got shape {tuple(speech.shape)}"
        )
    if isinstance(speech, np.ndarray):
        if speech.dtype.kind != "f" or not speech.shape[1] or not speech.shape[2]:
            raise ValueError(
                "spectrograms must hold floats, such as log_mel gives, of a frame and a band at "
                f"least; got {speech.dtype}, shape {speech.shape}"
            )
        check_finite("spectrograms", speech)
    return speech
