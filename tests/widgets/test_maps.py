"""The map of items: every item is in it once, where it belongs, and its words are safe."""

import base64
import io
import re

import numpy as np
import pytest
from html_checks import Tags
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

import mmtutorial as mm
from mmtutorial.widgets import point_map
from mmtutorial.widgets.maps import COLUMNS

PLACES = {"sizes": [[0, 0], [1, 10], [2, 20]], "ages": [[5, 1], [5, 3], [5, 2]]}
NOTES = {"sizes": "Cats are small.", "ages": "Cats are old."}
NAMES, KINDS = ["Tom", "Rex", "Kit"], ["cat", "dog", "cat"]


def points_of(tags):
    """Return the attributes of the points on the map."""
    return [a for a in tags.all("i") if "data-name" in a]


def make(maps=None, names=NAMES, groups=KINDS, *, description="Pets", **options):
    options = {"notes": NOTES} | options
    return point_map(PLACES if maps is None else maps, names, groups,
                     description=description, **options)  # fmt: skip


def place(point, which):
    style = dict(part.split(":", 1) for part in point["style"].split(";"))
    return float(style[f"--x{which}"]), float(style[f"--y{which}"])


def test_every_item_is_there_once_with_its_words_and_its_group():
    tags = Tags(make(words=["grey", "", "red"])._repr_html_())
    assert tags.open == []
    points = points_of(tags)
    assert [p["data-name"] for p in points] == NAMES
    assert [p["data-words"] for p in points] == ["grey", "", "red"]
    assert [p["class"] for p in points] == ["g0", "g1", "g0"]


def test_each_axis_fills_the_plane_and_up_is_up():
    points = points_of(Tags(make()._repr_html_()))
    assert [place(p, 0) for p in points] == [(4.0, 96.0), (50.0, 50.0), (96.0, 4.0)]
    # All ages share one horizontal place: the middle. The second is highest, so nearest the top.
    assert [place(p, 1) for p in points] == [(50.0, 96.0), (50.0, 4.0), (50.0, 50.0)]


@given(arrays(np.float64, (5, 2), elements=st.floats(-1e9, 1e9)))
@settings(max_examples=30, deadline=None)
def test_no_item_ever_leaves_the_plane(places):
    block = point_map(
        {"a": places}, list("abcde"), list("vwvwv"), description="d", notes={"a": "n"}
    )
    for point in points_of(Tags(block._repr_html_())):
        assert all(4 <= number <= 96 for number in place(point, 0))


def test_the_controls_have_names_and_one_choice_each():
    tags = Tags(make()._repr_html_())
    radios = tags.all("input", type="radio")
    names = list(dict.fromkeys(radio["name"] for radio in radios))
    assert len(names) == 2  # no pictures, so nothing to choose between shapes and pictures
    for name in names:
        assert len([r for r in radios if r["name"] == name and "checked" in r]) == 1
    assert [r["data-name"] for r in radios] == ["sizes", "ages", "all", "cat", "dog"]
    (slider,) = tags.all("input", type="range")
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "2", "0")
    assert slider["aria-valuetext"] == "Tom, cat"
    assert tags.all("div", role="group")[0]["aria-label"] == "Pets"
    assert "3 items in 2 groups" in tags.all("div", role="img")[0]["aria-label"]
    assert "cat (2)" in tags.words
    assert all(note in tags.words for note in NOTES.values())


def test_two_maps_on_a_page_do_not_share_their_buttons():
    first, second = make()._repr_html_(), make(description="Other pets")._repr_html_()
    names = [set(re.findall(r'type="radio" name="([^"]+)"', text)) for text in (first, second)]
    assert names[0]
    assert not names[0] & names[1]


def test_the_start_is_drawn_before_any_script_runs():
    tags = Tags(make(start=np.int64(1), words=["grey", "loud", "red"])._repr_html_())
    (slider,) = tags.all("input", type="range")
    assert (slider["value"], slider["aria-valuetext"]) == ("1", "Rex, dog: loud")
    (ring,) = tags.all("b")
    assert ring["style"] == points_of(tags)[1]["style"]
    assert re.search(r"Rex\s*dog\s*loud$", tags.words)


def test_the_sheet_holds_every_picture_where_the_items_say():
    count = COLUMNS + 3
    shades = np.linspace(0, 250, count).astype(np.uint8)
    pictures = np.repeat(shades, 16 * 16 * 3).reshape(count, 16, 16, 3)
    names = [str(i) for i in range(count)]
    block = point_map({"a": np.zeros((count, 2))}, names, names[:1] * count, description="d",
                      notes={"a": "n"}, pictures=pictures)._repr_html_()  # fmt: skip
    code = re.search(r"base64,([^)]+)\)", block)[1]
    sheet = Image.open(io.BytesIO(base64.b64decode(code))).convert("L")
    assert sheet.size == (16 * COLUMNS, 32)
    for point, shade in zip(points_of(Tags(block)), shades, strict=True):
        u, v = (int(re.search(rf"--{axis}:(\d+)", point["style"])[1]) for axis in "uv")
        assert abs(sheet.getpixel((16 * u + 8, 16 * v + 8)) - int(shade)) <= 4
    assert 'value="pictures"' in block


def test_a_map_of_the_whole_emoji_test_split_stays_small():
    test = mm.data.load_emoji(size=32).test
    places = np.random.default_rng(0).normal(size=(2, len(test), 2))
    group = np.array([f"group {code}" for code in test.targets["group"]])
    block = point_map(
        dict(zip(NOTES, places, strict=True)),
        test.info["name"],
        group,
        description="Emoji",
        notes=NOTES,
        words=test.info["keywords"],
        pictures=test.inputs["image"],
    )
    assert len(block._repr_html_()) < 300_000
    assert "http" not in block._repr_html_().replace("data-", "")


def test_what_authors_write_cannot_break_out_of_the_page():
    nasty = '"><script>alert(1)</script>'
    block = point_map({nasty: np.eye(2)}, [nasty, "b"], [nasty, "b"], description=nasty,
                      notes={nasty: nasty}, words=[nasty, ""], axes=(nasty, nasty))  # fmt: skip
    tags = Tags(block._repr_html_())
    assert tags.open == []
    assert tags.all("script") == []
    assert points_of(tags)[0]["data-name"] == nasty
    assert tags.words.count(nasty) >= 7


def test_it_says_what_it_is_where_html_is_not_shown():
    assert repr(make()) == "PointMap 'Pets': 3 items in 2 groups, 2 maps"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"maps": {}, "notes": {}}, "maps must hold 1 to 4 maps"),
        ({"maps": dict.fromkeys("abcde", np.zeros((3, 2)))}, "maps must hold 1 to 4"),
        ({"maps": PLACES | {"sizes": [[0, 0], [1, 1]]}}, r"maps\['sizes'\] must hold .* \(3, 2\)"),
        ({"maps": PLACES | {"ages": [[0, np.nan]] * 3}}, r"maps\['ages'\] must hold finite"),
        ({"notes": {"sizes": "a"}}, "notes one sentence for each"),
        ({"notes": {"ages": "a", "sizes": "b"}}, "in the same order"),
        ({"notes": NOTES | {"ages": " "}}, r"notes\['ages'\] must say what is to be seen"),
        ({"names": []}, "names must be a list of texts, at least one, got 0"),
        ({"names": ["Tom", "", "Kit"]}, r"names\[1\] must say what its item is called"),
        ({"groups": ["cat", "dog"]}, "must hold one per item.*'names': 3, 'groups': 2"),
        ({"groups": "cat"}, "groups must be a list of texts, got 'cat'"),
        ({"words": ["a"]}, "must hold one per item.*'words': 1"),
        ({"words": ["a", "b", 3]}, r"words\[2\] must be a text, got 3"),
        ({"description": " "}, "description must say what the map shows"),
        ({"pictures": np.zeros((2, 8, 8, 3), np.uint8)}, r"pictures must be uint8 of shape \(3,"),
        ({"pictures": np.zeros((3, 8, 8, 3))}, "got float64"),
        ({"start": 3}, "start must be between 0 and 2; given 3"),
        ({"axes": "ab"}, "axes must be a list of texts, got 'ab'"),
        ({"axes": ("a",)}, "axes must be a list of texts, 2 entries, got 1"),
        ({"axes": ("a", None)}, r"axes\[1\] must be a text, got None"),
    ],
)
def test_a_map_that_would_mislead_is_refused(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(**options)


def test_more_groups_than_shapes_are_refused():
    names = [str(i) for i in range(9)]
    with pytest.raises(ValueError, match="groups must name 1 to 8 groups"):
        point_map({"a": np.zeros((9, 2))}, names, names, description="d", notes={"a": "n"})


def test_the_largest_places_stay_in_the_plane():
    places = {"m": [[0, 0], [1e308, -1e308], [-1e308, 1e308]]}
    html = point_map(places, list("TRS"), list("cdd"), description="P", notes={"m": "x"})
    assert "nan" not in html._repr_html_()
