"""Checks for the exercises: they run what you wrote and say what is wrong, not what is right.

>>> check("joint_parameters", lambda map_shape, text_dim, units: 0)
✗ Not yet. You returned 0 for a 2x2x1 map, a text vector of 3 and 2 units. Every unit has one weight for each number that comes in, and one bias.
"""  # noqa: E501

from collections.abc import Callable, Iterator
from importlib import import_module

from mmtutorial._files import read_json
from mmtutorial._packages import CHAPTERS, find_rooms, module_of
from mmtutorial.exercises.engine import Exercise, Feedback, give_feedback

__all__ = ["Feedback", "check", "quiz"]


def check(exercise: str, answer: Callable) -> Feedback:
    """Run the check of an exercise on your function; never raises because of your answer.

    Parameters
    ----------
    exercise : name of the exercise, as it stands in the chapter
    answer : the function that you wrote

    Raises ``ValueError`` for an unknown exercise, ``TypeError`` if ``answer`` is no function.
    """
    declared = _find_exercise(exercise)
    if not callable(answer):
        raise TypeError(f"answer must be a function, got {type(answer).__name__}: pass it uncalled")
    return give_feedback(declared, answer)


def _find_exercise(name: str) -> Exercise:
    for exercise in all_exercises():
        if isinstance(name, str) and exercise.name == name:
            return exercise
    names = sorted(exercise.name for exercise in all_exercises())
    raise ValueError(f"exercise must be one of {names}, got {name!r}")


def all_exercises() -> Iterator[Exercise]:
    """Yield the exercises of all chapters; a room is imported when its turn comes."""
    for room in find_rooms("exercises.py"):
        yield from import_module(module_of(room, "exercises")).EXERCISES


def quiz(name: str) -> list[dict]:
    """Return the questions of a chapter, such as ``"fusion/joining"``, for ``display_quiz``.

    Raises ``ValueError`` for an unknown name, and ``DataError`` for a damaged file.
    """
    names = find_rooms("quiz.json")
    if name not in names:
        raise ValueError(f"name must be one of {names}, got {name!r}")
    return read_json(CHAPTERS / name / "quiz.json")
