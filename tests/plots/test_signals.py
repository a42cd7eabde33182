import numpy as np
import pytest
from matplotlib import pyplot as plt

from mmtutorial import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_spectrograms_show_time_to_the_right_and_frequency_upwards():
    values = np.arange(6.0).reshape(3, 2)  # three frames, two rows
    figure = plots.spectrograms({"a": (values, 8000), "b": (values, None)}, step=0.5)
    first, second = (axis for axis in figure.axes if axis.images)
    np.testing.assert_array_equal(first.images[0].get_array(), values.T)
    assert first.images[0].origin == "lower"
    assert list(first.images[0].get_extent()) == [0, 1.5, 0, 8]
    assert list(second.images[0].get_extent()) == [0, 1.5, 0, 2]
    assert (first.get_ylabel(), second.get_ylabel()) == ("frequency (kHz)", "mel band")


def test_spectrograms_share_one_scale_of_colours():
    figure = plots.spectrograms({"loud": (np.full((2, 2), 5.0), 1), "quiet": (np.zeros((2, 2)), 1)})
    limits = {axis.images[0].get_clim() for axis in figure.axes if axis.images}
    assert limits == {(-9.0, 5.0)}
    with pytest.raises(ValueError, match="panels must hold at least one panel"):
        plots.spectrograms({})


def test_samples_of_a_tone_lie_on_the_tone_that_is_heard():
    (axis,) = plots.sampled_tone(3000, 4000, 1000).axes
    tone, heard, samples = axis.get_lines()
    time, value = samples.get_data()
    for curve in (tone, heard):
        np.testing.assert_allclose(np.interp(time, *curve.get_data()), value, atol=0.01)


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_columns_are_counted(wrong, error):
    with pytest.raises(error, match=f"columns must be .*, got {wrong}"):
        plots.spectrograms({"a": (np.zeros((3, 2)), None)}, columns=wrong)
    with pytest.raises(error, match=f"columns must be .*, got {wrong}"):
        plots.image_grid(np.zeros((2, 4, 4, 3)), columns=wrong)
