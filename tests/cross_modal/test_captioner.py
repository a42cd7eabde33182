"""The captioner: what it learns from, what it writes, and how probable that is."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from layer_checks import to_numpy
from tolerance import assert_close, assert_differ, make_rng

from mmtutorial.cross_modal import Captioner, _prefix_model
from mmtutorial.preprocessing import Vocabulary

pytestmark = pytest.mark.backend
WORDS = ["red", "green", "blue", "heart", "moon", "cat", "dog", "and"]
VOCABULARY = Vocabulary(("<pad>", "<unk>", *WORDS))
CAPTIONS = [
    "red heart",
    "blue moon",
    "cat",
    "dog",
    "green cat and dog",
    "moon moon moon",
    "",
    "red",
]
TEXT = VOCABULARY.encode([caption.split() for caption in CAPTIONS], length=5)
IMAGE = make_rng(2).normal(size=(8, 6)).astype("float32")
PATCHES = make_rng(3).normal(size=(8, 3, 6)).astype("float32")
INPUTS = {"image": IMAGE, "text": TEXT}


def make(**options):
    return Captioner(VOCABULARY, 16, **{"heads": 2, "max_length": 24, "prefix": 3, **options})


def built(inputs=INPUTS, **options):
    model = make(**options)
    model(inputs)
    return model


def loss_of(model, inputs):
    return float(model.compute_loss(inputs, None, model(inputs, training=False)))


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = make()
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    model.fit(INPUTS, epochs=80, batch_size=8, verbose=0)
    return model


# --- teacher forcing


def test_the_loss_is_the_cross_entropy_of_real_tokens_and_the_end():
    model = built()
    logits = to_numpy(model(INPUTS)).astype("float64")
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    terms = [
        log_p[row, place, token]
        for row, ids in enumerate(TEXT)
        for place, token in enumerate([*ids[ids > 0], model.end])
    ]
    assert_close(loss_of(model, INPUTS), -np.mean(terms), steps=200, eps=2.0**-23)


def test_padding_changes_neither_loss_nor_probabilities():
    model = built()
    longer = {"image": IMAGE, "text": np.pad(TEXT, ((0, 0), (0, 7)))}
    assert_close(loss_of(model, longer), loss_of(model, INPUTS), steps=300)
    expected = model.log_likelihood(INPUTS)
    assert_close(model.log_likelihood(longer), expected, steps=300)


def test_a_place_depends_on_the_words_before_it_and_not_on_its_own():
    text = make_rng(5).integers(2, 10, (8, 5))
    model, other = built(), text.copy()
    other[:, 2] = text[:, 2] % 8 + 2
    before, after = (to_numpy(model({"image": IMAGE, "text": ids})) for ids in (text, other))
    assert_close(after[:, :3], before[:, :3], steps=300)
    assert_differ(after[:, 3], before[:, 3], steps=300)


def test_a_model_that_knows_nothing_wavers_between_all_tokens():
    model = built()
    model.decoder.table.embeddings.assign(np.zeros((len(model.vocabulary), 16)))
    assert_close(model.perplexity(INPUTS), len(VOCABULARY) + 2, steps=50, eps=2.0**-23)


@pytest.mark.parametrize("image", [IMAGE, PATCHES])
@pytest.mark.parametrize("encoder", [False, True])
def test_every_weight_gets_a_gradient_and_moves(image, encoder):
    layer = keras.layers.Dense(7, activation="tanh") if encoder else None
    model, inputs = (
        make(encoder=layer, projector_hidden=8, max_length=9),
        {**INPUTS, "image": image},
    )
    model(inputs)
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    before = [to_numpy(weight).copy() for weight in model.trainable_weights]
    model.train_on_batch(inputs)
    assert len(before) == len(model.weights)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        moved = np.abs(to_numpy(weight) - old)
        assert np.isfinite(moved).all()
        assert moved.max() > 1e-7, f"{weight.path} never moves"


def test_the_gradient_of_a_logit_bias_is_that_of_finite_differences():
    """The last norm's shift moves all logits: its gradient is compared with two losses."""
    model = built()
    shift = model.decoder.norm.beta
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False, run_eagerly=True)
    start = to_numpy(shift).copy()
    weights = model.get_weights()
    model.train_on_batch(INPUTS)
    gradient = start - to_numpy(shift)
    model.set_weights(weights)
    for place in (0, 5, 11):
        losses = []
        for sign in (1, -1):
            moved = start.copy()
            moved[place] += sign * 0.05
            shift.assign(moved)
            losses.append(loss_of(model, INPUTS))
        assert abs((losses[0] - losses[1]) / 0.1 - gradient[place]) < 2e-3
        shift.assign(start)


# --- writing


@pytest.mark.parametrize("method", ["greedy", "beam"])
def test_it_learns_eight_captions_by_heart(trained, method):
    assert trained.caption(IMAGE, method=method).texts == CAPTIONS


def test_one_beam_is_greedy_and_more_beams_find_what_is_at_least_as_probable(trained):
    noisy = IMAGE + make_rng(4).normal(size=IMAGE.shape).astype("float32")
    greedy = trained.caption(noisy, max_length=5)
    one = trained.caption(noisy, method="beam", beam_size=1, max_length=5)
    assert one.texts == greedy.texts
    assert_close(one.log_p, greedy.log_p, steps=200, eps=2.0**-23)
    wide = trained.caption(noisy, method="beam", beam_size=30, length_penalty=0.0, max_length=5)
    assert (wide.log_p >= greedy.log_p - 1e-4).all()


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_the_probability_of_what_it_wrote_is_that_of_reading_it(trained, method):
    written = trained.caption(IMAGE, method=method, max_length=12, temperature=2.0)
    ids = written.ids[:, : max(1, (written.ids > 0).sum(axis=1).max())]
    expected = trained.log_likelihood({"image": IMAGE, "text": ids})
    assert_close(written.log_p, expected, steps=400, scale=30)


def test_sampling_is_repeated_by_its_seed(trained):
    options = {"method": "sample", "temperature": 5.0, "max_length": 6}
    first, again, other = (trained.caption(IMAGE, seed=seed, **options) for seed in (1, 1, 2))
    assert first.texts == again.texts != other.texts


def test_an_image_is_captioned_as_if_it_were_alone(trained):
    together = trained.caption(IMAGE, method="beam")
    for row in (0, 4):
        alone = trained.caption(IMAGE[row : row + 1], method="beam")
        assert alone.texts[0] == together.texts[row]


def test_images_are_encoded_a_few_at_once(trained, monkeypatch):
    expected = trained.caption(IMAGE)
    monkeypatch.setattr(_prefix_model, "CHUNK", 3)
    assert trained.caption(IMAGE).texts == expected.texts


def test_padding_and_begin_are_never_written_and_length_is_kept():
    keras.utils.set_random_seed(1)
    model = built()
    written = model.caption(IMAGE, method="sample", temperature=100.0, max_length=9)
    assert written.ids.shape == (8, 9)
    assert not np.isin(written.ids, [1, model.begin, model.end]).any()
    assert model.caption(IMAGE, max_length=1).ids.shape == (8, 1)
    assert model.caption(IMAGE).ids.shape == (8, 24 - 3)


def test_chinese_is_written_without_spaces():
    model = Captioner(Vocabulary(("<pad>", "<unk>", "红", "心", "a", "b")), 8)
    ids = np.array([[2, 3, 0, 0], [4, 5, 0, 0], [4, 2, 3, 5]])
    assert model._texts(ids) == ["红心", "a b", "a 红心 b"]


def test_attention_to_the_image(trained):
    weights = trained.attention_weights(INPUTS)
    assert weights.shape == (8, 2, 2, 6, 3)
    assert (weights >= 0).all()
    # while the first word is written, there is nothing but the image and the begin token
    assert (weights.sum(axis=-1) < 1).all()
    assert weights[..., 0, :].sum(axis=-1).mean() > weights[..., 4, :].sum(axis=-1).mean()


# --- keeping it


def test_the_vocabulary_is_extended_once():
    model = make()
    assert model.vocabulary.tokens == (*VOCABULARY.tokens, "<begin>", "<end>")
    assert Captioner(model.vocabulary, 8).vocabulary.tokens == model.vocabulary.tokens


def test_a_trained_model_comes_back_in_a_new_process(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    np.savez(tmp_path / "expected.npz", image=IMAGE, **trained.caption(IMAGE)._asdict())
    code = f"""
import numpy as np
import mmtutorial as mm
model = mm.load_model({str(tmp_path / "model.keras")!r})
stored = np.load({str(tmp_path / "expected.npz")!r})
written = model.caption(stored["image"])
assert written.texts == stored["texts"].tolist(), written
assert np.array_equal(written.log_p, stored["log_p"])
model.fit({{"image": stored["image"], "text": np.ones((8, 2), int)}}, verbose=0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_encoder_in_front_is_kept(tmp_path):
    model = built(encoder=keras.layers.Dense(7, activation="tanh"))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(again(INPUTS)), to_numpy(model(INPUTS)))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_it_trains_in_mixed_precision(policy):
    model = make(dtype=policy)
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    history = model.fit(INPUTS, epochs=30, verbose=0).history["loss"]
    assert history[-1] < history[0] / 2
    assert {weight.dtype for weight in model.weights} <= {"float32"}
    assert np.isfinite(model.caption(IMAGE, max_length=5).log_p).all()


# --- bad input


def test_it_says_what_is_wrong():
    model = built()
    with pytest.raises(TypeError, match="vocabulary must be a Vocabulary"):
        Captioner(["red"], 8)
    with pytest.raises(TypeError, match="encoder must be a layer, got the class: write Dense"):
        make(encoder=keras.layers.Dense)
    with pytest.raises(ValueError, match="units must be a multiple of heads"):
        Captioner(VOCABULARY, 9)
    with pytest.raises(ValueError, match="missing modality 'text'; this model takes 'image' and"):
        model({"image": IMAGE})
    with pytest.raises(ValueError, match="unexpected modality 'sound'"):
        model({**INPUTS, "sound": IMAGE})
    with pytest.raises(ValueError, match=r"text must be ids, \(batch, time\), of as many rows"):
        model({"image": IMAGE, "text": TEXT[:3]})
    model.compile("adam")
    with pytest.raises(ValueError, match=r"text must lie in 0\.\.11"):
        model.fit({"image": IMAGE, "text": TEXT + 20}, verbose=0)
    with pytest.raises(ValueError, match="text must have its padding, 0, at the end"):
        model({"image": IMAGE, "text": TEXT[:, ::-1]})
    with pytest.raises(ValueError, match="y must be None: what is learnt to write is inputs"):
        model.fit(INPUTS, TEXT, verbose=0)
    with pytest.raises(ValueError, match="images must hold finite numbers"):
        model.caption(np.full((2, 6), np.nan))
    with pytest.raises(ValueError, match="max_length must be at most 21, got 22"):
        model.caption(IMAGE, max_length=22)
