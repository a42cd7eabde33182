import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import LAYER_CHECKS, TOKEN_CHECKS, to_model, to_numpy
from tolerance import SEED, assert_close, assert_differ, count_steps

from mmtutorial.encoders import TextBag, TextRNN, TextTransformer
from mmtutorial.encoders.transformer import sinusoidal_positions

pytestmark = pytest.mark.backend

IDS = np.array([[5, 1, 9, 2], [3, 3, 0, 0], [7, 2, 4, 0], [8, 0, 0, 0]], dtype="int32")
SMALL = {"heads": 2, "hidden": 12}
LAYERS = {
    "waves": lambda **k: TextTransformer(10, 8, **SMALL, num_layers=1, **k),
    "learnt": lambda **k: TextTransformer(10, 8, **SMALL, positions="learnt", dropout=0.1, **k),
}


@pytest.mark.parametrize("check", [*LAYER_CHECKS, *TOKEN_CHECKS], ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(check, name):
    check(LAYERS[name], IDS)


@pytest.mark.parametrize("check", LAYER_CHECKS, ids=lambda check: check.__name__)
def test_layer_that_gives_a_sequence(check):
    check(lambda **k: LAYERS["waves"](sequence=True, **k), IDS)


def count(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.weights)


# --- one block, written out


def normalise(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-3) + beta


def block_in_numpy(tokens, weights):
    """Pre-norm, two heads, for one text of real tokens alone: ``(time, units)``."""
    gamma1, beta1, query, key, value, out, gamma2, beta2, ffn_in, b_in, ffn_out, b_out = weights
    normalized = normalise(tokens, gamma1, beta1)
    gathered = 0
    for head in np.split(np.arange(len(out)), SMALL["heads"]):
        q, k, v = (normalized @ matrix[:, head] for matrix in (query, key, value))
        scores = q @ k.T / np.sqrt(q.shape[-1])
        weight = np.exp(scores - scores.max(axis=-1, keepdims=True))
        gathered = gathered + weight / weight.sum(axis=-1, keepdims=True) @ v @ out[head]
    tokens = tokens + gathered
    normalized = normalise(tokens, gamma2, beta2)
    return tokens + np.maximum(normalized @ ffn_in + b_in, 0) @ ffn_out + b_out


@pytest.mark.parametrize("positions", ["sinusoidal", "learnt"])
def test_transformer_equals_its_formulas_in_numpy(positions, rng):
    """Embedding, positions, two blocks of two heads, norm and average, text by text."""
    layer = TextTransformer(10, 8, **SMALL, positions=positions)
    layer(IDS)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    result = to_numpy(layer(IDS))
    table, *blocks = [to_numpy(weight) for weight in layer.weights]
    *blocks, gamma, beta = blocks
    places = blocks.pop(0) if positions == "learnt" else sinusoidal_positions(4, 8)
    assert len(blocks) == 24
    for row, ids in zip(result, IDS, strict=True):
        ids = ids[ids > 0]
        tokens = table[ids] * np.sqrt(8) + places[: len(ids)]
        for block in (blocks[:12], blocks[12:]):
            tokens = block_in_numpy(tokens, block)
        assert_close(
            row, normalise(tokens, gamma, beta).mean(axis=0), steps=count_steps(layer, IDS)
        )


def test_waves_are_those_of_the_paper():
    waves = sinusoidal_positions(50, 6)
    for position in (0, 1, 49):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert_close(waves[position, 2 * i], np.sin(angle), steps=2, scale=1.0)
            assert_close(waves[position, 2 * i + 1], np.cos(angle), steps=2, scale=1.0)
    assert sinusoidal_positions(4, 5).shape == (4, 5)
    # a shift turns every pair by the same angle, wherever it starts: their scalar product says so
    product = waves @ waves.T
    assert_close(np.diag(product, 3), product[0, 3], steps=2 * 6, scale=3.0)


@pytest.mark.parametrize(
    ("options", "extra"),
    [
        ({}, 0),
        ({"positions": "learnt", "max_length": 20}, 20 * 8),
        ({"num_layers": 3, "heads": 8, "hidden": 5}, 0),
    ],
)
def test_transformer_has_the_weights_of_its_recipe(options, extra):
    layer = TextTransformer(10, 8, **options)
    layer.build((None, 4))
    hidden = options.get("hidden", 4 * 8)
    block = 4 * 8 * 8 + 2 * 2 * 8 + 8 * hidden + hidden + hidden * 8 + 8
    assert count(layer) == 10 * 8 + options.get("num_layers", 2) * block + 2 * 8 + extra


# --- padding, order, sequences


@pytest.fixture(scope="module", params=["waves", "learnt"])
def trained(request):
    """A layer after a step of training, so that no weight is where it began."""
    keras.utils.set_random_seed(SEED)
    layer = LAYERS[request.param](sequence=True)
    model = to_model(layer, IDS)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", run_eagerly=True)
    model.train_on_batch(IDS, np.ones((4, 4, 8), "float32"))
    return layer


@settings(max_examples=20)
@given(
    texts=st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=4),
    holes=st.lists(st.integers(0, 11), max_size=6),
)
def test_padding_anywhere_changes_no_token(trained, texts, holes):
    """Every real token comes out as from its text alone, wherever zeros stand; padding is 0."""
    padded = np.zeros((len(texts), 12), "int32")
    free = [place for place in range(12) if place not in holes]
    for row, text in zip(padded, texts, strict=True):
        row[free[: len(text)]] = text
    together = to_numpy(trained(padded, training=False))
    assert not together[padded == 0].any()
    for row, ids, text in zip(together, padded, texts, strict=True):
        if text:
            alone = to_numpy(trained(np.array([text], "int32"), training=False))[0]
            assert_close(row[ids > 0], alone, steps=count_steps(trained, padded))


def test_average_of_the_sequence_is_the_vector():
    tokens = LAYERS["waves"](sequence=True)
    result = to_numpy(tokens(IDS))
    vector = LAYERS["waves"]()
    vector(IDS)
    vector.set_weights(tokens.get_weights())
    lengths = (IDS > 0).sum(axis=1, keepdims=True)
    assert_close(
        to_numpy(vector(IDS)), result.sum(axis=1) / lengths, steps=count_steps(vector, IDS)
    )


def test_a_text_of_padding_alone_is_zero():
    for make in LAYERS.values():
        for length in (5, 1, 0):
            nothing = np.zeros((2, length), "int32")
            np.testing.assert_array_equal(to_numpy(make()(nothing)), np.zeros((2, 8)))


def test_sequence_tells_the_layers_behind_which_tokens_are_real():
    entrance = keras.Input((None,), dtype="int32")
    tokens = LAYERS["waves"](sequence=True)(entrance)
    model = keras.Model(entrance, keras.layers.GlobalAveragePooling1D()(tokens))
    longer = np.pad(IDS, ((0, 0), (0, 7)))
    assert_close(to_numpy(model(longer)), to_numpy(model(IDS)), steps=count_steps(model, longer))
    assert to_numpy(model(IDS)).std() > 0.01


def test_without_positions_the_order_would_not_matter():
    """Positions alone carry the order: set the learnt ones to one vector, and it is gone."""
    layer = LAYERS["learnt"]()
    turned = IDS[:1, ::-1]
    first, second = to_numpy(layer(IDS[:1])), to_numpy(layer(turned))
    assert_differ(first, second, steps=count_steps(layer, turned))
    table = layer.position_embedding.embeddings
    table.assign(np.ones(table.shape))
    assert_close(to_numpy(layer(IDS[:1])), to_numpy(layer(turned)), steps=count_steps(layer, IDS))


def permuted_texts(rng):
    return np.stack([rng.permutation(np.arange(1, 9)) for _ in range(300)]).astype("int32")


def test_a_bag_cannot_tell_a_text_from_its_mirror_image(rng):
    texts, bag = permuted_texts(rng), TextBag(9)
    assert_close(to_numpy(bag(texts)), to_numpy(bag(texts[:, ::-1])), steps=count_steps(bag, texts))


def test_transformer_learns_which_of_two_words_comes_first(rng):
    """Each text comes with its mirror image: a bag of words gets one of the two wrong."""
    texts = permuted_texts(rng)
    first = (texts == 1).argmax(axis=1) < (texts == 2).argmax(axis=1)
    model = keras.Sequential([TextTransformer(9, 16, num_layers=1), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    train = np.concatenate([texts[:200], texts[:200, ::-1]])
    answers = np.concatenate([first[:200], ~first[:200]]).astype("float32")
    model.fit(train, answers, epochs=10, verbose=0)
    votes = to_numpy(model(np.concatenate([texts[200:], texts[200:, ::-1]])))[:, 0] > 0
    assert np.mean(votes == np.concatenate([first[200:], ~first[200:]])) > 0.95


# --- what it refuses


def test_dropout_acts_in_training_alone():
    layer = TextTransformer(10, 64, dropout=0.5)
    calm = [to_numpy(layer(IDS, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(layer(IDS, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 0
    without = TextTransformer(10, 64)
    np.testing.assert_array_equal(
        to_numpy(without(IDS, training=True)), to_numpy(without(IDS, training=False))
    )


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1,), {}, "vocabulary_size must be at least 2"),
        ((9, 0), {}, "units must be at least 1, got 0"),
        ((9, 10), {}, "units must be a multiple of heads = 4, got 10"),
        ((9,), {"num_layers": 0}, "num_layers must be at least 1, got 0"),
        ((9,), {"heads": 0}, "heads must be at least 1, got 0"),
        ((9,), {"hidden": 0}, "hidden must be at least 1, got 0"),
        ((9,), {"max_length": 0}, "max_length must be at least 1, got 0"),
        ((9,), {"dropout": 1}, "dropout must be at least 0 and below 1"),
        ((9,), {"positions": "none"}, r"positions must be one of .*'learnt'.*got 'none'"),
    ],
)
def test_transformer_says_which_option_is_wrong(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        TextTransformer(*arguments, **options)


def test_transformer_says_which_text_is_too_long():
    layer = TextTransformer(10, 8, max_length=4)
    layer(IDS)
    longer = np.ones((1, 5), "int32")
    for unbuilt_or_built in (TextTransformer(10, 8, max_length=4), layer):
        with pytest.raises(ValueError, match="at most max_length = 4 ids long, got 5"):
            unbuilt_or_built(longer)
    with pytest.raises(ValueError, match="token ids must have shape"):
        TextTransformer(10, 8)(np.ones((2, 3, 4), "int32"))


@pytest.mark.parametrize("layer", [TextTransformer, TextRNN, TextBag])
@pytest.mark.parametrize("wrong", [10, -1])
def test_text_layers_refuse_ids_beyond_the_table(layer, wrong):
    ids = np.array([[1, wrong]], "int32")
    least, most = min(1, wrong), max(1, wrong)
    message = f"token ids must lie in 0..9, the rows of the embedding table; got {least}..{most}"
    with pytest.raises(ValueError, match=message):
        layer(10, 8)(ids)
    layer(10, 8)(np.array([[0, 9]], "int32"))
