"""What the gradients of tasks are like while a model trains: cosines, lengths, weights."""

import time

import numpy as np

from mmtutorial import multi_task


def take(arrays, rows):
    """Return some rows of each array of a dict."""
    return {name: array[rows] for name, array in arrays.items()}


def layer_gradients(model, inputs, labels):
    """Return the gradient of each task, layer by layer, ``{layer: (tasks, weights)}``.

    Of `HardSharing` these are the two encoders and the shared layer.
    """
    layers = {}
    for path, matrix in multi_task.task_gradients(model, inputs, labels).items():
        encoders = model.architecture.encoders.items()
        of = [name for name, each in encoders if path in {w.path for w in each.weights}]
        layers.setdefault(f"{of[0]} encoder" if of else "shared layer", []).append(matrix)
    return {name: np.hstack(parts) for name, parts in sorted(layers.items())}


def cosines(matrix):
    """Return the cosine of each two rows, ``(tasks, tasks)``."""
    return np.asarray(multi_task.gradient_cosine(matrix))


def solve_weights(grads, merged):
    """Return the weights with which gradients ``(tasks, params)`` were added up, ``(tasks,)``.

    >>> grads = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    >>> solve_weights(grads, 2 * grads[0] + 3 * grads[1]).round(6)
    array([2., 3.])
    """
    grads, merged = np.asarray(grads, float), np.asarray(merged, float)
    return np.linalg.lstsq(grads.T, merged, rcond=None)[0]


AGGREGATORS = {
    "pcgrad": multi_task.pcgrad,
    "mgda": multi_task.mgda,
    "cagrad": multi_task.cagrad,
    "imtl_g": multi_task.imtl_g,
}


def weigh_tasks(grads, aggregator, rng):
    """Return the weight that a method gives each task, ``(tasks,)``; they sum to the tasks.

    The order in which PCGrad lets tasks meet is drawn from ``rng``.
    """
    tasks = len(grads)
    if aggregator is None:
        return np.ones(tasks)
    order = rng.permuted(np.tile(np.arange(tasks), (tasks, 1)), axis=1)
    options = {"order": order} if aggregator == "pcgrad" else {}
    weights = solve_weights(grads, AGGREGATORS[aggregator](grads, **options))
    return weights * tasks / weights.sum()


class Gauge:
    """Looks at the gradients of a model while it trains: an ``on_epoch`` of `train`.

    Parameters
    ----------
    task : `EmojiTasks` or another task with ``draw_epoch``
    aggregator : whose weights are asked for
    epochs : after which epochs to look
    seed : of the batches
    batch_size, batches : how many batches there are, and their size

    ``looks`` holds, for each of the epochs, a dict: ``"whole"``, the cosines of the gradients of
    all training data, ``{layer: (tasks, tasks)}`` and all ``"together"``; ``"batch"``, the mean
    cosines of batches, ``"negative"``, how often they are below 0, and ``"again"``, the cosines
    between a batch and another one, ``(tasks, tasks)`` each; ``"weights"``, the mean weights that
    the method gave, ``(tasks,)``, and ``"lengths"``, the lengths of the whole gradients.
    """

    def __init__(self, task, *, aggregator=None, epochs, seed, batch_size=256, batches=6):
        self.task, self.aggregator, self.epochs = task, aggregator, set(epochs)
        self.batch_size, self.batches = batch_size, batches
        self.data, self.rng = task.draw_epoch(0, seed=1000 + seed), np.random.default_rng(seed)
        self.looks, self.seconds = {}, 0.0

    def __call__(self, epoch, model):
        """Look, if this epoch is one of those."""
        if epoch + 1 in self.epochs:
            start = time.process_time()
            self.looks[epoch + 1] = self.look(model)
            self.seconds += time.process_time() - start

    def look(self, model):
        """Return what the gradients of a model are like now; `seconds` counts how long it took."""
        whole = layer_gradients(model, *self.data)
        whole = {**whole, "together": np.hstack(list(whole.values()))}
        rows = self.rng.permutation(len(next(iter(self.data[1].values()))))
        grads = []
        for place in range(self.batches):
            part = rows[place * self.batch_size : (place + 1) * self.batch_size]
            found = layer_gradients(model, *(take(arrays, part) for arrays in self.data))
            grads.append(np.hstack(list(found.values())))
        each = np.stack([cosines(grad) for grad in grads])
        tasks = len(grads[0])
        pairs = zip(grads[::2], grads[1::2], strict=True)
        again = [cosines(np.vstack(pair))[:tasks, tasks:] for pair in pairs]
        weights = [weigh_tasks(grad, self.aggregator, self.rng) for grad in grads]
        return {
            "whole": {layer: cosines(matrix) for layer, matrix in whole.items()},
            "batch": each.mean(axis=0),
            "negative": (each < 0).mean(axis=0),
            "again": np.mean(again, axis=0),
            "weights": np.mean(weights, axis=0),
            "lengths": np.linalg.norm(whole["together"], axis=1),
        }

    def rows(self):
        """Return what was seen, averaged over the epochs: a row for each task and each pair."""
        looks = list(self.looks.values())
        mean = {
            name: np.mean([look[name] for look in looks], axis=0)
            for name in ("batch", "negative", "again", "weights")
        }
        mean["whole"] = np.mean([look["whole"]["together"] for look in looks], axis=0)
        tasks, found = self.task.tasks, []
        for i, name in enumerate(tasks):
            seen = {"weight": mean["weights"][i], "again": mean["again"][i, i]}
            found.append({"task": name, **{k: round(float(v), 4) for k, v in seen.items()}})
        for i, j in zip(*np.triu_indices(len(tasks), 1), strict=True):
            seen = {name: round(float(mean[name][i, j]), 4) for name in ("whole", "batch",
                                                                         "negative")}  # fmt: skip
            found.append({"pair": f"{tasks[i]} and {tasks[j]}", **seen})
        return found


def pair_curves(gauge, pairs):
    """Return the cosines of some pairs over the epochs, ``{layer: {pair: (looks,)}}``.

    A pair is a text such as ``"artist and group"``.
    """
    tasks, looks = gauge.task.tasks, [gauge.looks[epoch] for epoch in sorted(gauge.looks)]
    places = {pair: tuple(map(tasks.index, pair.split(" and "))) for pair in pairs}
    return {
        layer: {pair: [look["whole"][layer][place] for look in looks] for pair, place in
                places.items()}
        for layer in looks[0]["whole"]
        if layer != "together"
    }  # fmt: skip
