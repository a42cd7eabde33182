"""The exercises of the chapter "What is multimodal?"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _numbers_per_second(shape, rate):
    return int(np.prod(shape, dtype=int)) * rate


NUMBERS = Exercise(
    "numbers_per_second",
    reference=_numbers_per_second,
    cases=lambda: [((48, 64, 3), 24), ((64,), 100), ((), 16000)],
    given="{rate} pieces a second, each of shape {shape}",
    asked="one number",
    mistakes={
        "For {given}, you added height, width and colours: they multiply.": Mistake(
            (lambda shape, rate: sum(shape) * rate, lambda shape, rate: (sum(shape) or 1) * rate),
            seen=lambda got, right, shape, rate: len(shape) > 1 and got == sum(shape) * rate,
        ),
        "For {given}, you counted the pixels: each has a number for every colour.": Mistake(
            (
                lambda shape, rate: int(np.prod(shape[:2])) * rate,
                lambda shape, rate: shape[0] * shape[1] * rate,
            ),
            seen=lambda got, right, shape, rate: got == shape[0] * shape[1] * rate,
        ),
        "For {given}, you returned 0: a piece without a shape is still one number.": (
            lambda shape, rate: int(np.prod(shape)) * rate if shape else 0
        ),
        "For {given}, you counted one piece: it comes {rate} times in a second.": (
            lambda shape, rate: int(np.prod(shape))
        ),
    },
    hint="Count the numbers of one piece, and how often a piece comes.",
    success="Every piece counts all its numbers, as often as it comes.",
)


def _join_beliefs(beliefs, prior):
    joined = prior * np.prod(beliefs / prior, axis=0)
    return joined / joined.sum()


def _draw_beliefs():
    rng = np.random.default_rng(0)
    prior = np.array([0.5, 0.3, 0.15, 0.05])
    return [(rng.dirichlet(np.ones(4), count), prior) for count in (2, 3, 1)]


def _up_to_scale(wrong):
    """Recognise a wrong answer whether or not it was made to add up to 1."""

    def seen(got, right, beliefs, prior):
        other = wrong(beliefs, prior)
        return np.allclose(got / got.sum(), other / other.sum())

    return Mistake((wrong, lambda *given: wrong(*given) / wrong(*given).sum()), seen)


def _sum_of_proportional(got, right, beliefs, prior):
    return f"{got.sum():.2f}" if np.allclose(got / got.sum(), right) else ""


JOIN = Exercise(
    "join_beliefs",
    reference=_join_beliefs,
    cases=_draw_beliefs,
    given="{beliefs.shape[0]} modalities",
    asked="one probability for each class",
    mistakes={
        "Nearly: with {given} they add up to {seen}, not to 1.": Mistake(
            (
                lambda beliefs, prior: 2 * _join_beliefs(beliefs, prior),
                lambda beliefs, prior: prior * np.prod(beliefs / prior, axis=0),
            ),
            seen=_sum_of_proportional,
        ),
        "With {given} this is the mean of the beliefs: two fairly sure witnesses get no surer.": (
            _up_to_scale(lambda beliefs, prior: beliefs.mean(axis=0))
        ),
        "With {given} this is the product alone: the class frequencies are counted once for "
        "every modality.": _up_to_scale(lambda beliefs, prior: beliefs.prod(axis=0)),
        "With {given} this is the product of the prior and the beliefs. The class frequencies "
        "stand in each belief already: take them out of each before you put them in once.": (
            _up_to_scale(lambda beliefs, prior: prior * beliefs.prod(axis=0))
        ),
        "With {given} you divided once too often: one modality alone would not keep its belief.": (
            _up_to_scale(lambda beliefs, prior: np.prod(beliefs / prior, axis=0))
        ),
    },
    hint="That is not what the product rule gives.",
    success="Each witness is heard, and what everybody knew beforehand is counted once.",
)


def _worth_in_bits(before, after, target):
    return _bits(before, after, target).mean()


def _bits(before, after, target):
    rows = np.arange(len(target))
    return np.log2(after[rows, target] / before[rows, target])


def _draw_predictions():
    rng = np.random.default_rng(1)
    target = rng.integers(3, size=40)
    before, after = rng.dirichlet(np.ones(3), 40), rng.dirichlet(np.ones(3), 40)
    after[np.arange(40), target] += 1.0
    return [(before, after / after.sum(axis=1, keepdims=True), target)]


def _entropy_difference(before, after, target):
    before, after = (-np.sum(p * np.log2(p), axis=1).mean() for p in (before, after))
    return before - after


def _log_of_means(before, after, target):
    rows = np.arange(len(target))
    return np.log2(after[rows, target].mean() / before[rows, target].mean())


WORTH = Exercise(
    "worth_in_bits",
    reference=_worth_in_bits,
    cases=_draw_predictions,
    given="{target.size} items",
    asked="one number, the mean over the items",
    mistakes={
        "{got} is the sum over the items: divide by how many there are.": (
            lambda before, after, target: _bits(before, after, target).sum()
        ),
        "{got} is negative where the second modality helps: turn it round.": (
            lambda before, after, target: _bits(after, before, target).mean()
        ),
        "{got} is in the unit of the natural logarithm: a bit is the logarithm to the base 2.": (
            lambda before, after, target: _bits(before, after, target).mean() * np.log(2)
        ),
        "{got} is about each model's favourite, right or wrong: look at the true class.": (
            lambda before, after, target: np.log2(after.max(axis=1) / before.max(axis=1)).mean()
        ),
        "{got} is the logarithm of a mean: take the logarithm of every item first.": _log_of_means,
        "{got} is by how much the entropy falls: how sure the models are, right or wrong. The "
        "surprise (cross-entropy) looks at the probability of the true class.": _entropy_difference,
        "{got} is a mean over all pairs of items: `[:, target]` takes a column for each item from "
        "every row. Give the rows a number, too.": (
            lambda before, after, target: np.log2(after[:, target] / before[:, target]).mean()
        ),
    },
    hint="That is not by how many bits the surprise falls.",
    success="Measured at the truth, in bits, and it may well be negative.",
)

EXERCISES = (NUMBERS, JOIN, WORTH)
