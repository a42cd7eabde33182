"""What has a network learnt? Look for what its filters, units and vectors answer to."""

import numpy as np


def strongest_patches(maps, pictures, concepts, *, field, filters=3, count=8):
    """Cut out what lies under a filter's strongest answers, for a few filters.

    Parameters
    ----------
    maps : activation maps ``(pictures, height, width, filters)``, after the ReLU
    pictures : ``(pictures, side, side, 3)`` of uint8
    concepts : what each picture shows; a concept is cut out at most once for a filter
    field : how many pixels of the pictures a filter sees, the side of each patch
    filters : how many filters, the first ones that answer at all
    count : how many patches for each

    Returns ``(filters * count, field, field, 3)``, row by row; beyond the picture it is white.
    Raises ``ValueError`` if there are fewer concepts than patches wanted. Paper: Zeiler and
    Fergus 2014.

    >>> maps, pictures = np.zeros((2, 4, 4, 1)), np.zeros((2, 8, 8, 3), np.uint8)
    >>> maps[1, 2, 2] = 1
    >>> strongest_patches(maps, pictures, [0, 1], field=3, count=1).shape
    (1, 3, 3, 3)
    """
    maps, concepts = np.asarray(maps), np.asarray(concepts)
    if len(np.unique(concepts)) < count:
        raise ValueError(
            f"count must be at most the {len(np.unique(concepts))} concepts there are, got {count}"
        )
    step = pictures.shape[1] / maps.shape[1]
    margin = [(field, field)] * 2 + [(0, 0)]
    strength, patches = maps.max(axis=(1, 2)), []
    for k in np.flatnonzero(strength.max(axis=0) > 0)[:filters]:
        order = np.argsort(-strength[:, k], kind="stable")
        _, first = np.unique(concepts[order], return_index=True)
        for row in order[np.sort(first)[:count]]:
            place = np.unravel_index(maps[row, :, :, k].argmax(), maps.shape[1:3])
            top, left = (int((p + 0.5) * step - field / 2) + field for p in place)
            white = np.pad(pictures[row], margin, constant_values=255)
            patches.append(white[top : top + field, left : left + field])
    return np.array(patches)


def nearest(points, concepts, count):
    """Whose neighbour is each point? The rows of the nearest points of *other* concepts.

    ``points`` is ``(rows, numbers)``, ``concepts`` ``(rows,)``. Returns ``(rows, count)``, the
    nearest first.

    >>> nearest([[0.0], [1.0], [5.0]], [0, 1, 2], 1)
    array([[1],
           [0],
           [1]])
    """
    points, concepts = np.asarray(points, dtype=float), np.asarray(concepts)
    squares = (points**2).sum(axis=1)
    far = squares[:, None] + squares - 2 * points @ points.T
    far[concepts[:, None] == concepts] = np.inf
    return np.argsort(far, axis=1, kind="stable")[:, :count]


def token_effects(ids, states, *, vocabulary_size, rarest=4):
    """Return how much each token moves each unit of a state, on average.

    ``ids`` is ``(texts, tokens)``, 0 where there is none; ``states`` ``(texts, tokens, units)``,
    the state after each token. Returns ``(vocabulary_size, units)``; tokens that occur less than
    ``rarest`` times get 0.

    >>> token_effects(np.array([[1, 2]]), np.array([[[0.5], [0.75]]]), vocabulary_size=3, rarest=1)
    array([[0.  ],
           [0.5 ],
           [0.25]])
    """
    real = ids > 0
    change = np.diff(states, axis=1, prepend=np.zeros_like(states[:, :1]))[real]
    total = np.zeros((vocabulary_size, states.shape[-1]))
    np.add.at(total, ids[real], change)
    counts = np.bincount(ids[real], minlength=vocabulary_size)
    return np.where(counts[:, None] >= rarest, total / np.maximum(counts, 1)[:, None], 0)
