"""The tables of "Contrast": what pretraining is worth, and what one change of the loss does."""

import numpy as np

from mmtutorial.results import interval, select

HALVES = {  # as the figures name them: image and text of the study
    "pixels, n-grams": ("pixels", "ngrams"),
    "pixels, word vectors": ("pixels", "features"),
    "features, n-grams": ("features", "ngrams"),
    "features, word vectors": ("features", "features"),
}
LOSSES = ("clip", "siglip", "triplet")
UNTRAINED = ("ridge", "relative")
BASELINES = (*UNTRAINED, "CLIP, shuffled pairs")
NAMES = {  # parts of a method's name, where the reader sees them
    "clip": "CLIP", "siglip": "SigLIP", "triplet": "triplets", "1 negatives": "1 negative",
}  # fmt: skip
SCORES = {
    "R@1": "recall_at_1",
    "R@10": "recall_at_10",
    "median rank": "median_rank",
    "mAP": "mean_average_precision",
}


def write_name(method: str) -> str:
    """Write a method as the text does, and what is said of it.

    >>> write_name("pixels, clip")
    'pixels, CLIP'
    """
    return ", ".join(NAMES.get(part, part) for part in method.split(", "))


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
            write_name(loss): interval(mean_by_seed(rows, image=image, text=text, method=loss))
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
        name: {write_name(method): cell(method, image, text) for method in (*LOSSES, *UNTRAINED)}
        for name, (image, text) in HALVES.items()
    }


def halves_gains(result: dict) -> dict[str, float]:
    """Return what R@10 gains from words, images, or both pretrained, by CLIP, and by the loss."""
    steps = {HALVES[name]: of for name, of in halves_intervals(result).items()}
    mean = {halves: of["CLIP"].mean for halves, of in steps.items()}
    base = mean["pixels", "ngrams"]
    return {
        "words": mean["pixels", "features"] - base,
        "images": mean["features", "ngrams"] - base,
        "both": mean["features", "features"] - base,
        "loss": float(max(np.ptp([one.mean for one in of.values()]) for of in steps.values())),
    }


def count_told(result: dict) -> dict[str, tuple[int, int]]:
    """Return how many comparisons exclude zero, adjusted, of how many: losses, words, images."""
    counts = {}
    for name, baseline in (("losses", "clip"), ("words", "ngrams"), ("images", "pixels")):
        rows = [row for row in result["comparisons"] if row["against"] == baseline]
        told = [row["p_adjusted"] < 0.05 for row in rows if row["method"] in LOSSES]
        counts[name] = sum(told), len(told)
    return counts


def against_clip(result: dict, method: str, halves: str) -> list[dict]:
    """Return the stored comparisons of a method with CLIP, for one pair of halves."""
    image, text = HALVES[halves]
    wanted = {"method": method, "against": "clip", "image": image, "text": text}
    return [row for row in result["comparisons"] if wanted.items() <= row.items()]


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
                columns[f"{name}, {title}"][write_name(method)] = cell
    return columns


def change_intervals(result: dict, value: str = "recall_at_10") -> dict:
    """Return ``{change: Interval}`` of a score, the mean over languages, of the study of losses."""
    methods = dict.fromkeys(row["method"] for row in result["rows"])
    return {m: interval(mean_by_seed(result["rows"], value, method=m)) for m in methods}


def change_difference(result: dict, change: str, base: str):
    """Return the Interval of a change minus another, seed by seed, of the mean R@10."""
    changed, kept = (mean_by_seed(result["rows"], method=each) for each in (change, base))
    return interval(changed - kept)


def artist_columns(result: dict) -> dict[str, dict]:
    """Return R@10 for known artists, for a new one, and what is lost, for `Table`.

    A row for each kind of image and method. What is lost is that of each artist who is left out, so
    its interval is of five differences.
    """
    columns = {"known artists": {}, "new artist": {}, "lost": {}}
    for image, method in dict.fromkeys((row["image"], row["method"]) for row in result["rows"]):
        known, new = (
            mean_by_seed(result["rows"], image=image, method=method, drawn_by=each)
            for each in ("known", "new")
        )
        for column, values in zip(columns.values(), (known, new, known - new), strict=True):
            column[f"{image}, {write_name(method)}"] = interval(values)
    return columns


def power_columns(result: dict) -> dict[str, dict]:
    """Return the mean R@10 by the power of likenesses, a column for each kind of image."""
    columns = {}
    for image, power in dict.fromkeys((row["image"], row["power"]) for row in result["rows"]):
        (mean,) = mean_by_seed(result["rows"], image=image, power=power)
        columns.setdefault(image, {})[f"power {power:g}"] = f"{mean:.2f}"
    return columns


def artist_differences(result: dict) -> dict:
    """Return Intervals of four differences of R@10, artist by artist who is left out.

    From pixels, what CLIP loses by a new artist beyond relative representations, and by how much
    those lead for known artists; for a new one, what likenesses bring a linear map, and CLIP.
    """

    def score(image, method, drawn_by):
        where = {"image": image, "method": method, "drawn_by": drawn_by}
        return mean_by_seed(result["rows"], **where)

    lost = [score("pixels", m, "known") - score("pixels", m, "new") for m in ("clip", "relative")]
    differences = {
        "cost": lost[0] - lost[1],
        "lead": score("pixels", "relative", "known") - score("pixels", "clip", "known"),
        "linear": score("likenesses", "ridge", "new") - score("pixels", "ridge", "new"),
        "trained": score("likenesses", "clip", "new") - score("pixels", "clip", "new"),
    }
    return {name: interval(values) for name, values in differences.items()}
