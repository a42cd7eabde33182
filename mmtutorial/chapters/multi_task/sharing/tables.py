"""The tables of "Sharing": architectures of one total size, and few labels."""

from mmtutorial.results import index_rows, intervals, select
from mmtutorial.results.comparisons import significant_sign
from mmtutorial.results.formatting import format_comparison, format_interval

JOINT = ("all: hard sharing", "all: cross-stitch", "all: MMoE", "all: PLE")
GROUP = {  # as the table names what the study calls otherwise
    "group": "alone",
    "group, image alone": "image alone",
    "group, text alone": "text alone",
    "group, text shuffled": "alone, text shuffled",
    "group, whole size": "alone, whole size",
    **{name: name.removeprefix("all: ") for name in JOINT},
}


def score_intervals(result: dict, model: str, task: str):
    """Return the interval of a task's score over the seeds."""
    where = {"model": model, "task": task}
    rows = [row for row in result["rows"] if where.items() <= row.items() and "accuracy" in row]
    return intervals([{**row, "method": model} for row in rows])[model]


def architecture_columns(result: dict, tasks, gains: dict) -> dict[str, dict]:
    """Return a column for each task, a row for each way to learn all, and the mean gain."""
    names = {"apart, a share each": "{}", **{name: name for name in JOINT}}
    names["apart, whole size each"] = "{}, whole size"
    columns = {}
    for task in tasks:
        found = {r: score_intervals(result, name.format(task), task) for r, name in names.items()}
        columns[task] = {r.removeprefix("all: "): f"{one.mean:.2f}" for r, one in found.items()}
    told = {row.removeprefix("all: "): gains.get(row, "") for row in names}
    return {**columns, "mean gain": told}


def write_gain(gain) -> str:
    """Write a relative gain and its interval in per cent.

    >>> from mmtutorial.evaluation import interval
    >>> write_gain(interval([-0.01, -0.02, -0.03]))
    '−2.0 (−4.5 to +0.5)'
    """
    mean, low, high = (f"{100 * each:+.1f}" for each in (gain.mean, gain.low, gain.high))
    return f"{mean} ({low} to {high})".replace("-", "\N{MINUS SIGN}")


def write_difference(one) -> str:
    """Write a difference of scores and its interval.

    >>> from mmtutorial.evaluation import interval
    >>> write_difference(interval([-0.01, -0.02, -0.03]))
    '−.02 (−.04 to +.00)'
    """
    return format_interval({"difference": one.mean, "low": one.low, "high": one.high})


def compared(result: dict, task: str) -> dict[str, dict]:
    """Return each comparison of a model with the network alone for a task, by the model."""
    rows = [row for row in result["comparisons"] if row.get("task") == task]
    return index_rows(rows, "model")


def group_columns(result: dict) -> dict[str, dict]:
    """Return the accuracy of the main task, ``group``, for each model, and the comparisons."""
    against = compared(result, "group")
    weights = {name: select(result["rows"], "weights", model=name, task="group") for name in GROUP}
    accuracy = {name: score_intervals(result, name, "group") for name in GROUP}
    return {
        "accuracy": {GROUP[name]: str(one) for name, one in accuracy.items()},
        "minus alone": {GROUP[name]: format_comparison(against.get(name)) for name in GROUP},
        "weights": {GROUP[name]: f"{int(each[0]):,}" for name, each in weights.items()},
    }


def signs(result: dict, task: str) -> dict[str, int]:
    """Return 1 where a model is ahead of the network alone, -1 where behind, 0 where not told."""
    return {name: significant_sign(row) for name, row in compared(result, task).items()}


def processor_minutes(*results: dict) -> float:
    """Return how many minutes of processor time some studies took, their searches included."""
    seconds = 0.0
    for result in results:
        runs = {(r["model"], r.get("labels"), r["seed"]): r["cpu_seconds"] for r in result["rows"]}
        seconds += sum(runs.values()) + sum(one["cpu_seconds"] for one in result["choices"])
    return seconds / 60


def labels_columns(result: dict) -> dict[str, dict]:
    """Return the accuracy of each model, a column for each number of labels."""
    counts = dict.fromkeys(row["labels"] for row in result["rows"])
    rows = [{**row, "method": row["model"]} for row in result["rows"]]
    return {
        f"{count:,} labels": {
            name: f"{one.mean:.2f}" for name, one in intervals(rows, labels=count).items()
        }
        for count in counts
    }


def clip_columns(result: dict) -> dict[str, dict]:
    """Return for each task of clips its accuracy alone and beside the other, and the difference."""
    columns = {"alone": {}, "both": {}, "difference": {}}
    for task in ("group", "direction"):
        for title, model in (("alone", f"{task} alone"), ("both", "both")):
            columns[title][task] = str(score_intervals(result, model, task))
        columns["difference"][task] = format_comparison(compared(result, task).get("both"))
    return columns
