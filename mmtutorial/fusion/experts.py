"""Every modality is an expert: multiply what they believe, or learn whom to trust when."""

import keras
from keras import layers, ops

from mmtutorial.fusion._base import masked_softmax
from mmtutorial.fusion._kinds import DecisionFusion


@keras.saving.register_keras_serializable(package="mmtutorial")
class MixtureFusion(DecisionFusion):
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

    pools = ("mixture", "product")

    def __init__(self, pool="mixture", **kwargs):
        super().__init__(pool, **kwargs)

    def make(self, shapes):
        """Make the gate of a mixture, or the powers of a product."""
        super().make(shapes)
        if self.pool == "product":
            self.log_powers = self.add_weight(
                shape=(len(shapes),), initializer="zeros", name="log_powers"
            )
        else:
            self.gate = layers.Dense(len(shapes), kernel_initializer="zeros", dtype=self.exact)
            self.gate.build((None, sum(shape[-1] for shape in shapes.values())))

    def shares(self, inputs, presence=None, mask=None):
        """Return each expert's share or power, ``(batch, modalities)`` in the order of names."""
        vectors, present = self.prepare(inputs, presence, mask)
        return self._share(self.believe(vectors), present)

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
        logs = self.believe(vectors)
        return self.join(self._share(logs, present), logs)
