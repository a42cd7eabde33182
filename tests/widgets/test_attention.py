"""The view of attention: every weight is where it belongs, and what would mislead is refused."""

import base64
import io

import numpy as np
import pytest
from html_checks import Tags
from PIL import Image

from mmtutorial.widgets import attention_view
from mmtutorial.widgets.attention import MAX_SCENES, MAX_WORDS

SHADES = [0, 80, 160, 240]
PATCHES = [np.full((4, 8, 8, 3), np.reshape(SHADES, (4, 1, 1, 1)), np.uint8)] * 2
WORDS = [["bee", "sting"], ["tea"]]
WEIGHTS = [[[0.7, 0.1, 0.15, 0.05], [0.25] * 4], [[0, 0, 0, 1]]]
REST = {
    "titles": ["known", "new"],
    "names": [["bee", "cup", "sun", "car"], ["cup", "car", "bee", "tea"]],
    "notes": ["One finds it.", "This one, too."],
}


def make(patches=PATCHES, words=WORDS, weights=WEIGHTS, *, description="Look", **options):
    return attention_view(patches, words, weights, description=description, **(REST | options))


def test_each_patch_has_its_picture_its_name_and_a_weight_for_each_word():
    tags = Tags(make()._repr_html_())
    assert tags.open == []
    images = tags.all("img")
    shown = [Image.open(io.BytesIO(base64.b64decode(i["src"].split(",")[1]))) for i in images]
    shades = [np.asarray(picture)[0, 0, 0] for picture in shown]
    np.testing.assert_allclose(shades, SHADES * 2, atol=8)  # WEBP rounds
    assert [image["alt"] for image in images] == [*REST["names"][0], *REST["names"][1]]
    styles = [a["style"] for a in tags.all("div", **{"class": "mm-look-patch"})]
    assert styles[0] == "--w0:0.700;--w1:0.250"
    assert styles[2] == "--w0:0.150;--w1:0.250"
    assert styles[7] == "--w0:1.000"


def test_the_numbers_are_written_out_for_each_word():
    words = Tags(make()._repr_html_()).words
    assert all(f"{share}%" in words for share in (70, 10, 15, 5, 25, 100))


def test_the_first_of_each_group_of_buttons_is_chosen():
    radios = Tags(make()._repr_html_()).all("input")
    groups = {}
    for radio in radios:
        assert radio["type"] == "radio"
        groups.setdefault(radio["name"], []).append("checked" in radio)
    assert sorted(map(tuple, groups.values())) == [(True,), (True, False), (True, False)]


def test_two_views_on_a_page_have_buttons_of_their_own():
    names = [
        {radio["name"] for radio in Tags(make(description=d)._repr_html_()).all("input")}
        for d in ("Look", "Look again")
    ]
    assert not names[0] & names[1]


def test_the_style_knows_each_scene_and_word_that_may_be_there():
    text = make()._repr_html_()
    for k in range(1, MAX_WORDS):
        assert f"--w: var(--w{k})" in text
        assert f'[value="w{k}"]:checked) b.w{k}' in text
    for k in range(1, MAX_SCENES):
        assert f'[value="s{k}"]:checked) .s{k}' in text


def test_one_scene_needs_no_choice_of_scenes():
    one = {key: value[:1] for key, value in REST.items()}
    tags = Tags(make(PATCHES[:1], WORDS[:1], WEIGHTS[:1], **one)._repr_html_())
    assert len(tags.all("fieldset")) == 1


def test_no_script_and_no_address_is_in_it():
    text = make()._repr_html_()
    assert "<script" not in text
    assert "http" not in text


def test_what_authors_write_cannot_break_out_of_the_page():
    nasty = '"><script>alert(1)</script>'
    block = make(PATCHES[:1], [[nasty]], [[[1, 0, 0, 0]]], description=nasty, titles=[nasty],
                 names=[[nasty] * 4], notes=[nasty])  # fmt: skip
    tags = Tags(block._repr_html_())
    assert tags.open == []
    assert tags.all("script") == []
    assert tags.all("img")[0]["alt"] == nasty
    assert tags.words.count(nasty) == 3


def test_it_says_what_it_is_where_html_is_not_shown():
    assert repr(make()) == "AttentionView 'Look': 2 scenes, 3 words"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patches": []}, "patches must be a list of arrays, at least one, got 0"),
        ({"patches": PATCHES * 5}, "must hold one per item.*'patches': 10"),
        ({"patches": [PATCHES[0] / 255] * 2}, r"patches\[0\] must be uint8 .* got float64"),
        ({"patches": [PATCHES[0][0]] * 2}, r"patches\[0\] must be uint8 of shape"),
        ({"words": [["bee", "sting"]]}, "must hold one per item.*'words': 1"),
        ({"words": [[], ["tea"]]}, r"words\[0\] must be a list of texts, at least one, got 0"),
        ({"words": [["bee", " "], ["tea"]]}, r"words\[0\]\[1\] must say something"),
        ({"words": ["bee", ["tea"]]}, r"words\[0\] must be a list of texts"),
        ({"weights": WEIGHTS[:1]}, "must hold one per item.*'weights': 1"),
        ({"weights": [WEIGHTS[1], WEIGHTS[1]]}, r"weights\[0\] must be numbers of shape \(2, 4\)"),
        ({"weights": [WEIGHTS[0], [[2, -1, 0, 0]]]}, r"weights\[1\] .* none below 0"),
        ({"weights": [WEIGHTS[0], [[np.nan, 1, 0, 0]]]}, r"weights\[1\] must hold finite"),
        ({"weights": [WEIGHTS[0], [[0.5, 0.1, 0.1, 0.1]]]}, r"weights\[1\] must sum to 1"),
        ({"names": [["bee"], ["tea"] * 4]}, r"names\[0\] must name each of 4 patches, got 1"),
        ({"titles": "ab"}, "titles must be a list of texts, got 'ab'"),
        ({"titles": ["a", ""]}, r"titles\[1\] must say what its button says"),
        ({"notes": ["a", " "]}, r"notes\[1\] must say what is to be seen"),
        ({"description": ""}, "description must say what is to be seen"),
        ({"columns": 0}, "columns must be at least 1, got 0"),
    ],
)
def test_a_view_that_would_mislead_is_refused(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(**options)


def test_there_are_rules_for_eight_scenes():
    many = {"patches": PATCHES[1:] * 9, "words": [["tea"]] * 9, "weights": WEIGHTS[1:] * 9}
    texts = {"titles": ["a"] * 9, "notes": ["b"] * 9, "names": [["tea"] * 4] * 9}
    with pytest.raises(ValueError, match="patches must hold 1 to 8 scenes, got 9"):
        make(**many, **texts)


@pytest.mark.parametrize("columns", [2.5, "2", True, None])
def test_columns_are_counted_in_whole_numbers(columns):
    with pytest.raises(TypeError, match="columns must be a whole number"):
        make(columns=columns)
