"""The tables of "A vision-language model in miniature"."""

from mmtutorial.results import intervals
from mmtutorial.results.formatting import format_interval

KINDS = {"what": "what", "colour": "which colour", "count": "how many", "where": "where",
         "presence": "is there"}  # fmt: skip
LANGUAGES = {"en": "English", "zh": "Chinese"}
CHANCE = {"what": 1 / 8, "colour": 1 / 6, "count": 1 / 4, "where": 1 / 4, "presence": 1 / 2}
WHITE = ", white paper"
METHODS = ("full", "no alignment", "projector alone", "all trained", "nothing read", "no places",
           "full, image shuffled", "question alone", "classifier")  # fmt: skip


def kind_intervals(result: dict, value: str = "accuracy", methods=METHODS) -> dict[str, dict]:
    """Return ``{kind: {method: Interval}}`` over the seeds, the kinds in words."""
    found = {}
    for kind, title in KINDS.items():
        every = intervals(result["rows"], value, kind=kind)
        found[title] = {method: every[method] for method in methods}
    return found


def kind_columns(result: dict) -> dict[str, dict]:
    """Return a column for each kind of question, with chance in the last row, for `Table`."""
    columns = kind_intervals(result)
    return {
        title: {**columns[title], "chance": f"{CHANCE[kind]:.2f}"} for kind, title in KINDS.items()
    }


def language_columns(result: dict, method: str = "full") -> dict[str, dict]:
    """Return a column for each language: the accuracy of one method by kind, for `Table`."""
    return {
        name: {
            title: intervals(result["rows"], language, kind=kind)[method]
            for kind, title in KINDS.items()
        }
        for language, name in LANGUAGES.items()
    }


def contrast_columns(result: dict, against: str) -> dict[str, dict]:
    """Return a column for each kind: the paired difference to one method, for `Table`."""
    columns = {title: {} for title in KINDS.values()}
    for row in result["comparisons"]:
        if row["against"] == against and row["method"] in METHODS:
            columns[KINDS[row["kind"]]][row["method"]] = format_interval(row)
    return columns


def false_yes_columns(result: dict) -> dict[str, dict]:
    """Return how often a model says yes to what is absent, and no to what is there."""
    names = {
        "false yes": "false_yes",
        "of a colour": "false_yes_colour",
        "of a group": "false_yes_group",
        "missed": "missed",
    }
    rows = [row for row in result["rows"] if row["kind"] == "presence" and "false_yes" in row]
    methods = (*METHODS, "full" + WHITE)
    return {
        title: {m: intervals(rows, value)[m] for m in methods} for title, value in names.items()
    }
