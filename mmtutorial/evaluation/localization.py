"""How well is a place in a picture found: by a point, or by a box?"""

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array


def pointing_hits(points: ArrayLike, masks: ArrayLike) -> np.ndarray:
    """Does the point lie on the thing? One answer a picture, ``(pictures,)`` of bool.

    ``points`` ``(pictures, 2)`` are whole rows and columns, in pixels from the top left; ``masks``
    ``(pictures, height, width)`` of bool say where the thing is seen. Raises ``ValueError`` for
    other shapes, and for a point outside of its picture.

    >>> pointing_hits([[0, 1], [1, 1]], np.array([[[0, 1], [0, 0]]] * 2, bool)).tolist()
    [True, False]
    """
    points = check_array("points", points, kinds="iu")
    masks = check_array("masks", masks, kinds="b")
    if masks.ndim != 3:
        raise ValueError(f"masks must be (pictures, height, width), got shape {masks.shape}")
    if points.shape != (len(masks), 2) or not len(masks):
        raise ValueError(
            f"points must be (pictures, 2), for {len(masks)} masks, one at least, got "
            f"{points.shape}"
        )
    if (points < 0).any() or (points >= masks.shape[1:]).any():
        raise ValueError(
            f"points must lie in pictures of {masks.shape[1:]} pixels, got one outside"
        )
    return masks[np.arange(len(masks)), points[:, 0], points[:, 1]].astype(bool)


def pointing_accuracy(points: ArrayLike, masks: ArrayLike) -> float:
    """How often does the point lie on the thing? The share of `pointing_hits`, in 0..1.

    Raises as `pointing_hits` does. Paper: Zhang et al. 2018, Top-Down Neural Attention by
    Excitation Backprop (the pointing game; theirs forgives some pixels, this does not).

    >>> pointing_accuracy([[0, 1], [1, 1]], np.array([[[0, 1], [0, 0]]] * 2, bool))
    0.5
    """
    return float(pointing_hits(points, masks).mean())


def box_iou(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    """How well do two boxes fit? Intersection over union of each pair, ``(pairs,)`` in 0..1.

    ``boxes`` and ``others`` are ``(pairs, 4)``: top, left, bottom, right, in pixels, the last two
    outside. 1 is the same box, 0 are boxes that share nothing, and a box without a pixel shares
    none. Raises ``ValueError`` for other shapes, and for a box whose bottom lies above its top, or
    its right left of its left. Paper: Everingham et al. 2010, The Pascal Visual Object Classes
    (VOC) Challenge.

    >>> box_iou([[0, 0, 2, 2]], [[0, 1, 2, 3]]).round(3).tolist()
    [0.333]
    """
    boxes, others = _check_boxes("boxes", boxes), _check_boxes("others", others)
    if boxes.shape != others.shape:
        raise ValueError(f"boxes and others must be as many, got {boxes.shape} and {others.shape}")
    least, most = np.maximum(boxes[:, :2], others[:, :2]), np.minimum(boxes[:, 2:], others[:, 2:])
    shared = np.maximum(most - least, 0).prod(axis=1)
    union = _area(boxes) + _area(others) - shared
    return shared / np.where(union > 0, union, 1)


def _area(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)


def _check_boxes(name, given):
    boxes = check_array(name, given, most=1e6).astype(float)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not len(boxes):
        raise ValueError(f"{name} must be (pairs, 4), one pair at least, got shape {boxes.shape}")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        row = int(np.argmax((boxes[:, 2:] < boxes[:, :2]).any(axis=1)))
        raise ValueError(
            f"{name} must be top, left, bottom, right, got {boxes[row].tolist()} in row {row}"
        )
    return boxes
