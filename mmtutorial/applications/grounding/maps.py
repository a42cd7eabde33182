"""From a map of a few places to a point and a box in the picture."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from mmtutorial._checks import check_array, check_number
from mmtutorial._images import check_size
from mmtutorial.applications.grounding.compose import box_of

SHARE = 0.5  # of the way from a map's median to its peak, above which it counts as the thing


def enlarge_maps(
    maps: ArrayLike, size: int | tuple[int, int], *, part: ArrayLike | None = None
) -> np.ndarray:
    """Bring maps to the size of their picture: linear between the middles of their places.

    ``maps`` is ``(batch, rows, columns)``, ``size`` whole pixels or ``(height, width)``; ``part``
    is top, left, bottom and right, the last two outside, of the pixels that are wanted: all, unless
    given. Returns ``(batch, height, width)`` of float32. Raises ``ValueError`` for other shapes,
    and for a part without pixels or outside of the picture.

    >>> enlarge_maps(np.array([[[0.0, 1.0]]]), (1, 4)).round(2).tolist()
    [[[0.0, 0.25, 0.75, 1.0]]]
    """
    maps, (height, width) = _check_maps(maps), check_size(size)
    top, left, bottom, right = _check_part(part, height, width)
    down = _weights(maps.shape[1], height)[top:bottom]
    across = _weights(maps.shape[2], width)[left:right]
    return np.einsum("hr,brc,wc->bhw", down, maps, across, optimize=True)


def point_at(
    maps: ArrayLike, size: int | tuple[int, int], *, part: ArrayLike | None = None
) -> np.ndarray:
    """Which pixel does a map point to? Row and column of its peak, ``(batch, 2)`` of int.

    ``maps``, ``size`` and ``part`` as for `enlarge_maps`: of a part, it is the peak in it, counted
    from its corner. Of equal peaks the middle one in reading order counts. Raises as it does.

    >>> point_at(np.array([[[0.0, 1.0]]]), (2, 4)).tolist()
    [[1, 3]]
    """
    large = enlarge_maps(maps, size, part=part)
    return np.array([_peak(each) for each in large], int).reshape(-1, 2)


def box_at(
    maps: ArrayLike,
    size: int | tuple[int, int],
    *,
    share: float = SHARE,
    part: ArrayLike | None = None,
) -> np.ndarray:
    """Which box does a map mean? That of the patch round its peak, ``(batch, 4)`` of int.

    The patch is what hangs together with the peak and lies above a threshold: ``share`` of the way
    from the map's median, which stands for the background, to its peak.

    ``maps``, ``size`` and ``part`` as for `point_at`; ``share`` from 0 to 1. Returns top, left,
    bottom, right in pixels, the last two outside. Raises as it does. Paper: Zhou et al. 2016,
    Learning Deep Features for Discriminative Localization (boxes of thresholded maps).

    >>> maps = np.zeros((1, 4, 4))
    >>> maps[0, 1, 2] = 1
    >>> box_at(maps, 16).tolist()
    [[4, 8, 8, 12]]
    """
    check_number("share", share, least=0, most=1)
    boxes = []
    for each in enlarge_maps(maps, size, part=part):
        row, column = _peak(each)
        rest, peak = np.median(each), each[row, column]
        patches, _ = ndimage.label(each >= rest + share * (peak - rest) - 1e-6)
        boxes.append(box_of(patches == patches[row, column]))
    return np.array(boxes, int).reshape(-1, 4)


def average_region(grid: np.ndarray, size: int, region: ArrayLike) -> np.ndarray:
    """Return the mean vector of a part of a picture, ``(units,)``, as `enlarge_maps` enlarges.

    ``grid`` is ``(rows, columns, units)`` of a picture of ``size`` pixels, ``region`` a row and a
    column in it, or top, left, bottom, right, the last two outside. The product of the mean with a
    phrase is the mean of the phrase's map there. Paper: He et al. 2017, Mask R-CNN (RoIAlign).

    >>> grid = np.arange(4.0).reshape(2, 2, 1)
    >>> average_region(grid, 2, (1, 0)).tolist(), average_region(grid, 2, (0, 0, 2, 2)).tolist()
    ([2.0], [1.5])
    """
    top, left, *end = region
    bottom, right = end or (top + 1, left + 1)
    down = _weights(grid.shape[0], size)[top:bottom].mean(axis=0)
    across = _weights(grid.shape[1], size)[left:right].mean(axis=0)
    return np.einsum("r,c,rcu->u", down, across, grid)


def _peak(map_of_pixels):
    """Return the row and the column of the highest pixel; of equal ones, the middle one's."""
    peaks = np.argwhere(map_of_pixels >= map_of_pixels.max() - 1e-6)
    return peaks[len(peaks) // 2]


def _check_part(part, height, width):
    """Return a part as whole numbers, if it lies in a picture; all of the picture for None."""
    if part is None:
        return 0, 0, height, width
    found = check_region("part", part, (height, width))
    if len(found) != 4:
        raise ValueError(f"part must be (top, left, bottom, right), got {found.tolist()}")
    return found.tolist()


def check_region(name: str, given: ArrayLike, shape: tuple[int, int]) -> np.ndarray:
    """Return a point or a box as whole numbers, if it lies in a picture of this shape."""
    region = check_array(name, given, kinds="iu").astype(int)
    if region.shape not in ((2,), (4,)):
        raise ValueError(
            f"{name} must be a point (row, column) or a box (top, left, bottom, right), got shape "
            f"{region.shape}"
        )
    ends = region[2:] if len(region) == 4 else region + 1
    if (region < 0).any() or (region[:2] >= ends).any() or (ends > shape).any():
        raise ValueError(
            f"{name} must lie in the picture of {shape} pixels, and hold one at least, got "
            f"{region.tolist()}"
        )
    return region


def _check_maps(maps):
    maps = check_array("maps", maps, most=1e6).astype(np.float32)
    if maps.ndim != 3 or 0 in maps.shape[1:]:
        raise ValueError(f"maps must be (batch, rows, columns), got shape {maps.shape}")
    return maps


def _weights(places, pixels):
    """Return what each place counts at each pixel, ``(pixels, places)``; rows sum to 1."""
    at = (np.arange(pixels) + 0.5) * places / pixels - 0.5
    distance = np.abs(np.clip(at, 0, places - 1)[:, None] - np.arange(places))
    return np.maximum(1 - distance, 0).astype(np.float32)
