"""What fusions of one kind share: those with a size to choose, and those of decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from mmtutorial._checks import check_whole
from mmtutorial.fusion._base import Fusion

IMPOSSIBLE = -1e30  # the least log-probability: finite, so that a share of 0 times it is 0


class SizedFusion(Fusion):
    """Base of the fusions that take ``units``, a size; None is that of the widest vector."""

    def __init__(self, units: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.units = units if units is None else check_whole("units", units, least=1)

    def result_size(self, shapes: Mapping[str, tuple]) -> int:
        """Return how many numbers per sample come out."""
        return self.units or max(shape[-1] for shape in shapes.values())

    def compute_output_shape(self, input_shape):
        """Return ``(batch, size of the result)``."""
        return (next(iter(input_shape.values()))[0], self.result_size(input_shape))

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "units": self.units}


class DecisionFusion(Fusion):
    """Base of the fusions that pool decisions, the class probabilities of each modality."""

    level = "decision"

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Check that all modalities decide between the same classes."""
        classes = {name: shape[-1] for name, shape in shapes.items()}
        if len(set(classes.values())) > 1:
            raise ValueError(f"inputs must hold logits of the same classes, got {classes}")

    def log_proba(self, logits: Sequence[Any]) -> Any:
        """Turn logits into log-probabilities, ``(batch, modalities, classes)``."""
        log_p = ops.log_softmax(ops.cast(ops.stack(logits, axis=1), self.stable_dtype))
        return ops.maximum(log_p, IMPOSSIBLE)

    def pool_decisions(self, weights: Any, log_p: Any, *, pool: Any) -> Any:
        """Pool log-probabilities by ``pool``, with ``weights`` ``(batch, modalities)``; scale."""
        weights = weights[..., None]
        log_p = ops.where(weights > 0, log_p, ops.zeros_like(log_p))  # no weight, no influence
        return ops.cast(ops.log_softmax(pool(weights, log_p)), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        first = next(iter(input_shape.values()))
        return (first[0], first[-1])


def log_product(weights: Any, log_p: Any) -> Any:
    """Logarithm of a product of probabilities, each to the power of its weight; not scaled.

    ``weights`` is ``(batch, modalities, 1)``, ``log_p`` ``(batch, modalities, classes)``.
    """
    return ops.sum(weights * log_p, axis=1)


def log_mixture(weights: Any, log_p: Any) -> Any:
    """Logarithm of a weighted average of probabilities; the shapes are those of `log_product`."""
    # A weight of 0 becomes so small that it drops out, and stays finite.
    log_weights = ops.where(weights > 0, ops.log(ops.maximum(weights, 1e-37)), -1e37)
    return ops.logsumexp(log_weights + log_p, axis=1)
