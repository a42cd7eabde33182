"""The clip's player: its frames, its boxes and its words are those that were given."""

import base64
import io
import json
import re

import numpy as np
import pytest
from html_checks import Tags
from PIL import Image

from mmtutorial.widgets import clip_player

FRAMES = np.zeros((4, 16, 24, 3), np.uint8)
FRAMES[:] = np.array([0, 80, 160, 240], np.uint8)[:, None, None, None]
SAID = ["nothing", "at the left", "in the middle", "at the right"]
BOXES = np.array([[np.nan] * 4, [4, 0, 12, 6], [4, 9, 12, 15], [4, 18, 12, 24]])


def play(**changes):
    options = {"description": "A dot goes right.", "said": SAID, **changes}
    return clip_player(options.pop("frames", FRAMES), **options)


def strip_of(player):
    (code,) = re.findall(r"base64,([^)]+)\)", player._repr_html_())
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"))


def test_all_frames_lie_side_by_side_in_one_picture():
    strip = strip_of(play())
    assert strip.shape == (16, 96, 3)
    shown = strip.reshape(16, 4, 24, 3).mean(axis=(0, 2, 3))
    assert np.allclose(shown, [0, 80, 160, 240], atol=3)


def test_every_frame_says_its_words_and_holds_its_boxes_in_per_cent():
    tags = Tags(play(boxes={"found": BOXES})._repr_html_())
    (states,) = [json.loads(a["data-frames"]) for a in tags.all("div", **{"class": "mm-clip"})]
    assert [state["t"] for state in states] == SAID
    assert states[0]["b"] == [None]
    assert states[1]["b"] == [[25.0, 0.0, 50.0, 25.0]]  # top, left, height, width


def test_it_has_a_button_and_a_slider_with_names_and_stands_still():
    tags = Tags(play(boxes={"found": BOXES}, start=2, caption="a dot")._repr_html_())
    assert not tags.open
    (slider,) = tags.all("input")
    assert (slider["type"], slider["max"], slider["value"]) == ("range", "3", "2")
    assert (slider["aria-label"], slider["aria-valuetext"]) == ("Frame", "in the middle")
    (button,) = tags.all("button")
    assert button["type"] == "button"
    assert "Play" in tags.words
    assert "autoplay" not in play()._repr_html_()
    (view,) = tags.all("div", role="img")
    assert view["aria-label"] == "A dot goes right."
    (group,) = tags.all("div", role="group")
    assert group["aria-label"] == "a dot"
    assert "A dot goes right." in tags.words
    assert "solid line: found" in tags.words


def test_the_first_boxes_are_drawn_without_a_script():
    html = play(boxes={"found": BOXES, "true": BOXES[::-1]}, start=1)._repr_html_()
    lines = [a["style"] for a in Tags(html).all("i")]
    assert "top:25.0%;left:0.0%;height:50.0%;width:25.0%" in lines[0]
    assert "dashed" in lines[1]
    (hidden,) = [a["style"] for a in Tags(play(boxes={"found": BOXES})._repr_html_()).all("i")]
    assert hidden.endswith("display:none")


def test_what_authors_write_cannot_break_out_of_the_page():
    nasty = "\"><script>alert(1)</script>'"
    player = play(description=nasty, said=[nasty] * 4, caption=nasty, boxes={nasty: BOXES})
    tags = Tags(player._repr_html_())
    assert "script" not in [tag for tag, _ in tags.found]
    assert not tags.open


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"frames": FRAMES[:1], "said": ["a"]}, ValueError, "frames must be 2 or more"),
        ({"frames": FRAMES / 255}, TypeError, "frames must be uint8"),
        ({"said": SAID[:3]}, ValueError, "said"),
        ({"said": ["", *SAID[1:]]}, ValueError, r"said\[0\] must say"),
        ({"description": " "}, ValueError, "description must say"),
        ({"boxes": {"found": BOXES[:2]}}, ValueError, r"boxes\['found'\] must be of shape"),
        ({"boxes": dict.fromkeys("abc", BOXES)}, ValueError, "at most 2 tracks"),
        ({"rate": 0}, ValueError, "rate must be above 0"),
        ({"start": 4}, ValueError, "start must be between 0 and 3"),
    ],
)
def test_what_cannot_be_played_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        play(**change)


def test_it_says_what_it_is_where_html_is_not_shown():
    assert repr(play()) == "ClipPlayer 'A dot goes right.': 4 frames of 24 x 16 pixels"
