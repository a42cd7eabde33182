"""Every modality is an expert: multiply what they believe, or learn whom to trust when."""

import keras
from keras import layers, ops

from mmtutorial.fusion._base import Fusion, masked_softmax
from mmtutorial.fusion.layers import mix

POOLS = ("mixture", "product")


@keras.saving.register_keras_serializable(package="mmtutorial")
class MixtureFusion(Fusion):
    """Let every modality decide alone, and learn how to pool the decisions.

    A mixture of experts averages the probabilities, with shares that a gate gives each sample:
    a linear map of what all experts believe, and a softmax. (In the paper the gate sees the
    inputs; here it sees the decisions.) It starts with equal shares, as `LateFusion` has them.
    A product of experts multiplies the probabilities, each to a learnt power that starts at 1:
    two experts who agree are surer together, and one can veto. `LateFusion(pool="product")` takes
    a root of the product instead, so that agreement does not sharpen.

    Parameters
    ----------
    pool : ``"mixture"`` or ``"product"``

    ``{modality: (batch, classes)}`` of logits -> ``(batch, classes)`` of log-probabilities, which
    may be used as logits. An absent expert has no say; without any, all classes are equal. Of M
    modalities and C classes, the mixture has ``M * (M * C + 1)`` weights, the product M. Raises
    ``ValueError`` for an unknown pool or experts on different classes.
    Papers: Jacobs et al. 1991, Adaptive Mixtures of Local Experts; Hinton 2002, Training Products
    of Experts by Minimizing Contrastive Divergence.

    >>> agreed = ops.log(ops.array([[0.8, 0.2]]))
    >>> experts = MixtureFusion("product")
    >>> ops.exp(experts({"image": agreed, "text": agreed})).numpy().round(2)
    array([[0.94, 0.06]], dtype=float32)
    """

    level = "decision"

    def __init__(self, pool="mixture", **kwargs):
        super().__init__(**kwargs)
        if pool not in POOLS:
            raise ValueError(f"pool must be one of {POOLS}, got {pool!r}")
        self.pool = pool

    def make(self, shapes):
        """Make the gate of a mixture, or the powers of a product."""
        classes = {name: shape[-1] for name, shape in shapes.items()}
        if len(set(classes.values())) > 1:
            raise ValueError(f"inputs must hold logits of the same classes, got {classes}")
        if self.pool == "product":
            self.log_powers = self.add_weight(
                shape=(len(shapes),), initializer="zeros", name="log_powers"
            )
        else:
            self.gate = layers.Dense(len(shapes), kernel_initializer="zeros", dtype=self.exact)
            self.gate.build((None, sum(classes.values())))

    def shares(self, inputs, presence=None, mask=None):
        """Return each expert's share or power, ``(batch, modalities)`` in the order of names."""
        vectors, present = self.prepare(inputs, presence, mask)
        return self._share(self._believe(vectors), present)

    def _believe(self, votes):
        return ops.log_softmax(ops.cast(ops.stack(votes, axis=1), self.exact))

    def _share(self, logs, present):
        present = ops.cast(ops.concatenate(present, axis=-1), self.exact)
        if self.pool == "product":
            return present * ops.exp(ops.cast(self.log_powers, self.exact))
        beliefs = ops.exp(logs) * present[..., None]
        return masked_softmax(
            self.gate(ops.reshape(beliefs, (-1, logs.shape[1] * logs.shape[2]))), present
        )

    def fuse(self, vectors, present):
        """Pool the decisions of those who are present."""
        logs = self._believe(vectors)
        shares = self._share(logs, present)[..., None]
        pooled = ops.sum(shares * logs, axis=1) if self.pool == "product" else mix(shares, logs)
        return ops.cast(ops.log_softmax(pooled), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        first = next(iter(input_shape.values()))
        return (first[0], first[-1])

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "pool": self.pool}
