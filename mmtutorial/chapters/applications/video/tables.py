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


def question_columns(result: dict, view: str = "") -> dict[str, dict]:
    """Return a column for each question: the accuracy of each method, for `Table`."""
    return {
        title: {**intervals(result["rows"], "accuracy", question=name, view=view), "chance": CHANCE}
        for name, title in QUESTIONS.items()
    }


def scene_columns(result: dict, view: str = "") -> dict[str, dict]:
    """Return a column for each score: whether, when and where a thing is found, for `Table`."""
    return {
        title: intervals(result["rows"], name, question="scene", view=view)
        for name, title in SCORES.items()
    }


def contrast_columns(result: dict) -> dict[str, dict]:
    """Return a column for each question: the paired difference to frame pooling, for `Table`."""
    columns = {title: {} for title in QUESTIONS.values()}
    for row in result["comparisons"]:
        if row["question"] in QUESTIONS:
            columns[QUESTIONS[row["question"]]][row["method"]] = format_interval(row)
    return columns


def retrieval_columns(result: dict) -> dict[str, dict]:
    """Return recall and median rank of each method in both directions, for `Table`."""
    rows, found = result["rows"], {}
    for direction, title in (("", "words for a clip"), ("clips_", "a clip for words")):
        for value, unit in (("recall_at_10", "R@10"), ("rank", "median rank")):
            shuffled = intervals(rows, direction + value, view="text shuffled")
            found[f"{title}, {unit}"] = {
                **intervals(rows, direction + value, view=""),
                "text shuffled": shuffled["frame pooling"],
            }
    return found
