"""Cross-attention and bottlenecks against their formulas, one sample at a time."""

import numpy as np
import pytest
from fusion_checks import sequences, vectors
from layer_checks import to_numpy
from scipy.special import softmax

from mmtutorial.fusion import BottleneckFusion, CrossAttentionFusion

pytestmark = pytest.mark.backend

SMALL = {"heads": 2, "hidden": 6}
TOKENS, MASKS = sequences(vectors([3, 5, 2]))
PAIR = {name: TOKENS[name] for name in ("image", "text")}


def count(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.weights)


def randomise(layer, inputs, rng):
    layer(inputs)
    layer.set_weights([0.5 * rng.normal(size=weight.shape) for weight in layer.weights])


def normalise(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-3) + beta


def block(weights, tokens, others=None):
    """One block, written out: tokens gather from the others, or from each other; the scores."""
    gamma1, beta1, query, key, value, out, gamma2, beta2, wide, b_wide, narrow, b_narrow = weights
    calm = normalise(tokens, gamma1, beta1)
    asked = calm if others is None else normalise(others, gamma1, beta1)
    gathered, looks = 0, 0
    for head in range(query.shape[1]):
        q, k, v = calm @ query[:, head], asked @ key[:, head], asked @ value[:, head]
        look = softmax(q @ k.T / np.sqrt(q.shape[-1]), axis=-1)
        gathered, looks = gathered + look @ v @ out[head], looks + look / query.shape[1]
    tokens = tokens + gathered
    calm = normalise(tokens, gamma2, beta2)
    return tokens + np.maximum(calm @ wide + b_wide, 0) @ narrow + b_narrow, looks


def real_tokens(layer, row, masks=MASKS):
    """Project the real tokens of one sample: one array a modality, by name."""
    result = []
    for name in layer.modalities:
        kernel, bias = (to_numpy(w) for w in layer.projections[name].weights)
        result.append(TOKENS[name][row][masks[name][row]] @ kernel + bias)
    return result


def finish(layer, tokens):
    """The last norm, then the average."""
    return normalise(tokens, *map(to_numpy, layer.norm.weights)).mean(axis=0)


def block_weights(layer, key):
    return [to_numpy(weight) for weight in layer.blocks[key].weights]


# --- cross-attention


def test_cross_attention_equals_its_formula(rng):
    layer = CrossAttentionFusion(4, **SMALL)
    randomise(layer, TOKENS, rng)
    result = to_numpy(layer(TOKENS, mask=MASKS))
    looks = layer.attention(TOKENS, mask=MASKS)
    for row in range(4):
        tokens, expected = real_tokens(layer, row), []
        for i, name in enumerate(layer.modalities):
            rest = [j for j in range(3) if j != i]
            others = np.concatenate([tokens[j] for j in rest])
            changed, look = block(block_weights(layer, name), tokens[i], others)
            expected.append(finish(layer, changed))
            seen = np.concatenate([MASKS[layer.modalities[j]][row] for j in rest])
            shown = to_numpy(looks[name])[row]
            np.testing.assert_allclose(shown[MASKS[name][row]][:, seen], look, atol=1e-5)
            assert np.abs(shown[:, ~seen]).max(initial=0) == 0
        np.testing.assert_allclose(result[row], np.concatenate(expected), rtol=1e-4, atol=1e-4)


def test_attention_shares_one_among_what_is_there():
    layer = CrossAttentionFusion(4, **SMALL)
    layer(PAIR)
    presence = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool)
    looks = layer.attention(PAIR, presence=presence)
    assert to_numpy(looks["text"]).shape == (4, 3, 4)  # words x image patches
    np.testing.assert_allclose(to_numpy(looks["text"]).sum(axis=-1)[:, 0], presence[:, 0])
    np.testing.assert_allclose(to_numpy(looks["image"]).sum(axis=-1)[:, 0], presence[:, 1])


def test_one_token_to_look_at_leaves_no_choice(rng):
    """Then the value passes as it is, whatever queries and keys are."""
    inputs = vectors([3, 5])
    layer = CrossAttentionFusion(4, **SMALL)
    randomise(layer, inputs, rng)
    expected = to_numpy(layer(inputs))
    for each in layer.blocks.values():
        for weight in each.weights:
            if "query" in weight.path or "key" in weight.path:
                weight.assign(rng.normal(size=weight.shape))
    np.testing.assert_allclose(to_numpy(layer(inputs)), expected, atol=1e-5)


@pytest.mark.parametrize("kind", [CrossAttentionFusion, BottleneckFusion])
def test_the_order_of_tokens_does_not_matter(kind, rng):
    """Positions are for the encoders: they know what an order means."""
    layer = kind(4, **SMALL)
    randomise(layer, TOKENS, rng)
    expected = to_numpy(layer(TOKENS, mask=MASKS))
    turned = {name: tokens[:, ::-1] for name, tokens in TOKENS.items()}
    masks = {name: mask[:, ::-1] for name, mask in MASKS.items()}
    np.testing.assert_allclose(to_numpy(layer(turned, mask=masks)), expected, atol=1e-5)


@pytest.mark.parametrize("modalities", [2, 3, 6])
@pytest.mark.parametrize("options", [{}, {"heads": 2, "hidden": 5}])
def test_cross_attention_parameters(modalities, options):
    sizes, u = [3, 5, 2, 4, 9, 1][:modalities], 8
    layer = CrossAttentionFusion(u, **options)
    layer.build({name: vector.shape for name, vector in vectors(sizes).items()})
    hidden = options.get("hidden", 4 * u)
    one = 4 * u**2 + 2 * u * hidden + 5 * u + hidden
    assert count(layer) == 2 * u + sum((size + 1) * u + one for size in sizes)


# --- bottlenecks


def bottleneck_by_hand(layer, row, masks=MASKS):
    """Only the shared tokens know more than one modality."""
    tokens, shared = real_tokens(layer, row, masks), to_numpy(layer.shared)
    there = [i for i, each in enumerate(tokens) if len(each)]
    for number in range(layer.layers):
        heard = []
        for i in there:
            both = np.concatenate([tokens[i], shared])
            both, _ = block(block_weights(layer, f"{layer.modalities[i]}_{number}"), both)
            tokens[i] = both[: len(tokens[i])]
            heard.append(both[len(tokens[i]) :])
        shared = np.mean(heard, axis=0)
    return np.mean([finish(layer, tokens[i]) for i in there], axis=0)


@pytest.mark.parametrize(("bottlenecks", "layers"), [(1, 2), (3, 3)])
def test_bottleneck_equals_its_formula(bottlenecks, layers, rng):
    layer = BottleneckFusion(4, bottlenecks=bottlenecks, layers=layers, **SMALL)
    randomise(layer, TOKENS, rng)
    result = to_numpy(layer(TOKENS, mask=MASKS))
    for row in range(4):
        expected = bottleneck_by_hand(layer, row)
        np.testing.assert_allclose(result[row], expected, rtol=1e-4, atol=1e-4)


def test_bottleneck_of_those_present_equals_its_formula(rng):
    layer = BottleneckFusion(4, bottlenecks=1, **SMALL)
    randomise(layer, TOKENS, rng)
    presence = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 0, 1]], bool)
    masks = {n: MASKS[n] & presence[:, [i]] for i, n in enumerate(layer.modalities)}
    result = to_numpy(layer(TOKENS, presence=presence, mask=MASKS))
    for row in range(4):
        expected = bottleneck_by_hand(layer, row, masks)
        np.testing.assert_allclose(result[row], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_bottleneck_parameters(modalities):
    sizes, u = [3, 5, 2, 4, 9, 1][:modalities], 8
    layer = BottleneckFusion(u, bottlenecks=3, layers=4)
    layer.build({name: vector.shape for name, vector in vectors(sizes).items()})
    hidden = 4 * u
    one = 4 * u**2 + 2 * u * hidden + 5 * u + hidden
    assert count(layer) == (3 + 2) * u + sum((size + 1) * u + 4 * one for size in sizes)


# --- what is wrong


@pytest.mark.parametrize("kind", [CrossAttentionFusion, BottleneckFusion])
def test_heads_must_share_the_units(kind):
    for units, heads in ((6, 4), (0, 1), (4, 0)):
        message = f"units must be a multiple of heads, got {units} and {heads}"
        with pytest.raises(ValueError, match=message):
            kind(units, heads=heads)
    with pytest.raises(ValueError, match="hidden must be at least 1, got 0"):
        kind(8, hidden=0)
    with pytest.raises(ValueError, match=r"dropout must lie in 0\.\.1"):
        kind(8, dropout=1)


def test_each_says_what_it_needs():
    with pytest.raises(ValueError, match="inputs must hold at least two modalities"):
        CrossAttentionFusion().build({"text": (None, 3)})
    message = "bottlenecks must be at least 1 and layers 2, got"
    with pytest.raises(ValueError, match=f"{message} 0 and 2"):
        BottleneckFusion(bottlenecks=0)
    with pytest.raises(ValueError, match=f"{message} 4 and 1"):
        BottleneckFusion(layers=1)


@pytest.mark.parametrize("kind", [CrossAttentionFusion, BottleneckFusion])
def test_dropout_acts_in_training_alone(kind):
    layer = kind(8, dropout=0.5)
    calm = [to_numpy(layer(TOKENS, mask=MASKS)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(layer(TOKENS, mask=MASKS, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 1e-3
