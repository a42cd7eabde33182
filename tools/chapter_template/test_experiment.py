"""What the chapter "The title" trains."""

import numpy as np
import pytest

from mmtutorial.chapters.the_part.the_name.experiment import (
    METHODS,
    predict,
    train_linear,
)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_learns_what_its_modalities_tell(method, rng):
    """Three classes, far apart in both modalities."""
    target = np.repeat([0, 1, 2], 10)
    inputs = {
        name: np.eye(3)[target] + 0.1 * rng.normal(size=(30, 3)) for name in METHODS["concat"]
    }
    weights, losses = train_linear(inputs, target, method)
    assert np.isclose(losses[0], np.log(3))  # before the first step, all classes are alike
    assert (np.diff(losses) < 0).all()
    assert (predict(weights, inputs, method) == target).all()
