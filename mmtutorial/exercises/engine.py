"""Exercises, declared once: the reference, the cases, and the mistakes with their messages.

A message is a template. It may name the parameters of the reference (``{weight}``, also
``{image.shape[0]}``), the case in words (``{given}``), what came back (``{got}``), and the text
that ``seen`` returned (``{seen}``).

>>> double = Exercise(
...     "double",
...     reference=lambda number: 2 * number,
...     cases=lambda: [(3,), (5,)],
...     mistakes={"You squared {number}.": lambda number: number**2},
...     success="Twice as much.",
... )
>>> give_feedback(double, lambda number: number * number)
✗ Not yet. You squared 3.
>>> give_feedback(double, lambda number: number + number)
✓ Yes. Twice as much.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from mmtutorial.exercises.answers import (
    Answer,
    Outcome,
    describe,
    describe_kind,
    has_kind_of,
    is_equal,
    is_finite,
    name_error,
    run,
    show,
)

STUB = "The function is still the stub: replace the line that raises."
CHANGED = (
    "Your function changed what it was given, and the next cell would compute with "
    "the changed values. Make a new array or list instead."
)


@dataclass(frozen=True)
class Mistake:
    """Wrong answers that share one message.

    Without ``seen`` a mistake is recognised by its results: they are those of one of the examples.
    With it, by ``seen(got, right, *arguments)``: true, or a text for ``{seen}``, if a result of the
    right kind and shape shows the mistake.
    """

    examples: tuple[Answer, ...]
    seen: Callable[..., bool | str] | None = None


Made = Answer | tuple[Answer, ...] | Mistake


def to_mistake(made: Made) -> Mistake:
    """Return as a ``Mistake`` what stands beside a message: also one wrong answer, or several."""
    if isinstance(made, Mistake):
        return made
    return Mistake(made if isinstance(made, tuple) else (made,))


@dataclass(frozen=True)
class Exercise:
    """A function to be written, and how it is checked.

    Parameters
    ----------
    name : as in ``mm.exercises.check(name, answer)``, unique over all chapters
    reference : a right answer
    cases : returns the tuples of arguments on which an answer is compared with the reference
    mistakes : beside each message a wrong answer, several, or a ``Mistake``; the first that fits
    success : what a right answer teaches
    given : one case in words, such as ``"weight {weight}"``
    asked : what is to be returned, in words
    hint : for a wrong answer that is none of the mistakes
    equal : ``equal(got, right, *arguments)``, where more than one result is right
    also : ``{message: Mistake}`` for an answer that is right on all cases, with ``seen(answer)``
    """

    name: str
    reference: Answer
    cases: Callable[[], Sequence[tuple]]
    mistakes: Mapping[str, Made]
    success: str
    given: str = ""
    asked: str = ""
    hint: str = ""
    equal: Callable[..., bool] | None = None
    also: Mapping[str, Mistake] = field(default_factory=dict)


@dataclass(frozen=True)
class Feedback:
    """Whether an answer passed, and one sentence that helps."""

    passed: bool
    message: str

    def __repr__(self):
        return ("✓ Yes. " if self.passed else "✗ Not yet. ") + self.message


def give_feedback(exercise: Exercise, answer: Answer) -> Feedback:
    """Compare an answer with the reference, and name the mistake of the first case that differs."""
    cases = exercise.cases()
    outcomes = [run(answer, case) for case in cases]
    for number, (case, outcome) in enumerate(zip(cases, outcomes, strict=True)):
        right = exercise.reference(*deepcopy(case))
        if outcome.changed or not _agrees(exercise, outcome, Outcome(right), case):
            return Feedback(False, _explain(exercise, cases, outcomes, number, right))
    for message, mistake in exercise.also.items():
        found = run(partial(mistake.seen, answer), ())
        if found.error:
            return Feedback(False, f"Run once more, it stopped with {name_error(found.error)}")
        if found.result:
            return Feedback(False, message.format(seen=found.result))
    return Feedback(True, exercise.success)


def _agrees(exercise: Exercise, outcome: Outcome, other: Outcome, case: tuple) -> bool:
    """Whether two outcomes of a case are the same: equal results, or the same error."""
    if outcome.error or other.error:
        return name_error(outcome.error) == name_error(other.error)
    got, right = outcome.result, other.result
    try:
        if not has_kind_of(got, right):
            return False
        if exercise.equal:
            return bool(exercise.equal(_to_array(got, right), right, *case))
        return is_equal(got, right)
    except Exception:  # an object that cannot be compared is not equal
        return False


def _to_array(got: object, right: object) -> object:
    return np.asarray(got) if isinstance(right, np.ndarray) else got


def _explain(
    exercise: Exercise, cases: Sequence[tuple], outcomes: list[Outcome], number: int, right: object
) -> str:
    """Say what is wrong with the outcome of one case."""
    case, outcome = cases[number], outcomes[number]
    if isinstance(outcome.error, NotImplementedError):
        return STUB
    if outcome.changed:
        return CHANGED
    arguments = inspect.signature(exercise.reference).bind(*case).arguments
    words = ", ".join(f"{name} = {describe(value)}" for name, value in arguments.items())
    message, seen = _find_mistake(exercise, cases, outcomes, number, right)
    text = (message or _explain_unknown(exercise, outcome, right)).format(
        **arguments,
        given=exercise.given.format(**arguments) or words,
        asked=_ask(exercise, right),
        got=describe(outcome.result),
        shown=show(outcome.result),
        error=name_error(outcome.error),
        seen=seen,
    )
    return " ".join(text.split())  # an array of several lines, in one


def _find_mistake(
    exercise: Exercise, cases: Sequence[tuple], outcomes: list[Outcome], number: int, right: object
) -> tuple[str, str]:
    """Return message and ``seen`` of the mistake with the same outcomes on all cases, or on one."""
    named = [(message, to_mistake(made)) for message, made in exercise.mistakes.items()]
    for message, mistake in named:
        if _is_made(exercise, mistake, cases, outcomes):
            return message, ""
    for message, mistake in named:
        if _is_made(exercise, mistake, cases[number : number + 1], outcomes[number : number + 1]):
            return message, ""
        seen = mistake.seen and _see(mistake.seen, outcomes[number], right, cases[number])
        if seen:
            return message, seen
    return "", ""


def _is_made(
    exercise: Exercise, mistake: Mistake, cases: Sequence[tuple], outcomes: list[Outcome]
) -> bool:
    """Whether one of the wrong answers has these outcomes; its warnings are not the learner's."""
    if mistake.seen:
        return False
    pairs = list(zip(cases, outcomes, strict=True))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return any(
            all(_agrees(exercise, outcome, run(example, case), case) for case, outcome in pairs)
            for example in mistake.examples
        )


def _see(seen: Callable, outcome: Outcome, right: object, case: tuple) -> object:
    """Return what ``seen`` says of a result of the right kind."""
    if outcome.error or not has_kind_of(outcome.result, right):
        return False
    return run(partial(seen, _to_array(outcome.result, right), right), case).result


def _ask(exercise: Exercise, right: object) -> str:
    """Say what is to be returned: in the exercise's words, and the shape if it is an array."""
    if exercise.asked and not isinstance(right, np.ndarray):
        return exercise.asked
    return ", so ".join(filter(None, [exercise.asked, describe_kind(right)]))


def _explain_unknown(exercise: Exercise, outcome: Outcome, right: object) -> str:
    """Return the message for an outcome that is none of the known mistakes."""
    if outcome.error:
        return "For {given} your function stopped with {error}"
    if not has_kind_of(outcome.result, right):
        return "You returned {got} for {given}. Asked for: {asked}."
    if is_finite(right) and not is_finite(outcome.result):
        problem = "For {given} your result holds NaN or infinity."
    elif isinstance(right, np.ndarray) and right.size > 8:
        problem = "For {given} the shape is right, but not the numbers."
    else:
        problem = "You returned {shown} for {given}."
    return f"{problem} {exercise.hint}".strip()
