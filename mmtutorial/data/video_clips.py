"""How do five hundred moving pictures load in an instant? Each stays packed as one film strip."""

import io

import numpy as np

from mmtutorial.data.clips import Clips


class VideoClips(Clips):
    """Which moving pictures has a split? Clips of frames, decoded when you index one.

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

    def __init__(self, archive, names, frames, frame_seconds, *, size, source="the archive"):
        super().__init__(archive, names, source=source)
        self.size = tuple(size)
        self._frames = np.array(frames, np.int64)
        self._frame_seconds = np.array(frame_seconds, np.float64)
        if not self._frames.shape == self._frame_seconds.shape == self._names.shape:
            lengths = f"{self._names.shape}, {self._frames.shape}, {self._frame_seconds.shape}"
            raise ValueError(f"every clip needs a name, frames and frame_seconds, got {lengths}")
        if (self._frames < 0).any():
            raise ValueError(f"frames must not be negative, got {self._frames.min()}")
        possible = np.isfinite(self._frame_seconds) & (self._frame_seconds >= 0)
        if not possible.all():
            given = self._frame_seconds[~possible][0]
            raise ValueError(f"frame_seconds must be finite and not negative, got {given}")
        if wrong := np.flatnonzero((self._frames > 0) != (self._names != "")).tolist():
            raise ValueError(f"a clip has frames where it has a name, but not row {wrong[0]}")

    @property
    def frames(self):
        """Return how many frames each clip has: (n,) int, 0 where it is absent."""
        return self._frames.copy()

    @property
    def frame_seconds(self):
        """Return how many seconds each clip shows one frame: (n,) float."""
        return self._frame_seconds.copy()

    def array(self, rows=None):
        """Decode the clips, or those of ``rows``: (n, frames, height, width, 3) uint8.

        Raises ``ValueError`` where the clips differ in their number of frames.
        """
        part = self if rows is None else self[np.atleast_1d(np.arange(len(self))[rows])]
        counts = np.unique(part._frames)
        if len(counts) > 1:
            raise ValueError(f"the clips have {counts[0]} to {counts[-1]} frames, not all the same")
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
