"""What `mm.applications.speech` and the rates of errors are given."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called
from mmtutorial.applications.speech.shipped import save_language_model, save_recognizer

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


@cache
def shipped():
    """Return a recogniser with all that it takes, untrained."""
    return mm.applications.speech.Recognizer(recogniser(), model(), {"bands": 6})


@cache
def files():
    """Return a folder with the files of a recogniser."""
    folder = Path(tempfile.mkdtemp())
    made = shipped()
    save_recognizer(
        folder / "recognizer_cs.npz", made.model, front_end=made.front_end, beams={"cs": {}}
    )
    save_language_model(folder / "language_model_cs.npz", made.language_model)
    return folder


@cache
def lines():
    """Return a task of few and short lines."""
    dataset = mm.data.load_dialogues(language="cs", max_seconds=1.2)
    return mm.tasks.SpeechTask(dataset=dataset)


def speech_recipe():
    """Return a recipe that takes no time."""
    return mm.tasks.SpeechRecipe(units=2, width=2, blocks=0, filters=1, epochs=1, batch_size=64)


WAVE = (DRAWN.random(400) - 0.5).astype(np.float32)
SPEECH = DRAWN.normal(size=(2, 9, 6)).astype(np.float32)
RATES = {"predicted": ["a cat", "two dogs"], "references": ["a cat sat", "two dogs"],
         "average": True}  # fmt: skip
ENTRIES = [
    Entry("tasks.spell", lambda: {"text": "Ahoj, Světe!"},
          lambda result, **_: result == result.lower(),
          allows={"text": "any text"}),
    Entry("tasks.SpeechTask", lambda: {"languages": ["cs"], "test": "level", "minutes": 0.1,
                                       "seed": 0, "dataset": lines().dataset},
          lambda result, **_: bool(result.letters), drawn=False, every=3,
          allows={"minutes": "1, None", "seed": "seed", "dataset": "None",
                  "languages": "one more, tuple"}),
    Entry("tasks.SpeechTask.clips", lambda: {"split": "test"},
          lambda result, **_: len(result) > 0, target=lambda: lines().clips),
    Entry("tasks.SpeechTask.of", lambda: {"split": "test", "name": "speaker"},
          lambda result, **_: len(result) > 0, target=lambda: lines().of),
    Entry("tasks.SpeechTask.spectrogram", lambda: {"split": "test", "place": 0, "speed": 1.1},
          lambda result, **_: result.shape[1] == 64, target=lambda: lines().spectrogram,
          allows={"place": "1", "speed": "1"}),
    Entry("tasks.SpeechTask.batches", lambda: {"split": "test", "size": 4},
          lambda result, **_: len(list(result)) > 0, target=lambda: lines().batches,
          allows={"size": "1, huge"}),
    *[Entry(f"tasks.SpeechRecipe{method}",
            lambda: {"units": 4, "width": 4, "blocks": 1, "filters": 2, "dropout": 0.1, "epochs": 2,
                     "time_strides": (2, 1), "batch_size": 4, "learning_rate": 1e-3,
                     "weight_decay": 0.1, "augment": True, "shift": 3},
            lambda result, **arguments: result == mm.tasks.SpeechRecipe(**arguments),
            allows={name: "1, huge" for name in ("units", "width", "filters", "epochs",
                                                 "batch_size", "learning_rate")}
            | {"blocks": "1, zero, huge", "dropout": "zero", "weight_decay": "1, zero, huge",
               "shift": "1, zero, huge", "time_strides": "one more, tuple"},
            target=target)
      for method, target in (("", None), (".replace", lambda: speech_recipe().replace))],
    Entry("tasks.shipped_recipe", lambda: {"language": "nl"},
          lambda result, **_: result.time_strides == (2, 1)),
    Entry("tasks.build_recognizer", lambda: {"letters": "abc", "recipe": speech_recipe()},
          lambda result, **_: result.letters != "", every=3, drawn=False,
          allows={"letters": "word, misspelt, unicode", "recipe": "None"}),
    Entry("tasks.train_recognizer",
          lambda: {"task": lines(), "recipe": speech_recipe(), "seed": 0, "on_epoch": print},
          lambda result, **_: result.built, every=5, drawn=False, slow=True, skip=("checkpoint",),
          allows={"recipe": "None", "seed": "seed", "on_epoch": "None"}),
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
    Entry("applications.speech.Recognizer",
          lambda: {"model": recogniser(), "language_model": model(), "front_end": {"bands": 6},
                   "beam": {"weight": 0.5}, "about": {}, "level": 0.15},
          lambda result, **_: result.front_end["bands"] == 6,
          allows={"language_model": "None", "front_end": "empty, key missing", "level": "1, None",
                  "beam": "empty, key missing", "about": "any keys"}),
    Entry("applications.speech.Recognizer.hear", lambda: {"waves": [WAVE, WAVE[:300]]},
          lambda result, waves: len(result) == len(waves), target=lambda: shipped().hear,
          allows={"waves": "one less, one more, ragged"}),
    Entry("applications.speech.Recognizer.write",
          lambda: {"waves": [WAVE, WAVE[:300]], "beam_width": 2},
          lambda result, waves, **_: len(result) == len(waves), target=lambda: shipped().write,
          every=3, allows={"waves": "one less, one more, ragged", "beam_width": "1, huge, None"}),
    Entry("applications.speech.load_recognizer", lambda: {"language": "cs", "folder": files()},
          lambda result, **_: result.model.built, skip=("folder",), every=3, drawn=False),
    Entry("applications.speech.transcribe",
          lambda: {"sound": WAVE, "language": "cs", "beam_width": 2, "longest": 2.0,
                   "recognizer": shipped()},
          lambda result, **_: result.seconds > 0, every=3, drawn=False,
          allows={"sound": "any rows", "beam_width": "1, huge, None", "longest": "1",
                  "recognizer": "None"}),
    *[Entry(f"evaluation.{name}", lambda: dict(RATES), lambda result, **_: np.min(result) >= 0,
            allows={"predicted": f"texts, empty text, first: empty text, {TEXTS}",
                    "references": f"texts, {TEXTS}"},
            also={"references": {"blank": ["a", " "]}})
      for name in ("cer", "wer")],
]  # fmt: skip

MADE = {"applications.speech.Piece", "applications.speech.Transcript"}
