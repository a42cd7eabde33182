"""The trained model in a small file: half-precision weights, and words as bytes."""

from pathlib import Path

import numpy as np

from mmtutorial.applications._weights import load_arrays, save_arrays
from mmtutorial.applications.grounding.model import GroundingModel
from mmtutorial.applications.grounding.phrases import WordTable
from mmtutorial.encoders import GridCNN

WEIGHTS = Path(__file__).with_name("files") / "grounding.npz"
PICTURE = (None, 128, 128, 3)
LARGEST = 127  # of a byte, up and down from 0


def save_weights(model: GroundingModel, table: WordTable, path: Path = WEIGHTS) -> None:
    """Write a model with a `GridCNN`, and what it makes of each word of a table.

    ``table`` holds the words as the model was trained on them; each is stored as its vector in the
    model's space, in bytes.
    """
    embedded = np.asarray(model.words(table.vectors))
    step = float(np.abs(embedded).max() / LARGEST)
    arrays = {f"weight_{i:02d}": weight for i, weight in enumerate(model.get_weights())}
    arrays["words"] = np.frombuffer("\n".join(table.words).encode(), np.uint8)
    arrays["embedded"] = (embedded / step).round().astype(np.int8)
    encoder = {name: getattr(model.encoder, name) for name in ("filters", "kernel_size", "pool")}
    about = {"encoder": encoder, "units": model.units, "context": model.context,
             "dim": table.dim, "step": step}  # fmt: skip
    save_arrays(path, arrays, **about)


def load_weights(path: Path = WEIGHTS) -> tuple[GroundingModel, WordTable]:
    """Load model and words. Raises ``DataError`` for a file that is missing or damaged."""
    arrays, about = load_arrays(path)
    model = GroundingModel(
        about["units"], encoder=GridCNN(**about["encoder"]), context=about["context"]
    )
    model.build({"image": PICTURE, "text": (None, None, None, about["dim"])})
    model.set_weights([arrays[name] for name in sorted(arrays) if name.startswith("weight_")])
    words = arrays["words"].tobytes().decode().split("\n")
    return model, WordTable(words, arrays["embedded"] * np.float32(about["step"]))
