"""Lazily decoded clips of frames: each stays packed as one picture until it is indexed."""

import io
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_sizes
from mmtutorial.data.clips import Clips
from mmtutorial.data.dataset import choose_rows

WEBP_SIDE = 16383  # pixels at most, which a WebP picture has


class VideoClips(Clips):
    """Clips of frames, each decoded when you index it.

    ``clips[i]`` is a (frames, height, width, 3) uint8 array; an absent clip has no frames.
    ``clips[rows]`` is `VideoClips`, and ``clips.encoded(i)`` are the bytes of the file: a WebP
    picture with the frames side by side, the first at the left. Beside what `Clips` takes,
    ``frames`` counts each clip's frames (0 where absent), ``frame_seconds`` says how long one is
    shown, and ``size`` is a frame's height and width. Raises ``DataError`` for a clip that is
    empty, cut short, damaged or of another size.

    >>> import mmtutorial as mm
    >>> clips = mm.data.load_animated_emoji().test.inputs["video"]
    >>> clips[0].shape, clips[:3]
    ((16, 48, 48, 3), VideoClips(3 clips of 48 x 48 pixels, 48 frames))
    """

    def __init__(
        self,
        archive: bytes | bytearray | memoryview,
        names: Sequence[str],
        frames: ArrayLike,
        frame_seconds: ArrayLike,
        *,
        size: tuple[int, int],
        source: str | os.PathLike = "the archive",
    ):
        super().__init__(archive, names, source=source)
        self.size = check_sizes("size", size)
        if len(self.size) != 2:
            raise ValueError(f"size must be (height, width), got {size!r}")
        self._frames = check_array("frames", frames, kinds="iu").astype(np.int64)
        self._frame_seconds = check_array("frame_seconds", frame_seconds, kinds="iuf").astype(float)
        if not self._frames.shape == self._frame_seconds.shape == self._names.shape:
            lengths = f"{self._names.shape}, {self._frames.shape}, {self._frame_seconds.shape}"
            raise ValueError(f"every clip needs a name, frames and frame_seconds, got {lengths}")
        if (self._frames < 0).any():
            raise ValueError(f"frames must not be negative, got {self._frames.min()}")
        if (most := self._frames.max(initial=0)) * self.size[1] > WEBP_SIDE:
            raise ValueError(
                f"frames times the width in size must be at most {WEBP_SIDE} pixels, what a WebP "
                f"picture holds, got {most} frames of {self.size[1]}"
            )
        if (self._frame_seconds < 0).any():
            raise ValueError(f"frame_seconds must not be negative, got {self._frame_seconds.min()}")
        if wrong := np.flatnonzero((self._frames > 0) != (self._names != "")).tolist():
            raise ValueError(f"a clip has frames where it has a name, but not row {wrong[0]}")

    @property
    def frames(self) -> np.ndarray:
        """Return how many frames each clip has: (n,) int, 0 where it is absent."""
        return self._frames.copy()

    @property
    def frame_seconds(self) -> np.ndarray:
        """Return how many seconds each clip shows one frame: (n,) float."""
        return self._frame_seconds.copy()

    def array(self, rows: ArrayLike | slice | None = None) -> np.ndarray:
        """Decode the clips, or those of ``rows``: (n, frames, height, width, 3) uint8.

        Raises ``ValueError`` where the clips differ in their number of frames, and for rows that do
        not exist.
        """
        part = self if rows is None else self[np.atleast_1d(choose_rows(rows, len(self)))]
        counts = np.unique(part._frames)
        if len(counts) > 1:
            raise ValueError(
                f"rows must be of as many frames each, got {counts[0]} to {counts[-1]}"
            )
        frames = counts[0] if len(counts) else 0
        out = np.empty((len(part), frames, *self.size, 3), np.uint8)
        for row in range(len(part)):
            out[row] = part[row]
        return out

    def __repr__(self):
        present = np.count_nonzero(self._frames)
        absent = f", {len(self) - present:,} absent" if present < len(self) else ""
        height, width = self.size
        return (
            f"VideoClips({len(self):,} clips{absent} of {height} x {width} pixels, "
            f"{self._frames.sum():,} frames)"
        )

    def _take(self, rows):
        self._frames = self._frames[rows]
        self._frame_seconds = self._frame_seconds[rows]

    def _decode(self, row):
        from PIL import Image

        frames, (height, width) = int(self._frames[row]), self.size
        if not frames:
            return np.zeros((0, height, width, 3), np.uint8)
        try:
            with Image.open(io.BytesIO(self.encoded(row)), formats=["WEBP"]) as picture:
                found = (*picture.size, picture.n_frames)
                strip = np.asarray(picture.convert("RGB"))
        except (OSError, ValueError, SyntaxError) as error:
            raise self._damaged(row, f"it is no picture that can be read ({error})") from error
        if found != (frames * width, height, 1):
            reason = f"it has {found[2]} picture(s) of {found[0]} x {found[1]} pixels"
            raise self._damaged(row, f"{reason}, expected one of {frames * width} x {height}")
        return np.ascontiguousarray(strip.reshape(height, frames, width, 3).swapaxes(0, 1))
