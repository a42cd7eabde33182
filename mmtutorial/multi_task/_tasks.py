"""Names of tasks, and what is keyed by them."""

from collections.abc import Sequence
from typing import Any

RESERVED = ("loss", "lr", "learning_rate")
REPORTED = ("loss", "weight")  # of each task


def check_tasks(
    name: str, given: Any, expected: Sequence[str] | None = None, *, of: str = "losses"
) -> list[str]:
    """Return the sorted names of ``given``; say what is wrong if they are not ``expected``.

    ``name`` is what the caller calls the dict, and ``of`` what it holds.
    """
    if not isinstance(given, dict):
        raise TypeError(
            f"{name} must be a dict of {of} keyed by task, such as {{'group': ..., 'hue': ...}}; "
            f"got {given!r}"
        )
    if not given or not all(isinstance(task, str) and task for task in given):
        raise ValueError(f"{name} must be named by texts, at least one task, got {list(given)}")
    names = sorted(given)
    if expected is not None:
        has = " and ".join(map(repr, expected))
        for task in (*names, *expected):
            if task not in expected or task not in given:
                what = "a missing" if task in expected else "an unexpected"
                raise ValueError(f"{name} has {what} task {task!r}; the tasks are {has}")
    return names


def check_task_names(name: str, given: Any) -> list[str]:
    """Return the sorted names of tasks; refuse those that clash with what training reports.

    Beside the total ``loss``, it reports ``<task>_loss``, ``<task>_weight`` and metrics such as
    ``<task>_accuracy``, and all of them again as ``val_...``.
    """
    names = check_tasks(name, given, of="heads")
    for task in names:
        of_others = {f"{other}_{what}" for other in names for what in REPORTED}
        if task in RESERVED or task.startswith("val_") or task in of_others:
            raise ValueError(
                f"{name} has a task {task!r}, a name that clashes with what training reports; "
                "choose another"
            )
    return names
