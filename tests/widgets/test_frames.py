"""The chooser of prepared blocks: one for each choice, the first one shown."""

import itertools

import pytest
from html_checks import Tags

from mmtutorial.widgets import frame_chooser
from mmtutorial.widgets._html import HtmlBlock

MENUS = {"Emoji": ["bear", "car"], "Words": ["a", "b", "<i>"]}
FRAMES = [HtmlBlock(f"<p>{e}{w}</p>", "") for e, w in itertools.product("01", "012")]


def test_each_choice_has_its_own_frame_and_the_first_shows():
    text = frame_chooser(FRAMES, MENUS)._repr_html_()
    tags = Tags(text)
    assert tags.open == []
    frames = [attributes for attributes in tags.all("div") if "data-at" in attributes]
    for frame, choice in zip(frames, itertools.product("01", "012"), strict=True):
        assert frame["data-at"].split() == list(choice)
        assert f'style="{frame["style"]}"><p>{"".join(choice)}</p></div>' in text
    assert [frame["style"] for frame in frames] == ["", *["display:none"] * 5]


def test_each_menu_has_a_name_and_its_texts():
    tags = Tags(frame_chooser(FRAMES, MENUS)._repr_html_())
    assert len(tags.all("label")) == len(tags.all("select")) == 2
    assert [option["value"] for option in tags.all("option")] == ["0", "1", "0", "1", "2"]
    assert "Emoji" in tags.words
    assert "<i>" in tags.words  # as text, not as a tag
    assert tags.all("i") == []


def test_it_says_what_it_is():
    assert repr(frame_chooser(FRAMES, MENUS)) == "frame_chooser: 6 frames by 'Emoji', 'Words'"


@pytest.mark.parametrize(
    ("frames", "menus", "message"),
    [
        (FRAMES[:5], MENUS, "one for each choice of the menus, 6, got 5"),
        (FRAMES, {}, "got 6"),
        (["<p>"] * 6, MENUS, r"frames\[0\] must be HTML"),
        (FRAMES, {"Emoji": ["bear", " "]}, r"menus\['Emoji'\]\[1\] must say"),
        (FRAMES, {" ": ["bear"]}, "a name in menus must say"),
    ],
)
def test_what_would_leave_a_choice_empty_is_refused(frames, menus, message):
    with pytest.raises((ValueError, TypeError), match=message):
        frame_chooser(frames, menus)
