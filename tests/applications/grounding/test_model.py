"""The model: a map is a cosine, both kinds of training find what they should, nothing leaks."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_checks import to_numpy
from scipy.special import log_softmax, logsumexp
from tolerance import assert_close, make_rng

from mmtutorial.applications.grounding import GroundingModel, place_loss, scene_loss
from mmtutorial.encoders import GridCNN

RNG = make_rng(5)
TOKENS = RNG.normal(size=(3, 16, 6)).astype("float32")
TEXTS = RNG.normal(size=(3, 2, 4, 5)).astype("float32")
TEXTS[0, 1] = 0  # no phrase
TEXTS[1, 0, 2:] = 0  # two words


def make(units=8, **options):
    keras.utils.set_random_seed(0)
    model = GroundingModel(units, **options)
    model({"image": TOKENS, "text": TEXTS})
    return model


@pytest.mark.backend
def test_a_map_is_the_scaled_cosine_of_place_and_phrase():
    model = make(context=0, scale=7.0)
    places = TOKENS @ to_numpy(model.places.kernel) + to_numpy(model.places.bias)
    phrases = (TEXTS @ to_numpy(model.words.kernel)).sum(axis=2)
    cosines = np.einsum("bpu,bku->bkp", places, phrases)
    norms = np.linalg.norm(phrases, axis=-1)[:, :, None] * np.linalg.norm(places, axis=-1)[:, None]
    expected = 7 * cosines / np.maximum(norms, 1e-9)
    maps = to_numpy(model({"image": TOKENS, "text": TEXTS}))
    assert_close(maps.reshape(3, 2, 16), expected, steps=3000, scale=7)
    assert not maps[0, 1].any()  # a phrase without a word


@pytest.mark.backend
def test_words_of_zeros_do_not_count():
    model = make()
    longer = np.pad(TEXTS, ((0, 0), (0, 0), (0, 3), (0, 0)))
    a, b = (to_numpy(model({"image": TOKENS, "text": text})) for text in (TEXTS, longer))
    assert_close(a, b, steps=500, scale=10)


@pytest.mark.backend
def test_a_map_moves_with_its_picture():
    """What is seen lies in the middle, and moves by one place: so does its map."""
    model = make(context=1)
    grid = np.zeros((1, 8, 8, 6), "float32")
    grid[0, 3:5, 3:5] = RNG.normal(size=(2, 2, 6))
    moved = np.roll(grid, 1, axis=2)
    a, b = (
        to_numpy(model({"image": each.reshape(1, 64, 6), "text": TEXTS[1:2]}))[0, 1]
        for each in (grid, moved)
    )
    assert_close(a[2:6, 2:6], b[2:6, 3:7], steps=2000, scale=10)


# --- losses


def slow_scene_loss(scores, present):
    """The same in loops, phrase by phrase and scene by scene."""
    scenes, phrases = present.shape
    fits = logsumexp(scores, axis=-1) - np.log(scores.shape[-1])
    rows = [(a, k) for a in range(scenes) for k in range(phrases) if present[a, k]]
    table = np.array([fits[a, k] for a, k in rows])
    to_scene = -np.mean([log_softmax(row)[a] for row, (a, _) in zip(table, rows, strict=True)])
    shares, to_phrase = log_softmax(table, axis=0), []
    for b in range(scenes):
        own = [row for row, (a, _) in enumerate(rows) if a == b]
        if own:
            to_phrase.append(-np.mean(shares[own, b]))
    return (to_scene + np.mean(to_phrase)) / 2


@pytest.mark.backend
def test_the_scene_loss_is_both_cross_entropies():
    scores = RNG.normal(0, 3, (4, 3, 4, 9)).astype("float32")
    present = np.ones((4, 3), bool)
    present[1, 2] = present[2] = False
    assert_close(
        to_numpy(scene_loss(scores, present)), slow_scene_loss(scores, present), steps=2000, scale=9
    )


@pytest.mark.backend
def test_phrases_that_are_not_there_do_not_count():
    scores, present = RNG.normal(size=(3, 2, 3, 4)).astype("float32"), np.ones((3, 2), bool)
    present[:, 1] = False
    other = scores.copy()
    other[:, 1] = RNG.normal(0, 30, other[:, 1].shape)
    assert_close(to_numpy(scene_loss(scores, present)), to_numpy(scene_loss(other, present)),
                 steps=500, scale=5)  # fmt: skip


def test_a_loss_of_equal_scores_is_that_of_guessing():
    scores, present = np.zeros((4, 1, 4, 9)), np.ones((4, 1), bool)
    assert float(scene_loss(scores, present)) == pytest.approx(np.log(4), abs=1e-5)
    seen = np.eye(9)[None, :3]
    assert float(place_loss(np.zeros((1, 3, 9)), seen)) == pytest.approx(np.log(9), abs=1e-5)


@pytest.mark.backend
def test_the_place_loss_is_least_where_the_softmax_is_what_is_seen():
    seen = np.array([[[0.5, 0.25, 0.25, 0.0]]])
    entropy = -(0.5 * np.log(0.5) + 0.5 * np.log(0.25))
    best = np.log(np.maximum(seen, 1e-9)).astype("float32")
    assert_close(to_numpy(place_loss(best, seen)), entropy, steps=2000, scale=20)
    assert float(place_loss(best[..., ::-1], seen)) > entropy
    nowhere = np.concatenate([seen, np.zeros_like(seen)], axis=1)
    twice = np.concatenate([best, best], axis=1)
    assert_close(to_numpy(place_loss(twice, nowhere)), entropy, steps=2000, scale=20)


def toy(count=192, seed=0):
    """Scenes of 16 places, three of 24 things in each, told apart by numbers; a phrase for each.

    There are many, since a phrase that fits most scenes tells nothing of its own.
    """
    rng, things, words = make_rng(seed), 3 * np.eye(24), make_rng(9).normal(size=(24, 12))
    tokens = rng.normal(0, 0.3, (count, 16, 24))
    texts, seen = np.zeros((count, 3, 1, 12)), np.zeros((count, 3, 16))
    for scene in range(count):
        for place, (thing, where) in enumerate(
            zip(rng.permutation(24)[:3], rng.permutation(16)[:3], strict=True)
        ):
            tokens[scene, where] += things[thing]
            texts[scene, place, 0], seen[scene, place, where] = words[thing], 1
    made = {"image": tokens, "text": texts, "seen": seen}
    return {name: each.astype("float32") for name, each in made.items()}


@pytest.mark.parametrize("supervision", ["scenes", "places", "both"])
def test_it_learns_to_point_and_from_scenes_alone_too(supervision):
    learnt, new = toy(), toy(40, seed=1)
    keras.utils.set_random_seed(1)
    model = GroundingModel(16, context=0, supervision=supervision)
    model.compile(keras.optimizers.Adam(0.02))
    given = learnt if supervision != "scenes" else {n: learnt[n] for n in ("image", "text")}
    model.fit(given, epochs=30, batch_size=24, verbose=0)
    maps = to_numpy(model({n: new[n] for n in ("image", "text")}, training=False))
    hits = maps.reshape(40, 3, 16).argmax(-1) == new["seen"].argmax(-1)
    assert hits.mean() > 0.8  # chance is 1/16, and 1/3 for whoever sees things but reads nothing


def test_the_scene_loss_does_not_look_where_things_are():
    learnt, found = toy(32), []
    for seen in (learnt["seen"], 1 - learnt["seen"]):
        keras.utils.set_random_seed(1)
        model = GroundingModel(8, supervision="scenes")
        model.compile(keras.optimizers.Adam(0.02))
        model.fit({**learnt, "seen": seen}, epochs=2, batch_size=16, verbose=0, shuffle=False)
        found.append(model.get_weights())
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_weight_learns():
    import tensorflow as tf

    model = make(encoder=None, supervision="both")
    inputs = {"image": TOKENS, "text": TEXTS, "seen": RNG.random((3, 2, 16)).astype("float32")}
    with tf.GradientTape() as tape:
        loss = model.compute_loss(inputs)
    sources = [weight.value for weight in model.trainable_weights]
    for weight, gradient in zip(model.trainable_weights, tape.gradient(loss, sources), strict=True):
        assert np.abs(np.array(gradient)).max() > 0, weight.path


@pytest.mark.backend
def test_pictures_of_other_sizes_get_maps_of_other_sizes():
    model = GroundingModel(4, encoder=GridCNN((4, 8)))
    for side in (16, 32):
        maps = model({"image": ops.ones((1, side, side, 3)), "text": ops.ones((1, 1, 2, 5))})
        assert tuple(maps.shape) == (1, 1, side // 4, side // 4)


def test_find_returns_cosines_some_at_a_time(monkeypatch):
    model = make(scale=20.0)
    expected = to_numpy(model({"image": TOKENS, "text": TEXTS[:, :1]}))[:, 0] / 20
    monkeypatch.setattr("mmtutorial.applications.grounding.model.CHUNK", 2)
    found = model.find(TOKENS, TEXTS[:, 0])
    assert_close(found, expected, steps=2000, scale=1)
    assert np.abs(found).max() <= 1 + 1e-5


def test_it_survives_save_and_reload(tmp_path):
    model = make()
    model.compile(keras.optimizers.Adam(1e-3), supervision="both")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.supervision == "both"
    inputs = {"image": TOKENS, "text": TEXTS}
    np.testing.assert_array_equal(to_numpy(model(inputs)), to_numpy(again(inputs)))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"image": TOKENS}, "text"),
        ({"image": TOKENS, "text": TEXTS, "where": TOKENS}, "where"),
        ({"image": TOKENS, "text": TEXTS[0]}, "text must be"),
        ({"image": TOKENS[0], "text": TEXTS}, "image must be .batch, places"),
        ({"image": TOKENS[:, :15], "text": TEXTS}, "square"),
    ],
)
def test_wrong_inputs_are_refused_by_name(inputs, message):
    with pytest.raises(ValueError, match=message):
        GroundingModel(4)(inputs)
