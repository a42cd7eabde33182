"""From speech to an English line: a search among translations by what the recogniser knows."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from mmtutorial.evaluation import chance_recall_at_k, recall_at_k
from mmtutorial.tasks import SpeechTask
from mmtutorial.tasks.ridge import fit_ridge_map

PENALTIES = (0.1, 1.0, 10.0, 100.0)
SPLITS = ("train", "validation", "test")


def mean_states(model, task: SpeechTask, split: str) -> np.ndarray:
    """Return the mean state of the encoder over each clip, ``(clips, units)``."""
    found = np.zeros((len(task.texts[split]), model.encoder.units), np.float32)
    for places, seen in task.batches(split):
        steps = np.asarray(model.step_counts(seen))[:, None]
        found[places] = np.asarray(model.encoder(seen, training=False)).sum(axis=1) / steps
    return found


def letter_counts(texts: dict[str, list[str]]) -> dict[str, np.ndarray]:
    """Return weighted counts of the pieces of texts, up to four letters, of each split."""
    counter = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), max_features=3000)
    counter.fit(texts["train"])
    return {split: counter.transform(each).toarray() for split, each in texts.items()}


def search_lines(features: dict, lines: dict, targets: dict, seed: int | None = None) -> float:
    """Return R@10 of the English line of a test clip among those of all, by ridge regression.

    ``features`` and ``targets`` are ``{split: (clips, numbers)}``, ``lines`` the English texts. The
    penalty is chosen on validation. With a seed, the training clips are exchanged: a control.
    """
    order = np.arange(len(features["train"]))
    if seed is not None:
        order = np.random.default_rng(seed).permutation(order)
    mean, scale = features["train"].mean(axis=0), features["train"].std(axis=0) + 1e-6
    scaled = {split: (each - mean) / scale for split, each in features.items()}
    maps = [
        fit_ridge_map(scaled["train"][order], targets["train"], penalty=len(order) * penalty)
        for penalty in PENALTIES
    ]
    best = max(maps, key=lambda each: _recall(each, scaled, lines, targets, "validation"))
    return _recall(best, scaled, lines, targets, "test")


def _recall(fitted, features, lines, targets, split):
    guessed = fitted.predict(features[split])
    guessed /= np.linalg.norm(guessed, axis=1, keepdims=True)
    return recall_at_k(guessed @ targets[split].T, 10, matches=_same(lines[split]))


def _same(lines):
    return np.array(lines)[:, None] == np.array(lines)[None]


def chance(lines: list[str]) -> float:
    """Return R@10 of a random order of lines, some of which are the same."""
    return chance_recall_at_k(10, len(lines), matches=_same(lines).sum(axis=1))


def english_lines(task: SpeechTask) -> dict[str, list[str]]:
    """Return the English line of each clip, of each split."""
    return {
        split: getattr(task.dataset, split).inputs["translation"][task.rows[split]].tolist()
        for split in SPLITS
    }


def chances(languages: Sequence[str]) -> dict[str, float]:
    """Return R@10 by chance among the test lines of each language."""
    lines = {each: english_lines(SpeechTask([each]))["test"] for each in languages}
    return {each: round(chance(known), 3) for each, known in lines.items()}


def score_searches(task: SpeechTask, model, heard: dict[str, list[str]], seed: int) -> list[dict]:
    """Search for the English line by states, by letters heard, and by letters that were said.

    ``heard`` are the texts that the model writes, ``{split: texts}``.
    """
    lines = english_lines(task)
    targets = letter_counts(lines)
    states = {split: mean_states(model, task, split) for split in SPLITS}
    ways = {
        "states": (states, None),
        "states, clips exchanged": (states, seed),
        "letters heard": (letter_counts(heard), None),
        "letters said": (letter_counts(task.texts), None),
    }
    return [
        {"search": way, "recall_at_10": search_lines(features, lines, targets, exchange)}
        for way, (features, exchange) in ways.items()
    ]
