import re

import numpy as np
import pytest
from PIL import Image
from tolerance import assert_close, rounding_bound

from mmtutorial.preprocessing import (
    augment_image,
    crop_image,
    flip_image,
    resize_image,
    rotate_image,
    scale_image,
)

# The steps of a new pixel: a sum over the old ones that it covers, 16 at most, along each side.
TAPS = 32
FUNCTIONS = {
    "resize": lambda images: resize_image(images, 5),
    "rotate": lambda images: rotate_image(images, 30),
    "flip": flip_image,
    "crop": lambda images: crop_image(images, top=1, left=2, height=6, width=5),
    "augment": lambda images: augment_image(images, seed=0),
}


def photos(rng, size=(12, 12), batch=3, dtype=np.uint8):
    """Smooth random pictures, as photographs are, not noise."""
    coarse = rng.random((batch, 4, 4, 3), dtype=np.float32)
    smooth = resize_image(coarse, size)
    return np.rint(smooth * 255).astype(np.uint8) if dtype == np.uint8 else smooth.astype(dtype)


# --- what all of them promise


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_type_and_range_are_kept(name, dtype, rng):
    images = photos(rng, dtype=dtype)
    result = FUNCTIONS[name](images)
    assert result.dtype == dtype
    assert result.shape[0] == 3
    assert result.min() >= 0
    assert result.max() <= (255 if dtype == np.uint8 else 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_input_is_unchanged_may_be_read_only_and_is_not_shared(name, rng):
    images = photos(rng)
    original = images.copy()
    images.flags.writeable = False
    result = FUNCTIONS[name](images)
    np.testing.assert_array_equal(images, original)
    assert result.flags.writeable
    assert not np.shares_memory(result, images)


@pytest.mark.parametrize("name", ["resize", "rotate", "flip"])
def test_images_of_a_batch_and_channels_do_not_mix(name, rng):
    images = photos(rng, dtype=np.float32)
    together = FUNCTIONS[name](images)
    for row in range(len(images)):
        alone = FUNCTIONS[name](images[row : row + 1])
        assert_close(alone[0], together[row], steps=TAPS)
    for channel in range(3):
        alone = FUNCTIONS[name](images[..., channel : channel + 1])
        assert_close(alone[..., 0], together[..., channel], steps=TAPS)


@pytest.mark.parametrize("name", [*FUNCTIONS, "scale"])
def test_wrong_images_are_refused(name):
    function = {**FUNCTIONS, "scale": scale_image}[name]
    with pytest.raises(
        ValueError, match=r"images must have shape .*got \(4, 4, 3\); .*images\[Non"
    ):
        function(np.zeros((4, 4, 3)))
    with pytest.raises(TypeError, match=r"images must be uint8 .*got int64"):
        function(np.zeros((1, 4, 4, 3), np.int64))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_empty_batch_stays_empty(name):
    assert len(FUNCTIONS[name](np.zeros((0, 8, 8, 3), np.uint8))) == 0


SHAPES = [  # what was given, what the error tells to write, and the same done
    ((60, 40), "for a single gray image write images[None, ..., None]",
     lambda images: images[None, ..., None]),
    ((5, 60, 40), "for gray images write images[..., None]", lambda images: images[..., None]),
    ((3, 60, 40), ", for channels first np.moveaxis(images, 0, -1)[None]",
     lambda images: np.moveaxis(images, 0, -1)[None]),
    ((60, 40, 3), "for a single image write images[None]", lambda images: images[None]),
    ((2, 3, 60, 40), "for channels first write np.moveaxis(images, 1, -1)",
     lambda images: np.moveaxis(images, 1, -1)),
    ((1, 1, 60, 40), "for channels first write np.moveaxis(images, 1, -1)",
     lambda images: np.moveaxis(images, 1, -1)),
    ((2, 5, 60, 40, 3), "for several clips write images.reshape(-1, *images.shape[2:])",
     lambda images: images.reshape(-1, *images.shape[2:])),
    ((60, 40, 4), "Pillow's image.convert('RGB')", None),
    ((2, 60, 40, 4), "Pillow's image.convert('RGB')", None),
    ((2, 60, 40, 2), "Pillow's image.convert('RGB')", None),
    ((2, 0, 40, 3), "sides of at least 1, got (2, 0, 40, 3)", None),
    ((2, 60, 0, 3), "sides of at least 1, got (2, 60, 0, 3)", None),
    ((2, 60, 40, 0), "1 or 3 channels", None),
    ((0,), "got (0,)", None),
]  # fmt: skip


@pytest.mark.parametrize("name", [*FUNCTIONS, "scale"])
@pytest.mark.parametrize(("shape", "hint", "repair"), SHAPES)
def test_what_cannot_be_images_is_refused_with_the_way_out(name, shape, hint, repair):
    function = {**FUNCTIONS, "scale": scale_image}[name]
    images = np.zeros(shape, np.uint8)
    message = r"images must have shape \(batch, height, width, channels\) .*" + re.escape(hint)
    with pytest.raises(ValueError, match=message):
        function(images)
    if repair:
        function(repair(images))


@pytest.mark.parametrize("name", [*FUNCTIONS, "scale"])
@pytest.mark.parametrize(
    ("low", "high", "message"),
    [(0, 255, r"floats in 0\.\.1, got up to 255: divide by 255"),
     (0, 65535, r"floats in 0\.\.1, got 0 to 65535: bring them into 0\.\.1"),
     (-2.1, 2.6, r"floats in 0\.\.1, got -2\.1 to 2\.6: bring them .*standardize afterwards"),
     (-1, 1, r"got -1 to 1: bring them"),
     (0, np.nan, "finite numbers, got NaN or infinity"),
     (-np.inf, 0, "finite numbers, got NaN or infinity")],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_out_of_range_are_refused(name, low, high, message, dtype):
    images = np.full((2, 8, 8, 3), 0.5, dtype)
    images[1, 2, 3] = low
    images[0, 4, 5, 1] = high
    with pytest.raises(ValueError, match=message):
        {**FUNCTIONS, "scale": scale_image}[name](images)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_floats_a_little_beyond_the_range_pass(name):
    images = np.random.default_rng(0).uniform(-0.4, 1.4, (2, 8, 8, 3)).astype(np.float32)
    result = FUNCTIONS[name](images)
    assert images.min() - 1e-6 <= result.min() < result.max() <= images.max() + 1e-6


@pytest.mark.parametrize("name", [*FUNCTIONS, "scale"])
def test_a_list_is_a_batch_if_its_images_are_alike(name, rng):
    function = {**FUNCTIONS, "scale": scale_image}[name]
    images = photos(rng)
    np.testing.assert_array_equal(function(list(images)), function(images))
    np.testing.assert_array_equal(
        function([Image.fromarray(image) for image in images]), function(images)
    )
    with pytest.raises(TypeError, match="must be of one type, got uint8 and float32"):
        function([images[0], images[1].astype(np.float32) / 255])
    with pytest.raises(TypeError, match=r"images\[1\] must be RGB, got mode P: write image.conv"):
        function([images[0], Image.fromarray(images[1]).convert("P")])
    if name != "resize":
        with pytest.raises(
            ValueError, match=r"of one size, got \(12, 12, 3\) and \(5, 12, 3\): re"
        ):
            function([images[0], images[1, :5]])


@pytest.mark.parametrize("name", ["rotate", "augment"])
@pytest.mark.parametrize(
    ("dtype", "fill", "error"),
    [(np.uint8, 256, ValueError), (np.uint8, -1, ValueError), (np.float32, 255, ValueError),
     (np.float32, np.nan, ValueError), (np.uint8, (255, 0, 0), TypeError),
     (np.uint8, "white", TypeError), (np.uint8, True, TypeError)],
)  # fmt: skip
def test_a_fill_lies_in_the_range_of_the_images(name, dtype, fill, error):
    function = {"rotate": lambda x: rotate_image(x, 45, fill=fill),
                "augment": lambda x: augment_image(x, seed=0, fill=fill)}[name]  # fmt: skip
    with pytest.raises(error, match="fill must be"):
        function(np.zeros((1, 8, 8, 3), dtype))


# --- resize


def test_resize_takes_photos_of_several_sizes(rng):
    images = [photos(rng, size, batch=1)[0] for size in ((9, 14), (20, 6), (9, 14))]
    together = resize_image(images, (8, 10))
    assert together.dtype == np.uint8
    for row, image in zip(together, images, strict=True):
        np.testing.assert_array_equal(row, resize_image(image[None], (8, 10))[0])


def test_resize_names_the_image_that_is_none(rng):
    image = photos(rng, batch=1)[0]
    for wrong, message in (
        (
            image[..., 0],
            r"images\[1\] must have shape \(height, .*; for gray write images\[1\]\[..., N",
        ),
        (image[:0], r"images\[1\] must have shape .*sides of at least 1"),
        (image[..., :1], "images must all have 1 channel or all have 3, got both"),
        (image * 1.0, r"images\[1\] must hold floats in 0\.\.1"),
    ):
        with pytest.raises(ValueError, match=message):
            resize_image([image, wrong], 8)
    with pytest.raises(TypeError, match="images must be of one type, got uint8 and float64"):
        resize_image([image, image[:5] / 255], 8)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_resize_to_the_same_size_is_the_identity(dtype, rng):
    images = photos(rng, (9, 14), dtype=dtype)
    np.testing.assert_array_equal(resize_image(images, (9, 14)), images)


@pytest.mark.parametrize("size", [(3, 4), (7, 30), (64, 1), (24, 32)])
def test_resize_keeps_a_constant(size):
    images = np.full((2, 12, 16, 3), 77, np.uint8)
    np.testing.assert_array_equal(resize_image(images, size), np.full((2, *size, 3), 77, np.uint8))


@pytest.mark.parametrize(("source", "target"), [(8, 32), (8, 24), (32, 8), (24, 8)])
@pytest.mark.parametrize("axis", [1, 2])
def test_resize_keeps_a_ramp(source, target, axis):
    """A linear filter takes a linear ramp to its values at the new pixels' centres."""
    shape = [1, 5, 5, 1]
    shape[axis] = source
    along = [1, 1, 1, 1]
    along[axis] = source
    ramp = np.broadcast_to(np.arange(source, dtype=np.float64).reshape(along), shape) / source
    size = (target, 5) if axis == 1 else (5, target)
    result = np.moveaxis(resize_image(ramp, size), axis, -1)
    expected = ((np.arange(target) + 0.5) * source / target - 0.5) / source
    margin = max(1, target // source)  # at the borders the filter is cut
    inside = slice(margin, -margin)
    expected = np.broadcast_to(expected, result.shape).astype(np.float32)
    assert_close(result[..., inside], expected[..., inside], steps=TAPS, scale=source)
    assert np.diff(result, axis=-1).min() >= -rounding_bound(result, result, steps=TAPS)


def test_resize_does_not_alias():
    """Stripes of one pixel become grey, not other stripes."""
    stripes = np.tile([0.0, 1.0], 32).reshape(1, 1, 64, 1).repeat(64, axis=1)
    small = resize_image(stripes, 16)
    np.testing.assert_allclose(small[:, :, 1:-1], 0.5, atol=0.01)


@pytest.mark.parametrize("kind", ["noise", "photo"])
@pytest.mark.parametrize("size", [(8, 8), (7, 19), (16, 16), (40, 33), (64, 64), (1, 1)])
def test_resize_agrees_with_pillow(kind, size, rng):
    images = photos(rng, (16, 24))
    if kind == "noise":
        images = rng.integers(0, 256, images.shape, dtype=np.uint8)
    result = resize_image(images, size)
    for ours, image in zip(result, images, strict=True):
        theirs = Image.fromarray(image).resize(size[::-1], Image.Resampling.BILINEAR)
        assert np.abs(ours.astype(int) - np.asarray(theirs)).max() <= 1


def test_resize_takes_one_number_for_a_square(rng):
    images = photos(rng)
    np.testing.assert_array_equal(resize_image(images, 7), resize_image(images, (7, 7)))
    np.testing.assert_array_equal(resize_image(images, np.int64(7)), resize_image(images, [7, 7]))


@pytest.mark.parametrize("size", [0, -3, (4, 0)])
def test_resize_refuses_no_pixels(size):
    with pytest.raises(ValueError, match="size must be at least one pixel"):
        resize_image(np.zeros((1, 4, 4, 3)), size)


@pytest.mark.parametrize("size", [2.5, "32", (4, 4, 3), (4.0, 4), (), None, True, (4, True), "ab"])
def test_resize_refuses_what_is_no_size(size):
    with pytest.raises(TypeError, match="size must be a whole number or"):
        resize_image(np.zeros((1, 4, 4, 3)), size)


# --- scale


def test_scale_maps_bytes_to_zero_to_one():
    result = scale_image(np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1))
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result.ravel(), (np.arange(256) / np.float32(255)).astype("f4"))


def test_scale_twice_is_refused():
    with pytest.raises(
        TypeError, match=r"images must be uint8 in 0\.\.255, got float32 .*scaled already"
    ):
        scale_image(scale_image(np.zeros((1, 2, 2, 3), np.uint8)))


# --- flip


def test_flip_mirrors_left_to_right_only(rng):
    images = photos(rng, (5, 8))
    flipped = flip_image(images)
    for row in range(5):
        for column in range(8):
            np.testing.assert_array_equal(flipped[:, row, column], images[:, row, 7 - column])
    assert (flipped != images).any()
    np.testing.assert_array_equal(flip_image(flipped), images)


# --- rotate


@pytest.mark.parametrize("turns", [-3, -2, -1, 0, 1, 2, 3, 4, 8])
@pytest.mark.parametrize("size", [1, 2, 7, 8, 64, 65])
def test_rotate_by_right_angles_is_rot90(turns, size, rng):
    images = rng.integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    expected = np.rot90(images, turns, axes=(1, 2))
    np.testing.assert_array_equal(rotate_image(images, 90 * turns), expected)
    floats = images.astype(np.float64) / 255
    turned = rotate_image(floats, 90 * turns)
    # a place is off by eps times the size, and a step of 1 from pixel to pixel is the steepest
    expected = np.rot90(floats, turns, axes=(1, 2)).astype(np.float32)
    assert_close(turned, expected, steps=TAPS, scale=1.0 + size)


@pytest.mark.parametrize("degrees", [0, 360, -720])
def test_rotate_by_whole_turns_is_the_identity(degrees, rng):
    images = photos(rng, (9, 14))
    np.testing.assert_array_equal(rotate_image(images, degrees), images)


def test_rotate_by_180_turns_a_rectangle_upside_down(rng):
    images = photos(rng, (9, 14))
    np.testing.assert_array_equal(rotate_image(images, 180), images[:, ::-1, ::-1])


def test_rotate_by_an_angle_each_is_rotating_one_by_one(rng):
    images = photos(rng, dtype=np.float32)
    degrees = [10.0, -75.0, 200.0]
    together = rotate_image(images, degrees)
    for row, angle in enumerate(degrees):
        alone = rotate_image(images[row : row + 1], angle)
        assert_close(together[row], alone[0], steps=TAPS)


@pytest.mark.parametrize("degrees", [20, 45, 110, -60])
def test_rotate_moves_a_dot_counter_clockwise(degrees):
    """A soft dot to the right of the centre comes to where cosine and sine say."""
    rows, columns = np.mgrid[:41, :41] - 20.0
    dot = np.exp(-((columns - 12) ** 2 + rows**2) / 8).reshape(1, 41, 41, 1)
    turned = rotate_image(dot, degrees, fill=0.0)[0, ..., 0]
    x, y = (columns * turned).sum() / turned.sum(), (-rows * turned).sum() / turned.sum()
    angle = np.deg2rad(degrees)
    np.testing.assert_allclose([x, y], [12 * np.cos(angle), 12 * np.sin(angle)], atol=0.05)


def test_rotate_there_and_back_is_nearly_the_same(rng):
    images = photos(rng, (32, 32), dtype=np.float32)
    again = rotate_image(rotate_image(images, 25), -25)
    middle = (slice(None), slice(10, 22), slice(10, 22))
    np.testing.assert_allclose(again[middle], images[middle], atol=0.05)


@pytest.mark.parametrize(
    ("images", "fill", "expected"),
    [
        (np.zeros((1, 9, 9, 3), np.uint8), None, 255),
        (np.zeros((1, 9, 9, 3), np.float32), None, 1.0),
        (np.zeros((1, 9, 9, 3), np.uint8), 40, 40),
        (np.zeros((1, 9, 9, 3), np.float32), 0.25, 0.25),
    ],
)
def test_rotate_fills_the_corners_and_nothing_else(images, fill, expected):
    turned = rotate_image(images, 45, fill=fill)
    for row, column in [(0, 0), (0, 8), (8, 0), (8, 8)]:
        np.testing.assert_array_equal(turned[0, row, column], expected)
    np.testing.assert_array_equal(turned[0, 4, 2:7], 0)


def test_rotate_of_a_page_of_its_fill_changes_nothing():
    page = np.full((1, 16, 16, 3), 255, np.uint8)
    np.testing.assert_array_equal(rotate_image(page, 33), page)


def test_rotate_of_a_large_image_reaches_its_border():
    """Here float32 has no room for a pixel's ten-thousandth."""
    strip = np.zeros((1, 3, 5000, 1), np.float32)
    turned = rotate_image(strip, 20)
    assert np.isfinite(turned).all()
    np.testing.assert_array_equal(rotate_image(strip, 180), strip)


def test_rotate_refuses_wrong_angles():
    images = np.zeros((3, 4, 4, 3))
    with pytest.raises(ValueError, match="degrees must hold finite numbers, got nan"):
        rotate_image(images, [1, np.nan, 2])
    with pytest.raises(ValueError, match=r"degrees must be one number or one for each of 3 images"):
        rotate_image(images, [1, 2])
    with pytest.raises(ValueError, match=r"degrees must be .*got shape \(3, 1\)"):
        rotate_image(images, [[1], [2], [3]])
    for wrong in ("45", None, True, [True, False, True]):
        with pytest.raises(TypeError, match="degrees must hold numbers"):
            rotate_image(images, wrong)


# --- augment


def test_augment_is_reproducible_by_its_seed(rng):
    images = photos(rng, batch=8)
    first = augment_image(images, seed=3)
    np.testing.assert_array_equal(first, augment_image(images, seed=3))
    np.testing.assert_array_equal(first, augment_image(images, seed=np.random.default_rng(3)))
    assert (first != augment_image(images, seed=4)).any()


def test_augment_by_nothing_is_the_identity(rng):
    images = photos(rng, (9, 14), batch=8)
    same = augment_image(images, seed=0, max_rotation=0, max_shift=0, flip=False)
    np.testing.assert_array_equal(same, images)


def test_augment_by_flips_alone_flips_about_half(rng):
    images = np.repeat(photos(rng, batch=1), 400, axis=0)
    result = augment_image(images, seed=0, max_rotation=0, max_shift=0)
    same = (result == images).all(axis=(1, 2, 3))
    flipped = (result == flip_image(images)).all(axis=(1, 2, 3))
    assert (same ^ flipped).all()
    assert 160 < flipped.sum() < 240


def centre_of(images):
    rows, columns = np.mgrid[: images.shape[1], : images.shape[2]]
    weight = images[..., 0] / images[..., 0].sum(axis=(1, 2), keepdims=True)
    return np.stack([(rows * weight).sum((1, 2)), (columns * weight).sum((1, 2))], -1)


def test_augment_shifts_up_to_its_limit_in_all_directions():
    rows, columns = np.mgrid[:33, :33] - 16.0
    dots = np.repeat(np.exp(-(rows**2 + columns**2) / 8)[None, ..., None], 200, axis=0)
    moved = augment_image(dots, seed=0, max_rotation=0, max_shift=3, flip=False, fill=0.0)
    shift = centre_of(moved) - 16
    assert np.abs(shift).max() < 3.05
    assert (shift.min(axis=0) < -2.8).all()
    assert (shift.max(axis=0) > 2.8).all()


def test_augment_turns_up_to_its_limit_both_ways():
    rows, columns = np.mgrid[:41, :41] - 20.0
    dots = np.exp(-((columns - 12) ** 2 + rows**2) / 8)[None, ..., None]
    dots = np.repeat(dots, 200, axis=0)
    moved = centre_of(
        augment_image(dots, seed=0, max_rotation=25, max_shift=0, flip=False, fill=0.0)
    )
    angle = np.rad2deg(np.arctan2(20 - moved[:, 0], moved[:, 1] - 20))
    assert 24 < angle.max() < 25.5
    assert -25.5 < angle.min() < -24


def test_augment_turns_and_flips_every_image_by_its_own_amount(rng):
    images = np.repeat(photos(rng, batch=1), 20, axis=0)
    result = augment_image(images, seed=0)
    assert len(np.unique(result.reshape(20, -1), axis=0)) == 20


@pytest.mark.parametrize(
    "options",
    [{"max_rotation": -1}, {"max_shift": -0.5}, {"max_rotation": np.nan}, {"max_shift": np.inf}],
)
def test_augment_refuses_amounts_that_make_no_sense(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be at least 0"):
        augment_image(np.zeros((1, 4, 4, 3)), seed=0, **options)


@pytest.mark.parametrize("wrong", ["no", 1, None, [True, False]])
def test_augment_takes_yes_or_no_for_flip(wrong):
    with pytest.raises(TypeError, match="flip must be True or False, got"):
        augment_image(np.zeros((2, 4, 4, 3)), seed=0, flip=wrong)


def test_augment_wants_a_seed_and_numbers():
    with pytest.raises(TypeError, match="seed must be a whole number of at least 0, got None"):
        augment_image(np.zeros((1, 4, 4, 3)), seed=None)
    with pytest.raises(TypeError, match="seed must be a whole number of at least 0, got 'a'"):
        augment_image(np.zeros((1, 4, 4, 3)), seed="a")
    with pytest.raises(ValueError, match=r"max_shift must be .* at most 1e"):
        augment_image(np.zeros((1, 4, 4, 3)), seed=0, max_shift=1e300)
    for name in ("max_rotation", "max_shift"):
        for wrong in ("10", None, True, [1, 2]):
            with pytest.raises(TypeError, match=f"{name} must be a number, got"):
                augment_image(np.zeros((1, 4, 4, 3)), seed=0, **{name: wrong})


# --- crop


def test_crop_is_a_window(rng):
    images = photos(rng, (9, 14), batch=2)
    window = crop_image(images, top=2, left=3, height=4, width=5)
    np.testing.assert_array_equal(window, images[:, 2:6, 3:8])
    window[:] = 0
    assert images[:, 2:6, 3:8].any()  # a copy
    np.testing.assert_array_equal(crop_image(images, top=0, left=0, height=9, width=14), images)


@pytest.mark.parametrize(
    ("window", "name"),
    [((0, 0, 10, 5), "top and height"), ((-1, 0, 4, 4), "top and height"),
     ((0, 12, 4, 3), "left and width"), ((0, 0, 4, 0), "left and width")],
)  # fmt: skip
def test_crop_stays_inside(window, name):
    top, left, height, width = window
    with pytest.raises(ValueError, match=f"{name} must lie inside the image of"):
        crop_image(np.zeros((1, 9, 14, 3)), top=top, left=left, height=height, width=width)


@pytest.mark.parametrize("name", ["top", "left", "height", "width"])
def test_a_window_is_of_whole_pixels(name):
    window = {"top": 0, "left": 0, "height": 2, "width": 2}
    for wrong in (1.0, True, "1"):
        with pytest.raises(TypeError, match=f"{name} must be a whole number, got {wrong!r}"):
            crop_image(np.ones((1, 4, 4, 3)), **{**window, name: wrong})
