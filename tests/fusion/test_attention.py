"""Cross-attention and bottlenecks against their formulas, one sample at a time."""

import numpy as np
import pytest
from fusion_checks import sequences, vectors
from layer_checks import to_numpy
from scipy.special import softmax
from tolerance import assert_close, count_steps

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
    gamma1, beta1, query, key, value, out, gamma2, beta2, ffn_in, b_in, ffn_out, b_out = weights
    normalized = normalise(tokens, gamma1, beta1)
    context = normalized if others is None else normalise(others, gamma1, beta1)
    attended, mean_attention = 0, 0
    for head in np.split(np.arange(len(out)), SMALL["heads"]):
        q, k, v = normalized @ query[:, head], context @ key[:, head], context @ value[:, head]
        attention = softmax(q @ k.T / np.sqrt(q.shape[-1]), axis=-1)
        attended = attended + attention @ v @ out[head]
        mean_attention = mean_attention + attention / SMALL["heads"]
    tokens = tokens + attended
    normalized = normalise(tokens, gamma2, beta2)
    update = np.maximum(normalized @ ffn_in + b_in, 0) @ ffn_out + b_out
    return tokens + update, mean_attention


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
            assert_close(shown[MASKS[name][row]][:, seen], look, steps=count_steps(layer, TOKENS))
            assert np.abs(shown[:, ~seen]).max(initial=0) == 0
        assert_close(result[row], np.concatenate(expected), steps=count_steps(layer, TOKENS))


def test_attention_shares_one_among_what_is_there():
    layer = CrossAttentionFusion(4, **SMALL)
    layer(PAIR)
    presence = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool)
    looks = layer.attention(PAIR, presence=presence)
    assert to_numpy(looks["text"]).shape == (4, 3, 4)  # words x image patches
    assert_close(to_numpy(looks["text"]).sum(axis=-1)[:, 0], presence[:, 0], steps=16)
    assert_close(to_numpy(looks["image"]).sum(axis=-1)[:, 0], presence[:, 1], steps=16)


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
    assert_close(to_numpy(layer(inputs)), expected, steps=count_steps(layer, inputs))


@pytest.mark.parametrize("kind", [CrossAttentionFusion, BottleneckFusion])
def test_the_order_of_tokens_does_not_matter(kind, rng):
    """Positions are for the encoders: they know what an order means."""
    layer = kind(4, **SMALL)
    randomise(layer, TOKENS, rng)
    expected = to_numpy(layer(TOKENS, mask=MASKS))
    turned = {name: tokens[:, ::-1] for name, tokens in TOKENS.items()}
    masks = {name: mask[:, ::-1] for name, mask in MASKS.items()}
    assert_close(to_numpy(layer(turned, mask=masks)), expected, steps=count_steps(layer, TOKENS))


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
    for number in range(layer.num_layers):
        heard = []
        for i in there:
            both = np.concatenate([tokens[i], shared])
            both, _ = block(block_weights(layer, f"{layer.modalities[i]}_{number}"), both)
            tokens[i] = both[: len(tokens[i])]
            heard.append(both[len(tokens[i]) :])
        shared = np.mean(heard, axis=0)
    return np.mean([finish(layer, tokens[i]) for i in there], axis=0)


@pytest.mark.parametrize(("bottlenecks", "num_layers"), [(1, 2), (3, 3)])
def test_bottleneck_equals_its_formula(bottlenecks, num_layers, rng):
    layer = BottleneckFusion(4, bottlenecks=bottlenecks, num_layers=num_layers, **SMALL)
    randomise(layer, TOKENS, rng)
    result = to_numpy(layer(TOKENS, mask=MASKS))
    for row in range(4):
        expected = bottleneck_by_hand(layer, row)
        assert_close(result[row], expected, steps=count_steps(layer, TOKENS))


def test_bottleneck_of_those_present_equals_its_formula(rng):
    layer = BottleneckFusion(4, bottlenecks=1, **SMALL)
    randomise(layer, TOKENS, rng)
    presence = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 0, 1]], bool)
    masks = {n: MASKS[n] & presence[:, [i]] for i, n in enumerate(layer.modalities)}
    result = to_numpy(layer(TOKENS, presence=presence, mask=MASKS))
    for row in range(4):
        expected = bottleneck_by_hand(layer, row, masks)
        assert_close(result[row], expected, steps=count_steps(layer, TOKENS))


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_bottleneck_parameters(modalities):
    sizes, u = [3, 5, 2, 4, 9, 1][:modalities], 8
    layer = BottleneckFusion(u, bottlenecks=3, num_layers=4)
    layer.build({name: vector.shape for name, vector in vectors(sizes).items()})
    hidden = 4 * u
    one = 4 * u**2 + 2 * u * hidden + 5 * u + hidden
    assert count(layer) == (3 + 2) * u + sum((size + 1) * u + 4 * one for size in sizes)


# --- what is wrong


@pytest.mark.parametrize("kind", [CrossAttentionFusion, BottleneckFusion])
def test_heads_must_share_the_units(kind):
    with pytest.raises(ValueError, match="units must be a multiple of heads, got 6 and 4"):
        kind(6, heads=4)
    for wrong in ({"units": 0, "heads": 1}, {"units": 4, "heads": 0}):
        with pytest.raises(ValueError, match=r"(units|heads) must be at least 1, got 0"):
            kind(**wrong)
    with pytest.raises(ValueError, match="hidden must be at least 1, got 0"):
        kind(8, hidden=0)
    with pytest.raises(ValueError, match="dropout must be at least 0 and below 1"):
        kind(8, dropout=1)


def test_each_says_what_it_needs():
    with pytest.raises(ValueError, match="inputs must hold at least two modalities"):
        CrossAttentionFusion().build({"text": (None, 3)})
    with pytest.raises(ValueError, match="bottlenecks must be at least 1, got 0"):
        BottleneckFusion(bottlenecks=0)
    with pytest.raises(ValueError, match="num_layers must be at least 2, got 1"):
        BottleneckFusion(num_layers=1)


@pytest.mark.parametrize("kind", [CrossAttentionFusion, BottleneckFusion])
def test_dropout_acts_in_training_alone(kind):
    layer = kind(8, dropout=0.5)
    calm = [to_numpy(layer(TOKENS, mask=MASKS)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(layer(TOKENS, mask=MASKS, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 1e-3
