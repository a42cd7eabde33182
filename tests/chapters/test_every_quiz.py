"""What holds for the quiz of every chapter."""

import pytest
from room_checks import check_quiz

from mmtutorial import exercises
from mmtutorial._packages import find_rooms


@pytest.mark.parametrize("room", find_rooms())
def test_every_answer_of_a_quiz_is_explained_and_one_is_right(room):
    check_quiz(exercises.quiz(room))


def test_quiz_names_what_there_is():
    with pytest.raises(ValueError, match=r"name must be one of .*'fusion/joining'.* got 'no'"):
        exercises.quiz("no")


QUESTION = {
    "question": "1 + 1?",
    "type": "multiple_choice",
    "answers": [
        {"answer": str(n), "correct": n == 2, "feedback": f"Count {n} fingers of one hand."}
        for n in range(3)
    ],
}
QUIZ = [QUESTION | {"question": f"{n} + 1?"} for n in range(3)]


WRONG = {
    "no list": lambda quiz: {"questions": quiz},
    "too few": lambda quiz: quiz[:2],
    "the same twice": lambda quiz: [quiz[0], *quiz[:2]],
    "a word too many": lambda quiz: [{**quiz[0], "hint": ""}, *quiz[1:]],
    "no right answer": lambda quiz: [with_answer(quiz[0], 2, correct=False), *quiz[1:]],
    "two right answers": lambda quiz: [with_answer(quiz[0], 0, correct=True), *quiz[1:]],
    "no feedback": lambda quiz: [with_answer(quiz[0], 0, feedback="No."), *quiz[1:]],
    "one for two": lambda quiz: [with_answer(quiz[0], 0, feedback=said(quiz)), *quiz[1:]],
}


@pytest.mark.parametrize("change", WRONG)
def test_a_quiz_of_a_wrong_form_is_found(change):
    check_quiz(QUIZ)
    with pytest.raises(AssertionError):
        check_quiz(WRONG[change](QUIZ))


def with_answer(question, number, **changed):
    """The question with one answer changed."""
    answers = list(question["answers"])
    answers[number] = answers[number] | changed
    return question | {"answers": answers}


def said(quiz):
    """The feedback to the second answer of the first question."""
    return quiz[0]["answers"][1]["feedback"]
