"""Two weights, two losses: a landscape to walk on, and each method in its form for two tasks."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from mmtutorial._checks import check_array, check_choice, check_list, check_number, check_whole

FLOOR = 5e-6  # below this distance a valley goes no deeper
REACH = 10.0  # how far the landscape goes, in both directions
TINY = 1e-30
DISTANCE = 25.0  # how far Adam can come: its rate times its steps


def look(x: float, y: float, scale: float = 1.0) -> tuple:
    """Return both losses at a point, and both gradients; those of task 2 times ``scale``.

    Above ``y = 0`` each task has a narrow valley, below it a bowl; the bowls have their lowest
    points at ``(7, -8)`` and ``(-7, -8)``. Paper: Liu et al. 2021, Conflict-Averse Gradient Descent
    (the example of their figure 1).

    >>> [round(loss, 2) for loss in look(7.0, -8.0)[0]]
    [-19.99, -0.4]
    """
    turn, lift = math.tanh(y), math.tanh(y / 2)
    above, below, slope = max(lift, 0.0), max(-lift, 0.0), (1 - lift**2) / 2
    losses, gradients = [], []
    for sign, middle, far, unit in ((1, -7.0, 7.0, 1.0), (-1, 7.0, -7.0, scale)):
        gap = 0.5 * (middle - x) + sign * turn  # 0 in the middle of the valley
        steep = 1 / gap if abs(gap) > FLOOR else 0.0
        valley = math.log(max(abs(gap), FLOOR)) + 6
        bowl = ((x - far) ** 2 + 0.1 * (y + 8) ** 2) / 10 - 20
        losses.append(unit * (above * valley + below * bowl))
        along_x = -0.5 * above * steep + below * (x - far) / 5
        along_y = sign * above * steep * (1 - turn**2) + below * (y + 8) / 50
        along_y += slope * (valley if y > 0 else -bowl)
        gradients.append((unit * along_x, unit * along_y))
    return tuple(losses), tuple(gradients)


def draw_losses(scale: float = 1.0, count: int = 121) -> tuple[np.ndarray, np.ndarray]:
    """Return places for both axes, ``(count,)``, and both losses, ``(count, count, 2)``."""
    places = np.linspace(-REACH, REACH, count)
    return places, np.array([[look(x, y, scale)[0] for x in places] for y in places])


def weigh_sum(a: float, b: float, inner: float) -> tuple[float, float]:
    """Weigh both gradients by 1: plain training on the sum of the losses."""
    return 1.0, 1.0


def weigh_pcgrad(a: float, b: float, inner: float) -> tuple[float, float]:
    """Return the weights of PCGrad: the more they conflict, the more the shorter one weighs."""
    conflict = max(-inner, 0.0)
    return 1 + conflict / max(a, TINY), 1 + conflict / max(b, TINY)


def weigh_mgda(a: float, b: float, inner: float) -> tuple[float, float]:
    """Return the weights of MGDA: the shortest weighted average."""
    first = (b - inner) / max(a + b - 2 * inner, TINY)
    first = min(max(first, 0.0), 1.0)
    return first, 1 - first


def weigh_cagrad(a: float, b: float, inner: float, c: float = 0.5) -> tuple[float, float]:
    """Return the weights of CAGrad: the average, and a mixture, ``c`` times as long."""
    apart = math.sqrt(max(a + b - 2 * inner, TINY))  # from the second to the first
    average = math.sqrt(max(a + b + 2 * inner, 0.0)) / 2
    # Mixtures lie on the line between both: at ``t`` along it, and it passes zero at distance h.
    start = (inner - b) / apart
    h = math.sqrt(max(b - start**2, 0.0))
    lean = -(a - b) / 2 / max(c * average * apart, TINY)
    if abs(lean) < 1:
        t = lean * h / math.sqrt(1 - lean**2)
        first = min(max((t - start) / apart, 0.0), 1.0)
    else:
        first = float(lean > 0)
    second = 1 - first
    length = math.sqrt(max(first**2 * a + second**2 * b + 2 * first * second * inner, 0.0))
    more = c * average / length if length > 1e-15 else 0.0
    return 0.5 + more * first, 0.5 + more * second


def weigh_imtl_g(a: float, b: float, inner: float) -> tuple[float, float]:
    """Return the weights of IMTL-G: each task has the length of the other's gradient."""
    first, second = math.sqrt(b), math.sqrt(a)
    whole = max(first + second, TINY)
    return first / whole, second / whole


METHODS: dict[str, Callable] = {
    "sum": weigh_sum,
    "PCGrad": weigh_pcgrad,
    "MGDA": weigh_mgda,
    "CAGrad": weigh_cagrad,
    "IMTL-G": weigh_imtl_g,
}


def share_of_first(method: str, cosine: float, *, ratio: float) -> float:
    """Return the share of the weights that task 1 gets, whose gradient is ``ratio`` times as long.

    >>> round(share_of_first("IMTL-G", -0.5, ratio=3.0), 2)
    0.25
    """
    weigh = METHODS[check_choice("method", method, tuple(METHODS))]
    first, second = weigh(ratio**2, 1.0, ratio * cosine)
    return first / (first + second)


def direction(grads: np.ndarray, method: str) -> np.ndarray:
    """Return what a method makes of two gradients, ``(2, params)`` -> ``(params,)``.

    >>> direction(np.array([[1.0, 0.0], [-1.0, 1.0]]), "PCGrad")
    array([0.5, 1.5])
    """
    (a, inner), (_, b) = (grads @ grads.T).tolist()
    weigh = METHODS[check_choice("method", method, tuple(METHODS))]
    return np.array(weigh(a, b, inner)) @ grads


def walk(
    start: Sequence[float], method: str, *, scale: float = 1.0, rate: float = 0.002,
    steps: int | None = None,
) -> np.ndarray:  # fmt: skip
    """Walk down from a start by Adam; return all places, ``(steps + 1, 2)``.

    ``steps`` is by default as many as it takes to come, at this rate, 25 units far.

    >>> walk((0.0, -4.0), "sum", steps=3).shape
    (4, 2)
    """
    check_choice("method", method, tuple(METHODS))
    check_number("rate", rate, above=0, most=1)
    check_number("scale", scale, above=0, most=1e3)
    steps = round(DISTANCE / rate) if steps is None else check_whole("steps", steps, least=1)
    place = check_array("start", check_list("start", start, "places"), most=1e3)
    if place.shape != (2,):
        raise ValueError(f"start must be two numbers, got {start!r}")
    return _walk(tuple(place.tolist()), method, float(scale), float(rate), steps)


@lru_cache(maxsize=1024)
def _walk(start, method, scale, rate, steps):
    weigh, (x, y) = METHODS[method], start
    mean_x = mean_y = square_x = square_y = 0.0
    places = [start]
    for step in range(1, steps + 1):
        _, ((ax, ay), (bx, by)) = look(x, y, scale)
        first, second = weigh(ax * ax + ay * ay, bx * bx + by * by, ax * bx + ay * by)
        move_x, move_y = first * ax + second * bx, first * ay + second * by
        mean_x, mean_y = 0.9 * mean_x + 0.1 * move_x, 0.9 * mean_y + 0.1 * move_y
        square_x = 0.999 * square_x + 0.001 * move_x * move_x
        square_y = 0.999 * square_y + 0.001 * move_y * move_y
        pace, spread = rate / (1 - 0.9**step), 1 / (1 - 0.999**step)
        x -= pace * mean_x / (math.sqrt(spread * square_x) + 1e-8)
        y -= pace * mean_y / (math.sqrt(spread * square_y) + 1e-8)
        places.append((x, y))
    found = np.array(places)
    found.setflags(write=False)  # it is remembered
    return found


def walk_all(start, *, scale=1.0, rate=0.002, steps=None):
    """Return the path of each method from one start, ``{method: (steps + 1, 2)}``."""
    options = {"scale": scale, "rate": rate, "steps": steps}
    return {method: walk(start, method, **options) for method in METHODS}


def is_stuck(path):
    """Say whether a path that began above 0 is still there at its end, in a valley."""
    return bool(path[-1, 1] > 0)
