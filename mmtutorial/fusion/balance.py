"""Which loss deserves how much weight? Those that generalise, not those that overfit."""

import math


def gradient_blend(before, after, *, floor=0.01):
    """Weigh the losses of the single modalities and of their fusion by how well each generalises.

    A learner's gain is by how much its validation loss fell; its overfitting is by how much the
    gap between validation and training loss grew. The weight that blends the gradients best is
    proportional to gain / overfitting squared.

    Parameters
    ----------
    before, after : dict of ``(training loss, validation loss)`` a learner, such as ``"image"``,
        ``"text"`` and ``"fused"``, at two moments of training
    floor : least overfitting that counts, so that noise near 0 cannot take all the weight

    Returns a dict of weights that sum to 1; a learner whose validation loss did not fall has 0.
    For `FusionClassifier`, divide by the weight of the fusion: it counts once there. Raises
    ``ValueError`` for other learners after than before, losses that are not finite, or if none
    gained.
    Paper: Wang et al. 2020, What Makes Training Multi-Modal Classification Networks Hard?

    >>> before = {"image": (2.0, 2.0), "fused": (2.0, 2.0)}
    >>> weights = gradient_blend(before, {"image": (1.5, 1.6), "fused": (0.8, 1.2)})
    >>> round(weights["image"], 2), round(weights["fused"], 2)
    (0.89, 0.11)
    """
    if sorted(before) != sorted(after):
        raise ValueError(
            f"after must hold the learners {sorted(before)} of before, got {sorted(after)}"
        )
    if floor <= 0:
        raise ValueError(f"floor must be above 0, got {floor}")
    scores = {}
    for name in sorted(before):
        (train, validation), (train_after, validation_after) = before[name], after[name]
        losses = (train, validation, train_after, validation_after)
        if not all(map(math.isfinite, losses)):
            raise ValueError(f"losses of {name!r} must be finite, got {losses}")
        gain = max(validation - validation_after, 0.0)
        overfitting = (validation_after - train_after) - (validation - train)
        scores[name] = gain / max(overfitting, floor) ** 2
    total = sum(scores.values())
    if not total:
        raise ValueError("after must show a validation loss that fell; none did")
    return {name: score / total for name, score in scores.items()}
