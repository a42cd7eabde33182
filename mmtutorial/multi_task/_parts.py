"""Parts of architectures: encoders, heads, dense layers, and which task reads what."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from mmtutorial._checks import check_list, check_sizes, check_text
from mmtutorial.encoders._base import check_layer
from mmtutorial.multi_task._tasks import check_task_names, check_tasks

INPUT = "input"  # the modality of an encoder that comes without a name


def check_encoders(given: Any) -> dict[str, layers.Layer]:
    """Return one layer for each modality; a layer that comes alone is that of ``"input"``."""
    if not isinstance(given, dict):
        return {INPUT: check_layer("encoders", given)}
    if not given or not all(isinstance(name, str) and name for name in given):
        raise ValueError(f"encoders must be named by texts, at least one, got {list(given)}")
    return {name: check_layer(f"encoders[{name!r}]", given[name]) for name in sorted(given)}


def check_heads(given: Any, dtype: Any) -> dict[str, layers.Layer]:
    """Return the head of each task: a layer, or a dense one of so many numbers."""
    heads = {}
    for task in check_task_names("heads", given):
        head = given[task]
        if not isinstance(head, layers.Layer):
            (units,) = check_sizes(f"heads[{task!r}]", [head])
            head = layers.Dense(units, dtype=dtype)
        heads[task] = head
    return heads


def check_reads(given: Any, tasks: Sequence[str], modalities: Sequence[str]) -> dict[str, list]:
    """Return which modalities each task reads; None stands for all of them."""
    if given is None:
        return {task: list(modalities) for task in tasks}
    check_tasks("reads", given, tasks, of="modalities")
    reads = {}
    for task in tasks:
        name, names = f"reads[{task!r}]", given[task]
        names = [names] if isinstance(names, str) else check_list(name, names, "modalities")
        for modality in names:
            if check_text(name, modality) not in modalities or names.count(modality) > 1:
                raise ValueError(f"{name} must name some of {list(modalities)}, got {names}")
        reads[task] = sorted(names)
    unread = set(modalities).difference(*reads.values())
    if unread:
        raise ValueError(f"reads must name each encoder, but no task reads {sorted(unread)}")
    return reads


def clone(layer: layers.Layer) -> layers.Layer:
    """Return a layer of the same configuration with weights of its own."""
    config = keras.saving.serialize_keras_object(layer)
    config["config"].pop("name", None)
    return keras.saving.deserialize_keras_object(config)


class Stack(layers.Layer):
    """Dense layers with ReLU, each followed by dropout; of no sizes, what comes goes out."""

    def __init__(self, sizes: Sequence[int] = (), *, dropout: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.sizes, self.dropout = tuple(sizes), dropout
        self.stack = []
        for units in self.sizes:
            self.stack.append(layers.Dense(units, activation="relu", dtype=self.dtype_policy))
            self.stack.append(layers.Dropout(dropout, dtype=self.dtype_policy))

    def build(self, input_shape):
        """Make the weights."""
        for layer in self.stack:
            layer.build(input_shape)
            input_shape = layer.compute_output_shape(input_shape)

    def call(self, x, training=None):
        """Return the last layer's output."""
        for layer in self.stack:
            x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
        return x

    def compute_output_shape(self, input_shape):
        """Return ``(batch, last size)``."""
        return (input_shape[0], *(self.sizes[-1:] or input_shape[1:]))

    def get_config(self):
        """Return the arguments."""
        return {**super().get_config(), "sizes": self.sizes, "dropout": self.dropout}
