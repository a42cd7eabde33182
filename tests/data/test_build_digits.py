"""The builder of the digits: no number is lost, and copies are found, upright or upside down."""

import io

import build_digits as build
import numpy as np
import pytest

from mmtutorial.data import _files


def test_a_view_is_read_with_its_classes():
    numbers, digits = build.read_view(b"0,1,0\n0.5,12,7.0\n-3,1e2,0.0\n")
    np.testing.assert_array_equal(numbers, [[0.5, 12], [-3, 100]])
    assert digits.tolist() == [7, 0]


@pytest.mark.parametrize(
    ("number", "kind"), [(0.00017629, "<f4"), (17572.0, "<f4"), (-16.459, "<f4"), (1353, "<u2")]
)
def test_numbers_that_a_type_keeps(number, kind):
    kept = build.keep(np.array([[number, 0.0]]), kind)
    assert kept.dtype == np.dtype(kind)
    assert float(f"{kept[0, 0]:.6g}") == number


@pytest.mark.parametrize(("number", "kind"), [(0.5, "u1"), (-1, "<u2"), (0.12345678, "<f4")])
def test_numbers_that_a_type_would_lose(number, kind):
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(RuntimeError, match=rf"{kind} does not keep .*{number}"),
    ):
        build.keep(np.array([[0.0, number]]), kind)


def test_copies_are_found_upright_and_upside_down(rng):
    drawn = rng.integers(0, 7, (4, 240))
    near = drawn[1].copy()
    near[:10] = (near[:10] + 1) % 2
    pixels = np.stack([*drawn, drawn[0], near, drawn[2][::-1]])
    clusters = build.find_clusters(pixels.astype(np.uint8)).tolist()
    assert clusters[4:] == [clusters[0], clusters[1], clusters[2]]
    assert len(set(clusters)) == 4


def test_the_shipped_clusters_are_what_the_builder_finds():
    content = io.BytesIO(_files.read_file("digits", "digits.npz"))
    with np.load(content, allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["cluster"], build.find_clusters(stored["pix"]))
        assert {name: stored[name].dtype.str for name in build.VIEWS} == {
            name: np.dtype(kind).str for name, (_, kind) in build.VIEWS.items()
        }
