"""The models that ship with the package: what looks at frames, and what looks over time."""

from functools import cache
from pathlib import Path

import numpy as np

from mmtutorial.applications._weights import load_arrays, save_arrays
from mmtutorial.applications.grounding import WordTable
from mmtutorial.applications.video.found import FRAMES, SIZE, Finder
from mmtutorial.applications.video.frames import FrameGrounder
from mmtutorial.applications.video.grounder import KNOWN, VideoGrounder

FOLDER = Path(__file__).with_name("files")
LEVELS = 127  # of a byte, in which the words' numbers are kept


def save_frames(path: Path, frames: FrameGrounder, words: WordTable, dim: int, **about) -> None:
    """Write what looks at frames, and its words: numbers of bytes, about half a megabyte.

    ``words`` holds each word's vector as the model's matrix makes it, of ``dim`` numbers.
    """
    step = float(np.abs(words.vectors).max()) / LEVELS
    arrays = _numbered(frames) | {"words": np.round(words.vectors / step).astype(np.int8)}
    about |= {"words": list(words.words), "step": step, "dim": dim, "config": _config(frames)}
    save_arrays(path, arrays, **about)


def load_frames(path: Path = FOLDER / "frames.npz") -> tuple[FrameGrounder, WordTable]:
    """Return what looks at frames, and the words that it knows.

    Raises ``DataError`` for a file that is missing or damaged.
    """
    arrays, about = load_arrays(path)
    words = WordTable(about["words"], arrays.pop("words").astype(np.float32) * about["step"])
    frames = FrameGrounder.from_config(about["config"])
    frames.build({"image": (None, SIZE, SIZE, 3), "text": (None, 1, about["dim"])})
    frames.set_weights([arrays[name] for name in sorted(arrays)])
    return frames, words


def save_video(path: Path, video: VideoGrounder, appears: float, visible: float, **about) -> None:
    """Write what looks over time, and from which score on it says that it sees a thing."""
    about |= {"appears": appears, "visible": visible, "config": _config(video)}
    save_arrays(path, _numbered(video), **about)


def load_finder(folder: Path = FOLDER) -> Finder:
    """Load the pair of models that `find` asks, once.

    Raises ``DataError`` for a file that is missing or damaged.
    """
    return _load(Path(folder))


@cache
def _load(folder):
    frames, words = load_frames(folder / "frames.npz")
    arrays, about = load_arrays(folder / "video.npz")
    video = VideoGrounder.from_config(about["config"])
    grid = SIZE >> len(frames.filters)
    video.build((None, FRAMES, grid, grid, KNOWN))
    video.set_weights([arrays[name] for name in sorted(arrays)])
    return Finder(frames, video, words, about["appears"], about["visible"])


def _numbered(model):
    return {f"weight_{place:04d}": each for place, each in enumerate(model.get_weights())}


def _config(model):
    """Return what makes the model again; its type of numbers is the reader's own."""
    config = model.get_config()
    return {name: config[name] for name in config if name not in ("dtype", "trainable", "name")}
