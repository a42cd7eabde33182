"""What the chapter "Balancing losses" trains: three tasks, a weighting, what each weight did."""

import keras
import numpy as np
from keras import ops
from scipy.stats import qmc

from mmtutorial import multi_task
from mmtutorial._checks import check_choice, check_share
from mmtutorial.chapters.multi_task.balancing.stamps import StampTasks
from mmtutorial.tasks import EmojiTasks, Recipe, build_emoji_tasks, fit
from mmtutorial.tasks._sharing import build_hard_sharing
from mmtutorial.tasks.emoji_tasks import NUMBERS
from mmtutorial.tasks.emoji_tasks import TASKS as EMOJI_TASKS

TASKS = ("artist", "group", "lightness")
PER_CENT = 12.0  # a standard deviation of lightness, in per cent
BEGUN = "uncertainty, begun well"
WEIGHTINGS = ("equal", "random", "uncertainty", "inverse", "dynamic", "gradnorm", "fixed")
TRIALS = 6  # trainings in the search of every method
EPOCHS = 15
UNITS = 64
RECIPE = Recipe(units=UNITS, hidden=(UNITS,), epochs=EPOCHS)
RANGES = {  # of what the search draws: the lowest, the highest, and whether on a logarithmic scale
    "learning_rate": (1e-3, 6e-3, True),
    "dropout": (0.1, 0.6, False),
    "temperature": (0.5, 8.0, True),
    "alpha": (0.0, 3.0, False),
    "rate": (5e-4, 5e-2, True),
}
OPTIONS = {  # of each weighting that has some: the name of an option, and of its range
    "dynamic": {"temperature": "temperature"},
    "gradnorm": {"alpha": "alpha", "learning_rate": "rate"},
}
STRONGER = 3.0  # times the weight of one task, in the search for fixed weights


class NoisyTasks(EmojiTasks):
    """The same tasks, but a share of the training drawings has the label of another drawing.

    ``noise`` is that share, ``noisy`` the task, if it is one of them; the arguments besides are
    those of `EmojiTasks`. Validation and test keep their labels.
    """

    def __init__(self, tasks=TASKS, *, noisy="group", noise=0.0, **options):
        super().__init__(tasks, **options)
        self.noisy = check_choice("noisy", noisy, EMOJI_TASKS)
        self.noise = check_share("noise", noise)
        self._shuffled = {
            name: shuffle_share(labels, noise)
            for name, labels in super().labels("train").items()
            if name == noisy
        }

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and labels of an epoch; the wrong labels are the same in each."""
        inputs, labels = super().draw_epoch(epoch, seed=seed)
        return inputs, labels | self._shuffled


def shuffle_share(labels, share, *, seed=0):
    """Let a share of the labels change places among themselves.

    >>> shuffle_share(np.arange(4), 0.5)
    array([2, 1, 0, 3])
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(labels))[: round(share * len(labels))]
    found = labels.copy()
    found[chosen] = labels[np.roll(chosen, 1)]
    return found


@keras.saving.register_keras_serializable(package="mmtutorial.balancing")
class InverseLoss(multi_task.LossWeighting):
    """The weight to which uncertainty weighting tends, 1 / (2 loss), at once and in each step."""

    def weigh(self, losses, training):
        """Return 1 / (2 loss), which is a constant for the gradient."""
        return 0.5 / ops.maximum(losses, 1e-6), ops.zeros_like(losses)


def make_weighting(name, tasks, options=None, seed=0):
    """Return a weighting by its name, for some tasks, with options that the search has drawn."""
    check_choice("name", name, (*WEIGHTINGS, BEGUN))
    options = options or {}
    kinds = {t: "regression" if t in NUMBERS else "classification" for t in tasks}
    return {
        "equal": multi_task.EqualWeighting,
        "random": lambda: multi_task.RandomLossWeighting(seed=seed),
        "uncertainty": lambda: multi_task.UncertaintyWeighting(kinds),
        "inverse": InverseLoss,
        "dynamic": lambda: multi_task.DynamicWeightAverage(**options),
        "gradnorm": lambda: multi_task.GradNorm(**options),
        "fixed": lambda: multi_task.LinearScalarization(options),
        BEGUN: lambda: begin_uncertainty(kinds, options),
    }[name]()


def begin_uncertainty(kinds, losses):
    """Return uncertainty weighting whose weights begin at 1 / (2 loss), ``{task: loss}``.

    >>> weighting = begin_uncertainty({"group": "classification"}, {"group": 2.0})
    >>> round(float(weighting({"group": 1.0})["group"]), 3)  # 1.0 / 4 + log(4) / 2
    0.943
    """
    weighting = multi_task.UncertaintyWeighting(kinds)
    weighting(dict(losses))  # builds it
    factors = {"classification": 1.0, "regression": 0.5}
    begin = [np.log(2 * factors[kinds[task]] * losses[task]) for task in weighting.tasks]
    weighting.log_variances.assign(begin)
    return weighting


def draw_candidates(name):
    """Draw the choices that a method tries: as many, from the same ranges, for each method.

    A Latin hypercube: each range is cut into as many parts as there are trials, and each part is
    tried once. Learning rates and dropouts are the same six pairs for all. Returns dicts with
    ``learning_rate``, ``dropout`` and ``options``, those of `make_weighting`.
    """
    keys = OPTIONS.get(name, {})
    columns = []
    for number, key in enumerate(("learning_rate", "dropout", *keys.values())):
        low, high, logarithmic = RANGES[key]
        drawn = qmc.LatinHypercube(1, seed=number).random(TRIALS)[:, 0]
        columns.append(low * (high / low) ** drawn if logarithmic else low + (high - low) * drawn)
    return [
        {
            "learning_rate": rate,
            "dropout": dropout,
            "options": dict(zip(keys, options, strict=True)),
        }
        for rate, dropout, *options in np.round(np.transpose(columns), 5).tolist()
    ]


def constant_losses(task):
    """Return the loss of the best constant answer to each task: what knowing nothing costs.

    For classes that is the entropy of their shares, for numbers the variance.
    """
    found = {}
    for name, labels in task.labels("train").items():
        if name in NUMBERS:
            found[name] = float(np.nanvar(labels))
        else:
            shares = np.bincount(labels[labels >= 0]) / np.sum(labels >= 0)
            found[name] = float(-np.sum(shares * np.log(np.maximum(shares, 1e-30))))
    return found


def propose(name, task, tried):
    """Yield what a method tries, one by one; ``tried`` gets ``(validation, config)`` of each.

    Fixed weights are tuned in two stages, in as many trainings as all have. First three recipes,
    with each loss divided by that of a constant answer. Then, with the best of these, three times
    the weight for each task in turn. Uncertainty weighting that begins well is told these losses.
    """
    drawn = draw_candidates(name)
    if name not in ("fixed", BEGUN):
        yield from drawn
        return
    losses = constant_losses(task)
    if name == BEGUN:
        yield from ({**each, "options": losses} for each in drawn)
        return
    weights = {one: 1 / loss for one, loss in losses.items()}
    recipes = TRIALS - len(task.tasks)
    yield from ({**each, "options": weights} for each in drawn[:recipes])
    _, best = max(tried, key=lambda each: each[0])
    for one in task.tasks:
        options = {**weights, one: STRONGER * weights[one]}
        yield {key: best[key] for key in ("learning_rate", "dropout")} | {"options": options}


def train(task, weighting, config, *, seed, units=UNITS, on_epoch=None):
    """Train one model for all tasks of ``task``; its ``history`` holds losses and weights by epoch.

    ``config`` is one of `propose`, with ``epochs`` once chosen; ``units`` are the sizes of
    the encoders and of the shared layer. ``weighting`` is a name, or a weighting.
    """
    dropout = config["dropout"]
    recipe = RECIPE.replace(
        units=units, hidden=(units,), epochs=config.get("epochs", EPOCHS), dropout=dropout,
        image_dropout=dropout, text_dropout=dropout, learning_rate=config["learning_rate"],
    )  # fmt: skip
    if isinstance(task, StampTasks):
        recipe = recipe.replace(batch_size=32)

    def build():
        made = weighting
        if isinstance(weighting, str):
            made = make_weighting(weighting, task.tasks, config.get("options"), seed)
        if isinstance(task, StampTasks):
            modalities = ("image", "speech")
            return build_hard_sharing(modalities, task.heads, recipe, made, seed=seed)
        return build_emoji_tasks(task, recipe, weighting=made, seed=seed)

    def draw(epoch):
        return task.draw_epoch(epoch, seed=seed)

    return fit(build, draw, recipe, seed=seed, on_epoch=on_epoch)


def predict(model, inputs):
    """Return ``{task: outputs}`` as arrays, nothing dropped out."""
    outputs = model(inputs, training=False)
    return {name: ops.convert_to_numpy(each) for name, each in outputs.items()}


def history_of(model, what):
    """Return ``{task: (epochs,)}`` of the ``"weight"`` or the ``"loss"`` of each task."""
    history = model.history.history
    return {name: np.array(history[f"{name}_{what}"]) for name in model.tasks}
