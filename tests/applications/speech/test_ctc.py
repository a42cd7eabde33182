"""Connectionist temporal classification against every path there is, and what is refused."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

from mmtutorial.applications.speech import (
    CharacterLM,
    ctc_align,
    ctc_beam_decode,
    ctc_greedy_decode,
    ctc_loss,
)
from mmtutorial.applications.speech.ctc import collapse

CASES = [(4, 3, [1, 1]), (5, 3, [1, 2, 1]), (3, 4, []), (5, 4, [3, 3, 1]), (1, 2, [1])]
every_case = pytest.mark.parametrize(("frames", "classes", "labels"), CASES)


def draw(frames, classes, stream=0, spread=2.0):
    return (spread * make_rng(stream).normal(size=(frames, classes))).astype("float32")


def softmax(logits):
    exp = np.exp(logits.astype(float) - logits.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def spell_by_hand(path):
    return tuple(key for key, _ in itertools.groupby(path) if key)


def all_texts(logits):
    """Return the probability of each text, the sum over all paths."""
    p, found = softmax(logits), {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        text = spell_by_hand(path)
        found[text] = found.get(text, 0.0) + np.prod(p[range(len(path)), path])
    return found


def loss_of(logits, labels, *, frames=None):
    labels = np.array([[*labels, 0]])  # one place of padding
    lengths = {"logit_lengths": [frames or len(logits)], "label_lengths": [labels.shape[1] - 1]}
    return ctc_loss(logits[None], labels, **lengths)


@pytest.mark.backend
@pytest.mark.numeric
@every_case
def test_the_loss_is_that_of_all_paths_one_by_one(frames, classes, labels):
    logits = draw(frames, classes)
    expected = -np.log(all_texts(logits)[tuple(labels)])
    assert_close(to_numpy(loss_of(logits, labels))[0], expected, steps=20 * frames, scale=10)


@pytest.mark.backend
def test_padding_of_frames_and_letters_changes_nothing():
    short, long = draw(4, 3), np.concatenate([draw(4, 3), draw(3, 3, stream=1)])
    a = to_numpy(loss_of(short, [1, 2]))[0]
    b = to_numpy(loss_of(long, [1, 2], frames=4))[0]
    assert_close(a, b, steps=80, scale=10)


@pytest.mark.backend
def test_each_row_of_a_batch_counts_for_itself():
    rows = [(draw(6, 4, stream), labels) for stream, labels in enumerate(([1, 2, 3], [2], []))]
    labels = np.array([[1, 2, 3], [2, 0, 0], [0, 0, 0]])
    together = ctc_loss(
        np.stack([row for row, _ in rows]),
        labels,
        logit_lengths=[6, 6, 6],
        label_lengths=[3, 1, 0],
    )
    apart = [to_numpy(loss_of(*row))[0] for row in rows]
    assert_close(to_numpy(together), np.array(apart), steps=120, scale=10)


def test_the_gradient_is_that_of_finite_differences():
    import tensorflow as tf

    logits = draw(5, 3).astype("float64")

    def loss(flat):
        return -np.log(all_texts(flat.reshape(5, 3))[(1, 2)])

    x = tf.constant(logits.astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = ctc_loss(x[None], [[1, 2]], logit_lengths=[5], label_lengths=[2])
    steps = 1e-6 * np.eye(15)
    expected = [(loss(logits.ravel() + s) - loss(logits.ravel() - s)) / 2e-6 for s in steps]
    found = tape.gradient(value, x).numpy().ravel()
    np.testing.assert_allclose(found, expected, atol=2e-5)  # of float32 and of a difference


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 4))
@settings(deadline=None, max_examples=60)
def test_a_wide_beam_finds_the_likeliest_text(seed, frames, classes):
    logits = 2 * np.random.default_rng(seed).normal(size=(1, frames, classes))
    texts = all_texts(logits[0])
    (found,) = ctc_beam_decode(logits, beam_width=10_000, threshold=0)
    assert texts[tuple(found)] == pytest.approx(max(texts.values()), rel=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 3))
@settings(deadline=None, max_examples=40)
def test_a_wide_beam_with_a_language_model_finds_the_best_sum(seed, frames, classes):
    logits = 2 * np.random.default_rng(seed).normal(size=(1, frames, classes))
    letters = "ab"[: classes - 1]
    model = CharacterLM(letters, order=2).fit(["ab" * 3, "a", "bb"] if classes == 3 else ["aa"])
    options = {"language_model": model, "weight": 0.7, "letter_bonus": 0.3}

    def score(text):
        spelt, total = "", np.log(texts[text]) + 0.3 * len(text)
        for each in (*text, 0):  # class 0 is -1 + 1: the end, the last entry
            total += 0.7 * model.log_proba(spelt)[each - 1]
            spelt += letters[each - 1] if each else ""
        return total

    texts = all_texts(logits[0])
    (found,) = ctc_beam_decode(logits, beam_width=10_000, threshold=0, **options)
    assert score(tuple(found)) == pytest.approx(max(map(score, texts)), rel=1e-9)


@every_case
def test_the_alignment_is_the_likeliest_path_that_spells_the_text(frames, classes, labels):
    logits = draw(frames, classes, stream=3)
    p = softmax(logits)
    paths = [
        path
        for path in itertools.product(range(classes), repeat=frames)
        if spell_by_hand(path) == tuple(labels)
    ]
    best = max(paths, key=lambda path: np.prod(p[range(frames), path]))
    np.testing.assert_array_equal(ctc_align(logits, np.array(labels, int)), best)


@given(st.lists(st.integers(0, 3), max_size=12))
def test_a_path_is_collapsed_as_by_hand(path):
    assert tuple(collapse(np.array(path, int))) == spell_by_hand(path)


def test_greedy_takes_the_best_class_of_each_frame_that_counts():
    logits = np.eye(4)[[[1, 0, 1, 2, 2], [3, 3, 3, 0, 1]]]
    assert ctc_greedy_decode(logits) == [[1, 1, 2], [3, 1]]
    assert ctc_greedy_decode(logits, [2, 3]) == [[1], [3]]
    assert ctc_greedy_decode(keras.ops.convert_to_tensor(logits[:1])) == [[1, 1, 2]]


GOOD = {
    "logits": draw(4, 3)[None].repeat(2, axis=0),
    "labels": np.array([[1, 2], [2, 0]]),
    "logit_lengths": np.array([4, 3]),
    "label_lengths": np.array([2, 1]),
}


def call(**changes):
    given = {**GOOD, **changes}
    return ctc_loss(given.pop("logits"), given.pop("labels"), **given)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"labels": np.array([[1, 1], [2, 0]]), "logit_lengths": np.array([2, 3])},
         r"logit_lengths\[0\] must be at least 3"),
        ({"labels": np.array([[1, 3], [2, 0]])}, "from 1 to 2.* got 3 in row 0"),
        ({"labels": np.array([[1, 0], [2, 0]])}, "0 is the blank"),
        ({"logit_lengths": np.array([4, 5])}, "got 5 in row 1"),
        ({"logit_lengths": np.array([0, 4])}, "from 1 to 4, got 0 in row 0"),
        ({"label_lengths": np.array([2, 3])}, "label_lengths must be from 0 to 2"),
        ({"label_lengths": np.array([2])}, "label_lengths must hold a length for each of 2"),
        ({"logits": GOOD["logits"] * np.nan}, "logits must be finite"),
        ({"logits": GOOD["logits"][0]}, "logits must be"),
        ({"labels": np.array([1, 2])}, "labels must be"),
    ],
)  # fmt: skip
def test_what_no_path_can_spell_is_refused_with_its_row(changes, says):
    with pytest.raises(ValueError, match=says):
        call(**changes)


def test_lengths_that_are_no_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="label_lengths must be whole"):
        call(label_lengths=np.array([2.0, 1.0]))


def test_a_compiled_graph_gives_the_same_loss():
    import tensorflow as tf

    @tf.function
    def compiled(logits, labels, logit_lengths, label_lengths):
        return ctc_loss(logits, labels, logit_lengths=logit_lengths, label_lengths=label_lengths)

    tensors = [tf.constant(array) for array in GOOD.values()]
    assert_close(compiled(*tensors).numpy(), call().numpy(), steps=80, scale=10)
