"""The tables of "Gates and tensors": which methods learn matching, and corrupted inputs."""

from mmtutorial.results import index_rows, intervals
from mmtutorial.results.formatting import format_interval, format_p

SHUFFLED = ", text shuffled"


def write_difference(row: dict) -> str:
    """Write a paired comparison: the difference, its interval, and its adjusted p-value.

    >>> write_difference({"difference": 0.1, "low": 0.08, "high": 0.12, "p_adjusted": 0.0042})
    '+.10 (+.08 to +.12), p .0042'
    """
    p_value = format_p(row["p_adjusted"]).removeprefix("= ")
    return f"{format_interval(row)}, p {p_value}"


def matching_columns(result: dict) -> dict[str, dict]:
    """Return the columns of the matching task, for `Table`."""
    every = intervals(result["rows"])
    known = intervals([row for row in result["rows"] if "train_accuracy" in row], "train_accuracy")
    compared = index_rows(result["comparisons"], "method")
    minus = {method: write_difference(row) for method, row in compared.items()}
    return {
        "unseen concepts": {name: every[name] for name in known},
        "words shuffled": {name: every.get(name + SHUFFLED, "") for name in known},
        "known concepts": known,
        "minus hidden layer": {name: minus.get(name, "") for name in known},
    }


def corruption_intervals(result: dict) -> dict[str, dict[str, dict]]:
    """Return ``{training: {damage: {method or "gate": Interval}}}`` over the seeds."""
    rows, found = result["rows"], {}
    for training in dict.fromkeys(row["training"] for row in rows):
        found[training] = {}
        for damage in dict.fromkeys(row["damage"] for row in rows):
            where = {"training": training, "damage": damage}
            gated = [row for row in rows if "gate" in row]
            gate = intervals(gated, "gate", **where)["gated"]
            found[training][damage] = {**intervals(rows, **where), "gate": gate}
    return found


def corruption_steps(result: dict) -> dict[str, dict]:
    """Return ``{training: {method and test: Interval}}``, for `mm.plots.interval_steps`."""
    asked = {"on whole": "as it is", "on static": "static"}
    return {
        f"trained on {training}": {
            f"{method}, {name}": of[damage][method]
            for method in ("gated", "concat")
            for name, damage in asked.items()
        }
        for training, of in corruption_intervals(result).items()
    }
