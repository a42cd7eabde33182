"""The exercises of the chapter "Sharing"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _joint_loss(losses, there, weights, *, rows="there", weigh=True, total=np.sum):
    counts = there.sum(axis=0) if rows == "there" else np.full(there.shape[1], len(there))
    means = np.where(there, losses, 0).sum(axis=0) / counts
    return total(means * weights if weigh else means)


def _draw_losses():
    rng = np.random.default_rng(0)
    found = []
    for rows, tasks in ((6, 2), (9, 3)):
        there = rng.random((rows, tasks)) < 0.6
        there[0] = True
        there[1] = False
        losses = rng.uniform(0.2, 3, size=(rows, tasks))
        found.append((losses, there, rng.uniform(0.3, 2, size=tasks)))
    return found


JOINT = Exercise(
    "joint_loss",
    reference=_joint_loss,
    cases=_draw_losses,
    given="{losses.shape[0]} rows and {losses.shape[1]} tasks",
    asked="one number: the weighted sum of the mean losses of the tasks",
    mistakes={
        "You divide by all rows. A task's mean is over the rows that have its label: a label that "
        "is missing is no loss of 0.": lambda losses, there, weights: _joint_loss(
            losses, there, weights, rows="all"
        ),
        "You average over rows whose label is missing, too: their loss means nothing.": (
            lambda losses, there, weights: np.sum(losses.mean(axis=0) * weights)
        ),
        "You forgot the weights of the tasks.": lambda losses, there, weights: _joint_loss(
            losses, there, weights, weigh=False
        ),
        "You averaged over the tasks; the joint objective adds them up.": (
            lambda losses, there, weights: _joint_loss(losses, there, weights, total=np.mean)
        ),
        "You pooled the labels of all tasks, so that a task with many labels counts more: take the "
        "mean of each task first.": lambda losses, there, weights: (
            np.sum(np.where(there, losses, 0) * weights) / there.sum()
        ),
    },
    hint="It is not the sum over tasks of weight times mean loss over the rows with a label.",
    success="So a task with few labels counts as its weight says, in every batch.",
)


def _mean_gain(joint, single, errors):
    sign = np.where(errors, -1, 1)
    return float(np.mean(sign * (joint - single) / single))


GAIN = Exercise(
    "mean_gain",
    reference=_mean_gain,
    cases=lambda: [
        (np.array([0.9, 0.3, 0.5]), np.array([0.8, 0.4, 0.6]), np.array([False, True, False])),
        (np.array([0.2, 0.7]), np.array([0.25, 0.6]), np.array([True, False])),
    ],
    given="scores {joint} jointly and {single} alone",
    asked="one number, 0.1 for ten per cent better",
    mistakes={
        "An error that falls is a gain: turn the sign where lower is better.": (
            lambda joint, single, errors: float(np.mean((joint - single) / single))
        ),
        "You have the sign the other way round: a gain is above 0.": (
            lambda joint, single, errors: -_mean_gain(joint, single, errors)
        ),
        "Divide by the score alone: scores of different tasks have no unit in common.": (
            lambda joint, single, errors: float(np.mean(np.where(errors, -1, 1) * (joint - single)))
        ),
        "You divide by the joint score. The unit is the score alone.": (
            lambda joint, single, errors: float(
                np.mean(np.where(errors, -1, 1) * (joint - single) / joint)
            )
        ),
        "You added the gains up; asked for is their mean.": (
            lambda joint, single, errors: _mean_gain(joint, single, errors) * len(joint)
        ),
    },
    hint="It is not the mean over tasks of the difference as a share of the score alone.",
    success="One number for many tasks. Look at each of them, too: a mean can hide a loss.",
)


def _count(width, inputs, classes, *, bias=1, body=1):
    heads = sum((width + bias) * size for size in classes)
    return body * ((inputs + bias) * width + (width + bias) * width) + heads


def _widest(inputs, classes, weights, count=_count):
    width = 1
    while count(width + 1, inputs, classes) <= weights:
        width += 1
    return width


WIDTH = Exercise(
    "widest",
    reference=_widest,
    cases=lambda: [(256, [8, 5], 30_000), (64, [3, 3, 95], 20_000), (512, [2], 50_000)],
    given="{inputs} inputs, heads of {classes} and {weights} weights",
    asked="the largest width, a whole number",
    mistakes={
        "You forgot the biases: a dense layer from a to b numbers has (a + 1) b weights.": (
            lambda inputs, classes, weights: _widest(
                inputs, classes, weights, lambda w, i, c: _count(w, i, c, bias=0)
            )
        ),
        "You gave each task a body of its own: with hard sharing there is one body.": (
            lambda inputs, classes, weights: (
                _widest(inputs, classes, weights, lambda w, i, c: _count(w, i, c, body=len(c)))
                if len(classes) > 1
                else _widest(inputs, classes, weights, lambda w, i, c: _count(w, i, c, body=2))
            )
        ),
        "You forgot the heads: they have weights, too.": lambda inputs, classes, weights: _widest(
            inputs, classes, weights, lambda w, i, c: _count(w, i, [])
        ),
        "That is one too many: the model must not have more weights than allowed.": (
            lambda inputs, classes, weights: _widest(inputs, classes, weights) + 1
        ),
        "You forgot the second layer of the body, from width to width.": (
            lambda inputs, classes, weights: _widest(
                inputs, classes, weights, lambda w, i, c: _count(w, i, c) - (w + 1) * w
            )
        ),
    },
    hint="It is not the largest width whose model has at most so many weights.",
    success="Now a comparison is one of sharing, and not of size.",
)


def _softmax(logits, axis):
    raised = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def _mix_experts(experts, logits):
    return np.einsum("be,bed->bd", _softmax(logits, 1), experts)


def _draw_experts():
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(rows, experts, dim)), rng.normal(size=(rows, experts)))
        for rows, experts, dim in ((4, 3, 2), (3, 3, 5), (5, 4, 3))
    ]


MIXTURE = Exercise(
    "mix_experts",
    reference=_mix_experts,
    cases=_draw_experts,
    given="{experts.shape[0]} items, {experts.shape[1]} experts of {experts.shape[2]} numbers",
    asked="one vector for each item",
    mistakes={
        "Your shares sum to 1 over the batch. They must sum to 1 over the experts of each item.": (
            lambda experts, logits: np.einsum("be,bed->bd", _softmax(logits, 0), experts)
        ),
        "You weigh by the logits themselves: make shares of them by a softmax.": (
            lambda experts, logits: np.einsum("be,bed->bd", logits, experts)
        ),
        "You took the plain mean of the experts and never asked the gate.": (
            lambda experts, logits: experts.mean(axis=1)
        ),
        "All items got the shares of the batch's mean; a gate answers for each item.": (
            lambda experts, logits: np.einsum(
                "be,bed->bd", np.broadcast_to(_softmax(logits, 1).mean(0), logits.shape), experts
            )
        ),
        "You took the one expert with the largest share. MMoE mixes all of them.": (
            lambda experts, logits: experts[np.arange(len(experts)), logits.argmax(axis=1)]
        ),
    },
    hint="It is not the average of the experts by the softmax of the gate.",
    success="With one expert the softmax is 1, and nothing is left but hard sharing.",
)


def _losses(x, y, w):
    return np.mean((x @ w[:, None] - y) ** 2, axis=0)


def _look_ahead(x, y, w, rate, *, sign=-1, keep=True, raw=False, swap=False):
    before = _losses(x, y, w)
    found, at = [], w
    for task in range(y.shape[1]):
        start = w if keep else at
        gradient = 2 * x.T @ (x @ start - y[:, task]) / len(x)
        at = start + sign * rate * gradient
        after = _losses(x, y, at)
        found.append(after / before if raw else 1 - after / before)
    return np.array(found).T if swap else np.array(found)


def _draw_tasks():
    rng = np.random.default_rng(0)
    found = []
    for tasks in (2, 3):
        x = rng.normal(size=(20, 4))
        found.append((x, x @ rng.normal(size=(4, tasks)) + 1, rng.normal(size=4), 0.05))
    return found


AFFINITY = Exercise(
    "look_ahead",
    reference=_look_ahead,
    cases=_draw_tasks,
    given="{y.shape[1]} tasks of {x.shape[0]} items",
    asked="a table, the task stepped for in the rows, the task looked at in the columns",
    mistakes={
        "Rows and columns have changed places: a row is the task whose step was taken.": (
            lambda x, y, w, rate: _look_ahead(x, y, w, rate, swap=True)
        ),
        "You step up the gradient; training steps down.": (
            lambda x, y, w, rate: _look_ahead(x, y, w, rate, sign=1)
        ),
        "You return the ratio of the losses; affinity is 1 minus it.": (
            lambda x, y, w, rate: _look_ahead(x, y, w, rate, raw=True)
        ),
        "You never took a step back: each task must be tried from the same weights.": (
            lambda x, y, w, rate: _look_ahead(x, y, w, rate, keep=False)
        ),
        "You return by how much the loss falls; divide by the loss before, because losses of "
        "different tasks have no unit in common.": (
            lambda x, y, w, rate: _look_ahead(x, y, w, rate) * _losses(x, y, w)
        ),
    },
    hint="It is not 1 - loss after the step / loss before it.",
    success="Above 0, a step for the one helps the other. It is a look one step ahead.",
)

EXERCISES = (JOINT, GAIN, WIDTH, MIXTURE, AFFINITY)
