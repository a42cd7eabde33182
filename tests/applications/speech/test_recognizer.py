"""The recogniser: padding changes nothing, each weight learns, and it learns to write."""

import keras
import numpy as np
import pytest
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

from mmtutorial.applications.speech import CharacterLM, SpeechRecognizer, ctc_loss
from mmtutorial.encoders import AudioConvRNN, DenseEncoder

SPEECH = make_rng(7).normal(size=(3, 24, 8)).astype("float32")
SPEECH[1, 16:] = 0


def make(**options):
    keras.utils.set_random_seed(0)
    return SpeechRecognizer(AudioConvRNN(8, filters=(4, 4), sequence=True, **options), "ab ")


@pytest.mark.backend
def test_padding_changes_no_logit_of_the_other_frames():
    model = make()
    padded = np.concatenate([SPEECH, np.zeros((3, 8, 8), "float32")], axis=1)
    a, b = (to_numpy(model(each)) for each in (SPEECH, padded))
    np.testing.assert_array_equal(to_numpy(model.step_counts(SPEECH)), [6, 4, 6])
    np.testing.assert_array_equal(to_numpy(model.step_counts(padded)), [6, 4, 6])
    for row, steps in enumerate((6, 4, 6)):
        assert_close(a[row, :steps], b[row, :steps], steps=2000, scale=1)


@pytest.mark.backend
def test_the_loss_is_that_of_ctc_per_letter_without_rows_that_do_not_fit():
    model = make()
    labels = model.encode(["ab", "a", "aaaaaa"])  # the last one would need eleven steps
    logits = model(SPEECH)
    each = ctc_loss(logits[:2], labels[:2], logit_lengths=[6, 4], label_lengths=[2, 1])
    found = model.compute_loss(SPEECH, labels, logits)
    assert_close(to_numpy(found), to_numpy(each).sum() / 3, steps=500, scale=10)


def test_every_weight_learns():
    import tensorflow as tf

    model = make()
    labels = model.encode(["ab", "a", "b a"])
    with tf.GradientTape() as tape:
        loss = model.compute_loss(SPEECH, labels, model(SPEECH, training=True))
    sources = [weight.value for weight in model.trainable_weights]
    for weight, gradient in zip(model.trainable_weights, tape.gradient(loss, sources), strict=True):
        assert np.abs(gradient.numpy()).max() > 0, weight.path


def test_it_learns_to_write_what_bands_are_loud():
    """Each letter is a band that is loud for four frames, then it is quiet for four."""
    rng, texts = make_rng(1), []
    speech = np.full((48, 48, 8), -1, "float32") + rng.normal(size=(48, 48, 8)) * 0.1
    for row in range(len(speech)):
        letters = rng.integers(0, 2, 5)
        for place, letter in enumerate(letters):
            speech[row, 8 * place : 8 * place + 4, 4 * letter : 4 * letter + 4] += 3
        texts.append("".join("ab"[letter] for letter in letters))
    model = make()
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(speech, model.encode(texts), batch_size=16, epochs=30, verbose=0)
    heard = model.transcribe(speech)
    assert np.mean([a == b for a, b in zip(heard, texts, strict=True)]) > 0.9
    lm = CharacterLM(model.letters).fit(texts)
    assert model.transcribe(speech[:4], beam_width=4, language_model=lm, weight=0.1) == texts[:4]


def test_letters_become_classes():
    model = make()
    classes = model.encode(["b a", ""])
    np.testing.assert_array_equal(classes, [[2, 3, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match="got 'c' in it"):
        model.encode(["abc"])


def test_an_encoder_that_tells_no_length_is_refused():
    with pytest.raises(TypeError, match="encoder must have output_length, got DenseEncoder"):
        SpeechRecognizer(DenseEncoder(3), "ab")
    with pytest.raises(ValueError, match="sequence=True"):
        SpeechRecognizer(AudioConvRNN(8), "ab")
