"""What the chapter trains: tokens know their place, stages train what they say, answers count."""

import keras
import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.vision_language import bench as drawn
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.chapters.cross_modal.vision_language import scoring, training
from mmtutorial.encoders import GridCNN
from mmtutorial.tasks._questions import WORDS

pytestmark = pytest.mark.filterwarnings("ignore:.*structure of `inputs`")


@pytest.fixture(scope="module")
def task():
    return vl.load_task()


@pytest.fixture(scope="module")
def bench(task):
    keras.utils.set_random_seed(0)
    encoder = vl.PlacedGrid((4, 4, 4, 8), pool=vl.POOL)
    encoder.build((None, 128, 128, 3))
    return drawn.Bench.make(task, encoder, 0, {"questions": 80, "captions": 70})


def test_tokens_are_those_of_the_grid_and_their_places(rng):
    images = rng.random((2, 128, 128, 3)).astype("float32")
    placed, plain = vl.PlacedGrid((4, 4, 4, 8), pool=2), GridCNN((4, 4, 4, 8), pool=2)
    plain.build(images.shape)
    placed.take_over(plain, (images * 255).astype(np.uint8))
    tokens = np.asarray(placed(images))
    assert tokens.shape == (2, 16, 16) == placed.compute_output_shape(images.shape)
    seen = np.asarray(plain(images))
    seen = (seen - seen.mean(axis=(0, 1))) / (seen.std(axis=(0, 1)) + 1e-3)
    np.testing.assert_allclose(tokens[..., :8], seen, atol=0.05)  # bytes are rounded
    places = tokens[0, :, 8:] / vl.LOUD
    rows, columns = places[:, :4].argmax(axis=1), places[:, 4:].argmax(axis=1)
    np.testing.assert_array_equal(4 * rows + columns, np.arange(16))
    assert (places.sum(axis=1) == 2).all()


def test_a_drawing_alone_stands_where_a_scene_may_have_it(rng):
    alone = vl.place_alone(np.zeros((30, 64, 64, 3), np.uint8), rng)
    dark = (alone == 0).all(axis=3)
    assert {int(np.sqrt(each.sum())) for each in dark} <= {40, 48, 56, 64}


def test_batches_use_each_row_as_often_as_another():
    inputs = {"image": np.arange(100), "question": np.arange(100)}
    batches = vl.Batches(inputs, 50, 0)
    assert len(batches) == 50
    counts = np.bincount(np.concatenate([batches[i][0]["image"] for i in range(50)]))
    assert counts.min() >= 15
    assert counts.max() <= 17


def test_texts_fit_into_the_model(task):
    model = vl.new_model(task)
    asked, told = task.draw("train", 400, seed=5), drawn.draw_short_captions(task, 200, 5)
    assert len(told.scenes.rows) == len(told) == 200
    for texts, kind in ((asked.questions, "question"), (asked.answers, "answer"),
                        (told.answers, "caption"), (told.questions, "question")):  # fmt: skip
        assert model.encode(texts).shape[1] <= vl.LENGTHS[kind]
    assert 4 + vl.LENGTHS["question"] + 1 + vl.LENGTHS["caption"] <= vl.MAX_LENGTH


@pytest.mark.parametrize("method", ["all trained"])
def test_a_stage_moves_what_it_says(bench, method, monkeypatch):
    monkeypatch.setattr(vl, "STEPS", dict.fromkeys(vl.STEPS, 1))
    before = [weight.copy() for weight in bench.encoder.get_weights()]
    reader = training.read_texts(bench)
    model = training.train(bench, reader, method, 0)
    for old, new in zip(before, bench.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert (model.encoder is not None) == (method == "all trained")


def test_aligning_leaves_the_decoder_as_it_is(bench):
    model = training.start(bench, None, 0)
    old = [part.get_weights() for part in (model.decoder, model.projector)]
    losses = training.run_stage(model, bench, "align", "captions", 0, share=0.01)
    assert len(losses) == 3
    for one, other in zip(old[0], model.decoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.abs(old[1][0] - model.projector.get_weights()[0]).max() > 0


def test_places_can_be_hidden_and_nothing_else(bench):
    hidden = bench.without_places()
    for name in ("questions", "captions"):
        old, new = getattr(bench, name)["image"], getattr(hidden, name)["image"]
        np.testing.assert_array_equal(old[..., :-4], new[..., :-4])
        assert old[..., -4:].any()
        assert not new[..., -4:].any()


def test_a_description_says_what_is_where(task):
    asked = task.draw("test", 100, seed=1, kinds=("colour",))
    described = drawn.describe(task, "test", asked.scenes)
    assert described.shape == (100, 4, 18)
    np.testing.assert_array_equal(described[..., 14:], np.broadcast_to(np.eye(4), (100, 4, 4)))
    full = asked.scenes.rows >= 0
    for part in (described[..., :6], described[..., 6:14]):
        np.testing.assert_array_equal(part.sum(axis=2), full)
    for question, answer, scene in zip(asked.questions, asked.answers, described, strict=True):
        language = scoring.language_of(question)
        words = WORDS[language]
        corner = next(i for i, name in enumerate(words["corner"]) if name in question)
        assert words["colour"][scene[corner, :6].argmax()] == answer


def test_a_model_starts_with_the_decoder_that_has_read(bench):
    reader = training.start(bench, None, 5)
    model = training.start(bench, reader, 1)
    for one, other in zip(reader.decoder.get_weights(), model.decoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.abs(reader.projector.get_weights()[0] - model.projector.get_weights()[0]).max() > 0


def test_without_an_image_nothing_is_seen(bench):
    assert not drawn.without_image(bench.questions)["image"].any()
    assert bench.questions["image"].any()


def test_a_joined_model_answers_as_its_parts(bench):
    model = vl.new_model(bench.task)
    model({name: each[:2] for name, each in bench.questions.items()})
    whole = training.join(bench.task, bench.encoder, model)
    pictures = vl.to_floats(bench.task.pictures("train", bench.asked.scenes)[:8])
    inputs = {name: each[:8] for name, each in bench.questions.items()}
    np.testing.assert_allclose(whole(inputs | {"image": pictures}), model(inputs), atol=1e-4)


def test_classifiers_answer_with_answers_of_the_kind(bench):
    model = training.Classifiers(bench, 0, epochs=1)
    written = model.answer(bench.questions, bench.asked.kinds)
    for text, kind in zip(written, bench.asked.kinds, strict=True):
        assert text in model.answers[kind]


def test_scores_count_by_kind_and_language(task):
    asked = task.draw("test", 200, seed=0)
    rows = scoring.score(asked.answers, asked)
    assert all(row["accuracy"] == row["en"] == row["zh"] == 1 for row in rows)
    (presence,) = (row for row in rows if row["kind"] == "presence")
    assert presence["false_yes"] == presence["missed"] == 0
    always = [
        "yes" if scoring.language_of(question) == "en" else "有" for question in asked.questions
    ]
    (presence,) = (row for row in scoring.score(always, asked) if row["kind"] == "presence")
    assert (presence["false_yes"], presence["missed"]) == (1, 0)
    assert 0.3 < presence["accuracy"] < 0.7


def test_scores_by_name_split_where_and_presence(task):
    asked = task.draw("test", 400, seed=2)
    pairs = zip(asked.answers, asked.about, strict=True)
    written = [answer if about == "colour" else "" for answer, about in pairs]
    found = scoring.by_name(written, asked)
    assert found == {
        "by colour": {"where": 1, "is there": 1},
        "by group": {"where": 0, "is there": 0},
    }
