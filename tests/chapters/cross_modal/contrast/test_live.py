"""A temperature set by hand: probabilities, loss and what is shown, in the limits known."""

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial.chapters.cross_modal.contrast.live import (
    SHOWN,
    Temperatures,
    candidate_bars,
    temperature_slider,
    temperature_view,
)

NAMES = [f"text {number}" for number in range(9)]


@pytest.fixture
def bench():
    cosines = np.linspace(0.8, 0, 18).reshape(2, 9)
    same = np.zeros((2, 9), bool)
    same[0, [0, 3]] = same[1, 8] = True  # the first row has two texts of its concept
    pictures = np.full((2, 6, 6, 3), 99, np.uint8)
    own = np.array([0, 8])
    return Temperatures(cosines, own, same, pictures=pictures, names=NAMES, learnt=0.1)


def test_probabilities_are_the_softmax_without_other_texts_of_the_concept(bench):
    p = bench.probabilities(0, 0.1)
    assert p[3] == 0
    powers = np.exp(np.delete(bench.cosines[0], 3) / 0.1)
    assert_close(np.delete(p, 3), powers / powers.sum(), steps=20)


def test_hot_is_chance_and_cold_is_sure_right_or_wrong(bench):
    assert bench.loss(0, 1e6) == pytest.approx(np.log(8), abs=1e-4)
    assert bench.loss(1, 1e6) == pytest.approx(np.log(9), abs=1e-4)
    assert bench.loss(0, 1e-3) < 1e-6  # its own text is first: the colder the better
    assert bench.loss(1, 1e-3) > 100  # its own text is last


def test_its_own_text_is_always_shown(bench):
    for row in (0, 1):
        names, shares, right = bench.columns(row, 0.2)
        assert len(names) == SHOWN + 1
        assert names[right] == NAMES[bench.own[row]]
        assert shares.sum() == pytest.approx(1)


def test_a_frame_and_the_twin_say_the_loss(bench):
    assert f"{bench.loss(1, 0.05):.2f} at 0.050" in bench.frame(1, 0.05)._repr_html_()
    slider = temperature_slider(bench, 1, (0.05, 0.5))
    assert "loss is" in slider._repr_html_()
    view = temperature_view(bench, slider, row=1)
    assert "mm-twin" in str(view._repr_mimebundle_())
    with pytest.raises(ValueError, match="temperature must be above 0"):
        bench.frame(0, 0)


def test_bars_mark_the_right_text():
    figure = candidate_bars(
        np.full((8, 8, 3), 200, np.uint8), ["dog", "cat"], [0.2, 0.8], right=1, title="?"
    )
    labels = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert labels == ["dog", "✓ cat"]
