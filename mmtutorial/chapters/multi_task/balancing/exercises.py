"""The exercises of the chapter "Balancing losses"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _undo_unit(factor, loss):
    return 1 / factor**2 if loss == "squared" else 1 / factor


UNIT = Exercise(
    "undo_unit",
    reference=_undo_unit,
    cases=lambda: [(12.0, "squared"), (12.0, "absolute"), (0.5, "squared"), (0.01, "absolute")],
    given="labels times {factor} and the {loss} error",
    asked="the weight that makes the loss what it was",
    mistakes={
        "A squared error grows with the square of the unit, so the weight has a square, too.": (
            lambda factor, loss: 1 / factor
        ),
        "An absolute error grows with the unit itself: no square there.": (
            lambda factor, loss: 1 / factor**2
        ),
        "The other way round: larger labels make a larger loss, which needs less weight.": (
            lambda factor, loss: factor**2 if loss == "squared" else factor
        ),
    },
    hint="It is not what makes the weighted loss the same as before the change of unit.",
    success="One number undoes a change of unit, if somebody knows that there was one.",
)


def _best_weights(losses):
    return 1 / (2 * losses)


UNCERTAINTY = Exercise(
    "best_weights",
    reference=_best_weights,
    cases=lambda: [(np.array([1.0, 4.0]),), (np.array([0.3, 50.0, 2.0]),)],
    given="losses of {losses.shape[0]} tasks",
    asked="a weight for each task",
    mistakes={
        "Half of that: the term s / 2 has the derivative 1/2, not 1.": lambda losses: 1 / losses,
        "That is 1 / (2 L²). The derivative of exp(-s) L is minus exp(-s) L: L comes once.": (
            lambda losses: 1 / (2 * losses**2)
        ),
        "That is the variance exp(s); the weight is one over it.": lambda losses: 2 * losses,
        "That is s itself, the logarithm of the variance; the weight is exp(-s).": (
            lambda losses: np.log(2 * losses)
        ),
        "Uncertainty weighting does not scale its weights to a sum.": lambda losses: (
            len(losses) * (1 / losses) / np.sum(1 / losses)
        ),
    },
    hint="They are not where the derivative of exp(-s) L + s / 2 by s is 0.",
    success="A large loss gets a small weight: the method cannot know why it is large.",
)


def _dynamic_weights(last, before, temperature, *, scale=None, power=1.0):
    ratio = (last / before) ** power / temperature
    shares = np.exp(ratio) / np.exp(ratio).sum()
    return (len(last) if scale is None else scale) * shares


def _draw_epochs():
    rng = np.random.default_rng(0)
    return [
        (rng.uniform(0.2, 1, count), rng.uniform(1, 3, count), temperature)
        for count, temperature in ((2, 2.0), (3, 0.5), (4, 3.0))
    ]


DYNAMIC = Exercise(
    "dynamic_weights",
    reference=_dynamic_weights,
    cases=_draw_epochs,
    given="losses of {last.shape[0]} tasks in two epochs and temperature {temperature}",
    asked="a weight for each task",
    mistakes={
        "Your weights add up to 1; they should add up to the number of tasks.": (
            lambda last, before, temperature: _dynamic_weights(last, before, temperature, scale=1)
        ),
        "Turn the ratio round: last over before. A loss that fell less gets more.": (
            lambda last, before, temperature: _dynamic_weights(
                last, before, temperature, power=-1.0
            )
        ),
        "Divide by the temperature: a high one makes the weights alike.": (
            lambda last, before, temperature: _dynamic_weights(last, before, 1 / temperature)
        ),
        "You left the temperature out.": (
            lambda last, before, temperature: _dynamic_weights(last, before, 1.0)
        ),
        "You took the losses themselves; what counts is by how much each fell.": (
            lambda last, before, temperature: _dynamic_weights(
                last, np.ones_like(last), temperature
            )
        ),
    },
    hint="They are not tasks times the softmax of ratio over temperature.",
    success="It compares each loss with itself, so the unit is gone, and with it all that it says.",
)


def _wanted_norms(norms, losses, first, alpha):
    rates = losses / first
    return norms.mean() * (rates / rates.mean()) ** alpha


def _draw_norms():
    rng = np.random.default_rng(0)
    return [
        (rng.uniform(0.5, 5, count), rng.uniform(0.2, 1, count), rng.uniform(1, 3, count), alpha)
        for count, alpha in ((2, 1.5), (3, 0.5), (4, 3.0))
    ]


GRADNORM = Exercise(
    "wanted_norms",
    reference=_wanted_norms,
    cases=_draw_norms,
    given="{norms.shape[0]} tasks and alpha {alpha}",
    asked="the length that each task's weighted gradient should have",
    mistakes={
        "These are the relative rates alone; they multiply the mean length of the gradients.": (
            lambda norms, losses, first, alpha: _wanted_norms(
                np.ones_like(norms), losses, first, alpha
            )
        ),
        "Each task keeps its own length in yours; all start from the mean length.": (
            lambda norms, losses, first, alpha: (
                norms * (losses / first / np.mean(losses / first)) ** alpha
            )
        ),
        "Divide what is left of each loss by its mean over the tasks: a rate is relative.": (
            lambda norms, losses, first, alpha: norms.mean() * (losses / first) ** alpha
        ),
        "What is left of a loss is the loss now, divided by the first one.": (
            lambda norms, losses, first, alpha: _wanted_norms(norms, first, losses, alpha)
        ),
        "Alpha is an exponent: 0 asks for equal lengths.": (
            lambda norms, losses, first, alpha: (
                norms.mean() * alpha * (losses / first) / np.mean(losses / first)
            )
        ),
    },
    hint="They are not the mean length times the relative rate to the power of alpha.",
    success="A task that is behind may pull harder: also one that cannot get any further.",
)

EXERCISES = (UNIT, UNCERTAINTY, DYNAMIC, GRADNORM)
