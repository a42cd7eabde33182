"""The live figure in a kernel: it answers its controls, and says what is wrong."""

import asyncio

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
