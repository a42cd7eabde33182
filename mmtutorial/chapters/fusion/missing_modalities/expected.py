"""Every way to be there or not, and what is to be expected over all of them."""

import itertools
from collections.abc import Iterable

import numpy as np

from mmtutorial._checks import check_array, check_dict


def presence_patterns(modalities):
    """Return every way to be there or not, ``(True, ..., True)`` first.

    >>> presence_patterns(("image", "text"))
    [(True, True), (True, False), (False, True), (False, False)]
    """
    names = modalities if isinstance(modalities, (list, tuple)) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError(f"modalities must be a tuple of names, at least one, got {modalities!r}")
    return list(itertools.product((True, False), repeat=len(modalities)))


def expected_correct(right, shares):
    """How often will each row be told right if modalities are hidden this often? No draw is needed.

    A row meets each pattern with a known probability, and what the model says then is known; so
    the mean over all draws is a sum.

    Parameters
    ----------
    right : ``{pattern: (rows,)}``, 1 where the model is right; patterns as `presence_patterns`
        orders modalities
    shares : how often each modality is hidden: a number, or one for each row, ``(rows,)``

    Returns ``(rows,)``; their mean is the expected accuracy. Raises ``ValueError`` unless there is
    a pattern for each way to be there or not, and for shares outside 0..1.

    >>> right = {(True,): [1, 1], (False,): [1, 0]}
    >>> expected_correct(right, [0.5])
    array([1. , 0.5])
    """
    right = check_dict("right", right, "{(True,): [1, 1], (False,): [1, 0]}")
    right = {pattern: check_array(f"right[{pattern}]", each) for pattern, each in right.items()}
    if isinstance(shares, (str, bytes)) or not isinstance(shares, Iterable):
        raise TypeError(f"shares must be a sequence, one for each modality, got {shares!r}")
    shares = [
        check_array(f"shares[{place}]", share, kinds="iuf") for place, share in enumerate(shares)
    ]
    if right.keys() != set(itertools.product((True, False), repeat=len(shares))):
        raise ValueError(
            f"right must hold all patterns of {len(shares)} modalities, as many as shares, "
            f"got {list(right)}"
        )
    shapes = {each.shape for each in right.values()}
    if len(shapes) != 1 or len(rows := next(iter(shapes))) != 1:
        raise ValueError(f"right must hold (rows,) for each pattern, got {sorted(shapes)}")
    if not all(np.isin(each, (0, 1)).all() for each in right.values()):
        raise ValueError("right must hold 1 where the model is right and 0 elsewhere")
    if any(((share < 0) | (share > 1)).any() or share.shape not in ((), rows) for share in shares):
        raise ValueError(f"shares must lie in 0..1, a number or {rows} each, got {shares}")
    total = 0.0
    for pattern, each in right.items():
        chance = 1.0
        for here, share in zip(pattern, shares, strict=True):
            chance = chance * (1 - share if here else share)
        total = total + chance * each
    return total
