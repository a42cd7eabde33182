"""The tables of "Conflicting gradients": what every combination reached, and at what cost."""

import numpy as np

from mmtutorial.results import intervals, select
from mmtutorial.results.formatting import format_comparison

NAMES = {
    "none": "sum",
    "pcgrad": "PCGrad",
    "mgda": "MGDA",
    "cagrad": "CAGrad",
    "imtl_g": "IMTL-G",
}
ARCHITECTURES = {"hard": "hard sharing", "mmoe": "MMoE"}
WEIGHTINGS = ("equal", "uncertainty", "random")
OTHERS = {
    "apart": "a model for each task",
    "apart, one recipe": "a model for each task, one recipe",
    "image": "image alone",
    "text": "words alone",
    "shuffled words": "words of other drawings",
}


def where(architecture="hard", weighting="equal", aggregator="none"):
    """Return a setting of the study."""
    return {"architecture": architecture, "weighting": weighting, "aggregator": aggregator}


def label(weighting, aggregator):
    """Return how a combination is called in a table."""
    return f"{weighting}, {NAMES[aggregator]}"


def write_interval(row):
    """Write a difference with the ends of its interval, to three digits.

    >>> write_interval({"difference": 0.0611, "low": -0.01, "high": 0.12})
    '+.061 (−.010 to +.120)'
    """
    numbers = [f"{row[key]:+.3f}".replace("0.", ".", 1) for key in ("difference", "low", "high")]
    return "{} ({} to {})".format(*numbers).replace("-", "\N{MINUS SIGN}")


def cpu_minutes(result):
    """Return how many processor minutes a study took, search included."""
    runs = [row["cpu_seconds"] for row in result["rows"] if row.get("task") == "mean"]
    return (sum(runs) + sum(choice["cpu_seconds"] for choice in result["choices"])) / 60


def combinations(result, architecture):
    """Return ``{label: setting}`` of all combinations of an architecture."""
    found = {}
    for row in result["choices"]:
        if row["architecture"] == architecture and row["weighting"] in WEIGHTINGS:
            setting = where(architecture, row["weighting"], row["aggregator"])
            found[label(row["weighting"], row["aggregator"])] = setting
    return found


def mean_score(result, task="mean", **setting):
    """Return the interval of a score over the seeds."""
    rows = [{**row, "method": ""} for row in result["rows"] if "score" in row]
    return intervals(rows, "score", task=task, **where(**setting))[""]


def find(result, what, task="mean", **setting):
    """Return a comparison, or None where there is none."""
    wanted = {"what": what, "task": task, **where(**setting)}
    found = [row for row in result["differences"] if wanted.items() <= row.items()]
    return found[0] if found else None


def dot_panels(result, weightings=("equal", "uncertainty")):
    """Return ``{architecture: {combination: Interval}}``, for `interval_dots`."""
    return {
        title: {
            name: mean_score(result, **setting)
            for name, setting in combinations(result, architecture).items()
            if setting["weighting"] in weightings
        }
        for architecture, title in ARCHITECTURES.items()
    }


def seconds(result, **setting):
    """Return how many processor seconds an epoch of training took, on average over the seeds."""
    took = select(result["rows"], "train_seconds", task="mean", **where(**setting)).mean()
    choice = select(result["choices"], "config", **where(**setting))[0]
    return took / choice["recipe"]["epochs"]


def verdict_columns(result, architecture):
    """Return the columns of all combinations of an architecture, for `Table`."""
    settings = combinations(result, architecture)
    gains = {tuple(row[key] for key in where()): row for row in result["gains"]}
    columns = {"mean score": {}, "minus its sum": {}, "minus models apart": {}, "relative gain": {}}
    for name, setting in settings.items():
        columns["mean score"][name] = str(mean_score(result, **setting))
        against = find(result, "method minus sum", **setting)
        columns["minus its sum"][name] = format_comparison(against)
        against = find(result, "joint minus apart", **setting)
        columns["minus models apart"][name] = write_interval(against)
        gain = gains[tuple(setting.values())]
        columns["relative gain"][name] = write_interval({**gain, "difference": gain["gain"]})
    return columns


def baseline_columns(result, tasks):
    """Return the score of each task for hard sharing and for what stands beside it."""
    rows = {"hard sharing, equal, sum": where()}
    rows |= {title: where(name) for name, title in OTHERS.items()}
    return {
        task: {title: f"{mean_score(result, task, **setting).mean:.3f}"
               for title, setting in rows.items()}
        for task in (*tasks, "mean")
    }  # fmt: skip


def fixed_columns(result, tasks):
    """Return the weights that each method gave on average, and it minus these weights, fixed."""
    methods = [name for name in NAMES if name != "none"]
    columns = {}
    for task in tasks:
        columns[f"weight of {task}"] = {
            NAMES[name]: f"{mean_weight(result, task, name):.2f}" for name in methods
        }
    columns["method minus its mean weights, fixed"] = {
        NAMES[name]: write_interval(find(result, "method minus its weights", aggregator=name))
        for name in methods
    }
    return columns


def mean_weight(result, task, aggregator):
    """Return the weight that a method gave a task, over all epochs and seeds; all sum to 5."""
    rows = [row for row in result["rows"] if "weight" in row]
    return select(rows, "weight", task=task, **where(aggregator=aggregator)).mean()


def pair_columns(result):
    """Return what was seen of the gradients of each two tasks, over all epochs and seeds."""
    plain = where() if "architecture" in result["rows"][0] else {"method": "none"}
    rows = [row for row in result["rows"] if "pair" in row and plain.items() <= row.items()]
    pairs = dict.fromkeys(row["pair"] for row in rows)
    titles = {"negative": "share of batches below 0", "batch": "cosine, batches",
              "whole": "cosine, all training data"}  # fmt: skip
    return {
        title: {
            pair: _write(np.mean([r[key] for r in rows if r["pair"] == pair])) for pair in pairs
        }
        for key, title in titles.items()
    }


def _write(number):
    return f"{number:z.2f}".replace("-", "\N{MINUS SIGN}")


def changed_columns(result, architecture, what):
    """Return the mean score with and without a change of the tasks, and the difference.

    The change is ``"solved task added"`` or ``"artist times 100"``, in place of an architecture.
    """
    methods = [row["aggregator"] for row in result["choices"]
               if row["architecture"] == architecture]  # fmt: skip
    options = {"architecture": architecture}
    found = {n: find(result, f"{architecture} minus without", aggregator=n, **options)
             for n in methods}  # fmt: skip
    return {
        "before": {NAMES[n]: str(mean_score(result, aggregator=n)) for n in methods},
        what: {NAMES[n]: str(mean_score(result, aggregator=n, **options)) for n in methods},
        "difference": {NAMES[n]: write_interval(found[n]) for n in methods},
    }


def stuck_columns(result, scale=1.0):
    """Return from which share of the starts a method stays in a valley, by rate."""
    rows = [row for row in result["rows"] if row["scale"] == scale]
    rates = dict.fromkeys(row["rate"] for row in rows)
    return {
        f"rate {rate:g}": {
            method: f"{100 * each.mean:.0f} %"
            for method, each in intervals(rows, "stuck", rate=rate).items()
        }
        for rate in rates
    }


def speech_columns(result, tasks):
    """Return the score of each task on spoken lines, by method."""
    rows = [row for row in result["rows"] if "score" in row]
    return {
        task: {
            {"apart": "a model for each task", **NAMES}[name]: str(each)
            for name, each in intervals(rows, "score", task=task).items()
        }
        for task in (*tasks, "mean")
    }
