"""From the logits of a recogniser to texts: what the search is given, chosen on validation."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from mmtutorial._checks import check_like
from mmtutorial.applications.speech import CharacterLM, ctc_beam_decode, ctc_greedy_decode
from mmtutorial.evaluation import cer
from mmtutorial.tasks.speech import SpeechTask

ORDERS = (4, 5, 6, 7)
WEIGHTS, BONUSES = (0.2, 0.35, 0.5, 0.7), (0.0, 0.5, 1.0, 1.5)
BEAM_WIDTH = 16


def logits_of(model: Any, task: SpeechTask, split: str) -> list[np.ndarray]:
    """Return the logits ``(steps, letters + 1)`` of each clip of a split, without padding."""
    found: list = [None] * len(task.texts[split])
    for places, seen in task.batches(split):
        steps = np.asarray(model.step_counts(seen))
        logits = np.asarray(model.predict_on_batch(seen))
        for place, row, length in zip(places.tolist(), logits, steps, strict=True):
            found[place] = row[:length]
    return found


def decode(logits: Sequence[np.ndarray], letters: str, **options: Any) -> list[str]:
    """Return the text of each clip's logits: by `ctc_beam_decode` with options, or the best path.

    >>> decode([np.eye(3)[[1, 1, 0, 2]]], "ab")
    ['ab']
    """
    search = ctc_beam_decode if options else ctc_greedy_decode
    rows = (search(each[None], **options)[0] for each in logits)
    return ["".join(letters[each - 1] for each in row) for row in rows]


def fit_language_model(task: SpeechTask, orders: Sequence[int] = ORDERS) -> CharacterLM:
    """Count the letters of the training texts, with the order of least validation perplexity.

    Of the validation texts, letters that no training text has are left out.
    """
    check_like("task", task, "a SpeechTask", "texts", "letters")
    models = [CharacterLM(task.letters, order=n).fit(task.texts["train"]) for n in orders]
    texts = [
        "".join(letter for letter in text if letter in task.letters)
        for text in task.texts["validation"]
    ]
    return min(models, key=lambda model: model.perplexity(texts))


def choose_beam(
    logits: Sequence[np.ndarray], texts: Sequence[str], language_model: CharacterLM
) -> dict[str, float]:
    """Return the weight of a language model, and the bonus of a letter, of the fewest errors.

    ``logits`` and ``texts`` are those of validation; 16 pairs are tried.
    """
    options = [
        {"weight": weight, "letter_bonus": bonus}
        for weight, bonus in itertools.product(WEIGHTS, BONUSES)
    ]
    common = {"beam_width": BEAM_WIDTH, "language_model": language_model}
    letters = language_model.letters
    return min(options, key=lambda each: cer(decode(logits, letters, **common, **each), texts))
