"""Find in any clip what a description names: when, and where."""

from dataclasses import dataclass, field
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_text
from mmtutorial._images import check_images
from mmtutorial.applications.grounding import WordTable
from mmtutorial.applications.video.frames import FrameGrounder
from mmtutorial.applications.video.grounder import QUESTIONS, VideoGrounder, compare
from mmtutorial.applications.video.targets import boxes_at
from mmtutorial.preprocessing import read_clip, resize_image, sample_frames

FRAMES, SIZE = 16, 64  # that the shipped model looks at
MAX_SECONDS = 60  # 16 frames of more would miss too much


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a clip.

    ``score`` from 0 to 1 says how sure it is that the thing appears, and ``appears`` whether that
    is enough. ``times`` ``(16,)`` are the moments it looked at, in frames of an array and in
    seconds of a file; ``visible`` ``(16,)`` tells at which of them it sees the thing, ``boxes``
    ``(16, 4)`` where: top, left, bottom, right in pixels of the clip. ``map`` ``(16, 8, 8)`` is how
    sure it is of each cell. A clip of fewer frames shows some of them at several moments, each with
    a box of its own; ``moments`` keeps the surest. ``answers`` are, of what it takes for the thing,
    how sure it is that it goes to the right, is fast, comes first. ``words`` were read, ``unknown``
    were not.
    """

    text: str
    score: float
    appears: bool
    times: np.ndarray
    visible: np.ndarray
    boxes: np.ndarray
    map: np.ndarray = field(repr=False)
    answers: dict[str, float]
    words: list[str]
    unknown: list[str]

    @property
    def moments(self) -> list[tuple[float, tuple[float, float, float, float]]]:
        """When it is seen, and in which box: once for each time, by the surest cell."""
        best: dict[float, int] = {}
        for place in np.flatnonzero(self.visible).tolist():
            time = float(self.times[place])
            if time not in best or self.map[place].max() > self.map[best[time]].max():
                best[time] = place
        return [(time, tuple(self.boxes[place].tolist())) for time, place in best.items()]

    @property
    def spans(self) -> list[tuple[float, float]]:
        """From when to when it is seen, first and last moment of each run."""
        edges = np.flatnonzero(np.diff(np.pad(self.visible.astype(int), 1)))
        return [
            (float(self.times[a]), float(self.times[b - 1]))
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        ]

    def __repr__(self):
        when = ", ".join(f"{a:g} to {b:g}" for a, b in self.spans) or "never"
        said = "appears" if self.appears else "does not appear"
        return f"Found({self.text!r} {said}, score {self.score:.2f}, seen {when})"


@dataclass(frozen=True, eq=False)
class Finder:
    """A trained pair of models, the words that they know, and from where on they say yes."""

    frames: FrameGrounder
    video: VideoGrounder
    words: WordTable
    appears: float
    visible: float

    def find(self, clip: ArrayLike | str | PathLike | bytes, text: str) -> Found:
        """Find in a clip what a text names: see `find`."""
        words, unknown = self.words.split(check_text("text", text))
        if not words:
            raise ValueError(
                f"text must hold a word that the model knows, such as 'dog' or 'red', got {text!r}"
            )
        frames, times = read_frames(clip)
        height, width = frames.shape[1:3]
        small = frames if (height, width) == (SIZE, SIZE) else resize_image(frames, SIZE)
        grid = self.frames.describe(small[None])
        vector = self.words.encode([text])[0, : len(words)].mean(axis=0)
        vector /= np.linalg.norm(vector) + 1e-6
        said = self.video(compare(grid, vector[None]))
        found, answers = (1 / (1 + np.exp(-np.asarray(said[k][0]))) for k in ("map", "answers"))
        flat = found.reshape(len(found), -1)
        boxes = boxes_at(flat.argmax(axis=1), grid[0, ..., self.frames.units + 1 :], size=SIZE)
        boxes *= np.array([height, width, height, width]) / SIZE
        score = float(flat.max())
        appears = score >= self.appears
        return Found(
            text, score, appears, times, (flat.max(axis=1) >= self.visible) & appears, boxes, found,
            dict(zip(QUESTIONS, map(float, answers), strict=True)), words, unknown,
        )  # fmt: skip


def find(clip: ArrayLike | str | PathLike | bytes, text: str) -> Found:
    """When and where in my clip is what I describe? Ask the model that ships with the package.

    Parameters
    ----------
    clip : path or bytes of an animated GIF, WebP, PNG or AVIF, or of a film strip (one picture with
        square frames side by side); or an array ``(frames, height, width, 3)``, bytes or floats
        in 0..1. It looks at 16 moments of it, at 64 x 64 pixels each
    text : a description, such as "a dancing bear". It knows some thousand English words, and goes
        by all that it knows of the text, in whatever order

    Returns `Found`. The model is small, and was trained on emoji that cross parts of pictures: of a
    real film it knows little. Raises ``ValueError`` for a text without a known word, a still
    picture, a clip of more than a minute, and a file that is empty, damaged or no picture;
    ``FileNotFoundError`` for a missing one.

    >>> clip = np.full((16, 64, 64, 3), 200, np.uint8)
    >>> find(clip, "a dancing bear").words
    ['dancing', 'bear']
    """
    from mmtutorial.applications.video.shipped import load_finder

    return load_finder().find(clip, text)


def read_frames(clip: ArrayLike | str | PathLike | bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return 16 frames of a clip, uint8, and the moments at which they are shown.

    Moments are seconds of a file, frames of a film strip and of an array. Raises as `find` does.
    """
    if not isinstance(clip, (str, bytes, PathLike)):
        return _sample(check_images(clip, name="clip", axis="frames"))
    read = read_clip(clip)
    if len(read.frames) > 1:
        if read.duration > MAX_SECONDS:
            raise ValueError(
                f"clip must last at most {MAX_SECONDS} seconds, got {read.duration:g}: cut it first"
            )
        moments = np.arange(FRAMES) / FRAMES * read.duration
        shown = np.searchsorted(read.times, moments + 1e-6, side="right") - 1
        return read.frames[shown], moments
    (picture,) = read.frames
    height, width = picture.shape[:2]
    if width < 2 * height or width % height:
        raise ValueError(
            "clip must move, or be a film strip of square frames side by side, got a still picture "
            f"of {width} x {height} pixels: for stills see mm.applications.grounding"
        )
    return _sample(picture.reshape(height, -1, height, 3).swapaxes(0, 1))


def _sample(frames):
    if len(frames) < 2:
        raise ValueError(f"clip must have at least 2 frames, got {len(frames)}")
    frames = frames if frames.shape[-1] == 3 else np.repeat(frames, 3, axis=-1)
    if frames.dtype != np.uint8:
        frames = np.round(255 * np.clip(frames, 0, 1)).astype(np.uint8)
    numbers = np.floor(np.linspace(0, len(frames) - 1, FRAMES) + 0.5)
    return sample_frames(frames, FRAMES), numbers
