"""The checks of the chapter "Joining two modalities"."""

from copy import deepcopy

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_number, is_numbers, same, say


def _joint_parameters(answer):
    cases = [((2, 2, 1), 3, 2), ((26, 26, 256), 64, 128), ((2, 2, 256), 64, 128)]
    for shape, text, units in cases:
        height, width, maps = shape
        flat = height * width * maps
        got = answer(shape, text, units)
        given = f"{height}x{width}x{maps} map, a text vector of {text} and {units} units"
        if not is_number(got):
            return f"You returned {say(got)} for a {given}; asked for is one number."
        if got == (flat + text) * units:
            return f"For a {given} you have every weight, but no unit has its bias."
        if got == (flat + 1) * units:
            return f"For a {given} you counted the image alone: the text is joined to it first."
        if got != (flat + text + 1) * units:
            return (
                f"You returned {got} for a {given}. Every unit has one weight for each number "
                "that comes in, and one bias."
            )
    return ""


def _late_fusion(answer):
    rng = np.random.default_rng(0)
    image, text = rng.dirichlet(np.ones(8), (2, 50))
    for weight in (0.0, 0.3, 1.0):
        right = weight * image + (1 - weight) * text
        swapped = weight * text + (1 - weight) * image
        given = image.copy(), text.copy()
        got = answer(*given, weight)
        if not same(given, (image, text)):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != right.shape:
            return f"You returned {say(got)}; one row an item makes it {right.shape}."
        got = np.asarray(got, dtype=float)
        if not np.allclose(got.sum(axis=1), 1):
            return (
                f"With weight {weight} your rows add up to {got.sum(axis=1)[0]:.2f}: probabilities "
                "of one item must add up to 1, so the two weights must, too."
            )
        if not np.allclose(got, right):
            if np.allclose(got, swapped):
                return f"With weight {weight} it is the text that you weigh, not the image."
            return f"With weight {weight} the result is not the weighted mean of both."
    return ""


def _choose_weight(answer):
    weights = np.linspace(0, 1, 11)
    splits = _votes(flawed="text", seed=0), _votes(flawed="image", seed=1)
    curves = [_accuracies(split, weights) for split in splits]
    given = deepcopy((*splits, weights))
    got = answer(*given)
    if not same(given, (*splits, weights)):
        return CHANGED
    if not is_number(got):
        return f"You returned {say(got)}; asked for is one number, the weight."
    if np.isclose(got, curves[1].max()) or np.isclose(got, curves[0].max()):
        return f"You returned an accuracy, {float(got):.3f}; asked for is the weight that got it."
    if not np.any(np.isclose(weights, got)):
        return f"You returned {got}, which is none of the weights that were given."
    best = weights[np.isclose(curves[0], curves[0].max())]
    if np.any(np.isclose(best, got)):
        return ""
    if np.isclose(got, weights[curves[1].argmax()]):
        return f"{float(got):.1f} is best on the test split: a choice that saw it proves nothing."
    return f"{float(got):.1f} is not the weight with the highest accuracy on validation."


def _votes(*, flawed, seed, count=397):
    """Draw a split in which one modality is the weaker: probabilities ``(items, 4)``, truth."""
    rng = np.random.default_rng(seed)
    target = rng.integers(4, size=count)
    split = {"target": target}
    for name in ("image", "text"):
        noise = rng.dirichlet(np.ones(4), count)
        truth = np.eye(4)[target]
        share = 0.15 if name == flawed else 0.3
        split[name] = (1 - share) * noise + share * truth
    return split


def _accuracies(split, weights):
    pooled = [w * split["image"] + (1 - w) * split["text"] for w in weights]
    return np.array([np.mean(p.argmax(axis=1) == split["target"]) for p in pooled])


CHECKS = {
    "choose_weight": _choose_weight,
    "joint_parameters": _joint_parameters,
    "late_fusion": _late_fusion,
}
PRAISE = {
    "choose_weight": "Chosen on validation, and the test split left alone.",
    "joint_parameters": "Image and text side by side, one weight each, and the biases.",
    "late_fusion": "A weighted mean of probabilities, and its rows still add up to 1.",
}
