"""The live figure in a kernel: it answers its controls, and says what is wrong."""

import asyncio
import threading
import time

import ipywidgets as controls
import pytest
from html_checks import Tags

from mmtutorial.widgets import live
from mmtutorial.widgets.live import HINT, TYPING, VIEW


def greet(name, times):
    """Greet, or fail in one of three ways."""
    if not name:
        raise ValueError("Type a <name>")
    if name == "3":
        raise TypeError("a name is no number")
    return f"<p>{name * times}</p>" if name != "bug" else {}["nobody"]


def make(update=greet, **changes):
    given = {
        "name": controls.Text("Ada", description="Name"),
        "times": controls.IntSlider(1, min=1, max=3, description="Times"),
    }
    figure = live(update, given | changes, "<p>twin</p>")
    box = figure._box
    return box.children[0], box.children[1], box.children[2], box.children[3], figure


def test_it_shows_the_first_figure_and_answers_every_control():
    name, times, status, shown, _ = make()
    assert (shown.value, status.value) == ("<p>Ada</p>", "")
    times.value = 2
    assert shown.value == "<p>AdaAda</p>"
    name.value = "Bo"
    assert (shown.value, status.value) == ("<p>BoBo</p>", "")


@pytest.mark.parametrize(
    ("entry", "sentence"), [("", "Type a &lt;name&gt;"), ("3", "a name is no number")]
)
def test_a_wrong_entry_gets_a_sentence_and_the_next_right_one_takes_it_away(entry, sentence):
    name, _, status, shown, _ = make()
    name.value = entry
    assert Tags(status.value).all("p")[0]["role"] == "alert"
    assert sentence in status.value
    assert "Traceback" not in status.value
    assert shown.value == "<p>Ada</p>"
    name.value = "Bo"
    assert (shown.value, status.value) == ("<p>Bo</p>", "")


def test_another_error_is_shown_with_its_traceback_and_raised():
    name, _, status, _, _ = make()
    with pytest.raises(KeyError):
        name.value = "bug"
    assert "KeyError: &#x27;nobody&#x27;" in status.value
    assert "Traceback" in status.value


def test_an_error_of_the_first_figure_fails_the_cell():
    with pytest.raises(ValueError, match="Type a"):
        make(name=controls.Text("", description="Name"))


def test_what_is_typed_counts_once_the_reader_pauses_and_a_slider_at_once():
    asked = []

    def update(name, times):
        asked.append((name, times))
        return ""

    name, times, *_ = make(update)

    async def type_and_drag():
        for text in ("B", "Bo", "Bob"):
            name.value = text
        await asyncio.sleep(0)
        assert len(asked) == 1
        await asyncio.sleep(2 * TYPING)
        times.value = 3
        assert asked[1:] == [("Bob", 1), ("Bob", 3)]
        name.value = "Al"
        times.value = 2  # the answer to the slider is one to the word, too
        await asyncio.sleep(2 * TYPING)

    asyncio.run(type_and_drag())
    assert asked[3:] == [("Al", 2)]


class Counting:
    """Work that counts to a number, in steps that a test allows one by one."""

    def __init__(self, problem=None):
        self.count, self.threads, self.problem = 0, set(), problem
        self.allowed = threading.Semaphore(0)
        self.figure = live(
            lambda most: f"<p>{self.count} of {most}</p>",
            {"most": controls.IntSlider(3, min=1, max=9, description="Most")},
            "<p>twin</p>",
            work=self.work,
            verb="Count",
        )
        self.most, buttons, self.status, self.shown, _ = self.figure._box.children
        self.start, self.stop = buttons.children

    def work(self, step, most):
        self.threads.add(threading.current_thread())
        for _ in range(most):
            assert self.allowed.acquire(timeout=60)
            if self.problem:
                raise self.problem
            self.count += 1
            if not step():
                break
        self.count += 100  # what is done once the last step is over

    def until(self, told):
        """Wait for the thread."""
        end = time.monotonic() + 60
        while not told():
            assert time.monotonic() < end
            time.sleep(0.005)


def test_work_shows_each_step_while_the_kernel_is_free_and_then_its_end():
    run = Counting()
    assert run.shown.value == "<p>0 of 3</p>"
    assert (run.start.description, run.start.disabled, run.stop.disabled) == ("Count", False, True)
    run.start.click()  # comes back at once: nothing is allowed yet
    assert (run.start.disabled, run.most.disabled, run.stop.disabled) == (True, True, False)
    for count in (1, 2):
        run.allowed.release()
        run.until(lambda count=count: run.shown.value == f"<p>{count} of 3</p>")
    run.allowed.release()
    run.until(lambda: not run.start.disabled)
    assert run.shown.value == "<p>103 of 3</p>"
    assert (run.most.disabled, run.stop.disabled, run.status.value) == (False, True, "")
    assert threading.main_thread() not in run.threads


def test_stop_ends_the_work_after_the_step_and_it_can_begin_again():
    run = Counting()
    run.start.click()
    run.allowed.release()
    run.until(lambda: run.count == 1)
    run.stop.click()
    run.allowed.release()  # the step that is under way
    run.until(lambda: not run.start.disabled)
    assert run.count == 102
    assert run.shown.value == "<p>102 of 3</p>"
    run.start.click()
    run.allowed.release(3)
    run.until(lambda: not run.start.disabled)
    assert run.count == 205


def test_a_wrong_entry_of_the_work_gets_a_sentence_and_the_controls_come_back():
    run = Counting(problem=ValueError("seed must be <small>"))
    run.start.click()
    run.allowed.release()
    run.until(lambda: not run.start.disabled)
    assert "seed must be &lt;small&gt;" in run.status.value
    assert "Traceback" not in run.status.value
    assert (run.most.disabled, run.stop.disabled) == (False, True)


def test_without_work_there_are_no_buttons():
    *_, figure = make()
    assert not any(isinstance(part, controls.HBox) for part in figure._box.children)


def test_a_notebook_gets_the_controls_and_whoever_has_no_kernel_the_twin():
    name, *_, figure = make()
    bundle = figure._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == figure._box.model_id
    assert Tags(bundle["text/html"]).open == []
    assert "<p>twin</p>" in bundle["text/html"]
    assert HINT in bundle["text/html"]
    assert name.value not in bundle["text/html"]
    assert bundle["text/plain"] == repr(figure) == "Live: Name, Times"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("greet", {"a": controls.Text(description="A")}, ""), "update must be a function"),
        ((greet, {}, ""), "controls must hold at least one"),
        ((greet, {"a": controls.Text(description="A")}, ""), "controls must be the arguments"),
        ((greet, {"a": 3}, ""), r"controls\['a'\] must be a control"),
        ((greet, {"a": controls.Text(description=" ")}, ""), r"\['a'\].description must say"),
        ((greet, {"a": controls.Text(description="A")}, 3), "twin must be HTML"),
        ((lambda a: 3, {"a": controls.Text(description="A")}, ""), "result must be HTML"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        live(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"work": "train"}, "work must be a function"),
        ({"work": lambda step: None}, "controls must be the arguments of work, after step, got"),
        ({"work": lambda a: None}, "controls must be the arguments of work, after step, got"),
        ({"work": lambda step, a: None, "verb": " "}, "verb must say"),
    ],
)
def test_work_that_cannot_begin_is_refused(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        live(lambda a: "", {"a": controls.Text(description="A")}, "", **options)
