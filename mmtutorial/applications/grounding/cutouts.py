"""From a drawing or photograph on white paper to the thing alone: what is paper is transparent."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from mmtutorial._checks import check_whole
from mmtutorial._images import check_images

BATCH = 256  # pictures that are cut at once
WITHIN = np.zeros((3, 3, 3), bool)  # neighbours: above, below, left and right in one picture
WITHIN[1, [0, 1, 1, 1, 2], [1, 0, 1, 2, 1]] = True


def cut_out(pictures: ArrayLike, *, paper: int = 240) -> np.ndarray:
    """Where does the thing end? Make the white paper around each thing transparent.

    Paper is what is nearly white and reaches to the edge of the picture: white inside of a thing
    stays. Pixels beside the paper are mixtures of both, and come out as half of each, so that no
    white seam shows on another background.

    ``pictures`` is ``(batch, height, width, 3)`` of uint8, on white; ``paper`` is how bright the
    darkest channel of paper is at least, 1 to 255. Returns ``(batch, height, width, 4)`` of uint8:
    red, green, blue, and alpha, which is 0 where only paper is. Raises ``ValueError`` for floats
    and gray pictures. Paper: Porter and Duff 1984, Compositing Digital Images.

    >>> picture = np.full((1, 5, 5, 3), 255, np.uint8)
    >>> picture[0, 1:4, 1:4] = [200, 0, 0]
    >>> cut_out(picture)[0, ..., 3].tolist()[1]
    [0, 255, 255, 255, 0]
    """
    pictures = check_images(pictures, name="pictures")
    if pictures.dtype != np.uint8 or pictures.shape[-1] != 3:
        raise ValueError(
            "pictures must be (batch, height, width, 3) of uint8, got "
            f"{pictures.dtype} of shape {pictures.shape}"
        )
    check_whole("paper", paper, least=1, most=255)
    parts = [_cut(pictures[at : at + BATCH], paper) for at in range(0, len(pictures), BATCH)]
    return np.concatenate(parts) if parts else np.zeros((*pictures.shape[:3], 4), np.uint8)


def _cut(pictures, paper):
    """Return a batch of pictures with alpha."""
    labels, _ = ndimage.label(pictures.min(axis=-1) >= paper, structure=WITHIN)
    edges = (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1])
    outside = np.zeros(labels.max() + 1, bool)
    outside[np.concatenate([edge.ravel() for edge in edges])] = True
    outside[0] = False  # no paper at all
    thing = ~outside[labels]
    inner = ndimage.binary_erosion(thing, structure=WITHIN, border_value=1)
    alpha, colours = thing.astype(np.float32), pictures.astype(np.float32)
    # A pixel of the rim is the colour of its inner neighbours, mixed with the white of the paper.
    pure, known = _mean_of_neighbours(colours, inner)
    rim = thing & ~inner & known
    ink, mixed = 255 - pure[rim], 255 - colours[rim]
    share = mixed.sum(axis=1) / np.maximum(ink.sum(axis=1), 1)
    alpha[rim] = np.clip(share, 0, 1)
    # Where it is darker than they are, it is an outline, and no mixture.
    colours[rim] = np.where(share[:, None] < 1, pure[rim], colours[rim])
    return np.concatenate([colours, 255 * alpha[..., None]], axis=-1).round().astype(np.uint8)


def _mean_of_neighbours(colours, chosen):
    """Return the mean colour of the chosen pixels round each pixel, and where there are any."""
    weights = np.pad(chosen[..., None].astype(np.float32), ((0, 0), (1, 1), (1, 1), (0, 0)))
    both = np.concatenate([np.pad(colours, ((0, 0), (1, 1), (1, 1), (0, 0))) * weights, weights], 3)
    down = both[:, :-2] + both[:, 1:-1] + both[:, 2:]
    total = down[:, :, :-2] + down[:, :, 1:-1] + down[:, :, 2:]
    return total[..., :3] / np.maximum(total[..., 3:], 1), total[..., 3] > 0


def crop_to_thing(cutout: np.ndarray) -> np.ndarray:
    """Return the smallest window, ``(height, width, 4)``, that holds all that is not transparent.

    Raises ``ValueError`` if there is nothing.
    """
    rows, columns = (np.flatnonzero((cutout[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise ValueError("objects must each hold something that can be seen, got a clear one")
    return cutout[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
