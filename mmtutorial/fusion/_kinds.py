"""What fusions of one kind share: those with a size to choose, and those of decisions."""

from keras import ops

from mmtutorial.fusion._base import Fusion, check_units


class SizedFusion(Fusion):
    """Base of the fusions that take ``units``, a size; None is that of the widest vector."""

    def __init__(self, units=None, **kwargs):
        super().__init__(**kwargs)
        self.units = check_units(units)

    def result_size(self, shapes):
        """Return how many numbers a sample come out."""
        return self.units or max(shape[-1] for shape in shapes.values())

    def compute_output_shape(self, input_shape):
        """Return ``(batch, size of the result)``."""
        return (next(iter(input_shape.values()))[0], self.result_size(input_shape))

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "units": self.units}


class DecisionFusion(Fusion):
    """Base of the fusions that pool decisions; ``pools`` names the ways that it knows."""

    level = "decision"
    pools = ()

    def __init__(self, pool, **kwargs):
        super().__init__(**kwargs)
        if pool not in self.pools:
            raise ValueError(f"pool must be one of {self.pools}, got {pool!r}")
        self.pool = pool

    def make(self, shapes):
        """Check that all modalities vote on the same classes."""
        classes = {name: shape[-1] for name, shape in shapes.items()}
        if len(set(classes.values())) > 1:
            raise ValueError(f"inputs must hold logits of the same classes, got {classes}")

    def believe(self, votes):
        """Turn logits into log-probabilities, ``(batch, modalities, classes)``."""
        return ops.log_softmax(ops.cast(ops.stack(votes, axis=1), self.exact))

    def join(self, shares, logs):
        """Multiply or average probabilities by their shares, ``(batch, modalities)``; scale."""
        shares = shares[..., None]
        joined = ops.sum(shares * logs, axis=1) if self.pool == "product" else mix(shares, logs)
        return ops.cast(ops.log_softmax(joined), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        first = next(iter(input_shape.values()))
        return (first[0], first[-1])

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "pool": self.pool}


def mix(shares, logs):
    """Average probabilities: shares ``(batch, modalities, 1)``, log-probabilities with classes."""
    # A share of 0 weighs so little that it drops out, and stays finite.
    log_shares = ops.where(shares > 0, ops.log(ops.maximum(shares, 1e-37)), -1e37)
    return ops.logsumexp(log_shares + logs, axis=1)
