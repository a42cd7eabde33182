"""What do tasks share? Nothing but heads apart, or layers that each task mixes for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_number
from mmtutorial.encoders._base import build_layer
from mmtutorial.multi_task._architecture import Architecture
from mmtutorial.multi_task._parts import Stack, clone


@keras.saving.register_keras_serializable(package="mmtutorial")
class HardSharing(Architecture):
    """What if all tasks use the same layers? One body, and a head for each task.

    Every weight but those of the heads learns from every task, so each task has all data of the
    others to learn from, and must bear with what they make of the weights: hard parameter sharing.

    Parameters
    ----------
    encoders : a layer ``(batch, ...) -> (batch, dim)``, or a dict of one by modality, all of one
        ``dim``
    heads : ``{task: size}``, how many numbers the task's dense head returns, such as the number of
        classes; or a layer of your own. Heads return logits
    hidden : sizes of the dense layers with ReLU that all tasks share
    dropout : share of each hidden layer set to 0 while training
    reads : ``{task: modality}``, or a list of them; what several encoders return is averaged. By
        default, each task reads all

    ``{modality: array}``, or an array if the encoder came alone -> ``{task: (batch, size)}``. With
    a body of ``n`` layers it has as many weights as the encoders, and ``(in + 1) * out`` for each
    hidden layer and each head. Raises ``ValueError`` for an encoder of another dim, other
    modalities, and a task whose name clashes with what training reports, such as ``"loss"``.
    Paper: Caruana 1997, Multitask Learning.

    >>> encoders = {"image": layers.Flatten(), "text": layers.Flatten()}
    >>> reads = {"group": ["image", "text"], "hue": "image"}
    >>> model = HardSharing(encoders, {"group": 8, "hue": 1}, hidden=(16,), reads=reads)
    >>> outputs = model({"image": ops.ones((2, 4)), "text": ops.ones((2, 4))})
    >>> {task: tuple(output.shape) for task, output in outputs.items()}
    {'group': (2, 8), 'hue': (2, 1)}
    """

    def build_sharing(self, dim: int) -> None:
        """Make the one body."""
        self.body = Stack(self.hidden, dropout=self.dropout, dtype=self.dtype_policy)
        self.body.build((None, dim))

    def share(self, vector: Any, tasks: Sequence[str], training: bool | None) -> dict[str, Any]:
        """Send what the tasks read through the same layers."""
        return dict.fromkeys(tasks, self.body(vector, training=training))


@keras.saving.register_keras_serializable(package="mmtutorial")
class CrossStitch(Architecture):
    """How much should two networks share? Let each layer learn how to mix the tasks.

    Each task has a network of its own: copies of all encoders, and hidden layers.
    After the encoders, and after each hidden layer, a cross-stitch unit mixes: what a task goes on
    with is a weighted sum of what all tasks have there. The weights, ``(tasks, tasks)``, are
    learnt; they begin near the identity, so the tasks begin nearly apart.

    Parameters
    ----------
    encoders, heads, hidden, dropout, reads : as in `HardSharing`; each task has encoders like them,
        with first weights of their own. Tasks that read different modalities share all the same:
        what a task reads goes through all networks
    own : the weight that a task's own layer begins with; the rest of 1 is for the others, evenly

    Inputs and outputs are those of `HardSharing`. Of T tasks it has as many weights as T networks
    apart, and ``T * T`` for each of the ``len(hidden) + 1`` units. Raises as `HardSharing` does,
    and for an encoder that cannot be made again from its configuration. Paper: Misra et al. 2016,
    Cross-Stitch Networks for Multi-Task Learning.

    >>> model = CrossStitch(layers.Flatten(), {"group": 8, "hue": 1}, own=0.9)
    >>> _ = model(ops.ones((2, 4)))
    >>> model.stitches[0].numpy().round(1)
    array([[0.9, 0.1],
           [0.1, 0.9]], dtype=float32)
    """

    def __init__(
        self,
        encoders: layers.Layer | Mapping[str, layers.Layer],
        heads: Mapping[str, int | layers.Layer],
        *,
        hidden: Sequence[int] = (),
        dropout: float = 0.0,
        reads: Mapping[str, str | Sequence[str]] | None = None,
        own: float = 0.9,
        **kwargs,
    ):
        super().__init__(encoders, heads, hidden=hidden, dropout=dropout, reads=reads, **kwargs)
        self.own = check_number("own", own, least=0, most=1)
        others = range(1, len(self.tasks))  # the first task takes the encoders that came
        self.copies = [clone(self.encoders[name]) for _ in others for name in self.modalities]
        self.layers_apart = [
            Stack((size,), dropout=dropout, dtype=self.dtype_policy)
            for size in self.hidden
            for _ in self.tasks
        ]

    def build_encoders(self, shapes: Mapping[str, tuple]) -> dict[str, tuple]:
        """Make the weights of the encoders, one set for each task."""
        for place, copy in enumerate(self.copies):
            name = self.modalities[place % len(self.modalities)]
            build_layer(copy, shapes[name], self._types.get(name))
        return super().build_encoders(shapes)

    def build_sharing(self, dim: int) -> None:
        """Make the hidden layers of each task, and the cross-stitch units."""
        tasks = len(self.tasks)
        rest = (1 - self.own) / max(tasks - 1, 1)
        own = self.own if tasks > 1 else 1.0
        start = rest + (own - rest) * np.eye(tasks)
        self.stitches = [
            self.add_weight(
                (tasks, tasks),
                lambda shape, dtype: ops.convert_to_tensor(start, dtype),
                name=f"stitch_{level}",
            )
            for level in range(len(self.hidden) + 1)
        ]
        sizes = (dim, *self.hidden)
        for place, layer in enumerate(self.layers_apart):
            layer.build((None, sizes[place // tasks]))

    def _encode(self, inputs: Mapping[str, Any], training: bool | None) -> dict[str, Any]:
        """Return what each task's encoder makes, ``{modality: (tasks, batch, dim)}``."""
        first = super()._encode(inputs, training)
        found = {name: [vector] for name, vector in first.items()}
        for place, copy in enumerate(self.copies):
            name = self.modalities[place % len(self.modalities)]
            found[name].append(copy(inputs[name], training=training))
        return {name: ops.stack(vectors) for name, vectors in found.items()}

    def share(self, vector: Any, tasks: Sequence[str], training: bool | None) -> dict[str, Any]:
        """Mix what the tasks have, layer by layer."""
        count = len(self.tasks)
        for level, stitch in enumerate(self.stitches):
            if level:
                layers_here = self.layers_apart[(level - 1) * count : level * count]
                each = zip(layers_here, ops.unstack(vector, count), strict=True)
                vector = ops.stack([layer(x, training=training) for layer, x in each])
            stitch = ops.cast(stitch, vector.dtype)
            vector = ops.einsum("st,tbd->sbd", stitch, vector)
        return {task: vector[self.tasks.index(task)] for task in tasks}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "own": self.own}
