"""The vision-language model: what it learns from, and what moves in which stage."""

import keras
import numpy as np
import pytest
from layer_checks import to_numpy
from tolerance import assert_close, assert_differ, make_rng

from mmtutorial.cross_modal import VisionLanguageModel
from mmtutorial.cross_modal.vision_language import STAGES, split_words
from mmtutorial.preprocessing import Vocabulary

pytestmark = pytest.mark.backend
QUESTIONS = ["Which colour is it?", "What is it?", "是什么颜色？", "How many?"]
ANSWERS = ["red", "a heart", "红色", "two"]
VOCABULARY = Vocabulary.fit([split_words(text) for text in QUESTIONS + ANSWERS])
IMAGE = make_rng(2).normal(size=(4, 3, 6)).astype("float32")


def make(**options):
    return VisionLanguageModel(VOCABULARY, 16, **{"heads": 2, "max_length": 24, **options})


def inputs_of(model, questions=QUESTIONS, answers=ANSWERS):
    return {"image": IMAGE, "question": model.encode(questions), "answer": model.encode(answers)}


@pytest.fixture
def model():
    made = make(encoder=keras.layers.Dense(5, activation="tanh"))
    made(inputs_of(made))
    return made


def loss_of(model, inputs):
    return np.float32(float(model.compute_loss(inputs, None, model(inputs, training=False))))


def test_the_loss_is_that_of_the_answer_alone(model):
    inputs = inputs_of(model)
    logits = to_numpy(model(inputs)).astype("float64")
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    terms = [
        log_p[row, place, token]
        for row, ids in enumerate(inputs["answer"])
        for place, token in enumerate([*ids[ids > 0], model.end])
    ]
    assert_close(loss_of(model, inputs), -np.mean(terms), steps=300, eps=2.0**-23)


def test_padding_of_question_and_answer_changes_nothing(model):
    inputs = inputs_of(model)
    for name in ("question", "answer"):
        longer = {**inputs, name: np.pad(inputs[name], ((0, 0), (0, 3)))}
        assert_close(loss_of(model, longer), loss_of(model, inputs), steps=400)


def test_image_and_question_both_change_the_answer(model):
    inputs = inputs_of(model)
    for name in ("image", "question"):
        other = to_numpy(model({**inputs, name: inputs[name][::-1]}))
        assert_differ(other[0, 0], to_numpy(model(inputs))[0, 0], steps=400)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_moves_exactly_its_parts(stage, model):
    model.compile(keras.optimizers.SGD(1.0), stage=stage, jit_compile=False)
    inputs = inputs_of(model)
    before = {weight.path: to_numpy(weight).copy() for weight in model.weights}
    model.train_on_batch(inputs)
    for name in STAGES["all"]:
        for weight in getattr(model, name).weights:
            moved = np.abs(to_numpy(weight) - before[weight.path]).max()
            assert (moved > 1e-7) == (name in STAGES[stage]), weight.path


def test_stages_follow_each_other_and_a_stage_is_kept(model, tmp_path):
    inputs = inputs_of(model)
    for stage in ("align", "instruct", "align"):
        model.compile(keras.optimizers.SGD(1.0), stage=stage, jit_compile=False)
        before = to_numpy(model.decoder.table.embeddings).copy()
        model.fit(inputs, verbose=0)
        moved = np.abs(to_numpy(model.decoder.table.embeddings) - before).max() > 0
        assert moved == (stage == "instruct")
    model.compile(keras.optimizers.Adam(), jit_compile=False)
    assert model.stage == "align"
    model.fit(inputs, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.stage == "align"
    assert len(again.trainable_weights) == len(model.trainable_weights) == 2
    np.testing.assert_array_equal(to_numpy(again(inputs)), to_numpy(model(inputs)))
    again.fit(inputs, verbose=0)


def test_it_learns_its_answers_by_heart(model):
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    model.fit(inputs_of(model), epochs=60, verbose=0)
    found = model.answer(IMAGE, QUESTIONS)
    assert found.texts == ANSWERS
    expected = model.log_likelihood(inputs_of(model))
    assert_close(found.log_p, expected, steps=400, scale=10)
    assert [model.ask(*each) for each in zip(IMAGE, QUESTIONS, strict=True)] == ANSWERS


def test_questions_of_other_lengths_beside_it_change_nothing(model):
    alone = model.answer(IMAGE[3:], QUESTIONS[3:], max_length=4)
    together = model.answer(IMAGE, QUESTIONS, max_length=4)
    assert alone.texts[0] == together.texts[3]
    assert_close(alone.log_p[0], together.log_p[3], steps=400, eps=2.0**-23)


def test_questions_are_cut_into_words_or_chinese_characters():
    assert split_words("Which colour?") == ["which", "colour"]
    assert split_words("红色 heart") == ["红", "色", *"heart"]
    assert make().encode(["two", "红色"]).shape == (2, 2)
    assert make().encode(["two"], length=5).shape == (1, 5)


def test_it_says_what_is_wrong(model):
    with pytest.raises(ValueError, match="stage must be one of"):
        make(stage="pretrain")
    with pytest.raises(ValueError, match="stage must be one of"):
        model.compile("adam", stage="tune")
    with pytest.raises(ValueError, match="images, questions must hold one per item"):
        model.answer(IMAGE, ["What?"])
    with pytest.raises(TypeError, match="question must be a text"):
        model.ask(IMAGE[0], None)
    with pytest.raises(ValueError, match="missing modality 'question'; this model takes 'image'"):
        model({"image": IMAGE, "answer": model.encode(ANSWERS)})
    with pytest.raises(ValueError, match="questions must leave room to write"):
        model.answer(IMAGE[:1], ["what " * 30])
