"""Train the recognisers that ship in mmtutorial/applications/speech/files/.

Run ``python tools/build_recognizers.py [cs]`` (on one core a quarter of an hour for Dutch and half
an hour for Czech; more on a slower machine). Stopped, it goes on from the last whole epoch, which
lies in .cache/speech. The language model reads the training texts alone; its order, and its weight
in the search, are chosen on validation.

The same processor gives the same bytes again. Another one rounds sums differently, and in the end
the weights are others: built on a second machine, the character error rates differed by .003.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # as many as ever, the sums stay the same
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # whose idle threads are in the way

from tqdm import tqdm

from mmtutorial.applications.speech.shipped import (
    FILES,
    LANGUAGES,
    save_language_model,
    save_recognizer,
)
from mmtutorial.evaluation import cer, wer
from mmtutorial.tasks import SpeechTask, shipped_recipe, train_recognizer
from mmtutorial.tasks.decoding import BEAM_WIDTH, choose_beam, decode, fit_language_model, logits_of
from mmtutorial.tasks.speech import BANDS

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "speech"
SEED = 0


def main(languages):
    """Train, choose, test and write, one language after the other."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for language in languages:
        task, recipe = SpeechTask([language]), shipped_recipe(language)
        with tqdm(total=recipe.epochs, desc=language) as bar:
            model = train_recognizer(
                task,
                recipe,
                seed=SEED,
                checkpoint=CACHE / f"{language}-{SEED}.npz",
                on_epoch=lambda epoch, _, loss, bar=bar: bar.update(epoch + 1 - bar.n),
            )
        write(language, task, model)


def write(language, task, model):
    """Write a recogniser and its language model, and print how well they do."""
    reader = fit_language_model(task)
    beam = choose_beam(logits_of(model, task, "validation"), task.texts["validation"], reader)
    logits, scores = logits_of(model, task, "test"), {}
    for name, options in {
        "greedy": {},
        "beam": {"beam_width": BEAM_WIDTH},
        "beam and language model": {"beam_width": BEAM_WIDTH, "language_model": reader, **beam},
    }.items():
        texts = decode(logits, task.letters, **options)
        scores[name] = {
            "cer": cer(texts, task.texts["test"]),
            "wer": wer(texts, task.texts["test"]),
        }
    save_recognizer(
        FILES / LANGUAGES[language].recognizer,
        model,
        front_end={"bands": BANDS},
        beams={language: beam},
        test=scores,
        seed=SEED,
    )
    save_language_model(FILES / LANGUAGES[language].language_model, reader)
    print(time.strftime("%H:%M"), language, f"order {reader.order}", beam, scores)


if __name__ == "__main__":
    main(sys.argv[1:] or list(LANGUAGES))
