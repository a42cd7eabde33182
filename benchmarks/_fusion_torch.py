"""The fusions in plain PyTorch, to compare with: each a function of the same weights as ours.

Each takes the layer's weights in the order that Keras keeps them, and the modalities in the order
of their names. `benchmarks/fusion_steps.py` checks that both give the same numbers, then times
them. No masks and no presence: everything is there.
"""

import torch
from torch.nn import functional as F

HEADS = 4  # of ours, unless told otherwise


def dense(x, kernel, bias=None):
    """Map linearly; Keras keeps its kernels the other way round."""
    return F.linear(x, kernel.t(), bias)


def empty(weights, inputs):
    """The first vector, or the first token."""
    return inputs[0] if inputs[0].ndim == 2 else inputs[0][:, 0]


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
        product = product * (with_one(x) @ factor.flatten(1))
    return product.unflatten(1, factor.shape[1:]) @ ranks + bias


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


def block(weights, tokens, context=None):
    """One pre-norm transformer block, of self-attention or of attention to a context."""
    scale1, shift1, query, key, value, out, scale2, shift2, ffn_in, b_in, ffn_out, b_out = weights
    units = len(query)
    normalized = F.layer_norm(tokens, (units,), scale1, shift1, 1e-3)
    if context is None:
        context = normalized
    else:
        context = F.layer_norm(context, (units,), scale1, shift1, 1e-3)

    def split(x, kernel):
        return dense(x, kernel).unflatten(-1, (HEADS, -1)).transpose(1, 2)

    queries, keys, values = split(normalized, query), split(context, key), split(context, value)
    attended = F.scaled_dot_product_attention(queries, keys, values)
    tokens = tokens + dense(attended.transpose(1, 2).flatten(2), out)
    normalized = F.layer_norm(tokens, (units,), scale2, shift2, 1e-3)
    return tokens + dense(torch.relu(dense(normalized, ffn_in, b_in)), ffn_out, b_out)


def mean_tokens(tokens, scale, shift):
    """Normalise the tokens of each modality and average them."""
    return [F.layer_norm(each, scale.shape, scale, shift, 1e-3).mean(1) for each in tokens]


def cross_attention(weights, inputs):
    """Two modalities attend to each other, after Lu et al. 2019."""
    scale, shift, *weights = weights
    first, second = (dense(x, *weights[2 * i : 2 * i + 2]) for i, x in enumerate(inputs))
    updated = block(weights[4:16], first, second), block(weights[16:28], second, first)
    return torch.cat(mean_tokens(updated, scale, shift), -1)


def bottleneck(weights, inputs):
    """Two modalities exchange a few shared tokens, after Nagrani et al. 2021."""
    shared, scale, shift, *weights = weights
    count = len(shared)
    shared = shared.expand(len(inputs[0]), -1, -1)
    tokens = [dense(x, *weights[2 * i : 2 * i + 2]) for i, x in enumerate(inputs)]
    blocks = weights[2 * len(inputs) :]
    while blocks:
        updated = []
        for i, each in enumerate(tokens):
            joint = block(blocks[:12], torch.cat([each, shared], 1))
            blocks = blocks[12:]
            tokens[i] = joint[:, :-count]
            updated.append(joint[:, -count:])
        shared = sum(updated) / len(updated)
    return sum(mean_tokens(tokens, scale, shift)) / len(tokens)
