"""What a reader chooses is what is written, with the model's own log-probability."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.translation.live import (
    SAMPLES,
    Writer,
    writer_twin,
    writer_view,
)
from mmtutorial.cross_modal import Captioner
from mmtutorial.preprocessing import Vocabulary


@pytest.fixture
def writer():
    vocabulary = Vocabulary.fit([["red", "heart"], ["dog"]])
    images = np.random.default_rng(0).normal(size=(2, 8)).astype(np.float32)
    model = Captioner(vocabulary, 8, heads=2, max_length=9)
    model({"image": images, "text": vocabulary.encode([["red"], ["dog"]], length=3)})
    pictures = np.full((2, 8, 8, 3), 90, np.uint8)
    return Writer(model, images, pictures, ["heart", "dog"], [{"red", "heart"}, {"dog"}])


def test_a_beam_of_one_is_greedy_and_samples_are_as_many_as_asked(writer):
    found = writer.captions(0, 1, 1.0)
    greedy, beam, drawn = found.values()
    assert greedy[0][0] == beam[0][0]
    assert greedy[0][1] == pytest.approx(beam[0][1], abs=1e-4)
    assert len(drawn) == SAMPLES


def test_frame_twin_and_view_show_the_captions(writer):
    assert "sampled at 0.5" in writer.frame(1, 2, 0.5)._repr_html_()
    twin = writer_twin(writer, [0, 1], (1, 2), (0.5, 1.0))
    assert "Beam width" in twin._repr_html_()
    assert "mm-twin" in str(writer_view(writer, twin, row=1)._repr_mimebundle_())
    with pytest.raises(ValueError, match="temperature must be above 0"):
        writer.frame(0, 1, 0)
