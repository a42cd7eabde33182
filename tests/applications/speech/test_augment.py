"""Speech made different: pitch and length move together, and gaps are no wider than said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.applications.speech import change_speed, spec_augment

SINE = np.sin(2 * np.pi * 400 * np.arange(16000) / 16000).astype("float32")


@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1])
def test_a_tone_played_faster_is_higher_and_shorter(factor):
    fast = change_speed(SINE, factor)
    assert len(fast) == int(np.ceil(16000 / round(100 * factor) * 100))
    spectrum = np.abs(np.fft.rfft(fast * np.hanning(len(fast))))
    pitch = spectrum.argmax() * 16000 / len(fast)
    assert pitch == pytest.approx(400 * factor, abs=1)


@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(3, 20))
def test_gaps_hold_the_mean_and_are_no_wider_than_said(seed, frames, bands):
    speech = np.random.default_rng(seed).normal(size=(frames, bands)).astype("float32")
    options = {"time_masks": 1, "time_width": 4, "band_masks": 1, "band_width": 2}
    hidden = spec_augment(speech, seed=seed, **options)
    changed = hidden != speech
    assert np.allclose(hidden[changed], speech.mean(), atol=1e-6)
    rows, columns = changed.all(axis=1), changed.all(axis=0)
    assert rows.sum() <= min(4, frames // 5)
    assert columns.sum() <= 2
    assert not changed[~rows][:, ~columns].any()


def test_one_seed_hides_the_same_and_the_given_stays_as_it_is():
    speech = np.random.default_rng(0).normal(size=(80, 64))
    before = speech.copy()
    first, second, other = (spec_augment(speech, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
    np.testing.assert_array_equal(speech, before)


def test_without_gaps_nothing_is_hidden():
    speech = np.ones((9, 3), "float32") * np.arange(3)
    np.testing.assert_array_equal(spec_augment(speech, seed=0, time_masks=0, band_masks=0), speech)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"factor must be at least 0\.5 and at most 2, got 3"):
        change_speed(SINE, 3)
    with pytest.raises(ValueError, match="band_width must be at least 0"):
        spec_augment(np.ones((9, 3)), seed=0, band_width=-1)
    with pytest.raises(ValueError, match="spectrogram must be"):
        spec_augment(np.ones(9), seed=0)
