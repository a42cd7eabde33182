"""Which loss deserves how much weight? Those that generalise, not those that overfit."""

from collections.abc import Mapping

from mmtutorial._checks import check_dict, check_number

EXAMPLE = "{'image': (2.0, 2.1), 'fused': (3.0, 3.2)}"

MAX_LOSS = 1e100  # whose square is still a number


def _check_losses(name, losses):
    """Return a pair of finite losses."""
    if not isinstance(losses, (tuple, list)) or len(losses) != 2:
        raise ValueError(f"{name} must be (training loss, validation loss), got {losses!r}")
    return [check_number(name, loss, least=-MAX_LOSS, most=MAX_LOSS) for loss in losses]


def gradient_blend(
    before: Mapping[str, tuple[float, float]],
    after: Mapping[str, tuple[float, float]],
    *,
    floor: float = 0.01,
) -> dict[str, float]:
    """Weigh the losses of the single modalities and of their fusion by how well each generalises.

    A learner's gain is by how much its validation loss fell; its overfitting is by how much the
    gap between validation and training loss grew. The weight that blends the gradients best is
    proportional to gain / overfitting squared.

    Parameters
    ----------
    before, after : dict of ``(training loss, validation loss)`` per learner, such as ``"image"``,
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
    check_dict("before", before, EXAMPLE)
    check_dict("after", after, EXAMPLE)
    if set(before) != set(after):
        raise ValueError(
            f"after must hold the learners {list(before)} of before, got {list(after)}"
        )
    check_number("floor", floor, least=1 / MAX_LOSS, most=MAX_LOSS)
    scores = {}
    for name in sorted(before):
        train, validation = _check_losses(f"before[{name!r}]", before[name])
        train_after, validation_after = _check_losses(f"after[{name!r}]", after[name])
        gain = max(validation - validation_after, 0.0)
        overfitting = (validation_after - train_after) - (validation - train)
        scores[name] = gain / max(overfitting, floor) ** 2
    total = sum(scores.values())
    if not total:
        raise ValueError("after must show a validation loss that fell; none did")
    return {name: score / total for name, score in scores.items()}
