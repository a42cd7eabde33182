"""The figures show what they are given, and refuse what does not fit."""

import numpy as np
import pytest
from drawing_checks import check_drawing
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Rectangle

from mmtutorial.chapters.cross_modal.contrast import figures
from mmtutorial.plots.colours import COLOURS

PICTURES = np.full((3, 8, 8, 3), 200, np.uint8)
RNG = np.random.default_rng(0)


def test_the_drawing_marks_the_right_pairs_of_a_batch():
    figure = figures.dual_encoder()
    (axis,) = figure.axes
    for text in ("encoder", "linear map, length 1", *"1234"):
        assert [each.get_text() for each in axis.texts].count(text) == 2
    dots = [patch.center for patch in axis.patches if isinstance(patch, Circle)]
    boxes = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    cells = [box for box in boxes if to_hex(box.get_edgecolor()).upper() == COLOURS["joint"]]
    assert (len(dots), len(cells)) == (4, 16)
    marked = [i for i, cell in enumerate(cells)
              if any(cell.get_bbox().contains(*dot) for dot in dots)]  # fmt: skip
    assert marked == [0, 5, 10, 15]
    check_drawing(figure)


def test_a_table_shows_each_cosine_and_frames_the_right_pairs():
    table = np.array([[0.5, -0.1, 0], [0, 0.4, 0.1], [0.2, 0.3, 0.7]])
    figure = figures.similarity_map(PICTURES, ["a", "b", "c"], {"after": table}, title="Six")
    axis = figure.axes[-1]
    assert [text.get_text() for text in axis.texts][:3] == ["0.5", "−0.1", "0.0"]
    assert len(axis.patches) == 3
    with pytest.raises(ValueError, match=r"panels\['after'\] must be of shape \(3, 2\)"):
        figures.similarity_map(PICTURES, ["a", "b"], {"after": table}, title="Six")


def test_histograms_keep_right_and_wrong_pairs_apart():
    cosines = np.where(np.eye(20, dtype=bool), 0.9, -0.2)
    axis = figures.cosine_histograms({"model": cosines}, title="Cosines").axes[0]
    wrong, right = axis.containers
    assert max(right, key=lambda bar: bar.get_height()).get_x() > 0.8
    assert max(wrong, key=lambda bar: bar.get_height()).get_x() < 0
    with pytest.raises(ValueError, match="must be a square"):
        figures.cosine_histograms({"model": cosines[:3]}, title="Cosines")


def test_two_clouds_far_apart_are_drawn_far_apart():
    images = RNG.normal(size=(50, 8)) * 0.1 + np.eye(8)[0]
    texts = RNG.normal(size=(50, 8)) * 0.1 - np.eye(8)[0]
    axis = figures.gap_panels({"model": (images, texts)}, title="Gap").axes[0]
    seen, read = (line.get_xdata() for line in axis.lines[-2:])
    assert abs(seen.mean() - read.mean()) > 1.5
