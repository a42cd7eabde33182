"""Whose pictures a figure shows: told from its pixels, and written as the data cards have it."""

import io
import pickle
import re
import warnings
import zipfile

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


def test_a_recording_that_was_decoded_is_known_in_each_float_and_what_was_changed_is_not(known):
    stamps, lines = mm.data.load_stamps(image="features").train, mm.data.load_dialogues().train
    for clips, who in (
        (stamps.inputs["speech"], "stamps_sound"),
        (stamps.inputs["sound"], "stamps_sound"),
        (lines.inputs["speech"], "dialogues"),
    ):
        there = np.flatnonzero(clips.seconds)[:3]
        for wave in clips[there]:
            assert _credits.recognise(wave) == who
            assert _credits.recognise(wave.astype(float)) == who
            assert _credits.recognise(wave[::2]) is None
            assert _credits.recognise(wave / 2) is None


def test_clips_in_another_process_know_whose_they_are_and_absent_ones_are_nobodys(known):
    clips = pickle.loads(pickle.dumps(mm.data.load_stamps(image="features").train.inputs["sound"]))
    gone = clips[int(np.flatnonzero(clips.seconds == 0)[0])]
    assert _credits.recognise(gone) is None
    assert known == {}
    assert _credits.recognise(clips[int(clips.seconds.argmax())]) == "stamps_sound"


def test_every_frame_of_an_animation_is_known(known):
    frames = mm.data.load_animated_emoji().test.inputs["video"][0]
    assert {_credits.recognise(frame) for frame in frames} == {"animated_emoji"}


def test_recordings_of_ones_own_are_nobodys(known):
    clips = mm.data.load_dialogues().train.inputs["speech"]
    file, name = io.BytesIO(), "mine.opus"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, clips.encoded(0))
    own = mm.data.AudioClips(file.getvalue(), [name], clips.seconds[:1].astype(float))
    assert _credits.recognise(own[0]) is None
    assert known == {}


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
