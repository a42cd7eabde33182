"""The checks of the chapter "What is multimodal?"."""

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_number, is_numbers, same, say


def _numbers_per_second(answer):
    cases = [((), 16000, "sound"), ((48, 64, 3), 24, "video"), ((64,), 100, "log-mel")]
    for shape, rate, name in cases:
        got = answer(shape, rate)
        right = int(np.prod(shape, dtype=int)) * rate
        given = f"{name} of {rate} pieces a second, each of shape {shape},"
        if not is_number(got):
            return f"You returned {say(got)} for {given} asked for is one number."
        if len(shape) > 1 and got == sum(shape) * rate:
            return f"For {given} you added height, width and colours: they multiply."
        if len(shape) > 1 and got == shape[0] * shape[1] * rate:
            return f"For {given} you counted the pixels: each has {shape[-1]} numbers."
        if shape == () and got == 0:
            return f"For {given} you returned 0: a piece without a shape is still one number."
        if got != right:
            return f"You returned {say(got)} for {given} which makes a different number."
    return ""


def _join_beliefs(answer):
    rng = np.random.default_rng(0)
    prior = np.array([0.5, 0.3, 0.15, 0.05])
    for count in (2, 3, 1):
        beliefs = rng.dirichlet(np.ones(4), count)
        given = beliefs.copy(), prior.copy()
        got = answer(*given)
        if not same(given, (beliefs, prior)):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != prior.shape:
            return f"You returned {say(got)}; one probability a class makes the shape (4,)."
        got = np.asarray(got, dtype=float)
        product = beliefs.prod(axis=0)
        joined = product / prior ** (count - 1)
        wrong = {
            "the mean of the beliefs: two fairly sure witnesses get no surer": beliefs.mean(axis=0),
            "the product alone: the class frequencies are counted once for every modality": product,
            "divided once too often: one modality alone would not keep its belief": product
            / prior**count,
        }
        if np.allclose(got, joined / joined.sum()):
            continue
        if np.allclose(got / got.sum(), joined / joined.sum()):
            return f"Nearly: with {count} modalities they add up to {got.sum():.2f}, not to 1."
        for reason, other in wrong.items():
            if np.allclose(got / got.sum(), other / other.sum()):
                return f"With {count} modalities this is {reason}."
        return f"With {count} modalities the result is not what the product rule gives."
    return ""


def _worth_in_bits(answer):
    rng = np.random.default_rng(1)
    target = rng.integers(3, size=40)
    before, after = rng.dirichlet(np.ones(3), 40), rng.dirichlet(np.ones(3), 40)
    after[np.arange(40), target] += 1.0
    after /= after.sum(axis=1, keepdims=True)
    given = before.copy(), after.copy(), target.copy()
    got = answer(*given)
    if not same(given, (before, after, target)):
        return CHANGED
    if not is_number(got):
        return f"You returned {say(got)}; asked for is one number, the mean over the items."
    rows = np.arange(40)
    ratio = after[rows, target] / before[rows, target]
    if np.isclose(got, np.log2(ratio).mean()):
        return ""
    hints = {
        "the sum over the items: divide by how many there are": np.log2(ratio).sum(),
        "negative where the second modality helps: turn it round": -np.log2(ratio).mean(),
        "in the unit of the natural logarithm: a bit is the logarithm to the base 2": np.log(
            ratio
        ).mean(),
        "about each model's favourite, right or wrong: look at the true class": np.log2(
            after.max(axis=1) / before.max(axis=1)
        ).mean(),
        "the logarithm of a mean: take the logarithm of every item first": np.log2(
            after[rows, target].mean() / before[rows, target].mean()
        ),
    }
    for reason, other in hints.items():
        if np.isclose(got, other):
            return f"{float(got):.3f} is {reason}."
    return f"{float(got):.3f} is not by how many bits the surprise falls."


CHECKS = {
    "join_beliefs": _join_beliefs,
    "numbers_per_second": _numbers_per_second,
    "worth_in_bits": _worth_in_bits,
}
PRAISE = {
    "join_beliefs": "Each witness is heard, and what everybody knew beforehand is counted once.",
    "numbers_per_second": "Every piece counts all its numbers, as often as it comes.",
    "worth_in_bits": "Measured at the truth, in bits, and it may well be negative.",
}
