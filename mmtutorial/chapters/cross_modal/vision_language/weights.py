"""The trained model in a small file: what each stage ended with, as half-precision numbers."""

import io
from pathlib import Path

import numpy as np

from mmtutorial._checks import check_choice
from mmtutorial._checksums import read_checked, write_checked
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl

WEIGHTS = Path(__file__).with_name("weights.npz")
STAGES = {  # what a model is made of after each: the stages that its parts were stored with
    "read": ("read", "read"),  # projector of descriptions, decoder
    "aligned": ("aligned", "read"),
    "instructed": ("instructed", "instructed"),
}
PICTURE, TOKENS, DESCRIBED = (None, 128, 128, 3), (None, 4, 132), (None, 4, 18)
REPAIR = (
    "in a clone of the book run `git checkout -- mmtutorial/chapters/cross_modal/vision_language`, "
    "or train again: `python -m mmtutorial.chapters.cross_modal.vision_language.write_weights`"
)


def save_weights(encoder, projectors: dict, decoders: dict, tested: dict, path=WEIGHTS) -> None:
    """Write an encoder, projectors and decoders by stage, and what was answered in a test.

    ``tested`` is ``{"questions": texts, "answers": texts}``: with them one can tell whether half
    the precision changes an answer.
    """
    lists = {"encoder": encoder.get_weights()}
    lists |= {f"{stage}_projector": each for stage, each in projectors.items()}
    lists |= {f"{stage}_decoder": each for stage, each in decoders.items()}
    arrays = {
        f"{name}_{place}": array.astype("<f2")
        for name, each in lists.items()
        for place, array in enumerate(each)
    }
    arrays |= {name: np.array(texts) for name, texts in tested.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_checked(path, buffer.getvalue(), REPAIR)


def load_encoder(path: Path = WEIGHTS) -> vl.PlacedGrid:
    """Load the encoder: pictures ``(batch, 128, 128, 3)`` from 0 to 1 -> ``(batch, 4, 132)``."""
    encoder = vl.PlacedGrid(pool=vl.POOL)
    encoder.build(PICTURE)
    encoder.set_weights(_pick(_read(path), "encoder"))
    return encoder


def load_stage(stage: str = "instructed", path: Path = WEIGHTS):
    """Load projector and decoder as they were after one stage of seed 0 of the study.

    ``"read"``: the decoder has read; its image is a description, ``(4, 18)`` numbers per scene.
    ``"aligned"``: a new projector has learnt from captions. ``"instructed"``: all of it. These read
    the encoder's tokens. Raises ``ValueError`` for another stage, ``DataError`` for a file that is
    missing or damaged.
    """
    check_choice("stage", stage, tuple(STAGES))
    stored, (projector, decoder) = _read(path), STAGES[stage]
    model = vl.new_model(vl.load_task())
    shape = DESCRIBED if stage == "read" else TOKENS
    model.build({"image": shape, "question": (None, None), "answer": (None, None)})
    model.projector.set_weights(_pick(stored, f"{projector}_projector"))
    model.decoder.set_weights(_pick(stored, f"{decoder}_decoder"))
    return model


def load_tested(path: Path = WEIGHTS) -> dict[str, list[str]]:
    """Return the questions of the test, and what the model answered before it was stored."""
    stored = _read(path)
    return {name: stored[name].tolist() for name in ("questions", "answers")}


def _read(path):
    with np.load(io.BytesIO(read_checked(path, REPAIR)), allow_pickle=False) as stored:
        return dict(stored)


def _pick(stored, part):
    names = [name for name in stored if name.rpartition("_")[0] == part]
    names.sort(key=lambda name: int(name.rpartition("_")[2]))
    return [stored[name].astype(np.float32) for name in names]
