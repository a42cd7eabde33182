"""A picture of one's own in a network: moved as told, and the maps are those of its stages."""

import keras
import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.chapters.background.features import live
from mmtutorial.data import load_emoji
from mmtutorial.encoders import ImageCNN
from mmtutorial.widgets._upload import OWN, open_picture

GROUPS = [f"group {number}" for number in range(8)]


@pytest.fixture(scope="module")
def own():
    """A network with the weights that it begins with: where it looks matters, not what it says."""
    keras.utils.set_random_seed(0)
    encoder = ImageCNN(16, filters=(9, 10, 11), kernel_size=5)
    cnn = keras.Sequential([encoder, keras.layers.Dense(8)])
    cnn(np.zeros((1, 32, 32, 3), np.float32))
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    return live.OwnMaps(cnn, GROUPS, dict(zip(("one", "other"), pictures, strict=True)))


@pytest.fixture(scope="module")
def page(own):
    return open_picture(own.examples["one"])[1]


def test_who_made_an_example_is_said_and_nothing_of_what_nobody_knows(own):
    drawing = load_emoji().test.inputs["image"][0]
    known = live.OwnMaps(own.cnn, GROUPS, {"drawing": drawing})
    shown = known.frame("drawing", shift=3)._repr_html_()
    assert shown.count("Pictures: Fluent 3D (Microsoft), MIT") == 1
    assert "Pictures: " not in own.frame("one")._repr_html_()


def test_a_picture_moves_to_the_right_and_white_comes_in(own, page):
    still, moved = own.shifted(page, 0), own.shifted(page, 5)
    np.testing.assert_array_equal(moved[:, 5:], still[:, :-5])
    assert moved[:, :5].min() == 1
    assert still.shape == moved.shape == (32, 32, 3)
    assert still.max() <= 1


def test_the_maps_are_those_of_the_stage_before_it_pools(own, page):
    picture = own.shifted(page, 0)
    shapes = [own.maps(picture, stage).shape for stage in live.STAGES]
    assert shapes == [(32, 32, 9), (16, 16, 10), (8, 8, 11)]
    convolution, scale, relu = own.cnn.layers[0].stages[:3]
    first = relu(scale(convolution(picture[None])))
    np.testing.assert_allclose(own.maps(picture, 1), first[0], atol=1e-6)


def test_maps_only_move_where_the_shift_fits_the_steps_of_the_stage(own):
    assert max(own.misfit("one", 1, shift) for shift in (1, 3, 8)) < 1e-5
    assert max(own.misfit("one", 2, shift) for shift in (2, 4, 8)) < 1e-5
    assert min(own.misfit("one", 2, shift) for shift in (1, 3, 7)) > 0.01


def test_the_frame_shows_the_strongest_maps_and_names_their_filters(own, page):
    text = Tags(own.frame("one", shift=3, stage=2)._repr_html_())
    assert text.open == []
    picture, tiles = (image["alt"] for image in text.all("img"))
    assert picture == "one: 64 × 64 × 3, here 32 × 32 × 3, moved by 3"
    means = own.maps(own.shifted(page, 3), 2).mean(axis=(0, 1))
    strongest = set(np.argsort(-means)[:8] + 1)
    said = tiles.removeprefix("stage 2: 16 × 16 × 10; its strongest filters, row by row: ")
    assert [int(number) for number in said.split(", ")] == sorted(strongest)
    logits = own.cnn.predict(own.shifted(page, 3)[None], verbose=0)[0]
    shares = np.exp(logits) / np.exp(logits).sum()
    assert all(f"{share:.2f}" in text.words for share in shares)


def test_maps_are_put_in_two_rows_and_the_brightest_place_is_white():
    maps = np.zeros((2, 3, 8), np.float32)
    maps[0, 1, 5] = 4.0  # of the second row, the second
    tiles = live._tile(maps)
    assert tiles.shape == (4, 12, 3)
    assert tiles[2, 4].tolist() == [255, 255, 255]
    assert tiles.sum() == 3 * 255


def test_a_picture_can_be_chosen_without_a_kernel_and_moved_with_one(own):
    figure = live.own_maps(own)
    twin = Tags(figure._repr_mimebundle_()["text/html"])
    assert len(twin.all("table")) == 2 * len(live.IN_TWIN)
    moved = [image["alt"].partition("32 × 32 × 3")[2] for image in twin.all("img")[::2]]
    assert moved == 2 * ["", ", moved by 3", ", moved by 4"]
    figure._controls["stage"].value = 3
    figure._controls["shift"].value = 2
    assert "stage 3: 8 × 8 × 11" in figure._figure.value
    assert "moved by 2" in figure._figure.value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shift": 9}, "shift must be"),
        ({"stage": 4}, "stage must be one of"),
        ({"example": OWN}, "There is no file of your own yet"),
        (
            {"example": OWN, "upload": ({"name": "x.png", "content": b"<svg"},)},
            r"x\.png must be a picture that can be read",
        ),
    ],
)
def test_what_cannot_be_shown_gets_a_sentence(own, change, message):
    with pytest.raises(ValueError, match=message):
        own.frame(**({"example": "one"} | change))
