"""Whose pictures a figure shows: told from its pixels, and written as the data cards have it."""

import re
import warnings

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import mmtutorial as mm
from mmtutorial import _credits
from mmtutorial.data import _emoji_files
from mmtutorial.plots._captions import read_captions


@pytest.fixture(scope="module")
def emoji():
    return mm.data.load_emoji()


@pytest.fixture
def known(monkeypatch):
    """Forget all pictures for the time of a test."""
    monkeypatch.setattr(_credits, "_known", {})
    return _credits._known


def test_every_drawing_is_told_from_those_of_other_artists(emoji):
    for split in (emoji.train, emoji.test):
        drawn = dict(zip(map(bytes, split.inputs["image"]), split.targets["artist"], strict=True))
        for image, artist in zip(split.inputs["image"], split.targets["artist"], strict=True):
            if image.any() and drawn[bytes(image)] == artist:  # some have drawn the very same
                assert _credits.recognise(image) == emoji.classes["artist"][artist]


@pytest.mark.parametrize("size", [128, 64, 32])
def test_stamps_are_known_at_each_size_and_a_white_one_is_nobodys(size):
    split = mm.data.load_stamps(size=size).train
    found = [_credits.recognise(image) for image in split.inputs["image"]]
    there = split.presence["image"]
    assert {who for who, here in zip(found, there, strict=True) if here} == {"stamps"}
    assert {who for who, here in zip(found, there, strict=True) if not here} <= {None}


def test_small_drawings_and_floats_are_known_and_what_was_changed_is_not(emoji):
    image = emoji.test.inputs["image"][0]
    assert _credits.recognise(image / 255) == "fluent_3d"
    assert _credits.recognise((image / np.float32(255)).astype(np.float32)) == "fluent_3d"
    assert _credits.recognise(image[::-1]) is None
    assert _credits.recognise(image[:32]) is None
    assert _credits.recognise(image[..., 0]) is None
    with warnings.catch_warnings(action="error"):
        assert _credits.recognise(np.full((4, 4), np.nan)) is None
    small = mm.data.load_emoji(size=32).test.inputs["image"][0]
    assert _credits.recognise(small) == "fluent_3d"


def test_features_are_no_pictures(known):
    mm.data.load_emoji(image="features")
    mm.data.load_stamps(image="features")
    assert known == {}


def test_a_white_picture_is_nobodys(known):
    _credits.remember(np.full((2, 16, 16, 3), 255, np.uint8), ["noto", "stamps"])
    assert known == {}


def test_what_a_source_is_called_is_what_the_data_say():
    artists = _emoji_files.catalogue()["artists"]
    for name, artist in artists.items():
        kind, credit = _credits.SOURCES[name]
        licence = re.sub("-(?=BY|4)", " ", artist["licence"])
        assert (kind, credit) == ("Pictures", f"{artist['title']}, {licence}")
    cards = {
        "animated_emoji": mm.data.load_animated_emoji().card,
        "stamps": mm.data.load_stamps().card,
        "stamps_sound": mm.data.load_stamps().card,
        "dialogues": mm.data.load_dialogues().card,
    }
    for name, card in cards.items():
        licence = _credits.SOURCES[name][1].rsplit(", ", 1)[1]
        assert licence == card.source[0][2]
    assert set(_credits.SOURCES) == {*artists, *cards}


def test_a_line_names_each_source_once_in_one_order_pictures_before_sound():
    line = _credits.write_credit(["dialogues", "stamps", None, "noto", "stamps"])
    pictures, sound = line.split(". ")
    assert pictures.startswith("Pictures: Noto (Google), Apache-2.0; stamps of Tux Paint")
    assert sound.startswith("Sound: Fish Fillets NG")
    assert line.count("stamps") == 1
    assert _credits.write_credit([None]) == ""


def test_captions_name_sources_that_there_are():
    named = [caption.get("sources", []) for caption in read_captions().values()]
    assert set().union(*named) <= set(_credits.SOURCES)
