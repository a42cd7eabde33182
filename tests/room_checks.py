"""What the parts of a chapter's room must be like."""


def check_quiz(questions):
    """A list of questions for jupyterquiz, each wrong answer with a word on why it is wrong."""
    assert isinstance(questions, list)
    assert len(questions) >= 3
    for question in questions:
        assert question.keys() == {"question", "type", "answers"}
        assert question["type"] == "multiple_choice"
        answers = question["answers"]
        assert len(answers) >= 3, question["question"]
        for answer in answers:
            assert answer.keys() == {"answer", "correct", "feedback"}
            assert len(answer["feedback"]) > 20, answer["answer"]
        assert [answer["correct"] for answer in answers].count(True) == 1, question["question"]
        assert all(isinstance(answer["correct"], bool) for answer in answers)
        for key in ("answer", "feedback"):
            assert len({answer[key] for answer in answers}) == len(answers), question["question"]
    assert len({question["question"] for question in questions}) == len(questions)
