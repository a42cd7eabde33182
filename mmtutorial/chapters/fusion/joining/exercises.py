"""The exercises of the chapter "Joining two modalities"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _joint_parameters(map_shape, text_dim, units):
    return (_flat(map_shape) + text_dim + 1) * units


def _flat(map_shape):
    height, width, maps = map_shape
    return height * width * maps


COUNT = Exercise(
    "joint_parameters",
    reference=_joint_parameters,
    cases=lambda: [((2, 2, 1), 3, 2), ((26, 26, 256), 64, 128), ((2, 2, 256), 64, 128)],
    given="a {map_shape[0]}x{map_shape[1]}x{map_shape[2]} map, a text vector of {text_dim} and "
    "{units} units",
    asked="one number",
    mistakes={
        "For {given} you have every weight, but no unit has its bias.": (
            lambda map_shape, text_dim, units: (_flat(map_shape) + text_dim) * units
        ),
        "For {given} you counted one bias: each unit has its own.": (
            lambda map_shape, text_dim, units: (_flat(map_shape) + text_dim) * units + 1
        ),
        "For {given} you counted the image alone: the text is joined to it first.": (
            lambda map_shape, text_dim, units: (_flat(map_shape) + 1) * units
        ),
    },
    hint="Every unit has one weight for each number that comes in, and one bias.",
    success="Image and text side by side, one weight each, and the biases.",
)


def _late_fusion(image, text, weight):
    return weight * image + (1 - weight) * text


def _draw_probabilities():
    image, text = np.random.default_rng(0).dirichlet(np.ones(8), (2, 50))
    return [(image, text, weight) for weight in (0.0, 0.3, 1.0)]


def _weighted_product(image, text, weight):
    product = image**weight * text ** (1 - weight)
    return product / product.sum(axis=1, keepdims=True)


def _first_sum(got, right, image, text, weight):
    return "" if np.allclose(got.sum(axis=1), 1) else f"{got.sum(axis=1)[0]:.2f}"


LATE = Exercise(
    "late_fusion",
    reference=_late_fusion,
    cases=_draw_probabilities,
    given="weight {weight}",
    asked="one row for each item",
    mistakes={
        "With {given} your first row adds up to {seen}: probabilities of one item must add up to "
        "1, so the two weights must, too.": Mistake(
            (
                lambda image, text, weight: image + text,
                lambda image, text, weight: weight * image + text,
            ),
            seen=_first_sum,
        ),
        "With {given} it is the text that you weigh, not the image.": (
            lambda image, text, weight: weight * text + (1 - weight) * image
        ),
        "With {given} you returned the plain mean, which does not use the weight.": (
            lambda image, text, weight: (image + text) / 2
        ),
        "With {given} you returned the weighted product (logarithmic opinion pool); asked for is "
        "the weighted mean (linear opinion pool).": _weighted_product,
    },
    hint="That is not the weighted mean of both.",
    success="A weighted mean of probabilities, and its rows still add up to 1.",
)


def _choose_weight(validation, test, weights):
    return weights[_accuracies(validation, weights).argmax()]


def _accuracies(split, weights):
    pooled = [_late_fusion(split["image"], split["text"], weight) for weight in weights]
    return np.array([np.mean(p.argmax(axis=1) == split["target"]) for p in pooled])


def _draw_splits():
    weights = np.linspace(0, 1, 11)
    # Of these splits no weight is best twice, nor right for another reason.
    return [(_draw_split("text", seed), _draw_split("image", seed + 1), weights) for seed in (7, 8)]


def _draw_split(weaker, seed, count=397):
    """Draw a split in which one modality is the weaker: probabilities ``(items, 4)``, truth."""
    rng = np.random.default_rng(seed)
    target = rng.integers(4, size=count)
    split = {"target": target}
    for name in ("image", "text"):
        share = 0.15 if name == weaker else 0.3
        split[name] = (1 - share) * rng.dirichlet(np.ones(4), count) + share * np.eye(4)[target]
    return split


CHOOSE = Exercise(
    "choose_weight",
    reference=_choose_weight,
    cases=_draw_splits,
    given="{weights.size} weights",
    asked="one number, the weight",
    mistakes={
        "{got} is best on the test split: a choice that saw it proves nothing.": (
            lambda validation, test, weights: weights[_accuracies(test, weights).argmax()]
        ),
        "{got} is best on validation and test together: a choice that saw the test split proves "
        "nothing.": lambda validation, test, weights: weights[
            (_accuracies(validation, weights) + _accuracies(test, weights)).argmax()
        ],
        "You returned an accuracy, {got}; asked for is the weight that got it.": (
            lambda validation, test, weights: _accuracies(validation, weights).max(),
            lambda validation, test, weights: _accuracies(test, weights).max(),
        ),
        "You returned {got}, a place in the list of weights; asked for is the weight there.": (
            lambda validation, test, weights: _accuracies(validation, weights).argmax()
        ),
        "{got} is the best weight of the text; asked for is that of the image.": (
            lambda validation, test, weights: 1 - _choose_weight(validation, test, weights)
        ),
        "You returned {got}, which is none of the weights that were given.": Mistake(
            (lambda validation, test, weights: 0.123,),
            seen=lambda got, right, validation, test, weights: not np.isclose(weights, got).any(),
        ),
    },
    hint="That is not the weight with the highest accuracy on validation.",
    success="Chosen on validation, and the test split left alone.",
)

EXERCISES = (COUNT, LATE, CHOOSE)
