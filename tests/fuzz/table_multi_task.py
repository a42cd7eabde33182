"""What `mm.multi_task` is given: gradients, weightings, architectures, models."""

import numpy as np

from fuzz.entry import Entry

DRAWN = np.random.default_rng(0)
GRADS = DRAWN.normal(size=(3, 4)).astype(np.float32)
ORDER = np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0]])


def step(result, grads, **_):
    """Say whether a result is one number for each parameter."""
    return tuple(result.shape) == np.shape(grads)[1:]


def gradients():
    """Return an entry for each method on gradients."""
    for name, options, sane in (
        ("gradient_cosine", {}, lambda result, grads: result.shape[0] == len(grads)),
        ("pcgrad", {"order": ORDER}, step),
        ("mgda", {}, step),
        ("cagrad", {"c": 0.5}, step),
        ("imtl_g", {}, step),
    ):
        yield Entry(
            f"multi_task.{name}",
            lambda options=options: {"grads": GRADS, **options},
            sane,
            allows={"grads": "row more, row less", "order": "rank-1", "c": "1"},
            aliases={"grads": ("grads", "order")},
        )


ENTRIES = [*gradients()]
MADE = {}
