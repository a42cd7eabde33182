"""The plain ways to join vectors: concatenation, sum, and late fusion of decisions."""

from collections.abc import Mapping

import keras
from keras import layers, ops

from mmtutorial._checks import check_choice, check_dict, check_number
from mmtutorial.fusion._kinds import DecisionFusion, SizedFusion, log_mixture, log_product


def _check_weights(weights):
    if weights is None:
        return None
    check_dict("weights", weights, "{'image': 0.7, 'text': 0.3}")
    weights = {
        name: check_number(f"weights[{name!r}]", weight, least=0)
        for name, weight in weights.items()
    }
    if not any(weights.values()):
        raise ValueError(f"weights must not be all zero, got {weights}")
    return weights


@keras.saving.register_keras_serializable(package="mmtutorial")
class ConcatFusion(SizedFusion):
    """Put the vectors side by side; whatever comes next may mix them.

    Parameters
    ----------
    units : None, or the size of a dense layer with ReLU that mixes them at once

    ``{modality: (batch, dim)}`` -> ``(batch, sum of dims)`` or ``(batch, units)``; modalities
    stand in the order of their sorted names. Raises ``ValueError`` for a missing or unexpected
    modality. Paper: Ngiam et al. 2011, Multimodal Deep Learning.

    >>> ConcatFusion()({"text": keras.ops.ones((1, 2)), "image": keras.ops.zeros((1, 1))})
    <tf.Tensor: shape=(1, 3), dtype=float32, numpy=array([[0., 1., 1.]], dtype=float32)>
    """

    def __init__(self, units: int | None = None, **kwargs):
        super().__init__(units, **kwargs)
        if units is not None:
            self.dense = layers.Dense(units, activation="relu", dtype=self.dtype_policy)

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the dense layer, if there is one."""
        if self.units is not None:
            self.dense.build((None, sum(shape[-1] for shape in shapes.values())))

    def fuse(self, vectors, present):
        """Concatenate; an absent vector leaves zeros in its place."""
        fused = ops.concatenate(vectors, axis=-1)
        return fused if self.units is None else self.dense(fused)

    def result_size(self, shapes: Mapping[str, tuple]) -> int:
        """Return ``units``, or the sum of all sizes."""
        return self.units or sum(shape[-1] for shape in shapes.values())


@keras.saving.register_keras_serializable(package="mmtutorial")
class SumFusion(SizedFusion):
    """Add the vectors up, each first brought to one size by its own linear map.

    Parameters
    ----------
    units : size of the sum; None adds the vectors as they are, if they are of one size

    ``{modality: (batch, dim)}`` -> ``(batch, units)``. A sum of linear maps is one linear map of
    the concatenation: the two differ only in what comes before and after. Raises ``ValueError``
    for vectors of several sizes with ``units=None``, or a missing or unexpected modality.
    Paper: Baltrusaitis et al. 2019, Multimodal Machine Learning, section 6.

    >>> float(SumFusion()({"a": keras.ops.ones((1, 1)), "b": keras.ops.ones((1, 1))})[0, 0])
    2.0
    """

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make one linear map per modality; their biases would add up to one, so there is none."""
        sizes = {name: shape[-1] for name, shape in shapes.items()}
        if self.units is None and len(set(sizes.values())) > 1:
            raise ValueError(f"units must be given to add vectors of several sizes, got {sizes}")
        self.maps = {}
        if self.units is not None:
            for name, shape in shapes.items():
                self.maps[name] = layers.Dense(
                    self.units, use_bias=False, name=self.layer_names[name], dtype=self.dtype_policy
                )
                self.maps[name].build(shape)

    def fuse(self, vectors, present):
        """Add the vectors; an absent one adds nothing."""
        if self.units is None:
            return sum(vectors[1:], vectors[0])
        mapped = [
            self.maps[name](vector) for name, vector in zip(self.modalities, vectors, strict=True)
        ]
        return sum(mapped[1:], mapped[0])


POOLS = {"mean": log_mixture, "product": log_product}


@keras.saving.register_keras_serializable(package="mmtutorial")
class LateFusion(DecisionFusion):
    """Let every modality decide alone, then pool the decisions.

    Parameters
    ----------
    weights : dict of one weight per modality, not negative; they are scaled to sum to 1. None
        means equal weights
    pool : ``"mean"`` averages the probabilities, ``"product"`` multiplies them (and scales)

    ``{modality: (batch, classes)}`` of logits -> ``(batch, classes)`` of log-probabilities,
    which may be used as logits. Weights of absent modalities go to those present. Raises
    ``ValueError`` for weights that are negative, all zero, or of other modalities.
    Papers: Kittler et al. 1998, On Combining Classifiers; Genest and Zidek 1986, Combining
    Probability Distributions, who call the two the linear and the logarithmic opinion pool.

    >>> certain = keras.ops.array([[9.0, -9.0]])
    >>> late = LateFusion({"image": 3, "text": 1})
    >>> keras.ops.exp(late({"image": certain, "text": -certain})).numpy().round(2)
    array([[0.75, 0.25]], dtype=float32)
    """

    def __init__(self, weights: Mapping[str, float] | None = None, *, pool: str = "mean", **kwargs):
        super().__init__(**kwargs)
        self.pool = check_choice("pool", pool, tuple(POOLS))
        self.weights_by_modality = _check_weights(weights)

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Check that all modalities decide between the same classes, and own the weights."""
        super().build_weights(shapes)
        weights = self.weights_by_modality
        if weights is not None and sorted(weights) != self.modalities:
            raise ValueError(f"weights must be of {self.modalities}, got {sorted(weights)}")

    def fuse(self, vectors, present):
        """Pool the decisions of those modalities that are present; without any, all is even."""
        dtype = self.stable_dtype
        chosen = self.weights_by_modality or dict.fromkeys(self.modalities, 1.0)
        weights = ops.convert_to_tensor([chosen[name] for name in self.modalities], dtype)
        weights = ops.cast(ops.concatenate(present, axis=-1), dtype) * (weights / ops.max(weights))
        total = ops.sum(weights, axis=-1, keepdims=True)
        weights = weights / ops.where(total > 0, total, 1.0)
        return self.pool_decisions(weights, self.log_proba(vectors), pool=POOLS[self.pool])

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "weights": self.weights_by_modality, "pool": self.pool}
