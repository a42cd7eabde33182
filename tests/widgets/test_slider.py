"""The slider of drawn figures: what it writes is complete, safe and honest."""

import base64
import io
import re

import numpy as np
import pytest
from html_checks import Tags
from PIL import Image

from mmtutorial.widgets import figure_slider


def png(shade, size=(40, 20)):
    file = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


SHADES = [0, 100, 200]
TEXTS = {"labels": ["w = 0", "w = ½", "w = 1"], "alt": ["black", "grey", "light grey"]}


def make(figures=None, *, description="Weight of the image", **options):
    figures = [png(shade) for shade in SHADES] if figures is None else figures
    return figure_slider(figures, description=description, **(TEXTS | options))


def pictures(block):
    """Read the pictures out of a slider."""
    images = [image["src"].partition(",") for image in Tags(block._repr_html_()).all("img")]
    assert {head for head, _, _ in images} == {"data:image/webp;base64"}
    return [Image.open(io.BytesIO(base64.b64decode(code))) for _, _, code in images]


def test_it_holds_every_figure_with_its_own_words_and_shows_one():
    tags = Tags(make(start=1)._repr_html_())
    assert tags.open == []
    images = tags.all("img")
    assert [picture.getpixel((0, 0))[0] for picture in pictures(make())] == SHADES
    assert [image["alt"] for image in images] == TEXTS["alt"]
    assert [image["data-label"] for image in images] == TEXTS["labels"]
    assert ["display:none" in image["style"] for image in images] == [True, False, True]


def test_the_slider_has_a_name_a_range_and_a_spoken_value():
    text = make(start=2)._repr_html_()
    (slider,) = Tags(text).all("input")
    assert (slider["type"], slider["min"], slider["max"], slider["value"]) == (
        "range",
        "0",
        "2",
        "2",
    )
    assert slider["aria-valuetext"] == "w = 1"
    assert re.search(r"<label[^>]*><span>Weight of the image</span><input", text)


@pytest.mark.parametrize("start", [np.int64(1), np.uint8(1)])
def test_the_start_may_come_from_numpy(start):
    assert make(start=start)._repr_html_() == make(start=1)._repr_html_()


def test_what_authors_write_cannot_break_out_of_the_page():
    nasty = '"><script>alert(1)</script>'
    text = make(description=nasty, labels=[nasty] * 3, alt=[nasty] * 3)._repr_html_()
    assert Tags(text).all("script") == []
    assert Tags(text).all("img")[0]["alt"] == nasty


def test_matplotlib_figures_are_drawn_to_scale_and_closed():
    plt = pytest.importorskip("matplotlib.pyplot")
    figures = []
    for height in (1, 2):
        figure, axes = plt.subplots(figsize=(4, 3))
        axes.plot([0, height])
        figures.append(figure)
    block = figure_slider(figures, ["1", "2"], description="Height", alt=["low", "high"])
    images = Tags(block._repr_html_()).all("img")
    drawn = pictures(block)
    assert {image["width"] for image in images} == {"384"}  # four inches of 96 CSS pixels
    assert {picture.size for picture in drawn} == {(576, 432)}
    assert np.any(np.asarray(drawn[0].convert("L")) != np.asarray(drawn[1].convert("L")))
    assert drawn[0].convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert not any(plt.fignum_exists(figure.number) for figure in figures)


def test_a_picture_comes_back_pixel_by_pixel_and_a_drawn_figure_is_small():
    noise = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    block = make(figures=[file.getvalue()] * 3)
    np.testing.assert_array_equal(np.asarray(pictures(block)[0]), noise)

    plt = pytest.importorskip("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(6, 4))
    axes.plot(np.sin(np.arange(99)), label="a line")
    axes.legend()
    plain = io.BytesIO()
    figure.savefig(plain, format="png", dpi=144)
    drawn = make(figures=[figure, png(0), png(0)])
    assert len(drawn._repr_html_()) < 0.8 * len(plain.getvalue())
    there, here = (np.asarray(p.convert("RGB")) for p in (pictures(drawn)[0], Image.open(plain)))
    assert np.abs(there - here.astype(int)).mean() < 0.2


def test_it_says_what_it_is_where_html_is_not_shown():
    assert repr(make()) == "FigureSlider 'Weight of the image': 3 figures from 'w = 0' to 'w = 1'"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"figures": [png(0)]}, "figures must hold at least two"),
        ({"figures": [png(0), png(1), b"GIF89a"]}, r"figures\[2\] must be .* not bytes"),
        ({"figures": [png(0), png(1), 3]}, r"figures\[2\] must be .* not int"),
        ({"labels": ["a", "b"]}, "must hold one per item.*'figures': 3, 'labels': 2"),
        ({"labels": "abc"}, "labels must be a list of texts, got 'abc'"),
        ({"alt": ["a", "b", " "]}, r"alt\[2\] must say what is to be seen"),
        ({"alt": ["a", "b", None]}, r"alt\[2\] must be a text, got None"),
        ({"description": " "}, "description must say"),
        ({"start": 3}, "start must be between 0 and 2; given 3"),
        (
            {"figures": [png(0), png(1), b"\x89PNG\r\n\x1a\njunk"]},
            "whole PNG files, got a damaged one",
        ),
        ({"figures": [png(0), png(1), png(2)[:-40]]}, "whole PNG files, got a damaged one"),
        ({"start": np.int64(-1)}, "start must be between"),
    ],
)
def test_a_slider_that_would_mislead_is_refused(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(**options)


@pytest.mark.parametrize("wrong", [0.5, 1, {"a": 1}, {"a"}])
@pytest.mark.parametrize("argument", ["figures", "labels", "alt"])
def test_what_is_no_list_is_refused_by_its_name(argument, wrong):
    with pytest.raises(TypeError, match=f"{argument} must be a list of .*, got"):
        make(**{argument: wrong})


@pytest.mark.parametrize("start", [0.5, "1", True, None])
def test_a_start_is_a_whole_number(start):
    with pytest.raises(TypeError, match="start must be a whole number"):
        make(start=start)
