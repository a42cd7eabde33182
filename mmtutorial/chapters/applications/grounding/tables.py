"""The tables of "Find what a description names"."""

from mmtutorial.results import intervals
from mmtutorial.results.formatting import format_interval

SHUFFLED, ONE_PHRASE = ", text shuffled", ", one phrase for all"  # as methods are called
ALIKE = "places" + ONE_PHRASE
LEARNT = ("places", ALIKE, "scenes", "windows")
CONTROLS = ("places" + SHUFFLED, ALIKE, "scenes" + SHUFFLED, "scenes" + ONE_PHRASE)
METHODS = ("both", "places", "boxes", "scenes", "mean of places", "before", "windows", *CONTROLS,
           "largest thing", "any thing", "centre", "chance")  # fmt: skip
NUMBERS = ("2 things", "3 things", "4 things", "5 things")
PARTS = {
    "how many": NUMBERS,
    "what the others are": ("others: any", "others: same colour", "others: same kind"),
    "how much is hidden": ("not hidden", "hidden a little", "hidden more"),
    "how large": ("small", "medium", "large"),
    "how described": ("by name", "by colour", "by Chinese"),
    "what is shown": ("emoji", "stamps"),
}


def method_columns(result: dict) -> dict[str, dict]:
    """Return a column each for pointing, for points on any thing, and for boxes, for `Table`."""
    values = {"points right": "accuracy", "on any thing": "on_things", "mean IoU": "iou",
              "IoU of .5": "half"}  # fmt: skip
    found = {}
    for title, value in values.items():
        every = intervals(result["rows"], value, part="all")
        found[title] = {method: every[method] for method in METHODS}
    return found


def without_zeros(columns: dict[str, dict]) -> dict[str, dict]:
    """Return columns of intervals for `Table`, where a method that draws nothing has no interval.

    >>> from mmtutorial.evaluation import Interval
    >>> without_zeros({"points right": {"centre": Interval(0.13, 0.13, 0.13)}})
    {'points right': {'centre': '0.130'}}
    """
    return {
        title: {
            method: each if each.high - each.low > 1e-9 else f"{each.mean:.3f}"
            for method, each in column.items()
        }
        for title, column in columns.items()
    }


def part_columns(result: dict, parts: tuple[str, ...], methods=LEARNT) -> dict[str, dict]:
    """Return a column for each kind of scene: the pointing accuracy of some methods."""
    found = {}
    for part in parts:
        every = intervals(_of(result, methods), "accuracy", part=part)
        found[part.removeprefix("others: ")] = {method: every[method] for method in methods}
    return found


def part_intervals(result: dict, method: str) -> dict[str, dict]:
    """Return ``{question: {kind of scene: Interval}}`` of one method."""
    return {
        title: {
            part: intervals(_of(result, (method,)), "accuracy", part=part)[method] for part in parts
        }
        for title, parts in PARTS.items()
    }


def _of(result, methods):
    """Return the rows of some methods; of the others, not every kind of scene is stored."""
    return [row for row in result["rows"] if row["method"] in methods]


def contrast_column(result: dict, against: str) -> dict[str, dict]:
    """Return the paired differences in pointing accuracy to one method, for `Table`."""
    rows = {row["method"]: row for row in result["comparisons"] if row["against"] == against}
    named = [method for method in METHODS if method in rows]
    return {f"minus {against}": {method: format_interval(rows[method]) for method in named}}
