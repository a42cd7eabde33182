"""Points and boxes of maps, against masks and against arithmetic by hand."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.applications.grounding import box_at, enlarge_maps, point_at


def bump(row, column, side=8):
    maps = np.full((1, side, side), 0.1)
    maps[0, row, column] = 1
    return maps


def test_the_middle_of_a_place_keeps_its_value():
    maps = make_rng(0).normal(size=(2, 4, 4))
    large = enlarge_maps(maps, 12)  # three pixels a place: the middle one is its own
    np.testing.assert_allclose(large[:, 1::3, 1::3], maps, atol=1e-6)


def test_a_flat_map_stays_flat_and_a_slope_stays_a_slope():
    np.testing.assert_allclose(enlarge_maps(np.ones((1, 3, 3)), (7, 5)), 1, atol=1e-6)
    slope = np.tile(np.arange(4.0), (1, 4, 1))
    inner = enlarge_maps(slope, 16)[0, :, 2:-2]
    np.testing.assert_allclose(np.diff(inner, axis=1), 0.25, atol=1e-6)


def test_of_a_part_only_its_pixels_count_from_its_corner():
    maps, part = make_rng(1).normal(size=(3, 8, 8)), (20, 30, 70, 121)
    large = enlarge_maps(maps, 128)[:, 20:70, 30:121]
    np.testing.assert_allclose(enlarge_maps(maps, 128, part=part), large, atol=1e-6)
    for each, (row, column), box in zip(
        large, point_at(maps, 128, part=part), box_at(maps, 128, part=part), strict=True
    ):
        assert each[row, column] == pytest.approx(each.max(), abs=2e-6)
        assert box[0] <= row < box[2] <= 50
        assert box[1] <= column < box[3] <= 91


@pytest.mark.parametrize(
    "part", [(0, 0, 129, 9), (5, 5, 5, 9), (-1, 0, 9, 9), (0, 9, 9, 3), (1, 2), [[0, 0, 1, 1]]]
)
def test_a_part_outside_of_the_picture_is_refused(part):
    with pytest.raises(ValueError, match="part must"):
        enlarge_maps(np.ones((1, 8, 8)), 128, part=part)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 5), (7, 7)])
def test_a_point_lies_in_the_place_of_the_peak(row, column):
    point = point_at(bump(row, column), 128)[0]
    assert tuple(point // 16) == (row, column)


def test_a_box_holds_the_peak_and_nothing_else():
    top, left, bottom, right = box_at(bump(3, 5), 128)[0]
    assert top < 3.5 * 16 < bottom
    assert left < 5.5 * 16 < right
    assert bottom - top <= 32
    assert right - left <= 32


def test_a_second_patch_is_left_out_and_a_bridge_joins_it():
    maps = bump(1, 1)
    maps[0, 6, 6] = 0.95
    assert box_at(maps, 128)[0][2] < 64
    maps[0, 1:7, 1] = maps[0, 6, 1:7] = 0.9
    assert tuple(box_at(maps, 128)[0] // 32) == (0, 0, 3, 3)


def test_a_lower_share_gives_a_larger_box():
    maps = np.exp(-((np.arange(8) - 3.5) ** 2) / 6)
    maps = (maps[:, None] * maps)[None]
    areas = []
    for share in (0.2, 0.5, 0.8):
        top, left, bottom, right = box_at(maps, 64, share=share)[0]
        areas.append((bottom - top) * (right - left))
    assert areas[0] > areas[1] > areas[2] > 0


def test_a_flat_map_points_to_the_middle_and_means_all():
    flat = np.zeros((1, 4, 4))
    assert (np.abs(point_at(flat, 64)[0] - 32) <= 32).all()
    assert box_at(flat, 64)[0].tolist() == [0, 0, 64, 64]


def test_no_maps_give_no_points():
    assert point_at(np.zeros((0, 4, 4)), 8).shape == (0, 2)
    assert box_at(np.zeros((0, 4, 4)), 8).shape == (0, 4)


@pytest.mark.parametrize(
    "maps", [np.zeros((4, 4)), np.zeros((1, 0, 4)), np.full((1, 2, 2), np.nan)]
)
def test_what_are_no_maps_is_refused(maps):
    with pytest.raises(ValueError, match="maps must"):
        point_at(maps, 8)
