"""Which modalities are there: booleans by modality, or in columns, in the order of the names."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmtutorial._checks import check_array


def stack_columns(presence: Any, modalities: Sequence[str] = ()) -> Any:
    """Return a presence by modality, each ``(rows,)``, as ``(rows, modalities)``; else as it came.

    The columns stand in the order of the sorted names, which are ``modalities``, if these are
    given. (`mmtutorial.fusion._inputs.stack_presence` does the same for tensors.)

    >>> stack_columns({"text": [True, False], "image": [True, True]})
    array([[ True,  True],
           [ True, False]])
    """
    if not isinstance(presence, dict):
        return presence
    if not presence or not all(isinstance(name, str) for name in presence):
        raise TypeError(f"presence must be named by modality, got {list(presence)}")
    names = sorted(presence)
    if modalities and names != sorted(modalities):
        raise ValueError(f"presence must be of {sorted(modalities)}, got {names}")
    columns = [
        check_array(f"presence[{name!r}]", presence[name], kinds="biufcOUS", finite=False)
        for name in names
    ]
    shapes = {name: column.shape for name, column in zip(names, columns, strict=True)}
    if len(set(shapes.values())) > 1 or columns[0].ndim != 1:
        raise ValueError(f"presence must hold (rows,) for each modality, got {shapes}")
    return np.stack(columns, axis=1)


def check_presence(
    given: Any, *, rows: int | None = None, modalities: Sequence[str] = ()
) -> np.ndarray:
    """Return a presence, ``(rows, modalities)``, if it is boolean: 0.3 is neither here nor there.

    It may come by modality, each ``(rows,)``. With ``modalities`` it must have a column for each,
    and that many rows.
    """
    stacked = stack_columns(given, modalities)
    presence = check_array("presence", stacked, kinds="biufcOUS", finite=False)
    expected = "of shape (rows, modalities)"
    fits = presence.ndim == 2 and presence.shape[1] > 0
    if modalities:
        expected = f"of shape {rows, len(modalities)}, a column for each modality of {modalities}"
        fits = presence.shape == (rows, len(modalities))
    if presence.dtype != bool or not fits:
        raise ValueError(
            f"presence must be boolean, {expected}; got {presence.dtype}, {presence.shape}"
        )
    return presence
