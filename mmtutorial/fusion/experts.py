"""Experts: each modality decides alone, and the decisions are pooled by a mixture or a product."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_array, check_dict
from mmtutorial._presence import check_presence, stack_columns
from mmtutorial._probabilities import check_frequencies, check_log_probabilities, normalise
from mmtutorial.fusion._base import masked_softmax
from mmtutorial.fusion._kinds import DecisionFusion, log_mixture, log_product


@keras.saving.register_keras_serializable(package="mmtutorial")
class MixtureOfExperts(DecisionFusion):
    """Average the probabilities of the modalities, by weights that a gate gives each sample.

    The gate is a linear map of the probabilities of all experts, and a softmax. (In the paper it
    sees the inputs; here it sees the decisions.) It starts with equal weights, as `LateFusion` has
    them.

    ``{modality: (batch, classes)}`` of logits -> ``(batch, classes)`` of log-probabilities, which
    may be used as logits. An absent expert has no influence; without any, all classes are equal. Of
    M modalities and C classes, it has ``M * (M * C + 1)`` weights. Raises ``ValueError`` for
    experts on different classes. Paper: Jacobs et al. 1991, Adaptive Mixtures of Local Experts.

    >>> image, text = ops.log(ops.array([[0.8, 0.2]])), ops.log(ops.array([[0.4, 0.6]]))
    >>> ops.exp(MixtureOfExperts()({"image": image, "text": text})).numpy().round(2)
    array([[0.6, 0.4]], dtype=float32)
    """

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the gate; it starts at equal weights."""
        super().build_weights(shapes)
        dtype = self.stable_dtype
        self.gate = layers.Dense(len(shapes), kernel_initializer="zeros", dtype=dtype)
        self.gate.build((None, sum(shape[-1] for shape in shapes.values())))

    def shares(self, inputs: Mapping[str, Any], presence: Any = None, mask: Any = None) -> Any:
        """Return each expert's weight, ``(batch, modalities)`` in the order of the sorted names."""
        logits, present = self.prepare(inputs, presence, mask)
        return self._shares(self.log_proba(logits), present)

    def _shares(self, log_p, present):
        present = ops.cast(ops.concatenate(present, axis=-1), self.stable_dtype)
        proba = ops.exp(log_p) * present[..., None]
        flat = ops.reshape(proba, (-1, log_p.shape[1] * log_p.shape[2]))
        return masked_softmax(self.gate(flat), present)

    def fuse(self, logits: list, present: list) -> Any:
        """Average the probabilities of the experts that are present."""
        log_p = self.log_proba(logits)
        return self.pool_decisions(self._shares(log_p, present), log_p, pool=log_mixture)


@keras.saving.register_keras_serializable(package="mmtutorial")
class ProductOfExperts(DecisionFusion):
    """Multiply the probabilities of the modalities, each to a learnt power that starts at 1.

    Two experts that agree are surer together, and one can veto. `LateFusion(pool="product")` takes
    a root of the product instead (a logarithmic opinion pool), so that agreement does not sharpen.
    `product_of_experts` has no weights, but takes what each expert assumed of the classes out.

    ``{modality: (batch, classes)}`` of logits -> ``(batch, classes)`` of log-probabilities, which
    may be used as logits. An absent expert has no influence; without any, all classes are equal. It
    has one weight for each modality. Raises ``ValueError`` for experts on different classes.
    Paper: Hinton 2002, Training Products of Experts by Minimizing Contrastive Divergence.

    >>> agreed = ops.log(ops.array([[0.8, 0.2]]))
    >>> ops.exp(ProductOfExperts()({"image": agreed, "text": agreed})).numpy().round(2)
    array([[0.94, 0.06]], dtype=float32)
    """

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the logarithms of the powers."""
        super().build_weights(shapes)
        shape = (len(shapes),)
        self.log_powers = self.add_weight(shape=shape, initializer="zeros", name="log_powers")

    def powers(self, inputs: Mapping[str, Any], presence: Any = None, mask: Any = None) -> Any:
        """Return each expert's power, ``(batch, modalities)`` in the order of the sorted names."""
        return self._powers(self.prepare(inputs, presence, mask)[1])

    def _powers(self, present):
        present = ops.cast(ops.concatenate(present, axis=-1), self.stable_dtype)
        return present * ops.exp(ops.cast(self.log_powers, self.stable_dtype))

    def fuse(self, logits: list, present: list) -> Any:
        """Multiply the probabilities of the experts that are present."""
        return self.pool_decisions(self._powers(present), self.log_proba(logits), pool=log_product)


def product_of_experts(
    votes: Mapping[str, np.ndarray],
    frequencies: Mapping[str, np.ndarray],
    log_prior: np.ndarray,
    presence: np.ndarray,
) -> np.ndarray:
    """Multiply the evidence of the experts present: ``p(y) * prod_m p(y | x_m) / p_m(y)``.

    Each expert's evidence is its probability of a class, divided by how frequent that class was
    among the rows it learnt from; an absent one has none. So modalities that are missing not at
    random (MNAR, their absence depends on the class) do not bias the result.

    Parameters
    ----------
    votes : dict by modality of log-probabilities ``(rows, classes)``
    frequencies : dict by modality of ``(classes,)``, logarithms of what each expert learnt from
    log_prior : ``(classes,)``, the logarithm of how frequent each class is
    presence : boolean ``(rows,)`` by modality, or ``(rows, modalities)`` in the order of the names

    Returns log-probabilities ``(rows, classes)``. Raises ``ValueError`` for frequencies of other
    modalities, and if shapes do not fit. Papers: Hinton 2002, Training Products of Experts; Wu and
    Goodman 2018, Multimodal Generative Models for Scalable Weakly-Supervised Learning.

    >>> votes, fair = {"image": np.log([[0.8, 0.2]])}, np.log([0.5, 0.5])
    >>> np.exp(product_of_experts(votes, {"image": fair}, fair, np.array([[True]]))).round(2)
    array([[0.8, 0.2]])
    """
    votes = check_dict("votes", votes, '{"image": log_probabilities}')
    frequencies = check_dict("frequencies", frequencies, '{"image": log_frequencies(targets, 10)}')
    if not all(isinstance(name, str) for name in (*votes, *frequencies)):
        raise TypeError(f"votes and frequencies must be named by texts, got {list(votes)}")
    if votes.keys() != frequencies.keys():
        raise ValueError(
            f"frequencies must be of {sorted(votes)}, got {sorted(frequencies)}: those of votes"
        )
    presence = check_presence(stack_columns(presence, sorted(votes)))
    total = check_frequencies("log_prior", log_prior)
    if presence.shape[1] != len(votes) or total.ndim != 1:
        raise ValueError(
            f"presence must have a column for each of {sorted(votes)}, and log_prior be (classes,),"
            f" got {presence.shape} and {total.shape}"
        )
    expected = len(presence), len(total)
    for name, present in zip(sorted(votes), presence.T, strict=True):
        vote, frequency = (
            votes[name],
            check_frequencies(f"frequencies[{name!r}]", frequencies[name]),
        )
        vote = check_array(f"votes[{name!r}]", vote, finite=False)
        if vote.shape != expected or frequency.shape != expected[1:]:
            raise ValueError(
                f"votes[{name!r}] must be {expected}, as presence and log_prior say, and its "
                f"frequencies {expected[1:]}, got {vote.shape} and {frequency.shape}"
            )
        present = present[:, None]  # what is said for an absent one does not matter, NaN included
        vote = check_log_probabilities(f"votes[{name!r}]", np.where(present, vote, 0.0))
        total = total + np.where(present, vote - frequency, 0.0)
    return normalise(total)
