"""A recording of any length: cut at pauses, nothing lost; an hour in the memory of a minute."""

import tracemalloc
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import mmtutorial as mm
from mmtutorial.applications.speech import Recognizer, load_recognizer, transcribe, transcription
from mmtutorial.applications.speech._pauses import cut_at_pauses
from mmtutorial.applications.speech.shipped import (
    load_language_model,
    save_language_model,
    save_recognizer,
)
from mmtutorial.data import DataError

RATE = 16000
speech = mm.applications.speech


def make_sound(pattern, *, seed=0):
    """Join noises: ``(seconds, amplitude)`` each."""
    rng = np.random.default_rng(seed)
    parts = [loud * rng.uniform(-1, 1, round(seconds * RATE)) for seconds, loud in pattern]
    return np.concatenate([*parts, np.zeros(0)]).astype("float32")


class Echo:
    """A recogniser that writes how many samples it hears, and remembers how it was asked."""

    def __init__(self):
        self.asked = []

    def write(self, waves, *, beam_width):
        self.asked.append((len(waves), beam_width))
        return [str(len(wave)) for wave in waves]


def make_recognizer(**options):
    keras.utils.set_random_seed(0)
    encoder = mm.encoders.AudioConvRNN(8, filters=(2, 2), sequence=True)
    model = speech.SpeechRecognizer(encoder, "ab ")
    model.build((None, None, 16))
    language_model = speech.CharacterLM("ab ", order=3).fit(["ab a", "b"])
    return Recognizer(model, language_model, {"bands": 16}, {"weight": 0.5}, **options)


# --- cutting

PATTERN = st.lists(
    st.tuples(st.floats(0, 4), st.sampled_from([0.0, 1e-4, 0.003, 0.1, 0.9])), max_size=6
)


@settings(deadline=None, max_examples=40)
@given(PATTERN, st.floats(1, 8), st.integers(50, 90_000), st.integers(0, 200))
def test_stretches_are_the_sound_none_is_too_long_and_blocks_do_not_count(
    pattern, longest, block, more
):
    wave = np.append(make_sound(pattern), np.zeros(more, "float32"))
    blocks = [wave[start : start + block] for start in range(0, len(wave), block)]
    stretches = list(cut_at_pauses(blocks, longest=longest))
    np.testing.assert_array_equal(np.concatenate([wave[:0], *[s.wave for s in stretches]]), wave)
    lengths = [len(stretch.wave) for stretch in stretches]
    assert all(0 < length <= longest * RATE for length in lengths)
    assert [s.start for s in stretches] == np.cumsum([0, *lengths])[:-1].tolist()
    again = list(cut_at_pauses([wave], longest=longest))
    assert [(s.start, s.silent) for s in stretches] == [(s.start, s.silent) for s in again]


def test_a_stretch_ends_in_a_pause_and_the_middle_of_a_long_one_is_silent():
    pattern = [(2, 0.5), (1, 0.001), (2, 0.3), (9, 0.001), (1.5, 0.5), (0.1, 0.001), (1, 0.5)]
    stretches = list(cut_at_pauses([make_sound(pattern)]))
    assert [s.silent for s in stretches] == [False, True, False, True, True, False]
    starts = [stretch.start / RATE for stretch in stretches]
    np.testing.assert_allclose(starts, [0, 2.15, 2.85, 5.15, 11.15, 13.85], atol=0.02)


def test_without_a_pause_it_is_cut_where_it_is_quietest():
    sound = make_sound([(4.5, 0.5), (0.15, 0.1), (4, 0.5)])
    first, second = cut_at_pauses([sound])
    assert second.start / RATE == pytest.approx(4.575, abs=0.06)
    assert not first.silent
    assert not second.silent


def test_a_short_recording_stays_whole():
    sound = make_sound([(1, 0.001), (1, 0.5), (1.5, 0.001), (1, 0.5)])
    (stretch,) = cut_at_pauses([sound])
    np.testing.assert_array_equal(stretch.wave, sound)


def test_lines_with_pauses_between_are_cut_between_the_lines():
    """Real speech, whose own pauses may be cut, too: each silence of a second is found."""
    clips = mm.data.load_dialogues(language="cs").validation.inputs["speech"][:12]
    pause = make_sound([(1, 0.0005)])
    wave, gaps = np.zeros(0, "float32"), []
    for clip in clips:
        wave = np.concatenate([wave, clip, pause])
        gaps.append((len(wave) - len(pause), len(wave)))
    stretches = list(cut_at_pauses([wave]))
    for start, end in gaps[:-1]:
        assert any(start - RATE / 2 <= each.start <= end for each in stretches)
    silent = sum(len(each.wave) for each in stretches if each.silent)
    assert silent < 0.5 * len(wave)


# --- transcribing


def test_a_short_clip_is_written_as_the_recogniser_writes_it():
    recognizer, wave = make_recognizer(), make_sound([(1.2, 0.5)])
    for beam_width in (None, 4):
        found = transcribe(wave, recognizer=recognizer, beam_width=beam_width)
        (text,) = recognizer.write([wave], beam_width=beam_width)
        assert found.text == str(found) == text.strip()
        assert found.seconds == 1.2


def test_pieces_tell_when_and_texts_are_joined():
    echo = Echo()
    sound = make_sound([(2, 0.5), (1, 0), (3, 0.5), (4, 0), (1, 0.5)])
    found = transcribe(sound, recognizer=echo, beam_width=7)
    assert echo.asked == [(3, 7)]
    assert found.text == " ".join(piece.text for piece in found.pieces)
    for piece, (start, end) in zip(found.pieces, [(0, 2), (3, 6), (10, 11)], strict=True):
        assert piece.start == pytest.approx(start, abs=0.17)
        assert piece.end == pytest.approx(end, abs=0.17)
        assert int(piece.text) == round((piece.end - piece.start) * RATE)


def test_a_file_of_another_rate_is_heard_as_the_wave(tmp_path):
    sound = np.repeat(make_sound([(1, 0.5), (1, 0), (9, 0.5)]), 3)
    soundfile.write(tmp_path / "memo.flac", np.stack([sound, sound], 1), 3 * RATE)
    wave = mm.preprocessing.read_audio(tmp_path / "memo.flac")
    found = transcribe(tmp_path / "memo.flac", recognizer=Echo())
    assert found == transcribe(wave, recognizer=Echo())
    assert found == transcribe((tmp_path / "memo.flac").read_bytes(), recognizer=Echo())


def test_where_no_letter_is_heard_there_is_no_piece():
    class Deaf:
        def write(self, waves, **options):
            return [" "] * len(waves)

    found = transcribe(make_sound([(2, 0.5)]), recognizer=Deaf())
    assert (found.text, found.pieces) == ("", ())


def test_what_is_no_sound_is_refused_in_one_sentence(tmp_path, monkeypatch):
    def refused(sound, error=ValueError):
        with pytest.raises(error) as info:
            transcribe(sound, recognizer=Echo())
        assert "\n" not in str(info.value)
        return str(info.value)

    path = tmp_path / "memo.wav"
    assert "memo.wav" in refused(path, FileNotFoundError)
    soundfile.write(path, np.zeros(0), RATE)
    assert "memo.wav must hold sound, got no samples" in refused(path)
    soundfile.write(path, make_sound([(3, 0.0009)]), RATE)
    assert "memo.wav is silent: no sample is louder than 0.0009 of 1" in refused(path)
    sound = make_sound([(1, 0.5)])
    soundfile.write(path, np.stack([sound, -sound], 1), RATE)
    assert "(several channels are averaged)" in refused(path)
    path.write_bytes(path.read_bytes()[:-9])
    assert "memo.wav: the sound breaks off early" in refused(path)
    path.write_bytes(b"a text")
    assert "memo.wav must be a sound file" in refused(path)
    assert "sound must hold samples, got none" in refused(np.zeros(0))
    assert "sound must be floating point" in refused(np.zeros(9, int), TypeError)
    monkeypatch.setattr(transcription, "MOST_HOURS", 1e-3)
    assert "sound must last at most 0.001 hours, got 0.0; cut it" in refused(make_sound([(9, 1)]))


def test_an_hour_needs_the_memory_of_five_minutes(tmp_path):
    """Real clips, again and again, in a file that is never held as a whole."""
    clips = mm.data.load_dialogues(language="cs").test.inputs["speech"]
    minute = np.concatenate([np.append(clip, np.zeros(4000)) for clip in clips[:25]])[: 60 * RATE]
    peaks, counts = [], []
    for minutes in (5, 60):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", RATE, 1, format="WAV") as file:
            for _ in range(minutes):
                file.write(minute)
        tracemalloc.start()
        found = transcribe(path, recognizer=Echo())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.seconds == 60 * minutes
        counts.append(len(found.pieces))
    assert counts[1] == pytest.approx(12 * counts[0], rel=0.02)
    wave_of_an_hour = 4 * RATE * 3600
    assert peaks[1] < peaks[0] + 0.01 * wave_of_an_hour, "but for the texts, it is as much"


# --- the shipped files


def test_a_recogniser_comes_back_as_it_was_stored(tmp_path):
    made, wave = make_recognizer(), make_sound([(1, 0.5)])
    save_recognizer(
        tmp_path / "recognizer_cs.npz",
        made.model,
        front_end=made.front_end,
        beams={"cs": made.beam},
        cer={"cs": 0.3},
    )
    save_language_model(tmp_path / "language_model_cs.npz", made.language_model)
    again = load_recognizer("cs", folder=tmp_path)
    assert (again.front_end, again.beam, again.about) == (
        {"bands": 16},
        made.beam,
        {"cer": {"cs": 0.3}},
    )
    assert again.language_model.letters == "ab "
    np.testing.assert_allclose(
        again.model(again.hear([wave])), made.model(made.hear([wave])), atol=5e-3
    )
    (tmp_path / "recognizer_cs.npz").unlink()
    with pytest.raises(DataError, match=r"recognizer_cs\.npz cannot be read"):
        load_recognizer("cs", folder=tmp_path)
    with pytest.raises(ValueError, match="language must be one of"):
        load_recognizer("en", folder=tmp_path)


def test_counts_come_back_as_they_were(tmp_path):
    texts = mm.data.load_dialogues(language="nl").validation.inputs["text"].tolist()
    letters = "".join(sorted(set("".join(texts))))
    made = speech.CharacterLM(letters, order=5).fit(texts)
    save_language_model(tmp_path / "counts.npz", made)
    again = load_language_model(tmp_path / "counts.npz")
    assert (again.letters, again.order, set(again.counts)) == (letters, 5, set(made.counts))
    assert again.perplexity(texts) == made.perplexity(texts)
    empty = speech.CharacterLM("ab")
    save_language_model(tmp_path / "empty.npz", empty)
    assert load_language_model(tmp_path / "empty.npz").counts == {}


def test_weights_of_another_model_are_refused_with_what_to_do(tmp_path):
    made, path = make_recognizer(), tmp_path / "recognizer_cs.npz"
    fewer = SimpleNamespace(
        get_config=made.model.get_config, get_weights=lambda: made.model.get_weights()[1:]
    )
    save_recognizer(path, fewer, front_end={"bands": 16}, beams={"cs": {}})
    with pytest.raises(DataError, match=r"recognizer_cs\.npz is damaged.*To repair"):
        load_recognizer("cs", folder=tmp_path)


def test_only_options_of_the_search_are_stored(tmp_path):
    with pytest.raises(ValueError, match="beams"):
        save_recognizer(tmp_path / "a", None, front_end={}, beams={"cs": {"beam_width": 3}})
    assert not list(tmp_path.iterdir())


def test_hearing_pads_with_zeros_behind_and_refuses_an_empty_wave():
    recognizer = make_recognizer()
    heard = recognizer.hear([make_sound([(1, 0.1)]), make_sound([(0.5, 0.1)])])
    assert heard.shape == (2, 98, 16)
    assert not heard[1, 48:].any()
    assert heard[1, 47].all()
    with pytest.raises(ValueError, match=r"got none in waves\[1\]"):
        recognizer.hear([np.ones(9, "float32"), np.zeros(0, "float32")])
