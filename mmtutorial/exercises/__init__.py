"""Checks for the exercises: they run what you wrote and say what is wrong, not what is right.

>>> check("joint_parameters", lambda image_shape, text_dim, units: 0)
✗ Not yet. You returned 0 for a 2x2x1 map, a text vector of 3 and 2 units. Every unit has one weight for each number that comes in, and one bias.
"""  # noqa: E501

import json
from dataclasses import dataclass
from importlib import resources

from mmtutorial.exercises import (
    background_1_what_is_multimodal,
    background_2_arrays,
    background_3_features,
    background_4_evaluation,
    fusion_1_joining,
    fusion_2_gates_and_tensors,
    fusion_3_attention,
    fusion_4_missing_modalities,
    fusion_5_which_fusion,
)

# Each chapter has CHECKS and, for who passes them, PRAISE.
CHAPTERS = (
    background_1_what_is_multimodal,
    background_2_arrays,
    background_3_features,
    background_4_evaluation,
    fusion_1_joining,
    fusion_2_gates_and_tensors,
    fusion_3_attention,
    fusion_4_missing_modalities,
    fusion_5_which_fusion,
)
CHECKS = {name: check for chapter in CHAPTERS for name, check in chapter.CHECKS.items()}
PRAISE = {name: text for chapter in CHAPTERS for name, text in chapter.PRAISE.items()}


@dataclass(frozen=True)
class Feedback:
    """Whether an answer passed, and one sentence that helps."""

    passed: bool
    message: str

    def __repr__(self):
        return ("✓ Yes. " if self.passed else "✗ Not yet. ") + self.message


def check(exercise, answer):
    """Run the check of an exercise on your function; never raises because of your answer.

    Parameters
    ----------
    exercise : name of the exercise, as it stands in the chapter
    answer : the function that you wrote

    Raises ``ValueError`` for an unknown exercise, ``TypeError`` if ``answer`` is no function.
    """
    if exercise not in CHECKS:
        raise ValueError(f"exercise must be one of {sorted(CHECKS)}, got {exercise!r}")
    if not callable(answer):
        raise TypeError(f"answer must be a function, got {type(answer).__name__}: pass it uncalled")
    try:
        problem = CHECKS[exercise](answer)
    except NotImplementedError:
        problem = "The function is still the stub: replace the line that raises."
    except Exception as error:  # whatever a learner's function may raise
        problem = f"Your function stopped with {type(error).__name__}: {error}"
    return Feedback(not problem, problem or PRAISE[exercise])


def quiz(name):
    """Return the questions of a chapter, such as ``"fusion_1_joining"``, for ``display_quiz``.

    Raises ``ValueError`` for an unknown name.
    """
    folder = resources.files("mmtutorial") / "quizzes"
    names = sorted(file.name[:-5] for file in folder.iterdir())
    if name not in names:
        raise ValueError(f"name must be one of {names}, got {name!r}")
    return json.loads((folder / f"{name}.json").read_text("utf-8"))
