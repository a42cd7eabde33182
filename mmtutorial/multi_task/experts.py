"""Several experts, and a gate for each task: tasks share as much as each of them wants to."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_sizes, check_whole
from mmtutorial.multi_task._architecture import Architecture, _mean
from mmtutorial.multi_task._parts import Stack


def _mix(outputs, gate, vector):
    """Return the mixture of experts' outputs that a gate asks for, and its shares."""
    if gate is None:
        return outputs[0]
    shares = gate(vector)
    return ops.einsum("be,bed->bd", shares, ops.stack(outputs, axis=1))


@keras.saving.register_keras_serializable(package="mmtutorial")
class MMoE(Architecture):
    """Which experts does a task want? Multi-gate mixture-of-experts: a gate for each task.

    All tasks share the same experts, stacks of dense layers. Each task has a gate, a linear map of
    what it reads and a softmax, and goes on with the average of the experts by these shares.

    Parameters
    ----------
    encoders, heads, dropout, reads : as in `HardSharing`
    hidden : sizes of the dense layers with ReLU of each expert, at least one
    num_experts : how many experts; with one, it is `HardSharing`, and there is no gate

    Inputs and outputs are those of `HardSharing`. Of E experts and vectors of ``dim`` numbers, it
    has as many weights as the encoders, the heads, E times the hidden layers, and ``(dim + 1) * E``
    for the gate of each task. Raises as `HardSharing` does. Paper: Ma et al. 2018, Modeling Task
    Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts.

    >>> model = MMoE(layers.Flatten(), {"group": 8, "hue": 1}, hidden=(16,), num_experts=3)
    >>> {task: tuple(shares.shape) for task, shares in model.gates(ops.ones((2, 4))).items()}
    {'group': (2, 3), 'hue': (2, 3)}
    """

    def __init__(
        self,
        encoders: layers.Layer | Mapping[str, layers.Layer],
        heads: Mapping[str, int | layers.Layer],
        *,
        hidden: Sequence[int],
        num_experts: int = 4,
        dropout: float = 0.0,
        reads: Mapping[str, str | Sequence[str]] | None = None,
        **kwargs,
    ):
        check_sizes("hidden", hidden, least_count=1)
        super().__init__(encoders, heads, hidden=hidden, dropout=dropout, reads=reads, **kwargs)
        self.num_experts = check_whole("num_experts", num_experts, least=1)
        options = {"dropout": dropout, "dtype": self.dtype_policy}
        self.experts = [Stack(self.hidden, **options) for _ in range(self.num_experts)]
        self.task_gates = {}
        if self.num_experts > 1:
            self.task_gates = {t: _gate(self.num_experts, self.dtype_policy) for t in self.tasks}

    def build_sharing(self, dim: int) -> None:
        """Make experts and gates."""
        for layer in (*self.experts, *self.task_gates.values()):
            layer.build((None, dim))

    def share(self, vector: Any, tasks: Sequence[str], training: bool | None) -> dict[str, Any]:
        """Ask all experts, and mix what they say for each task."""
        outputs = [expert(vector, training=training) for expert in self.experts]
        return {task: _mix(outputs, self.task_gates.get(task), vector) for task in tasks}

    def gates(self, inputs: Any) -> dict[str, Any]:
        """Return each task's shares of the experts, ``{task: (batch, experts)}``, which sum to 1.

        Raises as a call of the model does.
        """
        inputs = self._to_arrays(inputs)
        if not self.built:
            self(inputs)
        vectors = self._encode(inputs, False)
        found = {}
        for task, names in self.reads.items():
            vector, gate = _mean([vectors[name] for name in names]), self.task_gates.get(task)
            found[task] = ops.ones_like(vector[:, :1]) if gate is None else gate(vector)
        return found

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "num_experts": self.num_experts}


def _gate(experts, dtype):
    """Return a gate over so many experts, or None where there is nothing to choose."""
    return layers.Dense(experts, activation="softmax", dtype=dtype) if experts > 1 else None


class ExtractionLevel(layers.Layer):
    """One level of `PLE`: shared experts, experts of each task, a gate for each that goes on."""

    def __init__(self, size, tasks, shared_experts, task_experts, *, goes_on, dropout, **kwargs):
        super().__init__(**kwargs)
        self.tasks, self.task_experts, dtype = list(tasks), task_experts, self.dtype_policy
        every, per_task = shared_experts + len(tasks) * task_experts, shared_experts + task_experts
        self.experts = [Stack((size,), dropout=dropout, dtype=dtype) for _ in range(every)]
        self.task_gates = {t: _gate(per_task, dtype) for t in self.tasks if per_task > 1}
        self.shared_gate = _gate(every, dtype) if goes_on and every > 1 else None

    def build(self, input_shape):
        """Make the weights."""
        for layer in (*self.experts, *self.task_gates.values(), self.shared_gate):
            if layer is not None:
                layer.build(input_shape)
        self.built = True

    def call(self, streams, common, training=None):
        """Return the mixture that each task goes on with, and that of all experts."""
        asked = iter(self.experts)
        own = {
            task: [next(asked)(streams[task], training=training) for _ in range(self.task_experts)]
            for task in self.tasks
        }
        shared = [expert(common, training=training) for expert in asked]
        mixed = {
            task: _mix([*shared, *own[task]], self.task_gates.get(task), streams[task])
            for task in self.tasks
        }
        everyone = [*shared, *(output for outputs in own.values() for output in outputs)]
        return mixed, _mix(everyone, self.shared_gate, common)


@keras.saving.register_keras_serializable(package="mmtutorial")
class PLE(Architecture):
    """Can a task keep something to itself? Progressive layered extraction: own experts, and shared.

    Each level has experts that all tasks share, and experts of each task alone; an expert is a
    dense layer with ReLU. A task's gate chooses between its own and the shared ones, never among
    those of another task. Between levels, the shared experts go on with a mixture of all. So what
    suits one task alone need not disturb the others.

    Parameters
    ----------
    encoders, heads, dropout, reads : as in `HardSharing`
    hidden : the size of the experts of each level, at least one
    shared_experts : how many experts all tasks share in each level, at least one
    task_experts : how many each task has for itself; with none and one shared expert, it is
        `HardSharing`, and there is no gate

    Inputs and outputs are those of `HardSharing`. Of T tasks, S shared and K own experts, a level
    from ``dim`` to ``size`` numbers has ``(S + T K) (dim + 1) size`` weights in experts, ``T (dim +
    1) (S + K)`` in gates, and, but for the last level, ``(dim + 1) (S + T K)`` in the shared gate;
    a gate with one expert is left out. Raises as `HardSharing` does. Paper: Tang et al. 2020,
    Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model for Personalized
    Recommendations.

    >>> model = PLE(layers.Flatten(), {"group": 8, "hue": 1}, hidden=(16, 16), task_experts=2)
    >>> {task: tuple(output.shape) for task, output in model(ops.ones((2, 4))).items()}
    {'group': (2, 8), 'hue': (2, 1)}
    """

    def __init__(
        self,
        encoders: layers.Layer | Mapping[str, layers.Layer],
        heads: Mapping[str, int | layers.Layer],
        *,
        hidden: Sequence[int],
        shared_experts: int = 1,
        task_experts: int = 1,
        dropout: float = 0.0,
        reads: Mapping[str, str | Sequence[str]] | None = None,
        **kwargs,
    ):
        check_sizes("hidden", hidden, least_count=1)
        super().__init__(encoders, heads, hidden=hidden, dropout=dropout, reads=reads, **kwargs)
        self.shared_experts = check_whole("shared_experts", shared_experts, least=1)
        self.task_experts = check_whole("task_experts", task_experts, least=0)
        counts, last = (self.shared_experts, self.task_experts), len(self.hidden) - 1
        self.levels = [
            ExtractionLevel(size, self.tasks, *counts, goes_on=level < last, dropout=dropout,
                            dtype=self.dtype_policy)
            for level, size in enumerate(self.hidden)
        ]  # fmt: skip

    def build_sharing(self, dim: int) -> None:
        """Make experts and gates, level by level."""
        for level, size in zip(self.levels, (dim, *self.hidden[:-1]), strict=True):
            level.build((None, size))

    def share(self, vector: Any, tasks: Sequence[str], training: bool | None) -> dict[str, Any]:
        """Send what the tasks read through the levels."""
        streams, common = dict.fromkeys(self.tasks, vector), vector
        for level in self.levels:
            streams, common = level(streams, common, training=training)
        return {task: streams[task] for task in tasks}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {
            **super().get_config(),
            "shared_experts": self.shared_experts,
            "task_experts": self.task_experts,
        }
