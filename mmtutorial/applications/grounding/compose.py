"""Scenes composed of things on a background, with the box and the mask of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_list, check_number, check_seed
from mmtutorial.applications.grounding.cutouts import crop_to_thing
from mmtutorial.preprocessing import resize_image

TRIES = 40  # places that are tried for a thing before it lies where it hides least
SEEN = 0.5  # alpha from which on a pixel counts as the thing's
LIT = (0.7, 1.15)  # how bright a background is at least and at most, of what it was


@dataclass(frozen=True, eq=False)
class Scenes:
    """Some scenes, and what is where in them.

    ``pictures`` is ``(scenes, size, size, 3)`` of uint8; ``rows`` ``(scenes, most)`` says which
    object each place of a scene holds, -1 for none; ``boxes`` ``(scenes, most, 4)`` are top, left,
    bottom, right of what is seen of it, in pixels, the last two outside; ``owner`` ``(scenes, size,
    size)`` of int8 tells the place in ``rows`` of the object seen at a pixel, -1 for background;
    ``hidden`` ``(scenes, most)`` is which share of an object others hide; ``backgrounds``
    ``(scenes,)`` says which background was taken.
    """

    pictures: np.ndarray
    rows: np.ndarray
    boxes: np.ndarray
    owner: np.ndarray
    hidden: np.ndarray
    backgrounds: np.ndarray

    def __len__(self):
        return len(self.rows)

    def masks(self, places: ArrayLike, scenes: ArrayLike | None = None) -> np.ndarray:
        """Return where one object of each scene is seen, ``(len(places), size, size)`` of bool.

        ``places`` says which of a scene's objects, ``scenes`` which scenes: all, unless given.
        """
        places = check_array("places", places, kinds="iu")
        chosen = np.arange(len(self)) if scenes is None else check_array("scenes", scenes)
        return self.owner[chosen] == places[:, None, None]

    def areas(self) -> np.ndarray:
        """Return how many pixels of each object are seen, ``(scenes, most)``; 0 for none."""
        return np.stack([(self.owner == p).sum(axis=(1, 2)) for p in range(self.rows.shape[1])], 1)


def compose_scenes(
    rows: ArrayLike,
    objects: Sequence[np.ndarray],
    backgrounds: ArrayLike,
    *,
    seed: int | Sequence[int] | np.random.Generator,
    sizes: tuple[int, int] = (28, 60),
    max_hidden: float = 0.3,
) -> Scenes:
    """How do you get scenes of which all is known? Compose them of things on backgrounds.

    Each object gets a size, is mirrored or not, and a place anywhere inside the scene, by chance; a
    later one lies over an earlier, but hides no more of it than it may.

    Parameters
    ----------
    rows : ``(scenes, most)``: which objects a scene shows, -1 for none
    objects : pictures with alpha, ``(height, width, 4)`` of uint8, which may differ in size
    backgrounds : ``(backgrounds, size, size, 3)`` of uint8: a scene is as large as they are
    seed : draws
    sizes : least and most pixels of an object's longer side
    max_hidden : share of an object's pixels that others may hide (where no place is found in 40
        tries, the best of them is taken, and may hide more)

    Returns `Scenes`, the same for the same seed. Raises ``ValueError`` for rows that are no object,
    objects without alpha or without anything to be seen, sizes that do not fit. Paper: Dwibedi et
    al. 2017, Cut, Paste and Learn: Surprisingly Easy Synthesis for Instance Detection.

    >>> thing = np.full((8, 8, 4), 255, np.uint8)
    >>> scenes = compose_scenes([[0, -1]], [thing], np.zeros((1, 32, 32, 3), np.uint8), seed=0,
    ...     sizes=(16, 16))
    >>> scenes.pictures.shape, int(scenes.areas()[0, 0])
    ((1, 32, 32, 3), 256)
    """
    objects = [
        _check_object(i, each)
        for i, each in enumerate(check_list("objects", objects, "pictures with alpha"))
    ]
    rows, backgrounds = _check_rows(rows, len(objects)), _check_backgrounds(backgrounds)
    sizes = _check_sizes(sizes, backgrounds.shape[1])
    check_number("max_hidden", max_hidden, least=0, most=1)
    rng = check_seed("seed", seed)
    behind = rng.integers(len(backgrounds), size=len(rows))
    makers = [_Scene(backgrounds[b], rng, sizes, max_hidden) for b in behind]
    for maker, row in zip(makers, rows, strict=True):
        for place in np.flatnonzero(row >= 0):
            maker.add(place, objects[row[place]])
    boxes, hidden = zip(*(maker.describe(rows.shape[1]) for maker in makers), strict=True)
    return Scenes(
        np.stack([maker.picture for maker in makers]).round().astype(np.uint8),
        rows,
        np.stack(boxes),
        np.stack([maker.owner for maker in makers]),
        np.stack(hidden),
        behind,
    )


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, left, bottom, right of a mask, the last two outside; zeros for an empty one."""
    down, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(down):
        return 0, 0, 0, 0
    return int(down[0]), int(across[0]), int(down[-1]) + 1, int(across[-1]) + 1


class _Scene:
    """One scene that is being composed: what is painted, and which thing each pixel shows."""

    def __init__(self, background, rng, sizes, max_hidden):
        turned = background[:, ::-1] if rng.random() < 0.5 else background
        self.picture = np.minimum(turned * rng.uniform(*LIT), 255.0)
        self.owner = np.full(background.shape[:2], -1, np.int8)
        self.rng, self.sizes, self.max_hidden = rng, sizes, max_hidden
        self.painted = {}  # how many pixels each would show if nothing lay over it

    def add(self, place, thing):
        """Paint one object over what is there."""
        longest = int(self.rng.integers(self.sizes[0], self.sizes[1] + 1))
        thing = shrink(thing, longest)
        thing = thing[:, ::-1] if self.rng.random() < 0.5 else thing
        alpha = thing[..., 3:] / 255
        solid = alpha[..., 0] >= SEEN
        window = self._find_room(solid)
        self.painted[place] = int(solid.sum())
        self.picture[window] = alpha * thing[..., :3] + (1 - alpha) * self.picture[window]
        self.owner[window][solid] = place

    def _find_room(self, solid):
        """Return a window in which the object hides no more of any other than it may."""
        room = np.array(self.owner.shape) - solid.shape
        least, best = np.inf, None
        for _ in range(TRIES):
            top, left = self.rng.integers(room + 1)
            window = slice(top, top + solid.shape[0]), slice(left, left + solid.shape[1])
            most = self._most_hidden(window, solid)
            if most < least:
                least, best = most, window
            if most <= self.max_hidden:
                break
        return best

    def _most_hidden(self, window, solid):
        """Return the largest share of an earlier object that would be hidden, 0 for none."""
        most = 0.0
        for place, whole in self.painted.items():
            seen = (self.owner == place).sum() - (self.owner[window][solid] == place).sum()
            most = max(most, 1 - seen / max(whole, 1))
        return most

    def describe(self, most):
        """Return the boxes ``(most, 4)`` and hidden shares ``(most,)`` of all places."""
        boxes, hidden = np.zeros((most, 4), np.int16), np.zeros(most, np.float32)
        for place, whole in self.painted.items():
            mask = self.owner == place
            boxes[place] = box_of(mask)
            hidden[place] = 1 - mask.sum() / max(whole, 1)
        return boxes, hidden


def shrink(thing: np.ndarray, longest: int) -> np.ndarray:
    """Bring a picture with alpha to a longer side of so many pixels, in its proportions."""
    sides = np.array(thing.shape[:2])
    size = tuple(np.maximum(1, np.rint(sides * longest / sides.max())).astype(int).tolist())
    alpha = thing[..., 3:].astype(np.float32) / 255
    weighed = resize_image((thing[..., :3] / np.float32(255) * alpha)[None], size)[0]
    alpha = resize_image(alpha[None], size)[0]
    colours = weighed / np.maximum(alpha, 1e-3)
    whole = np.concatenate([np.minimum(colours, 1), alpha], axis=-1)
    return (255 * whole).round().astype(np.uint8)


def _check_object(place, thing):
    thing = check_array(f"objects[{place}]", thing)
    if thing.dtype != np.uint8 or thing.ndim != 3 or thing.shape[-1] != 4:
        raise ValueError(
            f"objects[{place}] must be (height, width, 4) of uint8, with alpha, as cut_out makes "
            f"them; got {thing.dtype} of shape {thing.shape}"
        )
    return crop_to_thing(thing)


def _check_rows(rows, count):
    rows = check_array("rows", rows, kinds="iu")
    if rows.ndim != 2 or 0 in rows.shape:
        raise ValueError(f"rows must be (scenes, most), one scene at least, got {rows.shape}")
    if rows.min() < -1 or rows.max() >= count:
        raise ValueError(
            f"rows must be -1 or from 0 to {count - 1}, one of the objects, got {rows.min()} to "
            f"{rows.max()}"
        )
    return rows


def _check_backgrounds(given):
    given = check_array("backgrounds", given)
    shape = given.shape
    if given.dtype != np.uint8 or len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
        raise ValueError(
            f"backgrounds must be (backgrounds, size, size, 3) of uint8, got {given.dtype} of "
            f"shape {shape}"
        )
    if 0 in shape:
        raise ValueError("backgrounds must hold one at least, got none")
    return given


def _check_sizes(sizes, canvas):
    pair = check_array("sizes", sizes, kinds="iu")
    if pair.shape != (2,) or not 1 <= pair[0] <= pair[1] <= canvas:
        raise ValueError(
            f"sizes must be the least and the most pixels of an object, up to {canvas}, got {sizes}"
        )
    return int(pair[0]), int(pair[1])
