"""Points and boxes, against pixels that are counted."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.evaluation import box_iou, pointing_accuracy, pointing_hits


def paint(box, size=40):
    mask = np.zeros((size, size), bool)
    mask[box[0] : box[2], box[1] : box[3]] = True
    return mask


def test_iou_is_that_of_counted_pixels():
    rng = make_rng(0)
    corners = np.sort(rng.integers(0, 40, (2, 200, 2, 2)), axis=2)
    boxes, others = (each.reshape(200, 4) for each in corners)
    masks = [[paint(box) for box in each] for each in (boxes, others)]
    shared = [(a & b).sum() for a, b in zip(*masks, strict=True)]
    union = [max((a | b).sum(), 1) for a, b in zip(*masks, strict=True)]
    np.testing.assert_allclose(box_iou(boxes, others), np.divide(shared, union))
    np.testing.assert_allclose(box_iou(boxes, others), box_iou(others, boxes))


def test_limits_of_iou():
    box = [[2, 3, 9, 8]]
    assert box_iou(box, box) == 1
    assert box_iou(box, [[9, 8, 20, 20]]) == 0  # they touch at a corner
    assert box_iou([[2, 2, 2, 5]], [[2, 2, 2, 5]]) == 0  # without a pixel


def test_a_point_hits_the_mask_and_not_its_box():
    ring = paint((0, 0, 5, 5), 8) & ~paint((1, 1, 4, 4), 8)
    assert pointing_hits([[0, 0], [2, 2]], np.stack([ring, ring])).tolist() == [True, False]


def test_random_points_hit_as_often_as_the_mask_is_large():
    rng = make_rng(1)
    masks = np.broadcast_to(paint((0, 0, 20, 20)), (4000, 40, 40))
    found = pointing_accuracy(rng.integers(0, 40, (4000, 2)), masks)
    assert abs(found - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 4000)


@pytest.mark.parametrize(
    ("points", "masks", "message"),
    [
        ([[0, 40]], [paint((0, 0, 2, 2))], "points must lie"),
        ([[-1, 0]], [paint((0, 0, 2, 2))], "points must lie"),
        ([[0, 0], [1, 1]], [paint((0, 0, 2, 2))], "points must be"),
        ([[0, 0]], paint((0, 0, 2, 2)), "masks must be"),
    ],
)
def test_wrong_points_are_refused(points, masks, message):
    with pytest.raises(ValueError, match=message):
        pointing_hits(points, np.array(masks))


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[3, 0, 1, 2]], "boxes must be top"),
        ([1, 2, 3, 4], "boxes must be"),
        ([[0, 0, 1]], "boxes"),
    ],
)
def test_wrong_boxes_are_refused(boxes, message):
    with pytest.raises(ValueError, match=message):
        box_iou(boxes, [[0, 0, 1, 1]])
