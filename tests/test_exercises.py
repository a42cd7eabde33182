"""Solutions pass, the blank stub and planted mistakes fail, each with its own message."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from exercise_checks import check_mistake, check_spoiler

from mmtutorial import exercises

BOOK = Path(__file__).resolve().parents[1] / "book"
NOTEBOOKS = sorted(BOOK.glob("*/*.ipynb"))
CHECK = re.compile(r'mm\.exercises\.check\("(\w+)", (\w+)\)')


def exercises_of(path):
    """Yield name, function, stub and solution of every exercise of a chapter."""
    cells = nbformat.read(path, as_version=4).cells
    for i, cell in enumerate(cells):
        found = CHECK.search(cell.source)
        if cell.cell_type == "code" and found:
            block = next(c.source for c in cells[i + 1 :] if "solution-start" in c.source)
            solution = re.search(r"```python\n(.*?)```", block, re.S).group(1)
            yield *found.groups(), cell.source[: found.start()], solution


ALL = [pytest.param(*e, id=e[0]) for path in NOTEBOOKS for e in exercises_of(path)]


def run(source, function):
    space = {"np": np}
    exec(compile(source, "notebook", "exec"), space)
    return space[function]


@pytest.mark.parametrize(("name", "function", "stub", "solution"), ALL)
def test_the_folded_solution_passes(name, function, stub, solution):
    feedback = exercises.check(name, run(solution, function))
    assert feedback.passed, feedback
    assert repr(feedback).startswith("✓")


@pytest.mark.parametrize(("name", "function", "stub", "solution"), ALL)
def test_the_blank_stub_fails_and_says_so(name, function, stub, solution):
    feedback = exercises.check(name, run(stub, function))
    assert not feedback.passed
    assert "still the stub" in repr(feedback)


def test_every_check_belongs_to_a_chapter():
    assert sorted(exercises.CHECKS) == sorted(param.values[0] for param in ALL)
    assert exercises.CHECKS.keys() == exercises.PRAISE.keys()


def best(split, weights):
    pooled = [w * split["image"] + (1 - w) * split["text"] for w in weights]
    return np.array([np.mean(p.argmax(1) == split["target"]) for p in pooled])


MISTAKES = [
    ("joint_parameters", lambda s, t, u: (np.prod(s) + t) * u, "no unit has its bias"),
    ("joint_parameters", lambda s, t, u: (np.prod(s) + 1) * u, "you counted the image alone"),
    ("joint_parameters", lambda s, t, u: 7, "You returned 7"),
    ("late_fusion", lambda i, t, w: w * t + (1 - w) * i, "it is the text that you weigh"),
    ("late_fusion", lambda i, t, w: i + t, "add up to 2.00"),
    ("late_fusion", lambda i, t, w: (i + t) / 2, "not the weighted mean"),
    ("late_fusion", lambda i, t, w: (w * i + (1 - w) * t)[0], "shape (8,)"),
    ("choose_weight", lambda v, t, w: w[best(t, w).argmax()], "best on the test split"),
    ("choose_weight", lambda v, t, w: best(v, w).max(), "You returned an accuracy"),
    ("choose_weight", lambda v, t, w: w[best(v, w).argmin()], "highest accuracy on validation"),
    ("choose_weight", lambda v, t, w: 0.123, "none of the weights"),
]


@pytest.mark.parametrize(("name", "answer", "message"), MISTAKES)
def test_a_planted_mistake_gets_its_own_message(name, answer, message):
    check_mistake(name, answer, message)


@pytest.mark.parametrize("name", sorted(exercises.CHECKS))
@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "You returned nothing (None)"),
        ("four", "You returned 'four'"),
        (np.zeros((2, 3)), "You returned an array of shape (2, 3)"),
        (np.array([0.5]), "You returned an array of shape (1,)"),
        ([[1], [2, 3]], "You returned [[1], [2, 3]]"),
        (1j, "You returned 1j"),
    ],
)
def test_a_result_of_a_wrong_kind_is_named(name, result, said):
    check_mistake(name, lambda *given: result, said)


@pytest.mark.parametrize("name", sorted(exercises.CHECKS))
def test_an_error_in_the_answer_is_told_and_not_raised(name):
    check_mistake(name, lambda: 1, "stopped with TypeError")


def spoil(given):
    """Make every number that was given the same, so that any choice looks right."""
    for item in given:
        for array in item.values() if isinstance(item, dict) else [item]:
            if isinstance(array, np.ndarray):
                array[...] = array.flat[0]


def zero_both(image, text, weight):
    spoil([image, text])
    return np.full(image.shape, 1 / 8)


def any_weight(validation, test, weights):
    spoil([validation, test])
    return 0.0


def one_weight(validation, test, weights):
    right = weights[best(validation, weights).argmax()]
    spoil([weights])
    return right


def mean_in_place(image, text, weight):
    image *= weight
    image += (1 - weight) * text
    return image


def drop_the_truth(validation, test, weights):
    right = weights[best(validation, weights).argmax()]
    del validation["target"]
    return right


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("late_fusion", zero_both),
        ("late_fusion", mean_in_place),
        ("choose_weight", any_weight),
        ("choose_weight", one_weight),
        ("choose_weight", drop_the_truth),
    ],
)
def test_an_answer_that_changes_what_it_was_given_does_not_pass(name, answer):
    check_spoiler(name, answer)


def test_check_refuses_what_is_no_exercise_or_no_function():
    with pytest.raises(ValueError, match=r"exercise must be one of .*'late_fusion'.* got 'no'"):
        exercises.check("no", len)
    with pytest.raises(TypeError, match="answer must be a function, got int"):
        exercises.check("late_fusion", 3)


QUIZZES = [path.stem for path in Path(exercises.__file__).parents[1].glob("quizzes/*.json")]


@pytest.mark.parametrize("name", QUIZZES)
def test_every_answer_of_a_quiz_is_explained_and_one_is_right(name):
    for question in exercises.quiz(name):
        answers = question["answers"]
        assert [a["correct"] for a in answers].count(True) == 1
        assert len(answers) >= 3
        feedback = [a["feedback"] for a in answers]
        assert all(len(text) > 20 for text in feedback)
        assert len(set(feedback)) == len(feedback)


def test_quiz_names_what_there_is():
    with pytest.raises(ValueError, match=r"name must be one of .*'fusion_1_joining'"):
        exercises.quiz("no")
