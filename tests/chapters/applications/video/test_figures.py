"""Boxes of things are told apart, and none has the colour of a modality."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from mmtutorial.chapters.applications.video import figures
from mmtutorial.plots.colours import COLOURS


def test_each_thing_has_a_box_of_its_own_colour_in_each_frame_that_shows_it():
    clip = np.zeros((4, 16, 16, 3), np.uint8)
    there = np.tile([2.0, 2, 6, 6], (4, 1))
    gone = np.where(np.arange(4)[:, None] < 2, there + 6, np.nan)
    figure = figures.film_strips([clip], ["a clip"], [{"hen": there, "car": gone}])
    colours = [to_hex(box.get_ec()).upper() for box in figure.axes[0].patches]
    plt.close(figure)
    assert colours == [COLOURS["accent"]] * 2 + [COLOURS["joint"]]
    assert not {"image", "text", "speech", "sound"} & set(figures.BOXES)
