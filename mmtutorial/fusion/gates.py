"""How much of which modality? Learnt gates, number by number, and a learnt share for each."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from mmtutorial.fusion._base import masked_softmax
from mmtutorial.fusion._kinds import SizedFusion


@keras.saving.register_keras_serializable(package="mmtutorial")
class GatedFusion(SizedFusion):
    """Let gates decide, for each sample and each number, how much to take from which modality.

    Each vector gives a proposal, ``tanh(V_m h_m)``. A gate, the sigmoid of a linear map of all
    vectors together, says how much of it gets through. Of two modalities there is one gate: what
    it takes from the first (by name) it leaves to the second, ``z * a + (1 - z) * b``. Of any
    other number each has a gate of its own, and they need not sum to 1. Both forms are the
    paper's; neither has biases.

    Parameters
    ----------
    units : size of the result; None is that of the widest vector

    ``{modality: (batch, dim)}`` -> ``(batch, units)``. An absent modality adds nothing, and the
    one that is present is still multiplied by its gate. It has ``(1 + gates) * units * sum of
    dims`` weights. Raises ``ValueError`` for a missing or unexpected modality. Paper: Arevalo et
    al. 2017, Gated Multimodal Units for Information Fusion.

    >>> GatedFusion(4)({"image": ops.ones((2, 3)), "text": ops.ones((2, 5))}).shape
    TensorShape([2, 4])
    """

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make one map per modality, and the gates."""
        sizes = [shape[-1] for shape in shapes.values()]
        self.maps, size = {}, self.result_size(shapes)
        for name, shape in shapes.items():
            self.maps[name] = layers.Dense(
                size, "tanh", use_bias=False, name=self.layer_names[name], dtype=self.dtype_policy
            )
            self.maps[name].build(shape)
        self.gate = layers.Dense(
            size * (1 if len(sizes) == 2 else len(sizes)),
            "sigmoid",
            use_bias=False,
            dtype=self.dtype_policy,
        )
        self.gate.build((None, sum(sizes)))

    def gates(
        self, inputs: Mapping[str, Any], presence: Any = None, mask: Any = None
    ) -> dict[str, Any]:
        """Return how open each gate is, 0..1: a dict of ``(batch, units)``, one per modality."""
        vectors, _ = self.prepare(inputs, presence, mask)
        return dict(zip(self.modalities, self._gate_values(vectors), strict=True))

    def _gate_values(self, vectors):
        z = self.gate(ops.concatenate(vectors, axis=-1))
        if len(vectors) == 2:
            return [z, 1 - z]
        return ops.split(z, len(vectors), axis=-1)

    def fuse(self, vectors, present):
        """Add up what the gates let through."""
        proposals = [
            self.maps[name](vector) for name, vector in zip(self.modalities, vectors, strict=True)
        ]
        gates = self._gate_values(vectors)
        gated = [z * proposal for z, proposal in zip(gates, proposals, strict=True)]
        return sum(gated[1:], gated[0])


@keras.saving.register_keras_serializable(package="mmtutorial")
class AttentionFusion(SizedFusion):
    """Give each modality a share of the result, learnt from what it says; shares sum to 1.

    Each vector gets a score, ``s_m = u . tanh(U_m h_m + c_m)``, and a value, ``V_m h_m + b_m``.
    The softmax of the scores over the modalities that are present weighs the values. The paper's
    scores also depend on the state of a decoder; here there is none, so each vector scores itself.

    Parameters
    ----------
    units : size of the result; None is that of the widest vector

    ``{modality: (batch, dim)}`` -> ``(batch, units)``; zeros where nothing is present. It has
    ``units * (1 + sum of 2 (dim + 1))`` weights. Raises ``ValueError`` for a missing or unexpected
    modality. Paper: Hori et al. 2017, Attention-Based Multimodal Fusion for Video Description.

    >>> AttentionFusion(4)({"image": ops.ones((2, 3)), "text": ops.ones((2, 5))}).shape
    TensorShape([2, 4])
    """

    def __init__(self, units: int | None = None, **kwargs):
        super().__init__(units, **kwargs)
        self.keys, self.values = {}, {}
        self.score = layers.Dense(1, use_bias=False, dtype=self.dtype_policy)  # softmax drops one

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make a score and a value for each modality."""
        size = self.result_size(shapes)
        policy = {"dtype": self.dtype_policy}
        for name, shape in shapes.items():
            label = self.layer_names[name]
            self.keys[name] = layers.Dense(size, "tanh", name=f"{label}_key", **policy)
            self.values[name] = layers.Dense(size, name=f"{label}_value", **policy)
            self.keys[name].build(shape)
            self.values[name].build(shape)
        self.score.build((None, size))

    def shares(self, inputs: Mapping[str, Any], presence: Any = None, mask: Any = None) -> Any:
        """Return the share of each modality, ``(batch, modalities)`` in the order of the names."""
        return self._shares(*self.prepare(inputs, presence, mask))

    def _shares(self, vectors, present):
        scores = [
            self.score(self.keys[name](vector))
            for name, vector in zip(self.modalities, vectors, strict=True)
        ]
        return masked_softmax(ops.concatenate(scores, -1), ops.concatenate(present, -1))

    def fuse(self, vectors, present):
        """Average the values by their shares."""
        values = [
            self.values[name](vector) for name, vector in zip(self.modalities, vectors, strict=True)
        ]
        shares = self._shares(vectors, present)
        return ops.sum(shares[..., None] * ops.stack(values, axis=1), axis=1)
