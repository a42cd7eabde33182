"""What is meant and what was found are told apart, and neither has the colour of a modality."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from mmtutorial.chapters.applications.grounding import figures
from mmtutorial.plots.colours import COLOURS


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_full_frame_is_meant_and_a_dashed_one_was_found():
    picture = np.zeros((16, 16, 3), np.uint8)
    figure = figures.scenes([picture], ["a hen"], boxes=[(8, 8, 12, 12)], truths=[(1, 2, 5, 6)])
    frames = [patch for patch in figure.axes[0].patches if to_hex(patch.get_ec()) != "#ffffff"]
    meant, found = frames
    assert (meant.get_x(), meant.get_y(), meant.get_linestyle()) == (1.5, 0.5, "-")
    assert (found.get_x(), found.get_y(), found.get_linestyle()) == (7.5, 7.5, "--")
    colours = [to_hex(frame.get_ec()).upper() for frame in frames]
    assert len(set(colours)) == 2
    assert not {COLOURS[kind] for kind in ("image", "text", "speech", "sound")} & set(colours)
