"""The tables of chapter fusion/2: who can answer about a relation, and what breaks a gate."""

from mmtutorial.results import intervals

SHUFFLED = ", text shuffled"


def write_difference(row):
    """Write a paired comparison: the difference, its interval, and its adjusted p-value.

    >>> write_difference({"difference": 0.1, "low": 0.08, "high": 0.12, "p_adjusted": 0.0042})
    '+0.10 (+0.08 to +0.12), p 0.004'
    """
    return "{difference:+.2f} ({low:+.2f} to {high:+.2f}), p {p_adjusted:.3f}".format(**row)


def relation_columns(result):
    """Return the columns of the question about the relation, for `Table`."""
    every = intervals(result["rows"])
    known = intervals([row for row in result["rows"] if "known" in row], "known")
    minus = {row["method"]: write_difference(row) for row in result["comparisons"]}
    return {
        "unseen concepts": {name: every[name] for name in known},
        "words shuffled": {name: every.get(name + SHUFFLED, "") for name in known},
        "known concepts": known,
        "minus hidden layer": {name: minus.get(name, "") for name in known},
    }


def broken_numbers(result):
    """Return ``{training: {damage: {method or "gate": Interval}}}`` over the seeds."""
    rows, found = result["gates"], {}
    for training in dict.fromkeys(row["training"] for row in rows):
        found[training] = {}
        for damage in dict.fromkeys(row["damage"] for row in rows):
            where = {"training": training, "damage": damage}
            gated = [row for row in rows if "gate" in row]
            gate = intervals(gated, "gate", **where)["gated"]
            found[training][damage] = {**intervals(rows, **where), "gate": gate}
    return found


def broken_steps(result):
    """Return ``{training: {"gated, whole": Interval, ...}}``, for `mm.plots.interval_steps`."""
    asked = {"whole": "as it is", "static": "static"}
    return {
        training: {
            f"{method}, {name}": of[damage][method]
            for method in ("gated", "concat")
            for name, damage in asked.items()
        }
        for training, of in broken_numbers(result).items()
    }
