import numpy as np
import pytest
from matplotlib import pyplot as plt

from mmtutorial.chapters.background.arrays import figures
from mmtutorial.plots import image_grid


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_spectrograms_show_time_to_the_right_and_frequency_upwards():
    values = np.arange(6.0).reshape(3, 2)  # three frames, two rows
    figure = figures.spectrograms({"a": (values, 8000), "b": (values, None)}, step=0.5)
    first, second = (axis for axis in figure.axes if axis.images)
    np.testing.assert_array_equal(first.images[0].get_array(), values.T)
    assert first.images[0].origin == "lower"
    assert list(first.images[0].get_extent()) == [0, 1.5, 0, 8]
    assert list(second.images[0].get_extent()) == [0, 1.5, 0, 2]
    assert (first.get_ylabel(), second.get_ylabel()) == ("frequency (kHz)", "mel band")


def test_spectrograms_share_one_scale_of_colours():
    figure = figures.spectrograms(
        {"loud": (np.full((2, 2), 5.0), 1), "quiet": (np.zeros((2, 2)), 1)}
    )
    limits = {axis.images[0].get_clim() for axis in figure.axes if axis.images}
    assert limits == {(-9.0, 5.0)}
    with pytest.raises(ValueError, match="panels must hold at least one panel"):
        figures.spectrograms({})


def test_samples_of_a_tone_lie_on_the_tone_that_is_heard():
    (axis,) = figures.sampled_tone(3000, 4000, 1000).axes
    tone, reconstructed, samples = axis.get_lines()
    time, value = samples.get_data()
    for curve in (tone, reconstructed):
        np.testing.assert_allclose(np.interp(time, *curve.get_data()), value, atol=0.01)


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_columns_are_counted(wrong, error):
    with pytest.raises(error, match=f"columns must be .*, got {wrong}"):
        figures.spectrograms({"a": (np.zeros((3, 2)), None)}, columns=wrong)
    with pytest.raises(error, match=f"columns must be .*, got {wrong}"):
        image_grid(np.zeros((2, 4, 4, 3)), columns=wrong)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(0, ValueError), (-1, ValueError), (np.nan, ValueError), ("4", TypeError), (None, TypeError)],
)
def test_rates_and_times_are_positive(wrong, error):
    with pytest.raises(error, match=r"rate must be .*, got"):
        figures.sampled_tone(3000, wrong, 1000)
    with pytest.raises(error, match=r"milliseconds must be .*, got"):
        figures.sampled_tone(3000, 4000, 1000, milliseconds=wrong)
    with pytest.raises(error, match=r"step must be .*, got"):
        figures.spectrograms({"a": (np.zeros((3, 2)), None)}, step=wrong)
    if wrong != 0:  # a constant has no frequency, and can be drawn
        with pytest.raises(error, match=r"tone must be .*, got"):
            figures.sampled_tone(wrong, 4000, 1000)
        with pytest.raises(error, match=r"reconstructed must be .*, got"):
            figures.sampled_tone(3000, 4000, wrong)


@pytest.mark.parametrize(
    ("panels", "error", "message"),
    [
        ([1], TypeError, "panels must be a dict such as .*, got list"),
        ({"a": np.zeros((3, 2))}, TypeError, r"panels\['a'\] must be \(values, top\), got ndarray"),
        ({"a": (np.zeros(3), None)}, ValueError, r"must hold values of shape .*, got \(3,\)"),
        (
            {"a": (np.zeros((0, 2)), None)},
            ValueError,
            r"must hold values of shape .*, got \(0, 2\)",
        ),
        ({"a": (np.full((3, 2), np.nan), 1)}, ValueError, "must hold finite numbers, got nan"),
        (
            {"a": (np.zeros((3, 2)), "8 kHz")},
            TypeError,
            r"the top of panels\['a'\] must be a number",
        ),
        ({"a": (np.zeros((3, 2)), 0)}, ValueError, r"the top of .* must be above 0, got 0"),
    ],
)
def test_what_is_no_panel_is_refused(panels, error, message):
    with pytest.raises(error, match=message):
        figures.spectrograms(panels)
