"""How loud speech is: whatever its pauses, its mean, and the blocks in which it is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.applications.speech._level import level_wave, measure_level

RATE = 16_000
SOUND = np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32)


def test_of_noise_without_pauses_it_is_the_root_mean_square():
    level = measure_level([SOUND])
    assert level.speech == pytest.approx(SOUND.std(), rel=0.01)
    assert level.peak == pytest.approx(np.abs(SOUND - SOUND.mean()).max())


def test_pauses_and_faint_noise_in_them_do_not_count():
    faint = 0.001 * np.concatenate([SOUND] * 5)
    level = measure_level([np.concatenate([faint, SOUND, faint])])
    assert level.speech == pytest.approx(measure_level([SOUND]).speech, rel=0.05)


def test_a_mean_that_is_not_0_does_not_count_and_is_taken_away():
    plain, shifted = measure_level([SOUND]), measure_level([SOUND + np.float32(0.3)])
    assert shifted.speech == pytest.approx(plain.speech, rel=1e-3)
    assert shifted.peak == pytest.approx(plain.peak, rel=1e-3)
    assert shifted.bring(SOUND + np.float32(0.3), 0.1).mean() == pytest.approx(0, abs=1e-4)
    assert measure_level([np.full(RATE, 0.3, np.float32)]).peak < 1e-6


@pytest.mark.parametrize("gain", [0.001, 0.1, 1.0, 5.0])
def test_it_is_brought_to_the_level_and_clipped(gain):
    made = level_wave(gain * SOUND, 0.05)
    assert measure_level([made]).speech == pytest.approx(0.05, rel=0.01)
    loud = level_wave(gain * SOUND, 0.9)
    assert np.abs(loud).max() == 1
    assert made.dtype == loud.dtype == np.float32


@given(st.lists(st.integers(0, 9000), max_size=12), st.integers(1, 2 * RATE))
def test_how_the_wave_is_cut_into_blocks_changes_nothing(cuts, count):
    wave = SOUND[:count]
    whole, parts = measure_level([wave]), measure_level(np.split(wave, np.cumsum(cuts)))
    assert parts.speech == pytest.approx(whole.speech, rel=1e-6)
    assert parts.mean == pytest.approx(whole.mean, abs=1e-9)
    assert parts.peak == pytest.approx(whole.peak, abs=1e-7)


def test_of_nothing_and_of_silence_it_is_0():
    assert measure_level([]).peak == 0
    assert measure_level([np.zeros(0, np.float32)]).speech == 0
    silence = np.zeros(RATE, np.float32)
    assert measure_level([silence]).speech == measure_level([silence]).peak == 0
    assert np.array_equal(level_wave(silence, 0.1), silence)
