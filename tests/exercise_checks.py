"""What every chapter's checks must do: name the mistake, and see what an answer changes."""

from mmtutorial import exercises


def check_mistake(name, answer, message):
    """A wrong answer does not pass, and hears why."""
    feedback = exercises.check(name, answer)
    assert not feedback.passed
    assert message in feedback.message


def check_spoiler(name, answer):
    """A right answer that changes the arrays that it was given does not pass."""
    check_mistake(name, answer, "changed the arrays that it was given")
