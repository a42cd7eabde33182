"""A model of pairs: what comes in, batches of one size, and how it is compiled and exported."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from mmtutorial._checks import check_array, check_counts, check_seed, check_whole
from mmtutorial._doors import ExportDoors
from mmtutorial.cross_modal._pair_batches import PairBatches
from mmtutorial.cross_modal._views import check_names
from mmtutorial.encoders._base import to_array

BATCH_SIZE = 512
NO_DATASET = (dict, list, tuple, np.ndarray, str, bytes, type(None))
NOT_FOR_PAIRS = ("validation_split", "sample_weight", "class_weight")


def freeze(layer: keras.layers.Layer) -> None:
    """Keep all weights of a layer from training.

    A loaded layer may say that it is frozen while its weights are not; and on TensorFlow, Keras
    skips an attribute that has its new value already.
    """
    layer.trainable = True
    layer.trainable = False


def check_vector(name: str, shape: tuple, given: tuple) -> None:
    """Refuse what an encoder returns, if it is no vector for each row."""
    if len(shape) != 2:
        raise ValueError(
            f"encoders[{name!r}] must return (batch, dim); of inputs[{name!r}] of shape "
            f"{tuple(given)} it returns {tuple(shape)}"
        )


class PairModel(ExportDoors, keras.Model):
    """Base of a model of two modalities, ``self.encoders``, that is trained on whole batches.

    Arrays are looked at on their way in, and cut into batches of one size: a smaller last batch
    would be an easier task. What comes as a ``tf.data.Dataset`` or a ``keras.utils.PyDataset`` is
    taken as it is, so let it drop the rest.
    """

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and check names and rows, before Keras does."""
        names = check_names("inputs", inputs, self.modalities, part=True)
        inputs = {name: to_array(f"inputs[{name!r}]", inputs[name]) for name in names}
        rows = {name: array.shape[0] if array.shape else 0 for name, array in inputs.items()}
        if None not in rows.values() and len(set(rows.values())) > 1:
            raise ValueError(f"inputs must hold as many rows in each modality, got {rows}")
        if not self.built and len(names) == 1:
            raise ValueError(
                f"inputs must hold {' and '.join(self.modalities)} at the first call, which makes "
                f"the weights; got {names[0]} alone"
            )
        self._remember(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _look_at(self, inputs):
        """Return inputs for a compiled graph, after a look at those that are NumPy arrays."""
        if not isinstance(inputs, NO_DATASET):
            return inputs
        names = check_names("inputs", inputs, self.modalities, part=True)
        views = {name: check_array(f"inputs[{name!r}]", inputs[name]) for name in names}
        check_counts({f"inputs[{n!r}]": v if v.ndim else () for n, v in views.items()})
        for name, view in views.items():
            if hasattr(self.encoders[name], "check_values"):
                self.encoders[name].check_values(view)
        return views

    def _look_at_targets(self, y):
        """Return which item each pair is of, if that is what they are."""
        if y is None or not isinstance(y, NO_DATASET):
            return y
        ids = check_array("y", y, kinds="iu")
        if ids.ndim != 1:
            raise ValueError(
                f"y must say which item each pair is of, whole numbers (rows,), got {ids.shape}"
            )
        return ids

    def _to_batches(self, x, y, batch_size, rng, *, fixed=False):
        """Return arrays in batches of one size, and datasets as they are."""
        if not isinstance(x, NO_DATASET):
            return x
        inputs, ids = self._look_at(x), self._look_at_targets(y)
        check_names("inputs", inputs, self.modalities)
        parts = dict(inputs) if ids is None else {**inputs, "y": ids}
        size = BATCH_SIZE if batch_size is None else check_whole("batch_size", batch_size, least=2)
        rows = check_counts(parts)
        if rows < 2:
            raise ValueError("inputs must hold at least two pairs to tell apart, got one")
        return PairBatches(inputs, ids, min(size, rows), rng, fixed=fixed)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int | None = None,
        epochs: int = 1,
        validation_data: Any = None,
        seed: int = 0,
        **kwargs,
    ) -> keras.callbacks.History:
        """Train as Keras does, in batches of one size.

        ``x`` is ``{modality: (rows, ...)}``, and ``y`` says which item each pair is of, ``(rows,)``
        whole numbers: pairs of one item are no negatives of each other. None means that all
        differ. A batch holds ``batch_size`` pairs, 512 by default, or all if there are fewer; what
        is left over takes part in another epoch, whose order ``seed`` draws. ``validation_data`` is
        ``(x, y)``, or ``x`` alone; its batches are as large, in one random order for all epochs,
        and leave out what is left over. Further arguments are those of ``keras.Model.fit``. Raises
        ``ValueError`` for arrays of several lengths, with NaN, or of which an encoder knows that it
        cannot be, and for weights of samples.
        """
        self._refuse(kwargs)
        batches = self._to_batches(x, y, batch_size, check_seed("seed", seed))
        if isinstance(batches, PairBatches):
            y, kwargs["shuffle"] = None, False  # Keras would draw the order of the batches
        if isinstance(validation_data, (dict, list, tuple)):
            pair = (
                validation_data if isinstance(validation_data, (list, tuple)) else [validation_data]
            )
            new, ids, *more = *pair, *[None] * (2 - len(pair))
            self._refuse({"sample_weight": more or None})
            rng = np.random.default_rng(0)
            validation_data = self._to_batches(new, ids, batch_size, rng, fixed=True)
        return super().fit(batches, y, epochs=epochs, validation_data=validation_data, **kwargs)

    def evaluate(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, **kwargs):
        """Evaluate as Keras does, in batches of one size; what is left over is left out.

        Arguments are as in `fit`; the order is random, and always the same.
        """
        self._refuse(kwargs)
        batches = self._to_batches(x, y, batch_size, np.random.default_rng(0), fixed=True)
        y = None if isinstance(batches, PairBatches) else y
        return super().evaluate(batches, y, **kwargs)

    def _refuse(self, options: Mapping[str, Any]):
        for name in NOT_FOR_PAIRS:
            if options.get(name):
                raise ValueError(
                    f"{name} cannot be used with a loss of whole batches, got {options[name]!r}"
                )

    def compile(self, optimizer="adam", loss=None, *args, **kwargs):
        """Compile as Keras does; the loss was chosen when the model was made."""
        if loss is not None:
            raise ValueError(
                f"loss must be chosen when the model is made, and not in compile, got {loss!r}"
            )
        super().compile(optimizer, None, *args, **kwargs)
