"""The recognisers that ship hear what the page says they hear, on lines that they never heard."""

import io
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from mmtutorial.applications.speech import load_recognizer, transcribe
from mmtutorial.applications.speech._languages import LANGUAGES, LEVEL
from mmtutorial.applications.speech._level import level_wave, measure_level
from mmtutorial.applications.speech.shipped import FILES
from mmtutorial.data import load_dialogues
from mmtutorial.evaluation import cer
from mmtutorial.tasks import spell

CLIPS = 24  # test lines: enough that an untrained model, at .9 and more, is far away


@pytest.fixture(scope="module", params=sorted(LANGUAGES))
def heard(request):
    """Return a language, its recogniser, and some test clips with their texts."""
    split = load_dialogues(language=request.param).test
    places = np.linspace(0, len(split.inputs["text"]) - 1, CLIPS).astype(int)
    texts = [spell(split.inputs["text"][place]) for place in places]
    waves = [split.inputs["speech"][int(place)] for place in places]
    return request.param, load_recognizer(request.param), waves, texts


def test_it_hears_new_lines_about_as_well_as_its_note_says(heard):
    _, recognizer, waves, texts = heard
    stored = recognizer.about["test"]["beam and language model"]["cer"]
    found = cer(recognizer.write(waves), texts)
    assert found == pytest.approx(stored, abs=0.1)  # of 24 clips: some 3 standard errors
    others = cer(recognizer.write(waves), [*texts[1:], texts[0]])
    assert others > found + 0.2


def test_a_file_is_heard_as_its_wave_is(heard):
    language, recognizer, waves, _ = heard
    file = io.BytesIO()
    soundfile.write(file, waves[0], 16000, format="WAV", subtype="FLOAT")
    found = transcribe(file.getvalue(), language=language)
    assert found.text == recognizer.write([level_wave(waves[0], LEVEL)])[0].strip()


def test_a_soft_recording_that_is_off_centre_is_heard_as_a_loud_one(heard):
    language, recognizer, waves, _ = heard
    loud = transcribe(waves[1], language=language, beam_width=None)
    for gain, shift in ((0.3, 0.0), (0.01, 0.0), (0.1, 0.3)):
        soft = (gain * waves[1] + shift).astype(np.float32)
        assert transcribe(soft, language=language, beam_width=None).text == loud.text
    quiet = [0.03 * wave for wave in waves]  # to the network alone, the level is not the same
    said = recognizer.write(waves, beam_width=None)
    assert cer(recognizer.write(quiet, beam_width=None), said) > 0.5


def test_the_level_is_that_of_usual_training_lines(heard):
    language = heard[0]
    clips = load_dialogues(language=language).train.inputs["speech"]
    levels = [measure_level([clips[row]]).speech for row in range(0, len(clips), 8)]
    low, high = np.quantile(levels, [0.1, 0.75])
    assert low < LEVEL < high


def test_the_level_changes_few_letters_of_lines_like_those_of_training(heard):
    _, recognizer, waves, texts = heard
    plain = cer(recognizer.write(waves, beam_width=None), texts)
    levelled = [level_wave(wave, LEVEL) for wave in waves]
    assert cer(recognizer.write(levelled, beam_width=None), texts) < plain + 0.05


def test_half_precision_changes_next_to_nothing(heard):
    _, recognizer, _, _ = heard
    sizes = [np.abs(weight).max() for weight in recognizer.model.get_weights() if weight.size]
    assert 0 < max(sizes) < 1e4
    assert recognizer.model.letters == recognizer.language_model.letters


def test_all_files_together_are_small():
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 6e6


def test_it_loads_in_a_new_process():
    code = (
        "import mmtutorial as mm; print(mm.applications.speech.load_recognizer('cs').model.built)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
