"""Cut-outs at the sizes that are asked for, each shrunk once."""

from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_list


def check_cutouts(name: str, cutouts: Sequence) -> list[np.ndarray]:
    """Return cut-outs, each ``(frames, height, width, 4)`` uint8; refuse what is none."""
    cutouts = check_list(name, cutouts, "clips with alpha")
    for place, each in enumerate(cutouts):
        each = np.asarray(each)
        if each.dtype != np.uint8 or each.ndim != 4 or each.shape[-1] != 4 or not each.size:
            raise ValueError(
                f"{name}[{place}] must be uint8 (frames, height, width, 4), the last of them alpha,"
                f" got {each.dtype} of shape {each.shape}"
            )
    return cutouts


class Shrunk:
    """Cut-outs of several sizes, and where the thing is in them."""

    def __init__(self, cutouts: Sequence[np.ndarray]):
        self._cutouts, self._sized, self._boxes = cutouts, {}, {}

    def get(self, row: int, side: int) -> np.ndarray:
        """Return one cut-out, ``(frames, side, side, 4)`` float32 in 0..255, weighed by alpha."""
        key = row, side
        if key not in self._sized:
            self._sized[key] = np.stack([_shrink(each, side) for each in self._cutouts[row]])
        return self._sized[key]

    def boxes(self, row: int, side: int) -> np.ndarray:
        """Return top, left, bottom, right of the thing in each frame, ``(frames, 4)``, pixels."""
        if row not in self._boxes:
            masks = self._cutouts[row][..., 3] > 127
            self._boxes[row] = np.array([_edges(mask) for mask in masks])
        return self._boxes[row] * side


def _shrink(picture, side):
    """Resize red, green and blue weighed by alpha, so that what is transparent has no colour."""
    from PIL import Image

    weighed = Image.fromarray(np.ascontiguousarray(picture), "RGBA").convert("RGBa")
    return np.asarray(weighed.resize((side, side), Image.Resampling.BOX), np.float32)


def _edges(mask):
    """Return the edges of a mask as shares of its sides; of an empty one, all of it."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 0.0, 0.0, 1.0, 1.0
    ends = np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1])
    return tuple(ends / (mask.shape * 2))
