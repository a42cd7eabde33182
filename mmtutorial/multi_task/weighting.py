"""How much should each task's loss count? Weights that are fixed, drawn, learnt or adapted."""

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from mmtutorial._checks import check_choice, check_dict, check_number, check_whole
from mmtutorial.multi_task._tasks import check_tasks
from mmtutorial.multi_task._weighting import LossWeighting

MOST = 1e6  # of a weight, and of an option
LARGEST_LOSS = 1e30
KINDS = ("classification", "regression")


@keras.saving.register_keras_serializable(package="mmtutorial")
class EqualWeighting(LossWeighting):
    """What if all losses count the same? Their plain sum: the baseline of every weighting.

    With well chosen learning rate and regularization, it was found to be as good as the methods
    that were published to beat it. ``{task: loss}`` -> the same. Papers: Caruana 1997, Multitask
    Learning; Kurin et al. 2022, In Defense of the Unitary Scalarization for Deep Multi-Task
    Learning.

    >>> {task: float(term) for task, term in EqualWeighting()({"group": 1.0, "hue": 3.0}).items()}
    {'group': 1.0, 'hue': 3.0}
    """

    def weigh(self, losses, training):
        """Return ones."""
        return ops.ones_like(losses), ops.zeros_like(losses)


@keras.saving.register_keras_serializable(package="mmtutorial")
class LinearScalarization(LossWeighting):
    """Which fixed weights are best? Those that a search on the validation split finds.

    Scalarization makes one number of several losses by weights that you choose, and that stay. Try
    some, as one tries learning rates: tuned so, it was found to reach what adaptive methods reach.

    ``loss_weights`` is ``{task: weight}``, each 0 or more, not all 0. ``{task: loss}`` -> weight
    times loss. Raises ``ValueError`` for weights of other tasks than the losses. Paper: Xin et al.
    2022, Do Current Multi-Task Optimization Methods in Deep Learning Even Help?

    >>> weighting = LinearScalarization({"group": 1.0, "hue": 0.2})
    >>> {task: float(term) for task, term in weighting({"group": 1.0, "hue": 5.0}).items()}
    {'group': 1.0, 'hue': 1.0}
    """

    def __init__(self, loss_weights: Mapping[str, float], **kwargs):
        super().__init__(**kwargs)
        names = check_tasks("loss_weights", loss_weights, of="weights")
        self.loss_weights = {
            name: check_number(f"loss_weights[{name!r}]", loss_weights[name], least=0, most=MOST)
            for name in names
        }
        if not any(self.loss_weights.values()):
            raise ValueError(f"loss_weights must not all be 0, got {self.loss_weights}")

    def build_weights(self):
        """Check that there is a weight for each task."""
        check_tasks("loss_weights", dict(self.loss_weights), self.tasks)

    def weigh(self, losses, training):
        """Return the weights that were chosen."""
        weights = [self.loss_weights[task] for task in self.tasks]
        return ops.convert_to_tensor(weights, "float32"), ops.zeros_like(losses)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "loss_weights": dict(self.loss_weights)}


@keras.saving.register_keras_serializable(package="mmtutorial")
class RandomLossWeighting(LossWeighting):
    """Does it matter which weights? Draw new ones in each step: a baseline to beat.

    The weights are ``tasks * softmax(z)`` of normal random numbers ``z``, so on average each is 1.
    While no training goes on, they are 1. A method that is no better than this has not shown that
    its weights matter.

    ``{task: loss}`` -> weight times loss. ``seed`` draws. Paper: Lin et al. 2022, Reasonable
    Effectiveness of Random Weighting: A Litmus Test for Multi-Task Learning.

    >>> terms = RandomLossWeighting(seed=0)({"group": 1.0, "hue": 1.0}, training=True)
    >>> round(float(sum(terms.values())), 4)
    2.0
    """

    def __init__(self, *, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.seed = check_whole("seed", seed, least=0, most=2**32 - 1)
        self.random = keras.random.SeedGenerator(self.seed)

    def weigh(self, losses, training):
        """Draw the weights of this step."""
        if not training:
            return ops.ones_like(losses), ops.zeros_like(losses)
        drawn = keras.random.normal((len(self.tasks),), seed=self.random)
        return len(self.tasks) * ops.softmax(drawn), ops.zeros_like(losses)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "seed": self.seed}


@keras.saving.register_keras_serializable(package="mmtutorial")
class UncertaintyWeighting(LossWeighting):
    """How noisy is a task? Learn a variance for each, and divide its loss by it.

    With ``s``, the logarithm of the variance, the term of a regression whose loss is the mean
    squared error is ``exp(-s) / 2 * loss + s / 2``, and that of a classification by cross-entropy
    ``exp(-s) * loss + s / 2``. The second summand keeps the variance from growing without end. For
    a loss that stays as it is, both are smallest where its weight is ``1 / (2 * loss)``: a large
    loss gets a small weight, whether the task is noisy or just hard.

    ``kinds`` is ``"classification"`` or ``"regression"``, for all tasks or as ``{task: kind}``.
    ``{task: loss}`` -> terms as above; all ``s`` begin at 0. Raises ``ValueError`` for kinds of
    other tasks than the losses. Paper: Kendall et al. 2018, Multi-Task Learning Using Uncertainty
    to Weigh Losses for Scene Geometry and Semantics.

    >>> weighting = UncertaintyWeighting({"group": "classification", "hue": "regression"})
    >>> {task: float(term) for task, term in weighting({"group": 1.0, "hue": 3.0}).items()}
    {'group': 1.0, 'hue': 1.5}
    """

    def __init__(self, kinds: str | Mapping[str, str] = "classification", **kwargs):
        super().__init__(**kwargs)
        if isinstance(kinds, str):
            self.kinds = check_choice("kinds", kinds, KINDS)
        else:
            check_dict("kinds", kinds, '{"group": "classification"}, or a text')
            names = check_tasks("kinds", kinds, of="kinds")
            self.kinds = {n: check_choice(f"kinds[{n!r}]", kinds[n], KINDS) for n in names}

    def build_weights(self):
        """Make the logarithms of the variances."""
        if isinstance(self.kinds, dict):
            check_tasks("kinds", dict(self.kinds), self.tasks)
        self.log_variances = self.add_numbers("log_variances", trainable=True)

    def weigh(self, losses, training):
        """Return one over the variance, or half of it, and half of its logarithm."""
        kinds = (
            self.kinds if isinstance(self.kinds, dict) else dict.fromkeys(self.tasks, self.kinds)
        )
        factors = [0.5 if kinds[task] == "regression" else 1.0 for task in self.tasks]
        log_variances = ops.convert_to_tensor(self.log_variances)
        weights = ops.convert_to_tensor(factors, "float32") * ops.exp(-log_variances)
        return weights, log_variances / 2

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        kinds = self.kinds if isinstance(self.kinds, str) else dict(self.kinds)
        return {**super().get_config(), "kinds": kinds}


@keras.saving.register_keras_serializable(package="mmtutorial")
class DynamicWeightAverage(LossWeighting):
    """Which task learns slowly? Give more weight to a loss that fell less in the last epoch.

    The weights of an epoch are ``tasks * softmax(r / temperature)``, where ``r`` is the mean loss
    of the epoch before, divided by that of the one before it. In the first two epochs all are 1;
    so they are for a task without a label.

    ``temperature``: the larger, the more alike the weights. ``{task: loss}`` -> weight times loss.
    Paper: Liu et al. 2019, End-to-End Multi-Task Learning with Attention.

    >>> weighting, losses = DynamicWeightAverage(1.0), {"group": 1.0, "hue": 1.0}
    >>> _ = weighting(losses)
    >>> weighting.end_epoch({"group": 2.0, "hue": 2.0})
    >>> weighting.end_epoch({"group": 2.0, "hue": 1.0})
    >>> {task: round(float(term), 2) for task, term in weighting(losses).items()}
    {'group': 1.24, 'hue': 0.76}
    """

    def __init__(self, temperature: float = 2.0, **kwargs):
        super().__init__(**kwargs)
        self.temperature = check_number("temperature", temperature, above=1e-3, most=MOST)

    def build_weights(self):
        """Make the weights of the tasks and their mean losses in the epoch before."""
        self.task_weights = self.add_numbers("task_weights", "ones")
        self.last_losses = self.add_numbers("last_losses")

    def weigh(self, losses, training):
        """Return the weights of this epoch."""
        return ops.convert_to_tensor(self.task_weights), ops.zeros_like(losses)

    def end_epoch(self, losses: Mapping[str, float]) -> None:
        """Choose the weights of the next epoch from the mean losses of this one, by task.

        Raises ``ValueError`` for other tasks than those of the first call, or before it.
        """
        if self.tasks is None:
            raise ValueError("losses must come after a first call, which says what the tasks are")
        names = check_tasks("losses", losses, self.tasks)
        bounds = {"least": -LARGEST_LOSS, "most": LARGEST_LOSS}
        now = [check_number(f"losses[{n!r}]", losses[n], **bounds) for n in names]
        last = ops.convert_to_numpy(self.last_losses)
        ratios = [a / b if a > 0 and b > 0 else 1.0 for a, b in zip(now, last, strict=True)]
        top = max(ratios)
        shares = [math.exp((ratio - top) / self.temperature) for ratio in ratios]
        self.task_weights.assign([len(names) * share / sum(shares) for share in shares])
        self.last_losses.assign(now)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "temperature": self.temperature}
