"""Missing-data mechanisms (Rubin 1976): completely at random (MCAR), and by class (MNAR)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmtutorial._checks import (
    check_array,
    check_choice,
    check_labels,
    check_number,
    check_seed,
    check_whole,
)
from mmtutorial._presence import check_presence

Presence = np.ndarray | Mapping[str, np.ndarray]


def _as_given(presence: np.ndarray, given: Any) -> Presence:
    """Return a presence by modality, if it was given so."""
    return (
        dict(zip(sorted(given), presence.T, strict=True)) if isinstance(given, dict) else presence
    )


def mask_completely_at_random(presence: Presence, share: float, *, seed: int) -> Presence:
    """Mask modalities completely at random (MCAR), each of each row with probability ``share``.

    Whether a modality is missing depends on nothing in the data, except that no row loses its last
    one. ``presence`` is boolean, ``(rows, modalities)``, or ``(rows,)`` by modality; returns the
    same with fewer True. Raises ``ValueError`` for a ``share`` that is no probability or presence
    that is not boolean.
    Paper: Rubin 1976, Inference and Missing Data.

    >>> mask_completely_at_random(np.ones((3, 2), bool), 0.5, seed=0)
    array([[ True, False],
           [ True,  True],
           [ True,  True]])
    """
    given, presence = presence, check_presence(presence)
    check_number("share", share, least=0, most=1)
    drawn = check_seed("seed", seed).random(presence.shape) >= share
    kept = presence & drawn
    return _as_given(np.where(kept.any(axis=1, keepdims=True), kept, presence), given)


def mask_by_class(
    presence: Presence,
    targets: Sequence[int],
    shares: Sequence[float],
    *,
    modality: int | str,
    seed: int,
) -> Presence:
    """Mask one modality with a probability that depends on the class: missing not at random (MNAR).

    In Rubin's words the mechanism is not ignorable, since the class is what a model has to tell:
    that a modality is absent is itself evidence for some classes.

    ``presence`` is boolean, ``(rows, modalities)``, or ``(rows,)`` by modality, ``targets``
    ``(rows,)`` of int, ``shares`` ``(classes,)`` of probabilities, ``modality`` the number of a
    column of ``presence``, or its name. Returns a presence of the same kind. Raises ``ValueError``
    for a class or a modality that does not exist. Paper: Rubin 1976, Inference and Missing Data.

    >>> mask_by_class(np.ones((2, 1), bool), [0, 1], [0.0, 1.0], modality=0, seed=0)
    array([[ True],
           [False]])
    """
    given, presence = presence, check_presence(presence).copy()
    if isinstance(shares, (list, tuple)):  # NumPy would make a number of a boolean among them
        shares = [check_number(f"shares[{place}]", share) for place, share in enumerate(shares)]
    shares = check_array("shares", shares, kinds="iuf")
    if shares.ndim != 1 or not len(shares) or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"shares must be a probability for each class, got {shares}")
    targets = check_labels("targets", targets, classes=len(shares))
    if isinstance(given, dict):
        modality = sorted(given).index(check_choice("modality", modality, sorted(given)))
    check_whole("modality", modality, least=0, most=presence.shape[1] - 1)
    if len(targets) != len(presence):
        raise ValueError(
            f"targets must be one for each of {len(presence)} rows of presence, got {len(targets)}"
        )
    drawn = check_seed("seed", seed).random(len(presence)) >= shares[targets]
    presence[:, modality] &= drawn
    return _as_given(presence, given)
