"""The exercises of the chapter "The title"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def share_right(predicted, target):
    """Return how often two vectors of classes agree."""
    return np.mean(predicted == target)


def draw_classes():
    """Draw predicted and true classes of few items and of many, for three calls."""
    rng = np.random.default_rng(0)
    return [tuple(rng.integers(3, size=(2, count))) for count in (5, 8, 40)]


EXERCISES = (
    Exercise(
        "the_name_share_right",
        reference=share_right,
        cases=draw_classes,
        mistakes={
            "You counted the items; asked for is their share of all.": lambda predicted, target: (
                np.sum(predicted == target)
            ),
            "That is the share of what is wrong.": lambda predicted, target: np.mean(
                predicted != target
            ),
        },
        success="The mean of a comparison is a share.",
    ),
)
