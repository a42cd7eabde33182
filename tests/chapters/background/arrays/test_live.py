"""The reader's own picture and sound: each control does what it says, and no more."""

import io

import numpy as np
import pytest
import soundfile
from html_checks import Tags

from mmtutorial.chapters.background.arrays import live
from mmtutorial.data import load_emoji
from mmtutorial.preprocessing import log_mel, resample_audio
from mmtutorial.widgets._upload import OWN, open_picture, to_png

GROUPS = [f"group {number}" for number in range(6)]
SECOND = np.arange(16000) / 16000


class Means:
    """A model that answers to the mean of each channel, and to the one before."""

    def __init__(self):
        self.seen = None

    def predict(self, pictures, verbose):
        self.seen = pictures
        means = pictures.mean(axis=(1, 2))
        return np.concatenate([means, means - 1], axis=1)


def wav(wave, rate, **options):
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format="WAV", **options)
    return file.getvalue()


def brought(content, name="mine.wav"):
    return ({"name": name, "content": content},)


@pytest.fixture(scope="module")
def picture():
    """Red above, and blue below, on the right: nothing is like it turned or mirrored."""
    picture = np.full((128, 128, 3), 255, np.uint8)
    picture[:64, 64:] = (255, 0, 0)
    picture[64:, 64:] = (0, 0, 255)
    return picture


@pytest.fixture
def own(picture):
    return live.OwnPicture(Means(), GROUPS, {"flag": picture})


def test_the_model_gets_the_picture_in_0_to_1(own, picture):
    found = own.probabilities(picture)
    assert own.model.seen.shape == (1, 32, 32, 3)
    assert own.model.seen.dtype == np.float32
    assert own.model.seen.max() == 1
    np.testing.assert_allclose(own.model.seen[0, 4, 28], (1, 0, 0), atol=0.01)
    assert found.sum() == pytest.approx(1)
    means = picture.mean(axis=(0, 1)) / 255
    np.testing.assert_allclose(found[1] / found[0], np.exp(means[1] - means[0]), rtol=1e-2)


def test_a_forgotten_scale_leaves_bytes(own, picture):
    own.probabilities(picture, scale="forgotten, 0 to 255")
    assert own.model.seen.max() == 255


def test_a_turn_goes_against_the_clock_and_a_crop_keeps_the_middle(own, picture):
    turned = own.window(picture, 90, 1.0)
    np.testing.assert_array_equal(turned[4, 4], (255, 0, 0))  # what was right is now above
    np.testing.assert_array_equal(turned[4, 28], (0, 0, 255))
    ringed = np.zeros_like(picture)
    ringed[32:96, 32:96] = 200
    assert own.window(ringed, 0, 1.0).min() == 0
    assert own.window(ringed, 0, 0.5).min() == 200


@pytest.mark.parametrize(
    ("change", "message"),
    [({"turn": 181}, "turn"), ({"crop": 0.0}, "crop"), ({"scale": "x"}, "scale")],
)
def test_what_the_controls_do_not_offer_is_refused(own, change, message):
    with pytest.raises(ValueError, match=message):
        own.frame("flag", **change)


def test_the_frame_says_size_and_range_before_and_after(own, picture):
    wide = to_png(np.zeros((30, 50, 3), np.uint8))
    text = Tags(own.frame(OWN, brought(wide, "x.png"), crop=0.25)._repr_html_())
    assert text.open == []
    before, after = (image["alt"] for image in text.all("img"))
    assert before == f"{OWN}: 30 × 50 × 3, uint8"
    assert after == "for the model: 32 × 32 × 3, float32, up to 0"
    forgotten = own.frame("flag", scale="forgotten, 0 to 255")._repr_html_()
    assert "float32, up to 255" in forgotten


def test_a_page_is_as_large_for_each_picture():
    assert open_picture(to_png(np.zeros((300, 20, 3), np.uint8)))[1].shape == (128, 128, 3)


def test_pictures_can_be_chosen_without_a_kernel(own):
    figure = live.own_picture(own)
    twin = Tags(figure._repr_mimebundle_()["text/html"])
    assert len(twin.all("table")) == len(live.PREPARED)
    values = {name: control.value for name, control in figure._controls.items()}
    start = {"example": "flag", "upload": (), "turn": 0, "crop": 1, "scale": "0 to 1"}
    assert values == start
    figure._controls["turn"].value = 90
    np.testing.assert_allclose(own.model.seen[0, 4, 4], (1, 0, 0), atol=0.01)


def test_who_made_an_example_is_said_once_and_nothing_of_ones_own_picture(picture):
    drawing = load_emoji().test.inputs["image"][0]
    own = live.OwnPicture(Means(), GROUPS, {"flag": picture, "drawing": drawing})
    assert own.frame("drawing", turn=90)._repr_html_().count("Fluent 3D (Microsoft), MIT") == 1
    for frame in (own.frame("flag"), own.frame(OWN, brought(to_png(drawing), "mine.png"))):
        assert "Pictures: " not in frame._repr_html_()


@pytest.fixture
def tone():
    """A tone of 3,000 hertz: 4,000 samples a second cannot hold it."""
    return 0.5 * np.sin(2 * np.pi * 3000 * SECOND).astype(np.float32)


def test_a_filter_takes_away_what_every_fourth_sample_folds_down(tone):
    own = live.OwnSound({})
    np.testing.assert_array_equal(own.keep(tone, 4000, "every n-th sample"), tone[::4])
    clean = own.keep(tone, 4000, "filtered first")
    np.testing.assert_array_equal(clean, resample_audio(tone, 16000, to=4000))
    assert np.abs(clean[100:-100]).max() < 0.01 < np.abs(tone[::4]).max()


def test_a_recording_says_its_own_rate_and_channels():
    both = np.stack([np.zeros(44100), np.full(44100, 0.5)], axis=1)
    facts, wave = live.open_recording(wav(both, 44100))
    assert facts == (44100, 2, 44100)
    assert len(wave) == 16000
    assert wave[8000] == pytest.approx(0.25, abs=1e-3)


def test_only_the_first_seconds_count():
    facts, wave = live.open_recording(wav(np.zeros(20 * 8000), 8000))
    assert facts == (160_000, 1, 8000)
    assert len(wave) == 8 * 16000


def test_the_frame_of_a_sound_shows_its_log_mel_and_plays_both(tone):
    own = live.OwnSound({"tone": wav(tone, 16000)})
    text = Tags(own.frame("tone", rate=4000, bands=20)._repr_html_())
    assert text.open == []
    assert [a["aria-label"] for a in text.all("audio")] == ["Before: tone", "After: tone"]
    mel = log_mel(resample_audio(tone, 16000, to=4000), sample_rate=4000, bands=20)
    (image,) = text.all("img")
    assert image["alt"] == (
        "tone: 16,000 samples, channels: 1, 16,000 samples a second, 1.0 s. "
        f"Now 4,000 samples at 4,000 a second, filtered first; log-mel {mel.shape}"
    )
    assert "After: tone" in own.frame("tone", before=False)._repr_html_()
    assert "Before: tone" not in own.frame("tone", before=False)._repr_html_()


def test_whose_an_example_is_can_be_said_and_ones_own_is_nobodys(tone):
    own = live.OwnSound({"tone": wav(tone, 16000)}, sources=["stamps_sound"])
    line = "Sound: Tux Paint (Bill Kendrick and others), GPL-2.0-only"
    assert line in own.frame("tone", rate=4000, before=False)._repr_html_()
    assert "Sound: " not in own.frame(OWN, brought(wav(tone, 16000)))._repr_html_()


def test_low_pitch_lies_at_the_bottom():
    mel = np.zeros((50, 16), np.float32)
    mel[:, 0] = 10  # the lowest band alone is loud
    picture = live._colour(mel).astype(int).sum(axis=2)
    assert picture[-1].min() > picture[0].max()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no sound at all", r"mine\.wav must be a sound file"),
        (wav(np.zeros(16000), 16000)[:8000], r"mine\.wav: the sound breaks off early"),
        (wav(np.zeros(0), 16000), r"mine\.wav must hold sound"),
        (b"", r"mine\.wav is empty"),
    ],
    ids=["no sound", "broken off", "no samples", "empty"],
)
def test_a_file_that_is_no_sound_gets_a_sentence(content, message):
    with pytest.raises(ValueError, match=message):
        live.OwnSound({}).frame(OWN, brought(content))


def test_too_many_bands_for_a_rate_get_a_sentence(tone):
    own = live.OwnSound({"tone": wav(tone, 16000)})
    most = live.most_bands(2000)
    assert f", {most})" in own.frame("tone", rate=2000, bands=most)._repr_html_()
    with pytest.raises(ValueError, match="bands must be fewer"):
        own.frame("tone", rate=2000, bands=most + 1)


@pytest.mark.parametrize("rate", live.RATES)
def test_the_most_bands_are_those_that_the_frames_of_log_mel_allow(rate):
    most, silence = live.most_bands(rate), np.zeros(rate, np.float32)
    assert log_mel(silence, sample_rate=rate, bands=most).shape[1] == most
    with pytest.raises(ValueError, match="bands must be fewer"):
        log_mel(silence, sample_rate=rate, bands=most + 1)


def test_sounds_can_be_chosen_without_a_kernel(tone):
    figure = live.own_sound(live.OwnSound({"tone": wav(tone, 16000)}))
    twin = Tags(figure._repr_mimebundle_()["text/html"])
    assert [a["aria-label"] for a in twin.all("audio")] == ["After: tone"] * len(live.KEPT)
    figure._controls["rate"].value = 2000
    assert "2,000 samples at 2,000 a second" in figure._figure.value
    figure._controls["bands"].value = 128
    assert "bands must be fewer" in figure._status.value
    assert "2,000 samples at 2,000 a second" in figure._figure.value  # nothing is lost
