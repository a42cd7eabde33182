"""The tables of "Video and text"."""

from mmtutorial.results import intervals
from mmtutorial.results.formatting import format_interval

QUESTIONS = {"direction": "to the right?", "speed": "the fast one?", "order": "the first one?"}
SCORES = {
    "auc": "whether (AUC)",
    "time_iou": "when (IoU)",
    "pointing": "where (pointing)",
    "box_iou": "where (IoU)",
}
CHANCE = 0.5
ALWAYS = "all frames"  # the answer to "when" that needs no model
SHUFFLED = "frame pooling, text shuffled"


def question_columns(result: dict, view: str = "") -> dict[str, dict]:
    """Return a column for each question: the accuracy of each method, for `Table`."""
    return {
        title: {**intervals(result["rows"], "accuracy", question=name, view=view), "chance": CHANCE}
        for name, title in QUESTIONS.items()
    }


def scene_columns(result: dict, view: str = "", *, always: float | None = None) -> dict[str, dict]:
    """Return a column for each score: whether, when and where a thing is found, for `Table`.

    ``always`` is the overlap in time of whoever names all frames, in a row of its own.
    """
    columns = {
        title: intervals(result["rows"], name, question="scene", view=view)
        for name, title in SCORES.items()
    }
    if always is not None:
        for title, column in columns.items():
            column[ALWAYS] = f"{always:.3f}" if title == SCORES["time_iou"] else ""
    return columns


def contrast_columns(result: dict) -> dict[str, dict]:
    """Return a column for each question: the paired difference to frame pooling, for `Table`."""
    columns = {title: {} for title in QUESTIONS.values()}
    for row in result["comparisons"]:
        if row["question"] in QUESTIONS:
            columns[QUESTIONS[row["question"]]][row["method"]] = format_interval(row)
    return columns


def retrieval_columns(result: dict, clips: int) -> dict[str, dict]:
    """Return recall and median rank of each method in both directions, for `Table`.

    ``clips`` is how many are searched, of which chance finds any.
    """
    rows, found = result["rows"], {}
    chance = {"R@10": round(10 / clips, 3), "median rank": f"{(clips + 1) / 2}"}
    for direction, title in (("", "words for a clip"), ("clips_", "a clip for words")):
        for value, unit in (("recall_at_10", "R@10"), ("rank", "median rank")):
            shuffled = intervals(rows, direction + value, view="text shuffled")
            column = {
                **intervals(rows, direction + value, view=""),
                SHUFFLED: shuffled["frame pooling"],
            }
            if unit != "R@10":
                column = {name: _to_a_tenth(each) for name, each in column.items()}
            found[f"{title}, {unit}"] = {**column, "chance": chance[unit]}
    return found


def _to_a_tenth(found):
    return f"{found.mean:.1f} ± {(found.high - found.low) / 2:.1f}"
