"""The figures show what they were given: each picture, each name, each line."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from mmtutorial.chapters.cross_modal.retrieval import figures


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def picture(value):
    return np.full((4, 4, 3), value, np.uint8)


def test_right_pictures_are_marked_and_no_other():
    rows = {
        "cat": ([picture(0), picture(1), picture(2)], [True, False, True]),
        "dog": ([picture(3), picture(4), picture(5)], [False, False, False]),
    }
    figure = figures.result_rows(rows, title="Found")
    assert [axis.get_ylabel() for axis in figure.axes] == ["cat", "", "", "dog", "", ""]
    assert [axis.get_xlabel() for axis in figure.axes] == ["✓", "", "✓", "", "", ""]
    assert [int(axis.images[0].get_array()[0, 0, 0]) for axis in figure.axes] == list(range(6))


def test_an_error_is_what_was_asked_above_what_was_answered():
    kinds = {
        "near": [(picture(0), "a", picture(1), "b"), (picture(2), "c", picture(3), "d")],
        "far": [(picture(4), "e", picture(5), "a name that is rather long")],
    }
    figure = figures.error_gallery(kinds, title="Errors")
    above, below = figure.axes[:3], figure.axes[3:]
    assert [axis.get_xlabel() for axis in above] == ["a", "c", "e"]
    assert [axis.get_xlabel() for axis in below] == ["b", "d", "a name that is\nrather long"]
    assert [axis.get_title("left") or axis.get_title() for axis in above] == ["near", "", "far"]


def test_a_line_without_labels_is_level_and_the_probe_has_its_interval():
    probe = [(0.3, 0.2, 0.4), (0.5, 0.45, 0.55)]
    figure = figures.label_curve([8, 80], probe, {"words": 0.4}, title="Labels", chance=0.2)
    (axis,) = figure.axes
    curve, words, chance = (np.asarray(line.get_ydata(), float) for line in axis.lines)
    np.testing.assert_allclose(curve, [0.3, 0.5])
    assert set(words) == {0.4}
    assert set(chance) == {0.2}
    assert axis.get_xscale() == "log"
    assert {text.get_text() for text in axis.texts} == {"linear probe", "words", "largest group"}
