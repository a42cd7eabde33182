"""What the player of a found clip says and shows, for eyes and for ears."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.applications.video import Clips, Found
from mmtutorial.chapters.applications.video import live

FRAMES = np.zeros((16, 64, 64, 3), np.uint8)
PATH = np.stack([[20, 3 * t, 40, 3 * t + 16] for t in range(16)]).astype(float)


def found(visible="0011110000000000", appears=True):
    visible = np.array([letter == "1" for letter in visible])
    maps = np.zeros((16, 8, 8))
    maps[4, 3, 2] = 0.8
    return Found("a <dog>", 0.8, appears, np.arange(16.0), visible, PATH, maps, {}, ["dog"], [])


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ([0, 0, 10, 10], "top left"),
        ([25, 25, 40, 40], "middle"),
        ([50, 25, 64, 40], "bottom middle"),
        ([25, 50, 40, 64], "middle right"),
    ],
)
def test_a_place_is_said_in_words(box, said):
    assert live.say_place(box) == said


def test_the_answer_is_told_in_words_from_beginning_to_end():
    text = live.describe(found())
    assert text == (
        "The model sees 'a <dog>' in frames 3 to 6, from the middle left to the middle "
        "(score 0.80)."
    )
    assert "does not see" in live.describe(found("0" * 16, appears=False))
    two = live.describe(found("0110000000000001"))
    assert "frames 2 to 3 and frame 16" in two


def test_the_truth_is_told_beside_it():
    true = np.where(np.arange(16)[:, None] < 4, PATH, np.nan)
    assert "between frames 1 and 4; the boxes overlap by 100%" in live.describe_truth(found(), true)
    assert live.describe_truth(found(), np.full((16, 4), np.nan)) == " It is not there."
    assert live.describe_truth(found(), None) == ""


def test_the_player_starts_where_it_is_surest_and_shows_boxes_where_it_is_seen():
    html = live.show_found(FRAMES, found(), PATH)._repr_html_()
    tags = Tags(html)
    (slider,) = tags.all("input")
    assert slider["value"] == "4"
    assert "Pictures: Fluent, animated (Microsoft), MIT; stamps of Tux Paint" in tags.words
    (box,) = tags.all("div", **{"class": "mm-clip"})
    states = json.loads(box["data-frames"])
    assert [state["b"][0] is not None for state in states] == list(found().visible)
    assert states[0]["t"] == "frame 1 of 16: not seen"
    assert states[3]["t"] == "frame 4 of 16: middle left"


def test_the_truth_is_that_of_one_cut_out():
    visible = np.zeros((1, 2, 16), bool)
    visible[0, 1, 3:5] = True
    boxes = np.tile(PATH, (1, 2, 1, 1))
    clips = Clips("scene", FRAMES[None], np.array([[7, 9]]), boxes, visible, np.array([[-1, -1]]))
    assert np.isfinite(live.truth_of(clips, 0, 9)).all(axis=1).sum() == 2
    assert not np.isfinite(live.truth_of(clips, 0, 5)).any()
    finder = SimpleNamespace(find=lambda frames, text: found())
    chooser = live.clip_chooser(finder, clips, [(0, 9, "dog"), (0, 5, "cat")])
    tags = Tags(chooser._repr_html_())
    assert len(tags.all("option")) == 2
    assert "It is not there." in tags.words


def test_the_live_figure_names_words_that_it_does_not_know():
    clips = Clips("scene", np.stack([FRAMES] * 2), np.zeros((2, 1), int), PATH, PATH, PATH)
    said = found()
    said.unknown.append("<zebra>")
    finder = SimpleNamespace(find=lambda frames, text: said)
    view = live.clip_view(finder, clips, "<b>twin</b>", 0, "dog")
    assert "It does not know: &lt;zebra&gt;." in view._figure.value
    assert "<b>twin</b>" in view._repr_mimebundle_()["text/html"]
