"""The figures of the first chapter show what they were given, each topic and class told apart."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from drawing_checks import check_drawing
from matplotlib.colors import to_hex

from mmtutorial.chapters.background.what_is_multimodal import figures
from mmtutorial.chapters.background.what_is_multimodal.history import HISTORY, SYSTEMS
from mmtutorial.plots._captions import find_caption
from mmtutorial.plots.colours import COLOURS

ROOT = Path(__file__).resolve().parents[4]

EVENTS = [(1976, "roots", "a"), (1994, "fusion", "b"), (1994, "roots", "c"), (2021, "fusion", "d")]


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_a_timeline_has_a_row_an_event_and_a_column_a_topic():
    figure = figures.timeline(EVENTS, title="t")
    (axis,) = figure.axes
    looks = {(line.get_marker(), line.get_color(), line.get_xdata()[0]) for line in axis.lines}
    assert len(looks) == 2
    assert [line.get_ydata()[0] for line in axis.lines] == [0, 1, 2, 3]
    assert texts(axis) == ["1976", "a", "1994", "b", "1994", "c", "2021", "d", "roots", "fusion"]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([], "events must be a list .* at least one, got 0"),
        ([(1990 + i, f"topic {i}", "") for i in range(7)], "events must name 1 to 6 topics"),
        (EVENTS[::-1], "in the order of their years"),
    ],
)
def test_a_timeline_that_would_mislead_is_refused(events, message):
    with pytest.raises(ValueError, match=message):
        figures.timeline(events, title="t")


def test_raw_views_show_codes_seconds_and_bands():
    wave, spectrum = np.zeros(8000), np.zeros((48, 64))
    image = np.zeros((5, 7, 3), np.uint8)
    axes = figures.raw_views(image, "Ab", wave, spectrum, sample_rate=16000).axes
    assert texts(axes[1]) == ["A", "65", "b", "98"]
    assert axes[2].lines[0].get_xdata()[-1] == pytest.approx(0.5, abs=1e-3)
    assert axes[3].images[0].get_extent() == [0, 0.48, 0, 64]


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (-1, ValueError), ("a", TypeError)])
def test_raw_views_need_a_rate_and_a_step(wrong, error):
    image, wave, spectrum = np.zeros((5, 7, 3), np.uint8), np.zeros(8000), np.zeros((48, 64))
    for options in ({"sample_rate": wrong}, {"sample_rate": 16000, "step": wrong}):
        with pytest.raises(error, match=f"{list(options)[-1]} must be .*, got"):
            figures.raw_views(image, "Ab", wave, spectrum, **options)


def test_a_probability_panel_hides_what_is_not_seen_and_marks_the_truth():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    seen = np.full((128, 128, 3), 7, np.uint8)
    figure = figures.probability_panel(
        [None, seen], ["-", "photo"], probabilities, [1, 2], list("abc")
    )
    hidden, shown, first, second = figure.axes
    assert texts(hidden) == ["?"]
    assert texts(shown) == []
    assert np.all(np.asarray(shown.images[0].get_array()) == 7)
    for axis, truth, row in ((first, 1, probabilities[0]), (second, 2, probabilities[1])):
        (marked,) = [bar for bar in axis.patches if bar.get_hatch()]
        assert marked.get_width() == row[truth]
        assert [text.get_text() for text in axis.texts if text.get_weight() == "bold"] == [
            f"{row[truth]:.2f}"
        ]


def test_a_probability_panel_of_one_item():
    figure = figures.probability_panel([None], ["-"], np.array([[0.7, 0.3]]), [1], ["cat", "dog"])
    picture, bars = figure.axes
    assert texts(picture) == ["?"]
    assert texts(bars) == ["0.70", "0.30"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"images": [], "evidence": [], "probabilities": [], "truth": []},
            "images .* at least one, got",
        ),
        ({"evidence": ["a", "b", "c"]}, "must hold one per item.*'evidence': 3"),
        ({"truth": [0]}, "must hold one per item.*'truth': 1"),
        (
            {"probabilities": np.ones((3, 2)) / 2},
            r"probabilities must have shape \(2, 2\).* got \(3, 2\)",
        ),
        ({"classes": list("abc")}, r"probabilities must have shape \(2, 3\).* got \(2, 2\)"),
    ],
)
def test_a_probability_panel_needs_one_of_each_an_item(change, message):
    whole = {"images": [None] * 2, "evidence": ["a", "b"], "truth": [0, 1], "classes": ["x", "y"]}
    with pytest.raises(ValueError, match=message):
        figures.probability_panel(**{**whole, "probabilities": np.ones((2, 2)) / 2, **change})


@pytest.mark.parametrize("truth", [[0, 2], [-1, 0], ["x", "y"]])
def test_a_true_class_exists(truth):
    with pytest.raises(ValueError, match="truth must hold whole numbers from 0 to 1"):
        figures.probability_panel([None] * 2, ["a", "b"], np.ones((2, 2)) / 2, truth, ["x", "y"])


def test_beliefs_may_be_lists():
    figures.probability_panel([None], ["a"], [[0.4, 0.6]], [1], ["x", "y"])


@pytest.mark.parametrize("rate", [0, -1, np.nan])
def test_time_needs_a_rate(rate):
    picture, spectrum = np.zeros((2, 2, 3)), np.zeros((3, 4))
    with pytest.raises(ValueError, match="sample_rate must be above 0"):
        figures.raw_views(picture, "a", np.zeros(8), spectrum, sample_rate=rate)
    with pytest.raises(ValueError, match="step must be above 0"):
        figures.raw_views(picture, "a", np.zeros(8), spectrum, sample_rate=8, step=0)
    with pytest.raises(ValueError, match=r"spectrum must have shape \(frames, bands\), got"):
        figures.raw_views(picture, "a", np.zeros(8), np.zeros(3), sample_rate=8)


def test_classes_are_a_list_and_probabilities_from_0_to_1():
    with pytest.raises(TypeError, match="classes must be a list of texts, got 'xyz'"):
        figures.probability_panel([None] * 2, ["a", "b"], np.full((2, 3), 1 / 3), [0, 1], "xyz")
    with pytest.raises(ValueError, match="probabilities must hold numbers from 0 to 1"):
        figures.probability_panel([None], ["a"], [[0.0, 7.0]], [0], ["x", "y"])


def test_the_map_has_a_row_for_each_system_with_what_goes_in_and_what_comes_out():
    figure = figures.system_map(SYSTEMS)
    titles = list(SYSTEMS)
    assert [axis.get_title(loc="left") for axis in figure.axes] == titles[:3]
    for axis, above, below in zip(figure.axes, titles[:3], titles[3:], strict=True):
        systems = [*SYSTEMS[above], *SYSTEMS[below]]
        expected = [
            word
            for name, year, inputs, outputs in systems
            for word in (*inputs, *f"{name}\n{year}".split("\n"), *outputs)
        ]
        assert sorted(filter(None, texts(axis))) == sorted([*expected, below])
    for systems in SYSTEMS.values():
        assert [year for _, year, _, _ in systems] == sorted(year for _, year, _, _ in systems)
    check_drawing(figure)


def test_a_modality_has_its_colour_on_the_map_and_no_topic_of_the_timeline_has_one():
    (axis,) = figures.system_map({"one": [("a", 2000, ("image", "speech"), ("text",))]}).axes
    colours = [to_hex(box.get_edgecolor()).upper() for box in axis.patches]
    assert colours == [COLOURS[kind] for kind in ("image", "speech", "joint", "text")]
    assert not {"image", "text", "speech", "sound"} & set(figures.ROLES)


def test_a_family_may_have_fewer_systems_than_another():
    one = [("a", 2000, ["text"], ["text"])]
    families = {"one": SYSTEMS["language models that look"], "two": one}
    check_drawing(figures.system_map(families))


def test_every_system_of_the_map_is_named_in_the_chapter_with_its_year():
    page = ROOT / "book" / "background" / "1_what_is_multimodal.ipynb"
    prose = "\n".join(
        "".join(cell["source"])
        for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    )
    prose = re.sub(r"\{term\}`([^`<]+)(?: <[^>]+>)?`", r"\1", prose)
    alt = find_caption("what-map")["alt"]
    for name, year, _, _ in (system for family in SYSTEMS.values() for system in family):
        named = name.replace("\n", " ")
        assert re.search(rf"\b{re.escape(named)}\W{{1,3}}{year}\b", prose), f"{name} ({year})"
        assert f"{named} {year}, " in alt or f"{named} {year} and " in alt


def test_map_and_timeline_reach_to_within_two_years_of_the_last_date_of_the_repository():
    """Of a version, or of a run of the notebooks: no clock is asked, and yet neither grows old."""
    dated = "".join((ROOT / name).read_text() for name in ("CHANGELOG.md", "book/run_times.json"))
    today = max(int(year) for year in re.findall(r"\b(20\d\d)-\d\d-\d\d\b", dated))
    newest = max(year for family in SYSTEMS.values() for _, year, _, _ in family)
    assert today - 2 <= newest <= today
    assert today - 2 <= HISTORY[-1][0] <= today
    words = find_caption("what-history")
    assert f"from {HISTORY[0][0]} to {HISTORY[-1][0]} " in words["alt"]
    assert len(HISTORY) == 25
    assert "in twenty-five lines" in words["caption"]
