"""What holds for every exercise of every chapter, found in its notebook and in its room."""

import ast
import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import nbformat
import numpy as np
import pytest

from mmtutorial import exercises
from mmtutorial._packages import CHAPTERS, find_rooms, module_of
from mmtutorial.exercises.engine import CHANGED, STUB, to_mistake

BOOK = Path(__file__).resolve().parents[2] / "book"
NOTEBOOKS = {
    f"{path.parent.name}/{path.stem.partition('_')[2]}": path for path in BOOK.glob("*/*.ipynb")
}
ROOMS = find_rooms("exercises.py")
BY_ROOM = {room: import_module(module_of(room, "exercises")).EXERCISES for room in ROOMS}
EXERCISES = [exercise for room in ROOMS for exercise in BY_ROOM[room]]
CHECK = re.compile(r'mm\.exercises\.check\("(\w+)", (\w+)\)')

every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.name)


def exercises_of(path):
    """Yield name, function, stub and folded solution of every exercise of a chapter."""
    cells = nbformat.read(path, as_version=4).cells
    for i, cell in enumerate(cells):
        found = CHECK.search(cell.source)
        if cell.cell_type == "code" and found:
            block = next(c.source for c in cells[i + 1 :] if "solution-start" in c.source)
            solution = re.search(r"```python\n(.*?)```", block, re.S).group(1)
            yield *found.groups(), cell.source[: found.start()], solution


WRITTEN = [
    pytest.param(*each, id=each[0]) for path in NOTEBOOKS.values() for each in exercises_of(path)
]


def define(source, function):
    """Run the source of a cell and return the function of this name."""
    space = {"np": np}
    exec(compile(source, "notebook", "exec"), space)
    return space[function]


def check_fails(exercise, answer):
    """Return the message for a wrong answer, which is a sentence with nothing left to fill in."""
    feedback = exercises.check(exercise.name, answer)
    assert not feedback.passed
    assert repr(feedback) == f"✗ Not yet. {feedback.message}"
    assert re.match(r"[A-Z0-9`-]", feedback.message)
    assert len(feedback.message) > 20
    assert "{" not in feedback.message
    return feedback.message


# The notebooks


@pytest.mark.parametrize(("name", "function", "stub", "solution"), WRITTEN)
def test_folded_solution_passes(name, function, stub, solution):
    feedback = exercises.check(name, define(solution, function))
    assert feedback.passed, feedback
    assert repr(feedback) == f"✓ Yes. {feedback.message}"


@pytest.mark.parametrize(("name", "function", "stub", "solution"), WRITTEN)
def test_blank_stub_fails_and_says_so(name, function, stub, solution):
    assert exercises.check(name, define(stub, function)) == exercises.Feedback(False, STUB)


@pytest.mark.parametrize("room", sorted(NOTEBOOKS.keys() | ROOMS))
def test_notebook_and_room_have_the_same_exercises(room):
    written = [name for name, *_ in exercises_of(NOTEBOOKS[room])]
    assert written
    assert written == [exercise.name for exercise in BY_ROOM[room]]


def test_names_are_unique():
    names = [exercise.name for exercise in EXERCISES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("room", ROOMS)
def test_declarations_import_only_numpy_scipy_and_the_engine(room):
    tree = ast.parse((CHAPTERS / room / "exercises.py").read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    allowed = {"numpy", "scipy.special", "tracemalloc", "mmtutorial.exercises.engine"}
    assert names <= allowed


# The declarations


@every_exercise
def test_reference_passes(exercise):
    assert exercises.check(exercise.name, exercise.reference).message == exercise.success


def as_pattern(message):
    """Return the pattern of the messages that a template makes."""
    parts = ((re.escape(text), field) for text, field, *_ in Formatter().parse(message))
    return re.compile("".join(text + (".+" if field else "") for text, field in parts), re.S)


MISTAKES = [
    pytest.param(exercise, message, example, id=f"{exercise.name}-{number}-{i}")
    for exercise in EXERCISES
    for number, (message, made) in enumerate({**exercise.mistakes, **exercise.also}.items())
    for i, example in enumerate(to_mistake(made).examples)
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a mistake may divide by 0
@pytest.mark.parametrize(("exercise", "message", "example"), MISTAKES)
def test_each_mistake_gets_its_own_message(exercise, message, example):
    said = check_fails(exercise, example)
    fitting = [m for m in (*exercise.mistakes, *exercise.also) if as_pattern(m).fullmatch(said)]
    assert fitting == [message], said


# Answers of any kind


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "You returned nothing (None)"),
        ("four", "You returned 'four'"),
        (np.zeros((2, 3, 9)), "You returned an array of shape (2, 3, 9)"),
        (np.array([0.5]), "You returned an array of shape (1,)"),
        ([[1], [2, 3]], "You returned [[1], [2, 3]]"),
        (1j, "You returned 1j"),
        (object(), "You returned an object of type object"),
        (np.sum, "You returned a function"),
    ],
)
@every_exercise
def test_result_of_a_wrong_kind_is_named(exercise, result, said):
    message = check_fails(exercise, lambda *given: result)
    assert said in message
    assert "Asked for: " in message or result == "four"


def to_nan(result):
    """Put NaN in the place of every number."""
    if isinstance(result, tuple | list):
        return [to_nan(part) for part in result]
    return np.full(np.shape(result), np.nan)[()]


@every_exercise
def test_nan_does_not_pass_and_is_named(exercise):
    message = check_fails(exercise, lambda *given: to_nan(exercise.reference(*given)))
    assert re.search("nan|its spread is 0|a row that was there|True and False", message, re.I)


@pytest.mark.parametrize(
    "error", [ValueError("no"), ZeroDivisionError(), SystemExit(1), GeneratorExit()]
)
@every_exercise
def test_error_of_an_answer_is_told_and_not_raised(exercise, error):
    def fail(*given):
        raise error

    assert f"stopped with {type(error).__name__}" in check_fails(exercise, fail)


@every_exercise
def test_wrong_number_of_parameters_is_told(exercise):
    assert "stopped with TypeError" in check_fails(exercise, lambda: 1)


def change(value):
    """Change an argument in place, and return whether that can be done."""
    if isinstance(value, np.ndarray):
        value[...] = ~value if value.dtype == bool else value + 1
    elif isinstance(value, dict):
        value.popitem()
    elif isinstance(value, list):
        return change(value[0]) or bool(value.pop())
    else:
        return False
    return True


@every_exercise
def test_answer_that_changes_what_it_was_given_does_not_pass(exercise):
    changed = 0
    for place, value in enumerate(exercise.cases()[0]):
        if change(value):
            changed += 1

            def spoil(*given, place=place):
                right = exercise.reference(*given)
                change(given[place])
                return right

            assert check_fails(exercise, spoil) == CHANGED
    assert changed or not any(
        isinstance(value, np.ndarray | list | dict) for value in exercise.cases()[0]
    )


# Another right answer: as lists, with another sign, or drawn in another way


def as_lists(result):
    if isinstance(result, tuple | list):
        return [as_lists(part) for part in result]
    return result.tolist() if isinstance(result, np.ndarray | np.generic) else result


@every_exercise
def test_right_answer_in_lists_passes(exercise):
    feedback = exercises.check(exercise.name, lambda *given: as_lists(exercise.reference(*given)))
    assert feedback.passed, feedback


RIGHT = [
    ("project", lambda right: lambda *given: -right(*given)),
    ("mask_by_class", lambda right: lambda *given: right(*given[:2], given[2] + 7)),
    ("split_by_concept", lambda right: lambda *given: right(*given[:2], given[2] + 7)),
    ("decide", lambda right: lambda *given: str(right(*given))),
]


@pytest.mark.parametrize(("name", "other"), RIGHT)
def test_another_right_answer_passes(name, other):
    exercise = next(each for each in EXERCISES if each.name == name)
    assert exercises.check(name, other(exercise.reference)).passed


# The answers that a first reader tried, and those that no mistake explains

TRIED = [
    ("worth_in_bits", lambda b, a, t: 0.123, "not by how many bits"),
    ("additive_part", lambda table: 3 * table.mean(axis=1), "not the row's mean plus"),
    ("choose_weight", lambda v, t, w: w[1], "not the weight with the highest accuracy"),
    ("gated_unit", lambda i, t, V, U, G: i @ V, "the equation of the gate"),
    ("read_states", lambda v, W, U, b: np.zeros((len(v), 4)), "from a state of zeros"),
    ("masked_attention", lambda q, k, v, r: np.zeros((3, 2)), "scaled dot-product"),
    ("exchange", lambda i, t, s, see, read: (i, t, s), "the equation of the bottleneck"),
    ("holm", lambda p: p, "You returned [0.01, 0.5, 0.03] for the p-values [0.01 0.5 0.03]"),
]


@pytest.mark.parametrize(("name", "answer", "message"), TRIED)
def test_unknown_mistake_gets_the_hint(name, answer, message):
    exercise = next(each for each in EXERCISES if each.name == name)
    said = check_fails(exercise, answer)
    assert message in said
    assert not any(as_pattern(m).fullmatch(said) for m in exercise.mistakes)
