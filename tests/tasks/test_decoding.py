"""The search's options are those of the fewest errors, found without the test split."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from mmtutorial.applications.speech import CharacterLM
from mmtutorial.data import load_dialogues
from mmtutorial.evaluation import cer
from mmtutorial.tasks import SpeechTask, decoding
from mmtutorial.tasks.recognition import SpeechRecipe, build_recognizer

SMALL = SpeechRecipe(units=4, width=4, blocks=1, filters=1)


@pytest.fixture(scope="module")
def task():
    return SpeechTask(dataset=load_dialogues(language="cs", max_seconds=1.2))


def test_logits_of_a_clip_are_those_that_it_has_alone(task):
    model = build_recognizer(task.letters, SMALL)
    model.build((None, None, 64))
    found = decoding.logits_of(model, task, "test")
    assert len(found) == len(task.texts["test"])
    for place in (0, len(found) - 1):
        seen = task.spectrogram("test", place)
        alone = np.asarray(model(seen[None], training=False))[0]
        assert len(found[place]) == len(alone) == model.encoder.output_length(len(seen))
        np.testing.assert_allclose(found[place], alone, rtol=1e-3, atol=1e-4)


def test_the_order_is_that_of_the_least_perplexity(task):
    best = decoding.fit_language_model(task, orders=(1, 2, 3))
    every = [CharacterLM(task.letters, order=n).fit(task.texts["train"]) for n in (1, 2, 3)]
    perplexities = [model.perplexity(task.texts["validation"]) for model in every]
    assert best.order == 1 + int(np.argmin(perplexities))


def test_letters_that_only_validation_has_are_left_out():
    part = SimpleNamespace(letters="ab", texts={"train": ["abab"] * 5, "validation": ["ab'ab"]})
    model = decoding.fit_language_model(part, orders=(1, 3))
    assert (model.letters, model.order) == ("ab", 3)


def test_the_chosen_options_make_the_fewest_errors(monkeypatch, rng):
    monkeypatch.setattr(decoding, "WEIGHTS", (0.1, 2.0))
    monkeypatch.setattr(decoding, "BONUSES", (0.0, 1.0))
    texts = ["abab", "ab", "ababab"]
    model = CharacterLM("ab", order=3).fit(texts)
    logits = []
    for text in texts:  # each letter, then a blank, under noise
        classes = [each for letter in text for each in ("ab".index(letter) + 1, 0)]
        logits.append(2.0 * np.eye(3)[classes] + rng.normal(0, 1, (len(classes), 3)))
    best = decoding.choose_beam(logits, texts, model)
    errors = {
        pair: cer(
            decoding.decode(
                logits,
                "ab",
                beam_width=16,
                language_model=model,
                weight=pair[0],
                letter_bonus=pair[1],
            ),
            texts,
        )
        for pair in itertools.product((0.1, 2.0), (0.0, 1.0))
    }
    assert errors[tuple(best.values())] == min(errors.values())
    assert len(set(errors.values())) > 1
