"""The tables of "Contrast": what pretraining is worth, and what one change of the loss does."""

import numpy as np

from mmtutorial.evaluation import interval
from mmtutorial.results import select

HALVES = {  # as the figures name them: image and text of the study
    "pixels, n-grams": ("pixels", "ngrams"),
    "pixels, word vectors": ("pixels", "features"),
    "features, n-grams": ("features", "ngrams"),
    "features, word vectors": ("features", "features"),
}
LOSSES = ("clip", "siglip", "triplet")
UNTRAINED = ("ridge", "relative")
SCORES = {
    "R@1": "recall_at_1",
    "R@10": "recall_at_10",
    "median rank": "median_rank",
    "mAP": "mean_average_precision",
}


def mean_by_seed(rows: list[dict], value: str = "recall_at_10", **where) -> np.ndarray:
    """Return a score of each seed, the mean over languages and directions: ``(seeds,)``."""
    found = {}
    for row in rows:
        if all(row.get(key) == wanted for key, wanted in where.items()):
            found.setdefault(row["seed"], []).append(row[value])
    if len({len(each) for each in found.values()}) != 1:
        raise ValueError(f"rows must hold as many of each seed, at least one, got {where}")
    return np.array([np.mean(each) for each in found.values()])


def halves_intervals(result: dict) -> dict[str, dict]:
    """Return ``{halves: {loss: Interval}}`` of the mean R@10, for `mm.plots.interval_steps`."""
    rows = result["rows"]
    return {
        name: {
            loss: interval(mean_by_seed(rows, image=image, text=text, method=loss))
            for loss in LOSSES
        }
        for name, (image, text) in HALVES.items()
    }


def halves_columns(result: dict) -> dict[str, dict]:
    """Return a column for each pair of halves: the mean R@10 of each method, for `Table`."""
    rows = result["rows"]

    def cell(method, image, text):
        values = mean_by_seed(rows, image=image, text=text, method=method)
        return f"{values[0]:.3f}" if method in UNTRAINED else interval(values)

    return {
        name: {method: cell(method, image, text) for method in (*LOSSES, *UNTRAINED)}
        for name, (image, text) in HALVES.items()
    }


def language_columns(result: dict, direction: str) -> dict[str, dict]:
    """Return four scores in each language, with frozen features on both sides, for `Table`."""
    rows, columns = result["rows"], {}
    where = {"image": "features", "text": "features", "direction": direction}
    for language, name in (("en", "English"), ("zh", "Chinese")):
        for title, value in SCORES.items():
            columns[f"{name}, {title}"] = {}
            for method in (*LOSSES, *UNTRAINED, "clip, shuffled pairs"):
                values = select(rows, value, method=method, language=language, **where)
                digits = 1 if value == "median_rank" else 3
                cell = f"{values.mean():.{digits}f}"
                columns[f"{name}, {title}"][method] = cell
    return columns


def change_intervals(result: dict, value: str = "recall_at_10") -> dict:
    """Return ``{change: Interval}`` of a score, the mean over languages, of the study of losses."""
    methods = dict.fromkeys(row["method"] for row in result["rows"])
    return {m: interval(mean_by_seed(result["rows"], value, method=m)) for m in methods}


def paired(result: dict, **where) -> dict:
    """Return the one stored comparison that matches; ``ValueError`` for none or several."""
    found = [row for row in result["comparisons"] if where.items() <= row.items()]
    if len(found) != 1:
        raise ValueError(f"{len(found)} comparisons have {where}")
    return found[0]
