"""Markers stand where they were measured, pictures where their variates are."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from drawing_checks import check_drawing, words_of
from matplotlib import pyplot as plt

from mmtutorial.chapters.cross_modal.correlation import figures


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_the_drawing_has_a_network_for_each_view_and_one_loss():
    figure = figures.deep_cca()
    said = words_of(figure)
    assert {"picture", "words", "$a$", "$b$", "loss: minus their sum"} <= set(said)
    assert said.count("network of its own") == 2
    check_drawing(figure)


def test_noise_has_its_markers_and_its_lines():
    items = np.array([10, 100, 1000])
    measured = {"5 numbers": [0.9, 0.5, 0.2], "9 numbers": [1.0, 0.8, 0.3]}
    curves = {name: (found, (items, np.add(found, 0.01))) for name, found in measured.items()}
    (axis,) = figures.noise_lines(items, curves, title="Noise").axes
    lines = axis.get_lines()
    assert [list(line.get_ydata()) for line in lines[1::2]] == list(measured.values())
    assert all(line.get_linestyle() == "None" for line in lines[1::2])
    np.testing.assert_allclose(lines[0].get_ydata(), [0.91, 0.51, 0.21])
    assert axis.get_xscale() == "log"
    assert [text.get_text() for text in axis.texts] == list(measured)


def test_a_picture_stands_at_its_variates_and_far_ones_at_the_edge():
    pictures = np.zeros((3, 4, 4, 3), np.uint8)
    f, g = np.array([0.0, 1.0, 9.0]), np.array([0.5, -1.0, -9.0])
    figure = figures.relation_panels({"one": (f, g), "other": (g, f)}, pictures, title="Both")
    first, second = figure.axes
    places = [np.mean(np.reshape(image.get_extent(), (2, 2)), axis=1) for image in first.images]
    np.testing.assert_allclose(places, [[0, 0.5], [1, -1], [figures.REACH, -figures.REACH]])
    assert second.get_title(loc="left") == "other"


def test_the_ends_of_a_direction_are_on_their_sides():
    low, high = ([np.full((4, 4, 3), value, np.uint8)] * 2 for value in (0, 255))
    figure = figures.direction_ends(low, high, ("dark", "bright"), title="Light")
    shown = [axis.images[0].get_array().mean() for axis in figure.axes]
    assert shown == [0, 0, 255, 255]
    said = [part.get_suptitle() for part in figure.subfigs]
    assert said == ["low: dark", "high: bright"]


def test_a_cell_carries_its_number_and_a_blank_one_none():
    values = np.array([[np.nan, np.nan], [0.25, np.nan]])
    figure = figures.view_table(["a", "b"], values, title="Views")
    (text,) = figure.axes[0].texts
    assert (text.get_text(), text.get_position()) == (".25", (0, 1))
