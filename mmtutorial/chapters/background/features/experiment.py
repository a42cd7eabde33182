"""What has a network learnt? Look for what its filters, units and vectors answer to."""

import numpy as np

from mmtutorial._checks import check_array, check_labels, check_whole

WIDEST = 1000  # pixels that a filter may see: around a picture lies as much white


def top_activating_patches(maps, pictures, concepts, *, field, filters=3, count=8):
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
    Raises ``ValueError`` if there are fewer concepts than patches wanted, and if the shapes do not
    fit. Paper: Zeiler and Fergus 2014.

    >>> maps, pictures = np.zeros((2, 4, 4, 1)), np.zeros((2, 8, 8, 3), np.uint8)
    >>> maps[1, 2, 2] = 1
    >>> top_activating_patches(maps, pictures, [0, 1], field=3, count=1).shape
    (1, 3, 3, 3)
    """
    for name, number in (("field", field), ("filters", filters), ("count", count)):
        check_whole(name, number, least=1)
    maps, concepts = check_array("maps", maps), check_labels("concepts", concepts)
    pictures = check_array("pictures", pictures)
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[3] != 3:
        raise ValueError(
            "pictures must be uint8 of shape (pictures, side, side, 3), "
            f"got {pictures.dtype} of shape {pictures.shape}"
        )
    rows = {len(maps) if maps.ndim else 0, len(pictures), *concepts.shape}
    if maps.ndim != 4 or concepts.ndim != 1 or len(rows) != 1 or not maps.size * pictures.size:
        raise ValueError(
            "maps must be (pictures, height, width, filters), with a picture and a concept each, "
            "as many pictures as concepts, "
            f"got {maps.shape}, {pictures.shape} and {concepts.shape}"
        )
    if field > WIDEST:
        raise ValueError(f"field must be at most {WIDEST} pixels, got {field}")
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


def nearest_neighbours(points, concepts, count):
    """Whose neighbour is each point? The rows of the nearest points of *other* concepts.

    ``points`` is ``(rows, numbers)``, ``concepts`` ``(rows,)``. Returns ``(rows, count)``, the
    nearest first. Raises ``ValueError`` where fewer than ``count`` points are of other concepts.

    >>> nearest_neighbours([[0.0], [1.0], [5.0]], [0, 1, 2], 1)
    array([[1],
           [0],
           [1]])
    """
    check_whole("count", count, least=1)
    points = check_array("points", points).astype(float)
    concepts = check_labels("concepts", concepts)
    if points.ndim != 2 or not points.shape[1] or concepts.shape != points.shape[:1]:
        raise ValueError(
            "points must be (rows, numbers) and concepts (rows,), "
            f"got {points.shape} and {concepts.shape}"
        )
    _, sizes = np.unique(concepts, return_counts=True)
    if count > len(points) - sizes.max(initial=0):
        raise ValueError(
            f"count must be at most {len(points) - sizes.max(initial=0)}, the points that are not "
            f"of the largest concept, got {count}"
        )
    squares = (points**2).sum(axis=1)
    far = squares[:, None] + squares - 2 * points @ points.T
    far[concepts[:, None] == concepts] = np.inf
    return np.argsort(far, axis=1, kind="stable")[:, :count]


def token_effects(ids, states, *, vocabulary_size, rarest=4):
    """Return how much each token moves each unit of a state, on average.

    ``ids`` is ``(texts, tokens)``, 0 where there is none; ``states`` ``(texts, tokens, units)``,
    the state after each token. Returns ``(vocabulary_size, units)``; tokens that occur less than
    ``rarest`` times get 0. Raises ``ValueError`` for an id that is not in the vocabulary.

    >>> token_effects(np.array([[1, 2]]), np.array([[[0.5], [0.75]]]), vocabulary_size=3, rarest=1)
    array([[0.  ],
           [0.5 ],
           [0.25]])
    """
    check_whole("rarest", rarest, least=1)
    ids, states = check_array("ids", ids, kinds="iu"), check_array("states", states)
    if states.ndim != 3 or not states.shape[2] or ids.shape != states.shape[:2]:
        raise ValueError(
            "ids must be (texts, tokens) and states (texts, tokens, units), "
            f"got {ids.shape} and {states.shape}"
        )
    check_labels(
        "ids", ids.ravel(), classes=check_whole("vocabulary_size", vocabulary_size, least=1)
    )
    real = ids > 0
    change = np.diff(states, axis=1, prepend=np.zeros_like(states[:, :1]))[real]
    total = np.zeros((vocabulary_size, states.shape[-1]))
    np.add.at(total, ids[real], change)
    counts = np.bincount(ids[real], minlength=vocabulary_size)
    return np.where(counts[:, None] >= rarest, total / np.maximum(counts, 1)[:, None], 0)
