"""The figures of the first chapter show what they were given, each topic and class told apart."""

import numpy as np
import pytest

from mmtutorial import plots

EVENTS = [(1976, "roots", "a"), (1994, "fusion", "b"), (1994, "roots", "c"), (2021, "fusion", "d")]


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_a_timeline_has_a_row_an_event_and_a_column_a_topic():
    figure = plots.timeline(EVENTS, title="t")
    (axis,) = figure.axes
    looks = {(line.get_marker(), line.get_color(), line.get_xdata()[0]) for line in axis.lines}
    assert len(looks) == 2
    assert [line.get_ydata()[0] for line in axis.lines] == [0, 1, 2, 3]
    assert texts(axis) == ["1976", "a", "1994", "b", "1994", "c", "2021", "d", "roots", "fusion"]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([], "events must name 1 to 6 topics"),
        ([(1990 + i, f"topic {i}", "") for i in range(7)], "events must name 1 to 6 topics"),
        (EVENTS[::-1], "in the order of their years"),
    ],
)
def test_a_timeline_that_would_mislead_is_refused(events, message):
    with pytest.raises(ValueError, match=message):
        plots.timeline(events, title="t")


def test_raw_views_show_codes_seconds_and_bands():
    wave, spectrum = np.zeros(8000), np.zeros((48, 64))
    image = np.zeros((5, 7, 3), np.uint8)
    axes = plots.raw_views(image, "Ab", wave, spectrum, sample_rate=16000).axes
    assert texts(axes[1]) == ["A", "65", "b", "98"]
    assert axes[2].lines[0].get_xdata()[-1] == pytest.approx(0.5, abs=1e-3)
    assert axes[3].images[0].get_extent() == [0, 0.48, 0, 64]


def test_a_belief_panel_hides_what_is_not_seen_and_marks_the_truth():
    beliefs = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    seen = np.full((128, 128, 3), 7, np.uint8)
    figure = plots.belief_panel([None, seen], ["-", "photo"], beliefs, [1, 2], list("abc"))
    hidden, shown, first, second = figure.axes
    assert texts(hidden) == ["?"]
    assert texts(shown) == []
    assert np.all(np.asarray(shown.images[0].get_array()) == 7)
    for axis, truth, row in ((first, 1, beliefs[0]), (second, 2, beliefs[1])):
        (marked,) = [bar for bar in axis.patches if bar.get_hatch()]
        assert marked.get_width() == row[truth]
        assert [text.get_text() for text in axis.texts if text.get_weight() == "bold"] == [
            f"{row[truth]:.2f}"
        ]


def test_a_belief_panel_of_one_item():
    figure = plots.belief_panel([None], ["-"], np.array([[0.7, 0.3]]), [1], ["cat", "dog"])
    picture, bars = figure.axes
    assert texts(picture) == ["?"]
    assert texts(bars) == ["0.70", "0.30"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": [], "evidence": [], "beliefs": [], "truth": []}, "at least one, got"),
        ({"evidence": ["a", "b", "c"]}, "every argument must hold one an item.*'evidence': 3"),
        ({"truth": [0]}, "every argument must hold one an item.*'truth': 1"),
        ({"beliefs": np.ones((3, 2)) / 2}, "every argument must hold one an item.*'beliefs': 3"),
        ({"classes": list("abc")}, "beliefs must hold one for each of 3 classes, got 2"),
    ],
)
def test_a_belief_panel_needs_one_of_each_an_item(change, message):
    whole = {"images": [None] * 2, "evidence": ["a", "b"], "truth": [0, 1], "classes": ["x", "y"]}
    with pytest.raises(ValueError, match=message):
        plots.belief_panel(**{**whole, "beliefs": np.ones((2, 2)) / 2, **change})
