"""The stored experts are those that the training stamps give, and a damaged file is refused."""

import numpy as np
import pytest

from mmtutorial.chapters.fusion.missing_modalities import listeners
from mmtutorial.data import DataError, load_stamps


@pytest.fixture(scope="module")
def stamps():
    return load_stamps(image="features")


def test_the_stored_expert_of_sounds_is_the_one_that_is_fitted(stamps):
    fitted = listeners.fit_listener(stamps, "sound")
    stored = listeners.load_listeners()["sound"]
    clips = stamps.validation.inputs["sound"][stamps.validation.presence["sound"]]
    np.testing.assert_allclose(
        np.exp(stored.predict_log_proba(clips)), np.exp(fitted.predict_log_proba(clips)), atol=0.02
    )
    targets = stamps.train.targets["group"][stamps.train.presence["sound"]]
    counts = np.bincount(targets, minlength=10) + 1
    np.testing.assert_allclose(np.exp(stored.frequencies), counts / counts.sum(), rtol=1e-5)


def test_what_is_stored_comes_back_and_damage_is_told(tmp_path):
    stored, path = listeners.load_listeners(), tmp_path / "weights.npz"
    listeners.save_listeners(stored, path)
    again = listeners.load_listeners(path)
    for name in listeners.HEARD:
        for one, other in zip(stored[name].model, again[name].model, strict=True):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(stored[name][1:], again[name][1:], strict=True):
            np.testing.assert_array_equal(one, other)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match="is damaged"):
        listeners.load_listeners(path)
