"""Checks for the exercises: they run what you wrote and say what is wrong, not what is right.

>>> check("joint_parameters", lambda image_shape, text_dim, units: 0)
✗ Not yet. You returned 0 for a 2x2x1 map, a text vector of 3 and 2 units. Every unit has one weight for each number that comes in, and one bias.
"""  # noqa: E501

import json
import reprlib
from copy import deepcopy
from dataclasses import dataclass
from importlib import resources

import numpy as np


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


def _joint_parameters(answer):
    cases = [((2, 2, 1), 3, 2), ((26, 26, 256), 64, 128), ((2, 2, 256), 64, 128)]
    for shape, text, units in cases:
        height, width, maps = shape
        flat = height * width * maps
        got = answer(shape, text, units)
        given = f"{height}x{width}x{maps} map, a text vector of {text} and {units} units"
        if not _is_number(got):
            return f"You returned {_say(got)} for a {given}; asked for is one number."
        if got == (flat + text) * units:
            return f"For a {given} you have every weight, but no unit has its bias."
        if got == (flat + 1) * units:
            return f"For a {given} you counted the image alone: the text is joined to it first."
        if got != (flat + text + 1) * units:
            return (
                f"You returned {got} for a {given}. Every unit has one weight for each number "
                "that comes in, and one bias."
            )
    return ""


def _late_fusion(answer):
    rng = np.random.default_rng(0)
    image, text = rng.dirichlet(np.ones(8), (2, 50))
    for weight in (0.0, 0.3, 1.0):
        right = weight * image + (1 - weight) * text
        swapped = weight * text + (1 - weight) * image
        given = image.copy(), text.copy()
        got = answer(*given, weight)
        if not _same(given, (image, text)):
            return CHANGED
        if not _is_numbers(got) or np.shape(got) != right.shape:
            return f"You returned {_say(got)}; one row an item makes it {right.shape}."
        got = np.asarray(got, dtype=float)
        if not np.allclose(got.sum(axis=1), 1):
            return (
                f"With weight {weight} your rows add up to {got.sum(axis=1)[0]:.2f}: probabilities "
                "of one item must add up to 1, so the two weights must, too."
            )
        if not np.allclose(got, right):
            if np.allclose(got, swapped):
                return f"With weight {weight} it is the text that you weigh, not the image."
            return f"With weight {weight} the result is not the weighted mean of both."
    return ""


def _choose_weight(answer):
    weights = np.linspace(0, 1, 11)
    splits = _votes(flawed="text", seed=0), _votes(flawed="image", seed=1)
    curves = [_accuracies(split, weights) for split in splits]
    given = deepcopy((*splits, weights))
    got = answer(*given)
    if not _same(given, (*splits, weights)):
        return CHANGED
    if not _is_number(got):
        return f"You returned {_say(got)}; asked for is one number, the weight."
    if np.isclose(got, curves[1].max()) or np.isclose(got, curves[0].max()):
        return f"You returned an accuracy, {float(got):.3f}; asked for is the weight that got it."
    if not np.any(np.isclose(weights, got)):
        return f"You returned {got}, which is none of the weights that were given."
    best = weights[np.isclose(curves[0], curves[0].max())]
    if np.any(np.isclose(best, got)):
        return ""
    if np.isclose(got, weights[curves[1].argmax()]):
        return f"{float(got):.1f} is best on the test split: a choice that saw it proves nothing."
    return f"{float(got):.1f} is not the weight with the highest accuracy on validation."


CHANGED = (
    "Your function changed the arrays that it was given, and the next cell would compute with "
    "the changed ones. Make a new array instead."
)


def _same(given, kept):
    """Whether arrays, and dicts of them, are still what they were."""
    if isinstance(kept, dict):
        return given.keys() == kept.keys() and all(_same(given[k], kept[k]) for k in kept)
    if isinstance(kept, tuple):
        return all(map(_same, given, kept))
    return np.array_equal(given, kept)


def _is_numbers(got):
    """Whether it is a number or an array of them; a ragged list, a text or None is not."""
    try:
        return np.asarray(got).dtype.kind in "iuf"
    except ValueError:
        return False


def _is_number(got):
    return _is_numbers(got) and np.ndim(got) == 0


def _say(got):
    """Name what came back, in a few words."""
    if isinstance(got, np.ndarray) and got.ndim:
        return f"an array of shape {got.shape}"
    if isinstance(got, np.generic):
        got = got.item()
    return "nothing (None)" if got is None else reprlib.repr(got)


def _votes(*, flawed, seed, count=397):
    """Draw a split in which one modality is the weaker: probabilities ``(items, 4)``, truth."""
    rng = np.random.default_rng(seed)
    target = rng.integers(4, size=count)
    split = {"target": target}
    for name in ("image", "text"):
        noise = rng.dirichlet(np.ones(4), count)
        truth = np.eye(4)[target]
        share = 0.15 if name == flawed else 0.3
        split[name] = (1 - share) * noise + share * truth
    return split


def _accuracies(split, weights):
    pooled = [w * split["image"] + (1 - w) * split["text"] for w in weights]
    return np.array([np.mean(p.argmax(axis=1) == split["target"]) for p in pooled])


CHECKS = {
    "choose_weight": _choose_weight,
    "joint_parameters": _joint_parameters,
    "late_fusion": _late_fusion,
}
PRAISE = {
    "choose_weight": "Chosen on validation, and the test split left alone.",
    "joint_parameters": "Image and text side by side, one weight each, and the biases.",
    "late_fusion": "A weighted mean of probabilities, and its rows still add up to 1.",
}
