"""Networks whose outputs are as correlated as can be: deep canonical correlation analysis."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_array, check_counts, check_number, check_seed, check_whole
from mmtutorial.cross_modal._batches import FullBatches
from mmtutorial.cross_modal._views import check_names
from mmtutorial.cross_modal.correlation import LinearCCA
from mmtutorial.cross_modal.correlation_loss import LARGEST_RIDGE, dcca_loss
from mmtutorial.encoders._base import build_layer, check_layer, to_array

CHUNK = 4096  # rows that are encoded at once


@keras.saving.register_keras_serializable(package="mmtutorial")
class DeepCCA(keras.Model):
    """Train an encoder for each modality so that what they return is correlated.

    ``fit`` trains both by `dcca_loss`, in large batches, and then finds the directions of a
    `LinearCCA` between their outputs, which gives each component its axis and holds for new items.

    Parameters
    ----------
    encoders : dict of one layer for each of two modalities, ``(batch, ...) -> (batch, dim)``
    components : how many canonical variates, at most the smaller ``dim``
    regularization : added to each variance of the outputs, in the loss and in the linear CCA

    ``{modality: array}`` -> ``{modality: (batch, dim)}``, the encoders' outputs; `transform`
    returns the canonical variates, `score` their correlations, on any items. A high correlation on
    training items proves nothing: two networks can learn to agree about noise. Give ``fit``
    ``validation_data``, and its history holds the correlation of held-out items beside it. Raises
    ``ValueError`` for a missing or unexpected modality. Paper: Andrew et al. 2013, Deep Canonical
    Correlation Analysis.

    >>> model = DeepCCA({"image": layers.Dense(4), "text": layers.Dense(3)}, 2)
    >>> model.compile("adam")
    >>> views = {"image": np.eye(64, 5), "text": np.eye(64, 5)}
    >>> _ = model.fit(views, batch_size=64, epochs=1, verbose=0)
    >>> model.transform({"text": np.eye(5)})["text"].shape
    (5, 2)
    """

    def __init__(
        self,
        encoders: Mapping[str, layers.Layer],
        components: int,
        *,
        regularization: float = 1e-3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        names = check_names("encoders", encoders)
        self.encoders = {name: check_layer(f"encoders[{name!r}]", encoders[name]) for name in names}
        self.modalities = names
        self.components = check_whole("components", components, least=1)
        self.regularization = check_number(
            "regularization", regularization, above=0, most=LARGEST_RIDGE
        )
        self.supports_jit = False  # decompositions of small matrices gain nothing from it

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and check the names, before Keras does."""
        names = check_names("inputs", inputs, self.modalities)
        inputs = {name: to_array(f"inputs[{name!r}]", inputs[name]) for name in names}
        rows = {name: array.shape[0] if array.shape else 0 for name, array in inputs.items()}
        if None not in rows.values() and len(set(rows.values())) > 1:
            raise ValueError(f"inputs must hold as many rows in each modality, got {rows}")
        return super().__call__(inputs, *args, **kwargs)

    def build(self, input_shape):
        """Make the weights of both encoders, and room for the linear CCA."""
        self.means, self.directions, frozen = {}, {}, {"trainable": False, "initializer": "zeros"}
        for name in self.modalities:
            shape = build_layer(self.encoders[name], tuple(input_shape[name]))
            if len(shape) != 2 or shape[-1] < self.components:
                raise ValueError(
                    f"encoders[{name!r}] must return (batch, dim), with at least "
                    f"{self.components} numbers for the components, got {shape}"
                )
            dim = shape[-1]
            self.means[name] = self.add_weight((dim,), name=f"means_{name}", **frozen)
            self.directions[name] = self.add_weight(
                (dim, self.components), name=f"directions_{name}", **frozen
            )
        self.correlations = self.add_weight((self.components,), name="correlations", **frozen)
        self.built = True

    def call(self, inputs, training=None):
        """Encode both modalities."""
        return {name: self.encoders[name](inputs[name], training=training) for name in inputs}

    def compute_output_shape(self, input_shape):
        """Return ``{modality: (batch, dim)}``."""
        return {
            name: tuple(self.encoders[name].compute_output_shape(tuple(input_shape[name])))
            for name in self.modalities
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return `dcca_loss`, and what the encoders add to it."""
        outputs = [y_pred[name] for name in self.modalities]
        loss = dcca_loss(*outputs, regularization=self.regularization)
        return sum((ops.cast(each, loss.dtype) for each in self.losses), loss)

    def fit(
        self,
        x: Mapping[str, np.ndarray],
        *,
        batch_size: int = 1024,
        epochs: int = 1,
        validation_data: Mapping[str, np.ndarray] | None = None,
        seed: int = 0,
        callbacks: Sequence = (),
        **kwargs,
    ) -> keras.callbacks.History:
        """Train as Keras does, then find the linear CCA of what the encoders return for ``x``.

        Batches hold ``batch_size`` rows, or all if there are fewer; what is left over takes part in
        another epoch. With ``validation_data``, a dict such as ``x``, the history holds
        ``correlation`` and ``val_correlation`` for each epoch: the mean over the components, along
        the directions of the training items. Further arguments are those of ``keras.Model.fit``.
        Raises ``ValueError`` for arrays of several lengths or with NaN, and for a batch that is not
        larger than the vectors are wide, where any outputs are fully correlated.
        """
        x = self._check_views("x", x)
        rows = len(x[self.modalities[0]])
        size = min(check_whole("batch_size", batch_size, least=2), rows)
        if not self.built:
            self({name: view[:2] for name, view in x.items()})
        if size <= (dim := max(mean.shape[0] for mean in self.means.values())):
            raise ValueError(
                f"batch_size must be above {dim}, the width of the encoders' outputs, got {size}"
            )
        watch = []
        if validation_data is not None:
            watch.append(_Watch(x, self._check_views("validation_data", validation_data)))
        batches = FullBatches(x, size, check_seed("seed", seed))
        # the watch comes first, so that other callbacks see what it adds
        history = super().fit(batches, epochs=epochs, callbacks=[*watch, *callbacks], **kwargs)
        self.fit_linear(x)
        return history

    def _check_views(self, argument, given, *, part=False):
        """Return arrays with finite numbers that the encoders take; if both, of as many rows."""
        names = check_names(argument, given, self.modalities, part=part)
        views = {f"{argument}[{name!r}]": given[name] for name in names}
        views = {label: check_array(label, view) for label, view in views.items()}
        counted = {label: view if view.ndim else () for label, view in views.items()}
        for each in [{label: view} for label, view in counted.items()] if part else [counted]:
            check_counts(each)
        views = dict(zip(names, views.values(), strict=True))
        for name, view in views.items():
            if hasattr(self.encoders[name], "check_values"):
                self.encoders[name].check_values(view)
        return views

    def _encode(self, views):
        """Return what the encoders make of arrays of any length, ``{modality: (items, dim)}``."""
        found = {}
        for name, view in views.items():
            parts = [view[start : start + CHUNK] for start in range(0, len(view), CHUNK)]
            parts = [_to_numpy(self.encoders[name](part, training=False)) for part in parts]
            found[name] = np.concatenate(parts)
        return found

    def fit_linear(self, inputs: Mapping[str, np.ndarray]) -> None:
        """Find the directions of the linear CCA anew, as ``fit`` does at its end."""
        cca = LinearCCA(self.components, regularization=self.regularization)
        cca.fit(self._encode(self._check_views("inputs", inputs)))
        for name in self.modalities:
            self.means[name].assign(cca.means[name])
            self.directions[name].assign(cca.directions[name])
        self.correlations.assign(cca.correlations)

    def _linear(self) -> LinearCCA:
        """Return the linear CCA, made of the weights that are saved with the model."""
        directions = {
            name: _to_numpy(each) for name, each in getattr(self, "directions", {}).items()
        }
        if not any(each.any() for each in directions.values()):
            raise RuntimeError("DeepCCA has no directions yet: call fit(...) first")
        cca = LinearCCA(self.components, regularization=self.regularization)
        cca.modalities, cca.directions = self.modalities, directions
        cca.means = {name: _to_numpy(each) for name, each in self.means.items()}
        cca.correlations = _to_numpy(self.correlations)
        return cca

    def transform(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the canonical variates of one modality or both.

        ``{modality: (items, components)}``, each for itself, so the number of items may differ.
        Raises ``ValueError`` for other modalities or shapes, ``RuntimeError`` before ``fit``.
        """
        cca = self._linear()
        return cca.transform(self._encode(self._check_views("inputs", inputs, part=True)))

    def score(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return how correlated each pair of canonical variates is on these items.

        An array ``(components,)`` in -1..1. Raises as `transform` does.
        """
        cca = self._linear()
        return cca.score(self._encode(self._check_views("inputs", inputs)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "encoders": {name: serialize(layer) for name, layer in self.encoders.items()},
            "components": self.components,
            "regularization": self.regularization,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DeepCCA":
        """Make the model again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        encoders = {name: restore(layer) for name, layer in config["encoders"].items()}
        return cls(**{**config, "encoders": encoders})


class _Watch(keras.callbacks.Callback):
    """After each epoch, say how correlated training items are, and held-out ones."""

    def __init__(self, seen, held_out):
        super().__init__()
        self.views = {"correlation": seen, "val_correlation": held_out}

    def on_epoch_end(self, epoch, logs=None):
        outputs = {what: self.model._encode(views) for what, views in self.views.items()}
        cca = LinearCCA(self.model.components, regularization=self.model.regularization)
        cca.fit(outputs["correlation"])
        logs.update({what: float(cca.score(each).mean()) for what, each in outputs.items()})


def _to_numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))
