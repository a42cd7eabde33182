"""The captioner from pixels, stored: it takes longer to train than a notebook has time for."""

import io
from pathlib import Path

import numpy as np

from mmtutorial._checksums import read_checked, write_checked
from mmtutorial.chapters.cross_modal.translation.experiment import build_captioner
from mmtutorial.chapters.cross_modal.translation.words import CaptionTask
from mmtutorial.cross_modal import Captioner

WEIGHTS = Path(__file__).with_name("weights.npz")
REPAIR = "run python -m mmtutorial.chapters.cross_modal.translation.write_weights"


def save_weights(model: Captioner, path: Path = WEIGHTS) -> None:
    """Write the weights of a captioner, float16, and their checksum beside them."""
    arrays = {f"weight_{i:03d}": w.astype("<f2") for i, w in enumerate(model.get_weights())}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_checked(path, buffer.getvalue(), REPAIR)


def load_captioner(task: CaptionTask, path: Path = WEIGHTS) -> Captioner:
    """Return the stored captioner of a task of pixels.

    Raises ``DataError`` for a file that is missing or damaged, ``ValueError`` if its weights do not
    fit the captioner of this task.
    """
    model = build_captioner(task)
    model({name: rows[:1] for name, rows in task.pairs.items()})
    with np.load(io.BytesIO(read_checked(path, REPAIR)), allow_pickle=False) as stored:
        model.set_weights([stored[name].astype(np.float32) for name in sorted(stored.files)])
    return model
