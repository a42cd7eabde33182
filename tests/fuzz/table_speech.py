"""What `mm.applications.speech` and the rates of errors are given."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called

DRAWN = np.random.default_rng(0)
LOGITS = DRAWN.normal(size=(2, 5, 4)).astype(np.float32)
BATCH = {
    "logits": LOGITS,
    "labels": np.array([[1, 2], [3, 0]]),
    "logit_lengths": np.array([5, 4]),
    "label_lengths": np.array([2, 1]),
}
WORDS = ("logits", "labels", "logit_lengths", "label_lengths")
TEXTS = "first: misspelt, first: plain text, first: word, first: unicode, first: one more"


@cache
def model():
    """Return a language model of three letters."""
    return mm.applications.speech.CharacterLM("abc", order=3).fit(["abc", "cab"])


def texts_of(result, logits, **_):
    """Say whether there is a text for each row."""
    return len(result) == len(logits)


@cache
def recogniser():
    """Return a recogniser that was called."""
    encoder = mm.encoders.AudioConvRNN(4, filters=(2, 2), sequence=True)
    made = mm.applications.speech.SpeechRecognizer(encoder, "abc")
    made(SPEECH)
    return made


WAVE = (DRAWN.random(400) - 0.5).astype(np.float32)
SPEECH = DRAWN.normal(size=(2, 9, 6)).astype(np.float32)
RATES = {"predicted": ["a cat", "two dogs"], "references": ["a cat sat", "two dogs"],
         "average": True}  # fmt: skip
ENTRIES = [
    Entry("applications.speech.ctc_loss", lambda: dict(BATCH),
          lambda result, **_: result.shape[0] == 2, aliases={name: WORDS for name in WORDS}),
    Entry("applications.speech.ctc_greedy_decode",
          lambda: {"logits": LOGITS, "logit_lengths": np.array([5, 4])}, texts_of,
          aliases={"logits": WORDS, "logit_lengths": WORDS}),
    Entry("applications.speech.ctc_align",
          lambda: {"logits": LOGITS[0], "labels": np.array([1, 2])},
          lambda result, logits, **_: result.shape == np.shape(logits)[:1],
          aliases={"logits": WORDS, "labels": WORDS}, allows={"labels": "empty axis 0"}),
    Entry("applications.speech.ctc_beam_decode",
          lambda: {"logits": LOGITS, "logit_lengths": np.array([5, 4]), "beam_width": 4,
                   "language_model": model(), "weight": 0.5, "letter_bonus": 0.1,
                   "threshold": 0.01},
          texts_of, allows={"language_model": "None", "beam_width": "1, huge", "weight": "1",
                            "letter_bonus": "1, negative", "threshold": "1"},
          aliases={"logits": (*WORDS, "language_model"), "logit_lengths": WORDS}),
    Entry("applications.speech.change_speed",
          lambda: {"wave": WAVE, "factor": 1.1},
          lambda result, **_: result.ndim == 1,
          allows={"wave": "any rows, empty axis 0", "factor": "1"}),
    Entry("applications.speech.spec_augment",
          lambda: {"spectrogram": SPEECH[0], "seed": 0, "time_masks": 1, "time_width": 2,
                   "band_masks": 1, "band_width": 2},
          lambda result, spectrogram, **_: result.shape == np.shape(spectrogram),
          allows={"spectrogram": "any rows, 1", "seed": "seed", "time_masks": "1, zero",
                  "time_width": "1, zero, huge", "band_masks": "1, zero",
                  "band_width": "1, zero, huge"}),
    Entry("applications.speech.CharacterLM", lambda: {"letters": ["a", "b"], "order": 3},
          lambda result, letters, **_: result.letters == "".join(letters),
          allows={"order": "1, huge", "letters": "one less, first: word, first: unicode, unicode, "
                  "word, text, misspelt, plain text"}),
    Entry("applications.speech.CharacterLM.fit", lambda: {"texts": ["ab", "ca"]},
          lambda result, **_: result.counts != {},
          target=lambda: mm.applications.speech.CharacterLM("abc").fit,
          allows={"texts": "first: empty text, one less"}),
    Entry("applications.speech.CharacterLM.perplexity", lambda: {"texts": ["ab", "ca"]},
          lambda result, **_: result >= 1, target=lambda: model().perplexity,
          allows={"texts": "first: empty text, one less"}),
    Entry("applications.speech.SpeechRecognizer",
          lambda: {"encoder": mm.encoders.AudioConvRNN(4, sequence=True), "letters": "abc"},
          lambda result, **_: not result.built, allows={"letters": "word, misspelt, unicode"}),
    called("applications.speech.SpeechRecognizer", lambda: {"spectrograms": SPEECH}, recogniser,
           lambda result, spectrograms: result.shape[0] == len(spectrograms),
           allows={"spectrograms": "any rows"}),
    Entry("applications.speech.SpeechRecognizer.encode", lambda: {"texts": ["ab", "ca"]},
          lambda result, texts: len(result) == len(texts), target=lambda: recogniser().encode,
          allows={"texts": "first: empty text, one less, one more"}),
    Entry("applications.speech.SpeechRecognizer.step_counts", lambda: {"spectrograms": SPEECH},
          lambda result, spectrograms: len(result) == len(spectrograms),
          target=lambda: recogniser().step_counts, allows={"spectrograms": "empty axis 0"}),
    Entry("applications.speech.SpeechRecognizer.transcribe",
          lambda: {"spectrograms": SPEECH, "language_model": model(), "beam_width": 2,
                   "batch_size": 2},
          lambda result, spectrograms, **_: len(result) == len(spectrograms),
          target=lambda: recogniser().transcribe, every=3,
          allows={"language_model": "None", "beam_width": "1, huge, None", "batch_size": "1",
                  "spectrograms": "empty axis 0"}),
    *[Entry(f"evaluation.{name}", lambda: dict(RATES), lambda result, **_: np.min(result) >= 0,
            allows={"predicted": f"texts, empty text, first: empty text, {TEXTS}",
                    "references": f"texts, {TEXTS}"},
            also={"references": {"blank": ["a", " "]}})
      for name in ("cer", "wer")],
]  # fmt: skip

MADE = {}
