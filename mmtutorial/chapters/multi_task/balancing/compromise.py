"""Two tasks share two numbers, and want two values of one: the least model where weights matter.

Task A wants them to be ``(1, 0)``, task B ``(-1, 0)``; training begins at ``(0, 2)``, so that both
have something to learn. The loss of A is the squared distance to what it wants, plus 2 that no
numbers can explain; that of B is ``unit²`` times the same plus ``noise``: ``unit`` is that in which
B counts its error, ``noise`` the variance of its labels that nothing explains. The rules of the
weightings stand here once more, in NumPy, so that a live figure answers at once; a test compares
them with the package's.
"""

import numpy as np

from mmtutorial._checks import check_choice, check_number, check_whole

METHODS = ("equal", "random", "uncertainty", "inverse", "dynamic", "gradnorm")
WANTED, START = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([0.0, 2.0])
FLOOR = 2.0  # what is left of a loss where its task has all it wants
EPOCH = 34  # steps, as many as an epoch on emoji has
STEP = 0.05  # the share of the way to the best numbers for its weights that a step goes
ALPHA, WEIGHT_RATE, TEMPERATURE = 1.5, 0.025, 2.0  # defaults of GradNorm and dynamic weights
LEAST = 1e-3  # of a weight of GradNorm


def losses_at(shared, unit, noise):
    """Return both losses, ``(2,)``.

    >>> losses_at(np.array([1.0, 0.0]), unit=10.0, noise=0.0)
    array([  2., 600.])
    """
    far = np.sum((shared - WANTED) ** 2, axis=1)
    return np.array([far[0] + FLOOR, unit**2 * (far[1] + FLOOR + noise)])


def settle(method, *, unit=1.0, noise=0.0, steps=510, rate=2e-3, seed=0):
    """Train the shared numbers with one weighting.

    ``rate`` is Adam's, of the logarithms of the variances; ``seed`` draws the random weights.
    Returns the weights and the losses of each step, ``(steps, 2)``, and the numbers at the end.
    """
    check_choice("method", method, METHODS)
    check_number("unit", unit, above=0, most=1e3)
    check_number("noise", noise, least=0, most=1e3)
    check_whole("steps", steps, least=1, most=100_000)
    rule, shared = RULES[method](rate, seed), START.copy()
    weights, losses = np.zeros((steps, 2)), np.zeros((steps, 2))
    scales = np.array([1.0, unit**2])
    for step in range(steps):
        losses[step] = losses_at(shared, unit, noise)
        norms = 2 * scales * np.linalg.norm(shared - WANTED, axis=1)
        weights[step] = rule(step, losses[: step + 1], norms)
        counts = weights[step] * scales
        shared += STEP * (counts @ WANTED / counts.sum() - shared)
    return weights, losses, shared


def leaning(weights, unit):
    """Return how far each pair of weights leans to task B, from 0 to 1, its unit undone.

    >>> leaning(np.array([[1.0, 1.0], [1.0, 0.01]]), unit=10.0).round(2)
    array([0.99, 0.5 ])
    """
    counts = weights * [1.0, unit**2]
    return counts[:, 1] / counts.sum(axis=1)


def _equal(rate, seed):
    return lambda step, losses, norms: np.ones(2)


def _random(rate, seed):
    rng = np.random.default_rng(seed)
    return lambda step, losses, norms: 2 * _softmax(rng.normal(size=2))


def _inverse(rate, seed):
    return lambda step, losses, norms: 0.5 / losses[-1]


def _uncertainty(rate, seed):
    """Descend on the logarithms of both variances by Adam, with a term as for a regression."""
    s, first, second = np.zeros(2), np.zeros(2), np.zeros(2)

    def rule(step, losses, norms):
        weights = np.exp(-s) / 2
        gradient = 0.5 - weights * losses[-1]
        first[:] = 0.9 * first + 0.1 * gradient
        second[:] = 0.999 * second + 0.001 * gradient**2
        means = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        s[:] = s - rate * means[0] / (np.sqrt(means[1]) + 1e-7)
        return weights

    return rule


def _dynamic(rate, seed):
    """Compare the mean losses of the last two whole epochs."""

    def rule(step, losses, norms):
        epoch = step // EPOCH
        if epoch < 2:
            return np.ones(2)
        last, before = (
            losses[(epoch - ago) * EPOCH : (epoch - ago + 1) * EPOCH].mean(axis=0) for ago in (1, 2)
        )
        return 2 * _softmax(last / before / TEMPERATURE)

    return rule


def _gradnorm(rate, seed):
    """Step each weight towards where its gradient is as long as its rate of training asks."""
    state = np.ones(2)

    def rule(step, losses, norms):
        weights = state.copy()
        ratios = losses[-1] / losses[0]
        pulls = weights * norms
        average = max(pulls.mean(), 1e-30)
        wanted = average * (ratios / ratios.mean()) ** ALPHA
        moved = weights - WEIGHT_RATE * np.sign(pulls - wanted) * norms / average
        moved = np.clip(moved, LEAST, 1 / LEAST)
        state[:] = 2 * moved / moved.sum()
        return weights

    return rule


def _softmax(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()


RULES = {
    "equal": _equal,
    "random": _random,
    "uncertainty": _uncertainty,
    "inverse": _inverse,
    "dynamic": _dynamic,
    "gradnorm": _gradnorm,
}
