"""The stored captioner is the one that was stored, and a damaged file is refused."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.translation import weights
from mmtutorial.chapters.cross_modal.translation.experiment import build_captioner
from mmtutorial.chapters.cross_modal.translation.words import CaptionTask
from mmtutorial.data import DataError


def test_what_is_stored_comes_back(tmp_path):
    task, path = CaptionTask(image="pixels"), tmp_path / "weights.npz"
    model = build_captioner(task)
    model({name: rows[:1] for name, rows in task.pairs.items()})
    weights.save_weights(model, path)
    again = weights.load_captioner(task, path)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-6)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match="is damaged"):
        weights.load_captioner(task, path)


def test_the_stored_captioner_writes_words():
    task = CaptionTask(image="pixels")
    written = weights.load_captioner(task).caption(task.images("validation")[:20]).texts
    assert len(set(written)) > 3
