"""What every architecture shares: arrays come in, each task reads some of them, and has a head."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_share, check_sizes
from mmtutorial.encoders._base import build_layer, to_array
from mmtutorial.multi_task._parts import INPUT, check_encoders, check_heads, check_reads


class Architecture(layers.Layer):
    """Base of the architectures: encoders, what the subclass makes of them, and a head per task.

    Each encoder returns ``(batch, dim)``, all of one ``dim``; tasks that read several modalities
    get their mean. No task sees a modality that it does not read: ``share`` is called once for all
    tasks that read the same, with what they read.
    """

    def __init__(
        self,
        encoders: layers.Layer | Mapping[str, layers.Layer],
        heads: Mapping[str, int | layers.Layer],
        *,
        hidden: Sequence[int] = (),
        dropout: float = 0.0,
        reads: Mapping[str, str | Sequence[str]] | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoders = check_encoders(encoders)
        self.modalities = list(self.encoders)
        self.heads = check_heads(heads, self.dtype_policy)
        self.tasks = list(self.heads)
        self.hidden = check_sizes("hidden", hidden)
        self.dropout = check_share("dropout", dropout)
        self.reads = check_reads(reads, self.tasks, self.modalities)
        self._types = {}  # of each input, from the first call on; a text comes as whole numbers

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and check the names, before Keras does."""
        inputs = self._to_arrays(inputs)
        for name, array in inputs.items():
            self._types.setdefault(name, keras.backend.standardize_dtype(array.dtype))
        return super().__call__(inputs, *args, **kwargs)

    def _to_arrays(self, inputs: Any) -> dict[str, Any]:
        """Return ``{modality: array}``, rows for rows; refuse other modalities."""
        if self.modalities == [INPUT] and not isinstance(inputs, dict):
            inputs = {INPUT: inputs}
        takes = " and ".join(map(repr, self.modalities))
        if not isinstance(inputs, dict):
            raise TypeError(
                f"inputs must be a dict of arrays keyed by modality, {takes}; got "
                f"{type(inputs).__name__}"
            )
        for name in (*inputs, *self.modalities):
            if name not in self.modalities or name not in inputs:
                what = "missing" if name in self.modalities else "unexpected"
                raise ValueError(f"{what} modality {name!r}; this model takes {takes}")
        arrays = {name: to_array(f"inputs[{name!r}]", inputs[name]) for name in self.modalities}
        rows = {name: array.shape[0] if array.shape else 0 for name, array in arrays.items()}
        if len({count for count in rows.values() if count is not None}) > 1 or 0 in [
            len(array.shape) for array in arrays.values()
        ]:
            raise ValueError(f"inputs must hold as many rows in each modality, got {rows}")
        return arrays

    def check_values(self, inputs: Mapping[str, Any]) -> None:
        """Refuse what an encoder knows that it cannot take, where values can be seen."""
        for name, encoder in self.encoders.items():
            if hasattr(encoder, "check_values"):
                encoder.check_values(inputs[name])

    def build(self, input_shape):
        """Make all weights for inputs of these shapes."""
        shapes = input_shape if isinstance(input_shape, dict) else {INPUT: input_shape}
        dims = self.build_encoders({name: tuple(shapes[name]) for name in self.modalities})
        if len(set(dims.values())) > 1 or any(len(dim) != 1 for dim in dims.values()):
            raise ValueError(
                "encoders must all return (batch, dim) of one dim, so that a task can read any of "
                f"them; after batch they return {dims}"
            )
        dim = next(iter(dims.values()))[0]
        self.build_sharing(dim)
        for head in self.heads.values():
            build_layer(head, (None, self._shared_size(dim)))

    def build_encoders(self, shapes: Mapping[str, tuple]) -> dict[str, tuple]:
        """Make the weights of the encoders; return what shape each vector has."""
        return {
            name: build_layer(self.encoders[name], shape, self._types.get(name))[1:]
            for name, shape in shapes.items()
        }

    def _encode(self, inputs: Mapping[str, Any], training: bool | None) -> dict[str, Any]:
        """Return a vector of each modality, ``{modality: (batch, dim)}``."""
        return {n: self.encoders[n](inputs[n], training=training) for n in self.modalities}

    def call(self, inputs, training=None):
        """Return ``{task: what its head says}``."""
        vectors, shared = self._encode(self._to_arrays(inputs), training), {}
        for names, tasks in self._readers().items():
            shared |= self.share(_mean([vectors[name] for name in names]), tasks, training)
        return {task: self.heads[task](shared[task]) for task in self.tasks}

    def _readers(self) -> dict[tuple, list[str]]:
        """Return the tasks that read the same modalities, by the modalities."""
        groups = {}
        for task, names in self.reads.items():
            groups.setdefault(tuple(names), []).append(task)
        return groups

    def compute_output_shape(self, input_shape):
        """Return the shape of each head's output."""
        shapes = input_shape if isinstance(input_shape, dict) else {INPUT: input_shape}
        shape = tuple(shapes[self.modalities[0]])
        batch = shape[0]
        dim = self.encoders[self.modalities[0]].compute_output_shape(shape)[-1]
        size = self._shared_size(dim)
        return {
            task: (batch, *tuple(head.compute_output_shape((batch, size)))[1:])
            for task, head in self.heads.items()
        }

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "encoders": {name: serialize(layer) for name, layer in self.encoders.items()},
            "heads": {task: serialize(head) for task, head in self.heads.items()},
            "hidden": self.hidden,
            "dropout": self.dropout,
            "reads": {task: list(names) for task, names in self.reads.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Architecture":
        """Make the layer again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        parts = {key: {n: restore(layer) for n, layer in config[key].items()} for key in
                 ("encoders", "heads")}  # fmt: skip
        return cls(**{**config, **parts})

    def get_build_config(self) -> dict[str, Any] | None:
        """Return what `build_from_config` needs: the shapes and types of the inputs."""
        config = super().get_build_config()
        return config and {**config, "types": dict(self._types)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights again."""
        self._types = dict(config.get("types", {}))
        super().build_from_config({key: value for key, value in config.items() if key != "types"})

    def _shared_size(self, dim: int) -> int:
        """Return the size of what `share` returns."""
        return self.hidden[-1] if self.hidden else dim

    def build_sharing(self, dim: int) -> None:
        """Make the weights between encoders and heads."""
        raise NotImplementedError(f"{type(self).__name__} must say in build_sharing what it has")

    def share(self, vector: Any, tasks: Sequence[str], training: bool | None) -> dict[str, Any]:
        """Return ``{task: (batch, size)}`` for the heads of these tasks, which read ``vector``."""
        raise NotImplementedError(f"{type(self).__name__} must say in share what tasks share")


def _mean(vectors):
    return vectors[0] if len(vectors) == 1 else ops.mean(ops.stack(vectors), axis=0)
