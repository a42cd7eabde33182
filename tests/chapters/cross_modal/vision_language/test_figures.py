"""The drawing of the model has a box for every token, and says what the loss looks at."""

import numpy as np

from mmtutorial.chapters.cross_modal.vision_language.figures import architecture


def test_every_token_has_its_box():
    picture = np.zeros((8, 8, 3), np.uint8)
    figure = architecture(picture, ["what", "is", "it"], ["red"])
    said = [text.get_text() for text in figure.axes[0].texts]
    for token in ("what", "is", "it", "<begin>", "<end>"):
        assert said.count(token) == 1
    assert said.count("red") == 2  # read, and written
    assert any("loss" in text for text in said)
