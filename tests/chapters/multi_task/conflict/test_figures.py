"""Arrows, paths and cosines stand where they should."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from mmtutorial.chapters.multi_task.conflict import figures, landscape


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_arrows_end_where_the_directions_do():
    grads = np.array([[2.0, 0.0], [-0.5, 1.0]])
    found = {name: landscape.direction(grads, name) for name in landscape.METHODS}
    figure = figures.gradient_arrows({"a": (grads, found), "b": (grads, found)}, title="Both")
    first, second = figure.axes
    ends = [tuple(line.get_xydata()[0]) for line in first.get_lines()]
    np.testing.assert_allclose(ends, list(found.values()))
    assert first.get_xlim() == second.get_xlim()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == list(landscape.METHODS)


def test_shares_have_a_line_for_each_method():
    cosines = np.linspace(-0.9, 0.9, 5)
    shares = {
        name: [landscape.share_of_first(name, cos, ratio=2.0) for cos in cosines]
        for name in landscape.METHODS
    }
    (axis,) = figures.share_lines(cosines, shares, title="Shares").axes
    assert {text.get_text() for text in axis.texts} == set(shares)


def test_a_path_begins_at_its_start_and_is_marked_at_its_end():
    plane = landscape.draw_losses(count=21)
    paths = landscape.walk_all((-3.0, -2.0), rate=0.05, steps=30)
    figure = figures.landscape_paths({"one": (*plane, paths)}, title="Paths")
    (axis,) = figure.axes
    places = [tuple(line.get_xydata()[0]) for line in axis.get_lines()]
    assert (-3.0, -2.0) in places
    for path in paths.values():
        assert tuple(path[-1]) in places
    assert {"task 1", "task 2"} <= {text.get_text() for text in axis.texts}


def test_a_table_of_cosines_has_each_pair_once():
    table = np.array([[1.0, 0.2, -0.3], [0.2, 1.0, 0.0], [-0.3, 0.0, 1.0]])
    names = ["a", "b", "c"]
    figure = figures.cosine_tables(names, {"layer": table, "other": table}, title="Cosines")
    for axis in figure.axes[:2]:
        assert {text.get_text() for text in axis.texts} == {"−0.30", "0.00", "0.20"}


def test_cosines_over_epochs_have_a_panel_for_each_layer():
    curves = {"a and b": [0.1, 0.2], "a and c": [-0.1, 0.0]}
    figure = figures.cosine_lines([1, 5], {"first": curves, "last": curves}, title="Cosines")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["first", "last"]
    assert [text.get_text() for text in figure.axes[1].texts] == list(curves)
