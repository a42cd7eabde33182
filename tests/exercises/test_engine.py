"""The engine compares an answer with the reference, and names the mistake that it shows."""

import subprocess
import sys

import numpy as np
import pytest

from mmtutorial import exercises
from mmtutorial.exercises.answers import describe, has_kind_of, is_equal, is_unchanged, show
from mmtutorial.exercises.engine import CHANGED, STUB, Exercise, Mistake, give_feedback


def declare(reference, *cases, mistakes=(), **options):
    return Exercise(
        "toy", reference, lambda: list(cases), dict(mistakes), success="Good.", **options
    )


def feedback_for(answer, *exercise, **options):
    return give_feedback(declare(*exercise, **options), answer)


def message_for(answer, *exercise, **options):
    feedback = feedback_for(answer, *exercise, **options)
    assert not feedback.passed
    return feedback.message


def total(values, start):
    return sum(values) + start


class Hostile:
    """An object, and an error, that refuse all that one may ask of them."""

    def refuse(self, *args, **kwargs):
        raise RuntimeError("no")

    __array__ = __eq__ = __len__ = __iter__ = __bool__ = __repr__ = __str__ = refuse
    __hash__ = None


class HostileError(BaseException):
    """An error that cannot be printed."""

    def __str__(self):
        raise RuntimeError("no")


CASES = (([1, 2], 0), ([1, 2], 5), ([4, 0], 1))
MISTAKES = {
    "{given}: without the start {start}.": lambda values, start: sum(values),
    "the maximum": lambda values, start: max(values) + start,
    "nothing is added": Mistake((lambda v, s: 0,), seen=lambda got, right, v, s: got == 0),
    "minus, {seen}": Mistake((), seen=lambda got, right, v, s: "indeed" if got < 0 else ""),
}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda values, start: sum(values), "the values [1, 2]: without the start 5."),
        (lambda values, start: max(values) + start, "the maximum"),
        (lambda values, start: 0, "nothing is added"),
        (lambda values, start: -7, "minus, indeed"),
        (lambda values, start: 77, "You returned 77 for the values [1, 2]. Look again at 0."),
        (lambda values, start: 3 if start < 5 else 4, "You returned 4 for the values [1, 2]."),
    ],
)
def test_mistake_is_named_where_it_first_shows(answer, message):
    options = {"given": "the values {values}", "hint": "Look again at {start}."}
    assert message_for(answer, total, *CASES, mistakes=MISTAKES, **options).startswith(message)


def test_mistake_that_explains_all_cases_goes_before_one_that_explains_the_first():
    mistakes = {"first": lambda x: 3 * x if x == 1 else x, "all": lambda x: 3 * x}
    assert message_for(lambda x: x + x + x, lambda x: 2 * x, (1,), (2,), mistakes=mistakes) == "all"
    assert message_for(lambda x: 3 if x == 1 else 9, lambda x: 2 * x, (1,), (2,),
                       mistakes=mistakes) == "first"  # fmt: skip


def test_mistake_may_raise_and_an_answer_that_raises_the_same_makes_it():
    mistakes = {"second: {error}": lambda x: x[1], "twice": lambda x: 2 * x[0]}
    cases = ([5], [5, 6])

    def message(answer):
        return message_for(answer, lambda x: x[0], *zip(cases), mistakes=mistakes)

    assert message(lambda x: x[1]) == "second: IndexError: list index out of range"
    assert message(lambda x: x[0] + x[0]) == "twice"
    assert message(lambda x: x.y) == (
        "For x = [5] your function stopped with AttributeError: 'list' object has no attribute 'y'"
    )


def test_right_on_all_cases_is_not_enough_where_more_is_asked():
    calls = []
    also = {"{seen} calls": Mistake((), seen=lambda answer: f"{len(calls)}")}
    assert message_for(lambda x: calls.append(x) or x, lambda x: x, (1,), (2,), also=also) == (
        "2 calls"
    )
    never = {"no": Mistake((), seen=lambda answer: "")}
    assert feedback_for(lambda x: x, lambda x: x, (1,), also=never).passed
    once = {"no": Mistake((), seen=lambda answer: answer(9))}
    answer = {1: 1}.__getitem__
    assert "KeyError" in message_for(answer, lambda x: x, (1,), also=once)


def test_exercise_may_say_itself_what_is_equal():
    assert feedback_for(lambda x: -x, lambda x: x, (2,), equal=lambda a, b, x: abs(a) == x).passed


def test_stub_is_told_from_an_error():
    def stub(x):
        raise NotImplementedError("your turn")

    assert message_for(stub, abs, (1,)) == STUB


@pytest.mark.parametrize("right", [1, 1.0, "a", (1, 2), {"a": 1}, np.ones(2), [np.ones(2)] * 2])
def test_hostile_answers_are_survived(right):
    def fail(x):
        raise HostileError

    assert "Hostile" in message_for(lambda x: Hostile(), lambda x: right, (1,))
    assert "stopped with HostileError" in message_for(fail, lambda x: right, (1,))


def test_answer_may_be_an_object_that_cannot_be_copied():
    class Same:
        def __call__(self, x):
            return x

        def __deepcopy__(self, memo):
            raise RuntimeError("no")

    also = {"no": Mistake((), seen=lambda answer: answer(1) != 1)}
    assert feedback_for(Same(), lambda x: x, (1,), also=also).passed


def test_interrupt_by_the_learner_is_obeyed():
    def endless(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feedback_for(endless, abs, (1,))


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (np.ones(2), lambda x: x.fill(0)),
        (np.array([np.nan, 1.0]), lambda x: x.fill(1)),
        (np.array([True, False]), lambda x: x.fill(1)),
        ([1, 2], lambda x: x.sort(reverse=True)),
        ([np.ones(2)], lambda x: x[0].fill(0)),
        ([np.ones(2)], lambda x: x.insert(0, x.pop()[0])),
        ([1, 2], lambda x: x.insert(0, Hostile())),
        ([1, 2], lambda x: x.__setitem__(0, Hostile())),
        ({"a": np.ones(2)}, lambda x: x["a"].fill(0)),
        ({"a": 1, "b": 2}, lambda x: x.pop("b")),
    ],
)
def test_change_of_what_was_given_is_seen(value, change):
    assert message_for(lambda x: change(x) or 3, lambda x: 3, (value,)) == CHANGED
    assert is_unchanged(value, value)
    assert feedback_for(lambda x: 3, lambda x: 3, (value,)).passed


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (22159488.0, 22159488),
        (np.int64(3), 3),
        (0.1 + 0.2, 0.3),
        ([0.1, 0.2], np.array([0.1, 0.2])),
        (np.array([1.0, 2.0]), (1.0, 2.0)),
        ([np.ones(2), np.ones(3)], (np.ones(2), np.ones(3))),
        ({"a": [1, 2]}, {"a": np.array([1, 2])}),
        ([True, False], np.array([True, False])),
        (np.array([np.nan]), np.array([np.nan])),
        ("red", "red"),
    ],
)
def test_equal_results_are_equal_whatever_holds_them(got, right):
    assert has_kind_of(got, right)
    assert is_equal(got, right)


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (22159489, 22159488),  # one bias too many is no matter of rounding
        (0.301, 0.3),
        ([0.1, 0.3], np.array([0.1, 0.2])),
        ({"a": 2}, {"a": 1}),
        ([False, False], np.array([True, False])),
        (np.array([np.nan]), np.array([1.0])),
        ("Red", "red"),
    ],
)
def test_other_results_of_the_kind_are_not_equal(got, right):
    assert has_kind_of(got, right)
    assert not is_equal(got, right)


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (True, 1),
        (1, True),
        (1j, 1.0),
        ("1", 1),
        (1, "1"),
        (None, 1),
        ([1, [2]], np.ones(2)),
        (np.ones((2, 1)), np.ones(2)),
        (np.ones(1), 1.0),
        ([1, 2, 3], (1, 2)),
        (np.array(1), (1, 2)),
        ({"b": 1}, {"a": 1}),
        ([("a", 1)], {"a": 1}),
    ],
)
def test_other_kinds_and_shapes_are_refused(got, right):
    assert not has_kind_of(got, right)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing (None)"),
        (np.float64(1 / 3), "0.333333"),
        (np.array(2), "2"),
        (np.ones((2, 3)), "an array of shape (2, 3)"),
        ((np.ones(2), 1), "a tuple of 2 (an array of shape (2,); 1)"),
        ([np.ones(1)] * 5, "a list of 5 (" + "an array of shape (1,); " * 4 + "...)"),
        ([[np.ones(1)]], "a list of 1 (a list of 1 (an array of shape (1,)))"),
        (len, "a function"),
        (object(), "an object of type object"),
    ],
)
def test_value_is_named_in_few_words(value, words):
    assert describe(value) == words


def test_small_arrays_are_shown():
    assert show(np.array([1 / 3, 2])) == "[0.3333, 2.0]"
    assert show(np.ones(9)) == describe(np.ones(9))


def test_expected_kind_is_named_in_the_words_of_the_exercise():
    said = message_for(lambda x: 1, lambda x: np.ones(3, bool), (2,), asked="a mask")
    assert said == (
        "You returned 1 for x = 2. Asked for: a mask, so an array of True and False of shape (3,)."
    )


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("a", "a text"),
        (7, "one number"),
        (True, "True or False"),
        (np.ones(2), "an array of shape (2,)"),
        ((7, np.ones(2)), "a tuple of 2 (one number; an array of shape (2,))"),
        ({"a": 7}, "a dict with the keys 'a'"),
    ],
)
def test_expected_kind_is_named_and_its_numbers_are_not(right, words):
    said = message_for(lambda x: None, lambda x: right, (2,))
    assert said == f"You returned nothing (None) for x = 2. Asked for: {words}."


def test_check_refuses_what_is_no_exercise_or_no_function():
    for wrong in ("no", ["late_fusion"], np.zeros(2)):
        with pytest.raises(ValueError, match=r"exercise must be one of .*'late_fusion'.* got"):
            exercises.check(wrong, len)
    with pytest.raises(TypeError, match="answer must be a function, got int"):
        exercises.check("late_fusion", 3)


def test_no_room_is_imported_before_it_is_asked_for():
    code = (
        "import sys, mmtutorial as mm\n"
        "rooms = lambda: [n for n in sys.modules if n.startswith('mmtutorial.chapters.')]\n"
        "mm.exercises.check\n"
        "assert not rooms(), rooms()\n"
        "mm.exercises.check('standardise', len)\n"
        "assert not [n for n in rooms() if 'fusion' in n], rooms()\n"
        "assert not {'keras', 'tensorflow'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
