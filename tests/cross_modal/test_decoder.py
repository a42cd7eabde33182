"""The decoder against a plain PyTorch version; what it may look at, and what it remembers."""

import keras
import numpy as np
import pytest
from layer_checks import (
    LAYER_CHECKS,
    LayerCase,
    check_dtypes,
    pair,
    to_numpy,
)
from tolerance import assert_close, assert_differ, count_steps, make_rng

from mmtutorial.cross_modal.decoder import TransformerDecoder
from mmtutorial.cross_modal.projector import Projector

pytestmark = pytest.mark.backend
IDS = make_rng(2).integers(1, 9, (3, 6)).astype("int32")
PREFIX = make_rng(3).normal(size=(3, 4, 8)).astype("float32")
VECTORS = make_rng(4).normal(size=(3, 5)).astype("float32")
TOKENS = make_rng(5).normal(size=(3, 2, 5)).astype("float32")


def make_decoder(**options):
    return TransformerDecoder(9, 8, **{"heads": 2, "hidden": 12, "max_length": 20, **options})


@pytest.fixture
def decoder(rng):
    layer = make_decoder()
    layer(IDS)
    layer.set_weights([rng.normal(size=w.shape) * 0.4 for w in layer.weights])
    return layer


def read(decoder, ids, prefix=None, **options):
    return to_numpy(decoder.decode(ids, prefix, **options).logits)


def steps_of(decoder):
    return count_steps(decoder, {"ids": IDS, "prefix": PREFIX})


CASES = {
    "decoder": LayerCase(make_decoder, IDS, (check_dtypes,)),  # logits are always float32
    "decoder-dropout": LayerCase(lambda **o: make_decoder(dropout=0.3, **o), IDS, (check_dtypes,)),
    "projector-vector": LayerCase(lambda **o: Projector(4, tokens=3, **o), VECTORS),
    "projector-tokens": LayerCase(lambda **o: Projector(4, **o), TOKENS),
    "projector-hidden": LayerCase(lambda **o: Projector(4, hidden=6, **o), VECTORS),
}


@pair(CASES, LAYER_CHECKS)
def test_layer(case, check):
    check(case.make, case.inputs)


# --- against an independent version


def torch_logits(decoder, ids, prefix):
    """The same mathematics in PyTorch's own functions, in float64, without cache or masks."""
    torch = pytest.importorskip("torch")
    table, places, *weights = [torch.tensor(np.float64(w)) for w in decoder.get_weights()]
    units = table.shape[1]
    x = torch.cat([torch.tensor(np.float64(prefix)), table[torch.tensor(ids)] * units**0.5], 1)
    x = x + places[: x.shape[1]]

    def norm(x, scale, shift):
        return torch.nn.functional.layer_norm(x, (units,), scale, shift, 1e-3)

    def split(x):
        return x.unflatten(-1, (decoder.heads, -1)).transpose(1, 2)

    while len(weights) > 2:
        a, b, query, key, value, out, c, d, w1, b1, w2, b2, *weights = weights
        h = norm(x, a, b)
        h = torch.nn.functional.scaled_dot_product_attention(
            split(h @ query), split(h @ key), split(h @ value), is_causal=True
        )
        x = x + h.transpose(1, 2).flatten(2) @ out
        x = x + torch.relu(norm(x, c, d) @ w1 + b1) @ w2 + b2
    return (norm(x, *weights) @ table.T)[:, prefix.shape[1] :].numpy()


def test_it_equals_a_plain_pytorch_version(decoder):
    expected = torch_logits(decoder, IDS, PREFIX)
    result = read(decoder, IDS, PREFIX)
    assert_close(result, expected, steps=steps_of(decoder))


def test_a_table_of_zeros_makes_all_tokens_equally_probable(decoder):
    decoder.table.embeddings.assign(np.zeros((9, 8)))
    np.testing.assert_array_equal(read(decoder, IDS, PREFIX), 0)


# --- it looks back only


@pytest.mark.parametrize("place", range(6))
def test_what_stands_behind_changes_nothing_in_front(place, decoder):
    other = IDS.copy()
    other[:, place] = other[:, place] % 8 + 1
    before, after = read(decoder, IDS, PREFIX), read(decoder, other, PREFIX)
    assert_close(after[:, :place], before[:, :place], steps=steps_of(decoder))
    assert_differ(after[:, place], before[:, place], steps=steps_of(decoder))


def test_the_prefix_changes_every_token(decoder):
    before, after = read(decoder, IDS, PREFIX), read(decoder, IDS, PREFIX[::-1])
    for place in range(6):
        assert_differ(after[::2, place], before[::2, place], steps=steps_of(decoder))


def test_attention_goes_to_real_tokens_that_stand_before(decoder):
    ids = IDS.copy()
    ids[:, 2] = 0
    decoded = decoder.decode(ids, PREFIX)
    real = np.insert(ids != 0, [0] * 4, True, axis=1)
    allowed = np.tri(10, dtype=bool) & real[:, None]
    for weights in decoded.weights:
        weights = to_numpy(weights)
        assert weights.shape == (3, 2, 10, 10)
        assert not weights[~np.broadcast_to(allowed[:, None], weights.shape)].any()
        assert_close(weights.sum(axis=-1), np.ones((3, 2, 10)), steps=20)


# --- padding


@pytest.mark.parametrize("place", [0, 3, 6])
def test_padding_changes_nothing_wherever_it_stands(place, decoder):
    padded = np.insert(IDS, [place] * 3, 0, axis=1)
    result = np.delete(read(decoder, padded, PREFIX), range(place, place + 3), axis=1)
    assert_close(result, read(decoder, IDS, PREFIX), steps=steps_of(decoder))


def test_padding_in_the_prefix_changes_nothing(decoder):
    padded = np.insert(PREFIX, [1, 4], 7.0, axis=1)
    mask = np.insert(np.ones((3, 4), bool), [1, 4], False, axis=1)
    result = read(decoder, IDS, padded, prefix_mask=mask)
    assert_close(result, read(decoder, IDS, PREFIX), steps=steps_of(decoder))
    assert_differ(read(decoder, IDS, padded), result, steps=steps_of(decoder))


# --- the cache


@pytest.mark.parametrize("cuts", [(2,), (0, 1, 2, 3, 4, 5), (0, 5)])
@pytest.mark.parametrize("padded", [False, True])
def test_a_cache_gives_what_reading_at_once_gives(cuts, padded, decoder):
    ids = np.insert(IDS, 1, 0, axis=1) if padded else IDS
    expected, prefix, cache, parts = read(decoder, ids, PREFIX), PREFIX, None, []
    for part in np.split(ids, cuts, axis=1):
        decoded = decoder.decode(part, prefix, cache=cache)
        prefix, cache = None, decoded.cache
        parts.append(to_numpy(decoded.logits))
    assert_close(np.concatenate(parts, axis=1), expected, steps=steps_of(decoder))
    assert cache.real.shape == (3, 4 + ids.shape[1])


def test_the_given_cache_stays_as_it_is(decoder):
    cache = decoder.decode(IDS[:, :2], PREFIX).cache
    before = [to_numpy(each).copy() for each in keras.tree.flatten(cache)]
    decoder.decode(IDS[:, 2:], cache=cache)
    for old, new in zip(before, keras.tree.flatten(cache), strict=True):
        np.testing.assert_array_equal(to_numpy(new), old)


# --- numbers


def test_its_first_loss_is_near_that_of_chance():
    """Fresh weights know nothing: cross-entropy near the logarithm of the vocabulary's size."""
    decoder = TransformerDecoder(500, 64)
    ids = make_rng(6).integers(1, 500, (32, 8))
    losses = keras.losses.sparse_categorical_crossentropy(
        ids[:, 1:], decoder(ids)[:, :-1], from_logits=True
    )
    assert abs(float(np.mean(to_numpy(losses))) - np.log(500)) < 0.8


@pytest.mark.parametrize(("policy", "bits"), [("mixed_bfloat16", 8), ("mixed_float16", 11)])
def test_mixed_precision_is_near_and_returns_float32(policy, bits, decoder):
    rough = make_decoder(dtype=policy)
    rough(IDS)
    rough.set_weights(decoder.get_weights())
    result = rough.decode(IDS, PREFIX)
    assert keras.backend.standardize_dtype(result.logits.dtype) == "float32"
    assert {w.dtype for w in rough.weights} == {"float32"}
    expected = read(decoder, IDS, PREFIX)
    steps = 4 + sum(len(w.shape) > 1 for w in rough.weights)
    assert_close(to_numpy(result.logits), expected, steps=steps, eps=2.0**-bits)


def test_it_says_what_is_wrong(decoder):
    with pytest.raises(ValueError, match="units must be a multiple of heads = 3, got 8"):
        TransformerDecoder(9, 8, heads=3)
    with pytest.raises(ValueError, match="at most max_length = 20 tokens together, got 24"):
        decoder.decode(np.ones((1, 20), int), PREFIX[:1])
    with pytest.raises(ValueError, match=r"ids must lie in 0\.\.8"):
        decoder(np.full((1, 2), 9))
    with pytest.raises(ValueError, match="ids must be whole numbers"):
        decoder(np.full((1, 2), 0.5))
    with pytest.raises(ValueError, match=r"image must be \(batch, dim\) or"):
        Projector(4)(np.ones((2, 8, 8, 3)))


@pytest.mark.parametrize("shape", [(3, 5), (3, 2, 5)])
@pytest.mark.parametrize("hidden", [0, 6])
def test_the_projector_is_what_it_says(shape, hidden, rng):
    image = rng.normal(size=shape).astype("float32")
    layer = Projector(4, tokens=2, hidden=hidden)
    result = to_numpy(layer(image))
    *inner, kernel, bias = layer.get_weights()
    value = image.astype("float64")
    if hidden:
        value = value @ inner[0] + inner[1]
        value = to_numpy(keras.ops.gelu(value))
    expected = (value @ kernel + bias).reshape(3, 2, 4)
    assert_close(result, expected, steps=count_steps(layer, image))
