"""A figure comes with its words: sharp, readable on a phone, the same bytes each time."""

import base64
import io
import re
from html import unescape
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from PIL import Image

import mmtutorial as mm
from mmtutorial import plots
from mmtutorial.plots._captions import read_captions
from mmtutorial.plots._labels import spread
from mmtutorial.plots._narrow import least_width, make_narrow, smallest_label

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"caption": "Falls & *rises*.", "alt": 'A "line" <of> words'}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def curve(**options):
    curves = {"one": [0.1, 0.5, 0.6], "two": [0.2, 0.4, 0.59]}
    return plots.learning_curve(curves, title="A title", ylabel="share", **options)


def shown(figure, **words):
    """Return the element that a figure is shown as."""
    return ElementTree.fromstring(plots.show(figure, **(words or WORDS))._repr_html_())


def content(address):
    kind, code = re.fullmatch(r"data:image/([\w+]+);base64,(.*)", address).groups()
    return kind, base64.b64decode(code)


def svg_of(address):
    kind, code = content(address)
    assert kind == "svg+xml"
    return ElementTree.fromstring(code)


def letters(svg):
    return [text.text for text in svg.iter(f"{SVG}text")]


def test_a_figure_says_who_made_the_pictures_in_it_and_a_chart_says_nothing():
    split = mm.data.load_emoji().test
    grid = plots.image_grid(split.inputs["image"][:2], ["one", "another"])
    (credit,) = shown(grid).findall("figcaption/small")
    assert credit.text == "Pictures: Fluent 3D (Microsoft), MIT"
    assert shown(plots.image_grid(split.inputs["image"][:2, ::-1])).find("figcaption/small") is None
    assert shown(curve()).find("figcaption/small") is None


def test_a_figure_of_the_book_also_names_the_sources_of_its_caption():
    split = mm.data.load_emoji().test
    grid = plots.image_grid(split.inputs["image"][:1])
    figure = ElementTree.fromstring(plots.show(grid, "speech-look")._repr_html_())
    pictures, sound = figure.find("figcaption/small").text.split(". ")
    assert pictures == "Pictures: Fluent 3D (Microsoft), MIT"
    assert sound.startswith("Sound: Fish Fillets NG")


def test_a_chart_is_an_svg_whose_letters_are_letters_in_the_colour_around_it():
    svg = svg_of(shown(curve()).find("img").get("src"))
    assert {"A title", "share", "epoch", "one", "two"} <= set(letters(svg))
    assert {text.get("fill") for text in svg.iter(f"{SVG}text")} == {"currentColor"}
    assert not any(text.get("font-family") for text in svg.iter(f"{SVG}text"))
    colours = {e.get(key) for e in svg.iter() for key in ("fill", "stroke")}
    assert colours - {None, "none"} == {
        "currentColor",
        *(plots.COLOURS[role].lower() for role in ("image", "text")),
    }
    assert not list(svg.iter(f"{SVG}style")), "it would hold for the whole page"


def test_formulas_are_letters_too():
    figure = curve()
    figure.axes[0].set_xlabel("$10^2$")
    svg = svg_of(shown(figure).find("img").get("src"))
    assert "102" in {"".join(text.itertext()).strip() for text in svg.iter(f"{SVG}text")}


def test_a_logarithmic_axis_has_no_exponents():
    figure = curve()
    figure.axes[0].set(yscale="log", ylim=(0.05, 2e9), xticks=[1, 2])
    figure.axes[0].set_yticks([0.1, 10, 1e4, 1e7, 1e9])
    said = letters(svg_of(shown(figure).find("img").get("src")))
    assert {"0.1", "10", "10,000", "10 million", "1 billion"} <= set(said)


def test_numbers_that_an_axis_names_itself_stay():
    figure = curve()
    figure.axes[0].set_yscale("log")
    figure.axes[0].set_yticks([0.1, 0.5], ["tenth", "half"])
    assert {"tenth", "half"} <= set(letters(svg_of(shown(figure).find("img").get("src"))))


def test_an_svg_holds_no_id_that_it_does_not_refer_to_and_no_date():
    _, code = content(shown(curve()).find("img").get("src"))
    ids = set(re.findall(rb'\bid="(\w+)"', code))
    assert ids == set(re.findall(rb'(?:href="|url\()#(\w+)', code)) != set()
    assert b"metadata" not in code


@plots.style()
def scatter(count):
    figure, axis = plt.subplots()
    axis.scatter(range(count), range(count), alpha=0.7)
    axis.set(title="Points", xticks=[], yticks=[])
    return figure


@plots.style()
def test_what_is_drawn_as_pixels_stays_in_the_svg():
    figure, axis = plt.subplots()
    axis.pcolormesh(np.eye(3), rasterized=True)
    axis.set(title="Cells", xticks=[], yticks=[])
    (picture,) = svg_of(shown(figure).find("img").get("src")).iter(f"{SVG}image")
    assert picture.get("href").startswith("data:image/png;base64,")


def test_many_equal_marks_say_once_what_they_look_like():
    few, many = (svg_of(shown(scatter(n)).find("img").get("src")) for n in (2, 50))
    assert len(list(many.iter(f"{SVG}use"))) == 50
    assert {tuple(use.attrib) for use in many.iter(f"{SVG}use")} == {("x", "y", "href")}
    (group,) = (g for g in many.iter(f"{SVG}g") if g.get("fill-opacity") == "0.7")
    assert len(group) == 50
    assert all(use.get("fill-opacity") == "0.7" for use in few.iter(f"{SVG}use"))


def test_the_same_figure_has_the_same_bytes():
    one, two = (plots.show(curve(), **WORDS)._repr_html_() for _ in range(2))
    assert one == two
    assert one != plots.show(curve(chance=0.3), **WORDS)._repr_html_()


def test_caption_and_alternative_text_are_escaped_and_the_figure_is_closed():
    figure = curve()
    block = plots.show(figure, **WORDS)
    html = block._repr_html_()
    assert not plt.fignum_exists(figure.number)
    assert "<figcaption>Falls &amp; <em>rises</em>.</figcaption>" in html
    assert unescape(re.search(r'alt="([^"]*)"', html)[1]) == WORDS["alt"]
    assert "id=" not in re.sub(r'="data:[^"]*"', "", html)
    assert repr(block) == "figure: Falls & *rises*."


def test_a_figure_of_the_book_has_its_name_and_the_words_of_its_room():
    words = read_captions()["joining-look"]
    figure = shown(curve(), name="joining-look")
    assert figure.get("id") == "joining-look"
    assert figure.find("figcaption").text == words["caption"]
    assert figure.find("img").get("alt") == words["alt"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"figure": 3, **WORDS}, TypeError, "figure must be a Matplotlib figure, got int"),
        ({"name": "no-such"}, ValueError, r"name must be one of \[.*'joining-look'.*got 'no-such'"),
        ({"name": 3}, TypeError, "name must be a text, the figure's in captions.json, got 3"),
        ({}, TypeError, "give either the name of one of the book's figures, or caption and alt"),
        ({"name": "joining-look", **WORDS}, TypeError, "give either the name"),
        ({"caption": "words"}, TypeError, "alt must be a text, got None"),
        ({"alt": "words", "caption": " "}, ValueError, "caption must say what the figure shows"),
    ],
)
def test_what_has_no_words_or_is_no_figure_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        plots.show(**({"figure": curve()} | given))


def test_pictures_are_sharp_and_few_colours_are_kept_exactly():
    images = np.zeros((4, 8, 8, 3), np.uint8)
    images[..., 0] = 200
    figure = plots.image_grid(images, list("abcd"), size=0.8)
    width, height = figure.get_size_inches() * 96
    image = shown(figure).find("img")
    kind, code = content(image.get("src"))
    picture = Image.open(io.BytesIO(code))
    assert kind == "webp"
    assert int(image.get("width")) == round(width)
    assert np.allclose(picture.size, (2 * width, 2 * height), atol=2)
    assert (200, 0, 0) in {colour for _, colour in picture.convert("RGB").getcolors(9999)}


def test_a_photograph_is_no_palette():
    noise = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    _, code = content(shown(plots.image_grid(noise, size=3)).find("img").get("src"))
    picture = Image.open(io.BytesIO(code)).convert("RGB")
    assert picture.getcolors(256) is None


def test_panels_of_a_narrow_chart_stand_one_below_the_other_with_names_on_each():
    results = {"sum of both": (0.5, 0.4, 0.6), "late": (0.7, 0.6, 0.8)}
    figure = plots.interval_dots(
        dict.fromkeys(("first", "second", "third"), results), title="A", xlabel="accuracy"
    )
    narrow = shown(figure).get("data-narrow")
    svg = svg_of(narrow)
    assert int(svg.get("width")) <= 343
    assert letters(svg).count("sum of both") == 3
    assert letters(svg).count("accuracy") == 1
    tops = [float(re.search(r"\d[\d.]*", t.get("y") or t.get("transform"))[0])
            for name in ("first", "second", "third") for t in svg.iter(f"{SVG}text")
            if t.text == name]  # fmt: skip
    assert tops == sorted(tops)
    scale = float(svg.get("width")) / float(svg.get("viewBox").split()[2])
    sizes = [scale * float(text.get("font-size")) for text in svg.iter(f"{SVG}text")]
    assert min(sizes) >= 10


def test_only_what_a_phone_would_shrink_has_a_narrow_layout():
    with plots.style():
        small = plt.figure(figsize=(3.5, 2))
        small.add_subplot()
    html = plots.show(small, **WORDS)._repr_html_()
    assert "data-narrow" not in html
    assert "data-least" not in html


def test_pictures_in_one_row_are_reflowed_and_a_grid_is_not():
    images = np.zeros((6, 4, 4, 3))
    row = plots.image_grid(images, list("abcdef"))
    assert make_narrow(row)
    places = [axis.get_subplotspec() for axis in row.axes]
    assert [(p.rowspan.start, p.colspan.start) for p in places] == [
        (0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]  # fmt: skip
    grid = plots.image_grid(images, list("abcdef"), columns=3, size=2)
    assert not make_narrow(grid)
    least = int(shown(grid).get("data-least"))
    assert least == least_width(grid) > 343
    assert smallest_label(grid) * least / (96 * grid.get_figwidth()) == pytest.approx(10, rel=0.01)


def test_words_that_were_placed_by_hand_stay_where_they_are():
    with plots.style():
        figure, axis = plt.subplots(figsize=(7, 3))
        axis.text(0.5, 0.5, "here")
    assert not make_narrow(figure)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([5.0], [5.0]),
        ([1.0, 1.0], [0.0, 2.0]),
        ([9.0, 1.0, 1.5], [9.0, 0.25, 2.25]),
        ([-9.0, 99.0], [-4.0, 19.0]),
    ],
)
def test_names_stay_near_their_lines_and_lie_on_no_other(wanted, expected):
    assert spread(wanted, [2] * len(wanted), -5, 20) == pytest.approx(expected)


def test_the_style_is_left_as_it_was():
    before = dict(matplotlib.rcParams)
    with plots.style():
        assert matplotlib.rcParams["svg.fonttype"] == "none"
        assert not matplotlib.rcParams["axes.spines.top"]
        assert matplotlib.rcParams["axes.titlelocation"] == "left"
    curve()
    shown(curve())
    assert dict(matplotlib.rcParams) == before
