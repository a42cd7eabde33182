"""The player: what it plays is what was given, and its words are safe and complete."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from mmtutorial.widgets import audio_player
from mmtutorial.widgets.audio import RATES, encode_mp3


def chirp(seconds=1.3, rate=16000):
    """Give a soft tone that climbs, so that a shift in time would show."""
    time = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (300 + 400 * time) * time)
    return (0.4 * tone * np.hanning(len(time))).astype(np.float32)


class Parts(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words += data

    def one(self, tag):
        (found,) = [attributes for name, attributes in self.tags if name == tag]
        return found


def sound_in(player):
    source = Parts(player._repr_html_()).one("audio")["src"]
    head, _, code = source.partition(",")
    assert head == "data:audio/mpeg;base64"
    return soundfile.read(io.BytesIO(base64.b64decode(code)), dtype="float32")


@pytest.mark.parametrize("rate", RATES)
def test_the_sound_comes_back_as_long_at_the_same_place_and_nearly_the_same(rate):
    wave = chirp(rate=rate)
    heard, heard_rate = sound_in(audio_player(wave, rate, description="A chirp"))
    assert heard_rate == rate
    assert len(heard) == len(wave)
    lost = np.sum((heard - wave) ** 2) / np.sum(wave**2)
    assert lost < 0.01  # a shift by a few samples would cost far more


@given(st.integers(1, 3000))
@settings(max_examples=15, deadline=None)
def test_a_sound_of_any_length_is_a_file_of_that_length(length):
    heard, _ = soundfile.read(io.BytesIO(encode_mp3(np.zeros(length, np.float32), 16000)))
    assert len(heard) == length


def test_the_same_sound_gives_the_same_page():
    first, second = (audio_player(chirp(), 16000, description="a") for _ in range(2))
    assert first._repr_html_() == second._repr_html_()


def test_what_is_too_loud_is_turned_down_and_the_callers_array_left_alone():
    loud = 4 * chirp()
    kept = loud.copy()
    heard, _ = sound_in(audio_player(loud, 16000, description="Loud"))
    assert np.array_equal(loud, kept)
    assert np.corrcoef(heard, loud)[0, 1] > 0.99  # clipping would bend it
    assert 0.9 < np.abs(heard).max() <= 1.05


def test_what_is_soft_stays_soft():
    heard, _ = sound_in(audio_player(0.1 * chirp(), 16000, description="Soft"))
    assert np.abs(heard).max() < 0.06


def test_it_is_named_for_eye_and_ear_and_waits_for_the_reader():
    parts = Parts(audio_player(chirp(2.0), 16000, description="A bell")._repr_html_())
    audio = parts.one("audio")
    assert audio["aria-label"] == "A bell"
    assert "controls" in audio
    assert "autoplay" not in audio
    assert parts.words == "A bell (2.0 s)"
    assert [tag for tag, _ in parts.tags] == ["figure", "figcaption", "small", "audio"]


def test_a_transcript_says_its_language():
    player = audio_player(
        chirp(), 16000, description="In French", transcript="Un avion.", language="fr"
    )
    parts = Parts(player._repr_html_())
    assert parts.one("q")["lang"] == "fr"
    assert parts.words.endswith("Un avion.")


def test_what_authors_write_cannot_break_out_of_the_page():
    nasty = '"><script>alert(1)</script>'
    player = audio_player(chirp(), 16000, description=nasty, transcript=nasty, language="fr")
    parts = Parts(player._repr_html_())
    assert "script" not in [tag for tag, _ in parts.tags]
    assert parts.one("audio")["aria-label"] == nasty
    with pytest.raises(ValueError, match="language must be a code"):
        audio_player(chirp(), 16000, description="a", transcript="b", language=nasty)


def test_it_says_what_it_is_where_html_is_not_shown():
    player = audio_player(chirp(), 16000, description="A bell")
    assert repr(player) == "AudioPlayer 'A bell': 1.3 s at 16000 samples a second"


@pytest.mark.parametrize("rate", [np.int64(16000), 16000])
def test_the_rate_may_come_from_numpy(rate):
    assert "1.3 s" in repr(audio_player(chirp(), rate, description="a"))


@pytest.mark.parametrize(
    ("wave", "rate", "description", "error", "message"),
    [
        (np.zeros((9, 2)), 16000, "a", ValueError, r"shape \(samples,\), one channel, got \(9, 2"),
        (np.zeros(0), 16000, "a", ValueError, "wave must hold sound, got no samples"),
        (np.array([0.0, np.nan]), 16000, "a", ValueError, "finite"),
        (np.array([0.0, -np.inf]), 16000, "a", ValueError, "finite"),
        (np.zeros(9, np.int16), 16000, "a", TypeError, "floating point in -1..1, got int16"),
        (np.array(["a"]), 16000, "a", TypeError, "wave must hold numbers, got <U1"),
        (np.zeros(9), 44000, "a", ValueError, "sample_rate must be one of .* got 44000"),
        (np.zeros(9), 16000.0, "a", TypeError, "sample_rate must be a whole number, got 16000.0"),
        (np.zeros(9), None, "a", TypeError, "sample_rate must be"),
        (np.zeros(9), 16000, " ", ValueError, "description must say what is to be heard"),
        (np.zeros(9), 16000, None, TypeError, "description must be a text"),
    ],
)
def test_what_nobody_could_hear_is_refused(wave, rate, description, error, message):
    with pytest.raises(error, match=message):
        audio_player(wave, rate, description=description)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (None, "language must be a text, got None"),
        (3, "language must be a text, got 3"),
        ("", "language must say the code of the language"),
        ("rf_", "language must be a code"),
    ],
)
def test_a_transcript_has_a_language(language, message):
    with pytest.raises((ValueError, TypeError), match=message):
        audio_player(chirp(), 16000, description="a", transcript="bonjour", language=language)
    audio_player(chirp(), 16000, description="a", language=language)  # nobody speaks


@pytest.mark.parametrize("wrong", [None, b"bonjour", 3])
def test_a_transcript_is_a_text(wrong):
    with pytest.raises(TypeError, match="transcript must be a text"):
        audio_player(chirp(), 16000, description="a", transcript=wrong, language="fr")
