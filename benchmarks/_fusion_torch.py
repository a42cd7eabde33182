"""The fusions in plain PyTorch, to compare with: each a function of the same weights as ours.

Each takes the layer's weights in the order that Keras keeps them, and the modalities in the order
of their names. `benchmarks/fusion_steps.py` checks that both give the same numbers, then times
them. No masks and no presence: everything is there.
"""

import torch
from torch.nn import functional as F


def dense(x, kernel, bias=None):
    """Map linearly; Keras keeps its kernels the other way round."""
    return F.linear(x, kernel.t(), bias)


def concat(weights, inputs):
    """Side by side."""
    return torch.cat(inputs, -1)


def add(weights, inputs):
    """Add linear maps."""
    return sum(dense(x, kernel) for x, kernel in zip(inputs, weights, strict=True))


def gated(weights, inputs):
    """The gated multimodal unit of two modalities, after Arevalo et al. 2017."""
    *kernels, gate = weights
    first, second = (torch.tanh(dense(x, k)) for x, k in zip(inputs, kernels, strict=True))
    z = torch.sigmoid(dense(torch.cat(inputs, -1), gate))
    return z * first + (1 - z) * second


def attention(weights, inputs):
    """Shares by a softmax over modalities, after Hori et al. 2017."""
    query, *pairs = weights
    scores, values = [], []
    for i, x in enumerate(inputs):
        key, key_bias, value, value_bias = pairs[4 * i : 4 * i + 4]
        scores.append(dense(torch.tanh(dense(x, key, key_bias)), query))
        values.append(dense(x, value, value_bias))
    shares = torch.softmax(torch.cat(scores, -1), -1)
    return (shares[..., None] * torch.stack(values, 1)).sum(1)


def with_one(x):
    """Put a 1 in front."""
    return F.pad(x, (1, 0), value=1.0)


def tensor(weights, inputs):
    """The outer product, after Zadeh et al. 2017."""
    first, second = map(with_one, inputs)
    return (first[:, :, None] * second[:, None, :]).flatten(1)


def low_rank(weights, inputs):
    """The tensor's linear layer by factors, after Liu et al. 2018."""
    ranks, bias = weights[-2:]
    product = 1.0
    for x, factor in zip(inputs, weights[:-2], strict=True):
        product = product * torch.matmul(with_one(x), factor)
    return torch.tensordot(ranks, product, 1) + bias


def multiplicative(weights, inputs):
    """The product of projections, after Kim et al. 2017."""
    product = 1.0
    for i, x in enumerate(inputs):
        product = product * torch.tanh(dense(x, *weights[2 * i : 2 * i + 2]))
    return product


def late(weights, inputs):
    """The mean of probabilities, in logarithms."""
    logs = torch.log_softmax(torch.stack(inputs, 1), -1)
    return torch.log_softmax(torch.logsumexp(logs, 1), -1)


def mixture(weights, inputs):
    """Experts weighed by a gate, after Jacobs et al. 1991."""
    logs = torch.log_softmax(torch.stack(inputs, 1), -1)
    shares = torch.log_softmax(dense(logs.exp().flatten(1), *weights), -1)
    return torch.logsumexp(shares[..., None] + logs, 1)


def product(weights, inputs):
    """A product of experts, after Hinton 2002."""
    logs = torch.log_softmax(torch.stack(inputs, 1), -1)
    return torch.log_softmax((weights[0].exp()[:, None] * logs).sum(1), -1)


def block(weights, tokens, others=None):
    """One transformer block, normalised before each half."""
    scale1, shift1, query, key, value, out, scale2, shift2, wide, b_wide, narrow, b_narrow = weights
    units, heads, size = query.shape
    calm = F.layer_norm(tokens, (units,), scale1, shift1, 1e-3)
    asked = calm if others is None else F.layer_norm(others, (units,), scale1, shift1, 1e-3)

    def split(x, kernel):
        return dense(x, kernel.flatten(1)).unflatten(-1, (heads, size)).transpose(1, 2)

    queries, keys, values = split(calm, query), split(asked, key), split(asked, value)
    seen = F.scaled_dot_product_attention(queries, keys, values)
    tokens = tokens + dense(seen.transpose(1, 2).flatten(2), out.flatten(0, 1))
    calm = F.layer_norm(tokens, (units,), scale2, shift2, 1e-3)
    return tokens + dense(torch.relu(dense(calm, wide, b_wide)), narrow, b_narrow)


def finish(tokens, scale, shift):
    """Normalise the tokens of each modality and average them."""
    return [F.layer_norm(each, scale.shape, scale, shift, 1e-3).mean(1) for each in tokens]


def cross_attention(weights, inputs):
    """Two modalities look at each other, after Lu et al. 2019."""
    scale, shift, *weights = weights
    first, second = (dense(x, *weights[2 * i : 2 * i + 2]) for i, x in enumerate(inputs))
    changed = block(weights[4:16], first, second), block(weights[16:28], second, first)
    return torch.cat(finish(changed, scale, shift), -1)


def bottleneck(weights, inputs):
    """Two modalities exchange a few shared tokens, after Nagrani et al. 2021."""
    shared, scale, shift, *weights = weights
    count = len(shared)
    shared = shared.expand(len(inputs[0]), -1, -1)
    tokens = [dense(x, *weights[2 * i : 2 * i + 2]) for i, x in enumerate(inputs)]
    blocks = weights[2 * len(inputs) :]
    while blocks:
        heard = []
        for i, each in enumerate(tokens):
            both = block(blocks[:12], torch.cat([each, shared], 1))
            blocks = blocks[12:]
            tokens[i] = both[:, :-count]
            heard.append(both[:, -count:])
        shared = sum(heard) / len(heard)
    return sum(finish(tokens, scale, shift)) / len(tokens)
