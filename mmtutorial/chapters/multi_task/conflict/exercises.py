"""The exercises of the chapter "Conflicting gradients"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _share_in_conflict(grads):
    inner = grads @ grads.T
    return np.mean(inner[np.triu_indices(len(grads), 1)] < 0)


def _draw_grads():
    rng = np.random.default_rng(3)
    return [(rng.normal(size=shape),) for shape in ((3, 4), (5, 6), (4, 3))]


SHARE = Exercise(
    "share_in_conflict",
    reference=_share_in_conflict,
    cases=_draw_grads,
    given="{grads.shape[0]} gradients",
    asked="a share, from 0 to 1",
    mistakes={
        "You counted each task with itself, too: its inner product is never below 0.": (
            lambda grads: np.mean(grads @ grads.T < 0)
        ),
        "That is how many pairs conflict; asked for is their share of all pairs.": (
            lambda grads: np.sum(np.triu(grads @ grads.T, 1) < 0)
        ),
        "That is the share of pairs that agree.": lambda grads: 1 - _share_in_conflict(grads),
        "Below the diagonal and on it there are zeros, which you counted as pairs.": (
            lambda grads: np.mean(np.triu(grads @ grads.T, 1) < 0)
        ),
    },
    hint="Look at each pair of different tasks once.",
    success="And now you know what the share of random gradients is: one half.",
)


def _predicted_change(grads, direction, rate):
    return -rate * (grads @ direction)


def _draw_steps():
    rng = np.random.default_rng(4)
    found = []
    for tasks, rate in ((2, 0.1), (3, 0.5)):
        grads = rng.normal(size=(tasks, 5))
        found.append((grads, grads.sum(axis=0), rate))
    return found


CHANGE = Exercise(
    "predicted_change",
    reference=_predicted_change,
    cases=_draw_steps,
    given="{grads.shape[0]} gradients and the rate {rate}",
    asked="one number for each task",
    mistakes={
        "The sign: a step goes against its direction, so a loss falls where both agree.": (
            lambda grads, direction, rate: rate * (grads @ direction)
        ),
        "You forgot to multiply by the rate.": lambda grads, direction, rate: -(grads @ direction),
        "You took the cosine; what a loss does depends on the lengths, too.": (
            lambda grads, direction, rate: (
                -rate
                * (grads @ direction)
                / np.linalg.norm(grads, axis=1)
                / np.linalg.norm(direction)
            )
        ),
        "That is what each gradient does to its own loss; all tasks get the one direction.": (
            lambda grads, direction, rate: -rate * np.sum(grads**2, axis=1)
        ),
    },
    hint="It is not equation (1) of the chapter.",
    success="One matrix product says which tasks a step helps and which it hurts.",
)


def _shortest_mixture(g1, g2, *, clip=True):
    apart = g1 - g2
    first = apart @ -g2 / (apart @ apart)
    first = np.clip(first, 0, 1) if clip else first
    return first * g1 + (1 - first) * g2


def _swapped(g1, g2):
    apart = g1 - g2
    first = np.clip(apart @ -g2 / (apart @ apart), 0, 1)
    return (1 - first) * g1 + first * g2


def _draw_pairs():
    rng = np.random.default_rng(5)
    long = np.array([4.0, 1.0, 0.0])
    found = [(long, np.array([1.0, 0.5, 0.2]))]  # the shortest mixture is the second one itself
    return found + [tuple(rng.normal(size=(2, 6)) * [[1.0], [3.0]]) for _ in range(2)]


MIXTURE = Exercise(
    "shortest_mixture",
    reference=_shortest_mixture,
    cases=_draw_pairs,
    given="two gradients of {g1.shape[0]} numbers",
    asked="one direction, as long as a gradient",
    mistakes={
        "A weight left the range from 0 to 1: where the best point lies beyond one gradient, that "
        "gradient itself is the shortest mixture.": lambda g1, g2: _shortest_mixture(
            g1, g2, clip=False
        ),
        "The weights have changed places: the longer gradient gets the smaller one.": _swapped,
        "That is the average. Which average is the shortest?": lambda g1, g2: (g1 + g2) / 2,
        "You added both up after making them one length, as IMTL-G does.": lambda g1, g2: (
            (g1 * np.linalg.norm(g2) + g2 * np.linalg.norm(g1))
            / (np.linalg.norm(g1) + np.linalg.norm(g2))
        ),
    },
    hint="It is not the shortest point between the two gradients.",
    success="A step against it lowers both losses, or there is no such step.",
)


def _equal_projection(g1, g2):
    first, second = np.linalg.norm(g2), np.linalg.norm(g1)
    return (first * g1 + second * g2) / (first + second)


EQUAL = Exercise(
    "equal_projection",
    reference=_equal_projection,
    cases=_draw_pairs,
    given="two gradients of {g1.shape[0]} numbers",
    asked="one direction, as long as a gradient",
    mistakes={
        "Each gradient got its own length as its weight, so the longer one counts even more; give "
        "it the other's.": lambda g1, g2: (
            (np.linalg.norm(g1) * g1 + np.linalg.norm(g2) * g2)
            / (np.linalg.norm(g1) + np.linalg.norm(g2))
        ),
        "The direction is right, the length is not: the weights must sum to 1.": (
            lambda g1, g2: g1 / np.linalg.norm(g1) + g2 / np.linalg.norm(g2),
            lambda g1, g2: np.linalg.norm(g2) * g1 + np.linalg.norm(g1) * g2,
        ),
        "You used squared lengths.": lambda g1, g2: (
            ((g2 @ g2) * g1 + (g1 @ g1) * g2) / (g1 @ g1 + g2 @ g2)
        ),
        "That is the average, in which the longer gradient wins.": lambda g1, g2: (g1 + g2) / 2,
    },
    hint="Its projections on both gradients are not equal, or its weights do not sum to 1.",
    success="Whatever the unit of a loss, this direction stays.",
)


def _surgery(grads, order, *, frozen=True, always=False, mean=False, keep=False):
    left = grads.astype(float).copy()
    for task in range(len(grads)):
        for other in order:
            against = grads[other] if frozen else left[other]
            inner = left[task] @ against
            if other != task and (inner < 0 or always):
                part = inner / (against @ against) * against
                left[task] = part if keep else left[task] - part
    return left.mean(axis=0) if mean else left.sum(axis=0)


def _draw_orders():
    rng = np.random.default_rng(11)
    found = []
    while len(found) < 2:  # where the order matters, and what is met counts
        grads = rng.normal(size=(3, 4))
        order = rng.permutation(3)
        right = _surgery(grads, order)
        others = [_surgery(grads, order[::-1]), _surgery(grads, order, frozen=False)]
        if all(np.abs(right - other).max() > 0.05 for other in others):
            found.append((grads, order))
    return found


SURGERY = Exercise(
    "gradient_surgery",
    reference=_surgery,
    cases=_draw_orders,
    given="{grads.shape[0]} gradients and the order {order}",
    asked="one direction, as long as a gradient",
    mistakes={
        "You projected on what is left of the other gradient; take the other one as it was.": (
            lambda grads, order: _surgery(grads, order, frozen=False)
        ),
        "You projected where there is no conflict, too.": lambda grads, order: _surgery(
            grads, order, always=True
        ),
        "That is the average of what is left; PCGrad returns the sum.": lambda grads, order: (
            _surgery(grads, order, mean=True)
        ),
        "You kept the conflicting part, and threw the rest away.": lambda grads, order: _surgery(
            grads, order, keep=True
        ),
        "You let the tasks meet from the last to the first of the order.": lambda grads, order: (
            _surgery(grads, order[::-1])
        ),
        "That is the plain sum: nothing was projected.": lambda grads, order: grads.sum(axis=0),
    },
    hint="Each task starts with its own gradient and meets the others in the order given.",
    success="Three tasks, and already it matters which is met first.",
)

EXERCISES = (SHARE, CHANGE, MIXTURE, EQUAL, SURGERY)
