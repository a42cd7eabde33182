"""The speech recogniser as an ONNX graph: the same scores as in Keras, whatever the wave."""

import importlib

import keras
import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator
from tolerance import assert_close, count_steps, make_rng

import mmtutorial as mm
from mmtutorial.applications.speech import Recognizer, SpeechRecognizer
from mmtutorial.applications.speech._languages import LANGUAGES
from mmtutorial.applications.speech.shipped import FILES, load_recognizer
from mmtutorial.encoders import AudioConvRNN, AudioSeparableRNN

SHIPPED = [code for code, files in LANGUAGES.items() if (FILES / files.recognizer).exists()]


@pytest.fixture(scope="module")
def export():
    return importlib.import_module("speech_export").export_recognizer


def in_keras(recognizer, wave):
    """Return the scores in Keras, and the roundings on the way: those of the layers and the FFT."""
    seen = recognizer.hear([wave])
    logits = keras.ops.convert_to_numpy(recognizer.model(seen, training=False))[0]
    return logits, count_steps(recognizer.model, seen) + 512 + 257


def assert_same(recognizer, graph, wave):
    expected, steps = in_keras(recognizer, wave)
    (logits,) = ReferenceEvaluator(graph).run(None, {"wave": wave[None]})
    assert logits.shape == expected.shape
    assert_close(logits, expected, steps=steps)


@pytest.mark.parametrize("language", SHIPPED)
def test_the_shipped_model_scores_unseen_levels_as_in_keras(export, language):
    recognizer = load_recognizer(language)
    graph = export(recognizer)
    clips = mm.data.load_dialogues(language=language).test.inputs["speech"]
    for row in np.random.default_rng(0).choice(len(clips), 3, replace=False):
        assert_same(recognizer, graph, clips[int(row)])


@pytest.mark.parametrize("language", SHIPPED)
def test_the_shipped_model_is_stored_in_half_precision(export, language):
    recognizer = load_recognizer(language)
    size = len(export(recognizer).SerializeToString())
    assert size < 2 * recognizer.model.count_params() + 150_000  # and the spectrogram's tables


def recognizer_with(front_end, **options):
    """Return an untrained recogniser whose every weight is random, with 32 bits."""
    encoder = AudioSeparableRNN(8, width=6, sequence=True, **options)
    model = SpeechRecognizer(encoder, "ab ")
    model.build((None, None, front_end["bands"]))
    draw = make_rng()
    for weight in model.weights:  # a variance must not be negative, nor too near to 0
        values = draw.normal(size=weight.shape) / np.sqrt(max(1, np.prod(weight.shape[:-1])))
        weight.assign(1 + values**2 if "variance" in weight.path else values)
    return Recognizer(model, front_end=front_end)


@pytest.mark.parametrize(
    ("front_end", "options"),
    [
        ({"bands": 20}, {"filters": (3, 4), "blocks": 2, "block_kernel": 5}),
        (
            {"bands": 11, "window": 0.032, "step": 0.016, "low": 100, "high": 4000},
            {"filters": (3,), "time_strides": (1,), "kernel_size": 5, "blocks": 1},
        ),
        ({"bands": 20}, {"filters": (2, 3, 4), "time_strides": (2, 1, 3), "blocks": 0}),
    ],
)
@pytest.mark.parametrize("samples", [1, 399, 401, 5000, 16001])
def test_other_sizes_and_lengths_are_scored_as_in_keras(export, front_end, options, samples):
    recognizer = recognizer_with(front_end, **options)
    wave = make_rng(1).uniform(-0.5, 0.5, samples).astype(np.float32)
    assert_same(recognizer, export(recognizer), wave)


def test_silence_is_scored_as_in_keras(export):
    recognizer = recognizer_with({"bands": 20}, filters=(3, 4), blocks=1)
    assert_same(recognizer, export(recognizer), np.zeros(4000, np.float32))


def test_another_encoder_is_refused(export):
    model = SpeechRecognizer(AudioConvRNN(8, filters=(2, 2), sequence=True), "ab")
    model.build((None, None, 64))
    with pytest.raises(TypeError, match="encoder must be an AudioSeparableRNN, got AudioConvRNN"):
        export(Recognizer(model))
