"""The table of sizes counts what is there."""

import numpy as np

from mmtutorial.chapters.background.what_is_multimodal.sizes import sample_sizes


def test_what_passes_has_a_speed_and_what_does_not_has_none():
    kinds = {"picture": (np.zeros((32, 64, 3)), 0), "sound": (np.zeros(48_000), 16_000)}
    assert sample_sizes(kinds) == {
        "shape": {"picture": "32 × 64 × 3", "sound": "48000"},
        "numbers": {"picture": "6,144", "sound": "48,000"},
        "steps / s": {"picture": "—", "sound": "16,000"},
        "numbers / s": {"picture": "—", "sound": "16,000"},
    }


def test_a_step_counts_with_all_its_numbers():
    clip = np.zeros((5, 4, 3, 2))
    assert sample_sizes({"clip": (clip, 2.5)})["numbers / s"] == {"clip": "60"}
