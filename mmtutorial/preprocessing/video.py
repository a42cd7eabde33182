"""From a clip to a few of its frames, in order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_choice, check_seed, check_whole
from mmtutorial._images import check_images

METHODS = ("even", "random")


def sample_frames(
    video: ArrayLike,
    count: int,
    *,
    method: str = "even",
    seed: int | Sequence[int] | np.random.Generator | None = None,
) -> np.ndarray:
    """Choose a few frames of a clip, in the order in which they were shown.

    Parameters
    ----------
    video : array, ``(frames, height, width, channels)`` of bytes, or of floats in 0..1
    count : how many frames come out; more than there are repeats some
    method : ``"even"``: the first, the last, and evenly between them (of one, the middle); or
        ``"random"``: cut the clip into ``count`` equal parts and draw one frame of each
    seed : int or ``numpy.random.Generator``, for ``"random"``; the same seed, the same frames

    Frames count, not seconds: where a file shows its frames for unequal times, `read_clip` takes
    them at equal ones (``frames=count``). Returns ``(count, height, width, channels)``, a copy.
    Raises ``ValueError`` for an empty clip, a ``count`` below one, an unknown method; ``TypeError``
    for a ``count`` that is not whole, and for ``"random"`` without a seed.
    Paper: Wang et al. 2016, Temporal Segment Networks (one frame drawn from each part).

    >>> clip = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    >>> sample_frames(clip, 3).ravel()
    array([0, 2, 4], dtype=uint8)
    """
    video = check_images(video, name="video", axis="frames")
    if not len(video):
        raise ValueError(f"video must have at least one frame, got {video.shape}")
    check_whole("count", count, least=1)
    check_choice("method", method, METHODS)
    last = len(video) - 1
    if method == "random":
        part = (np.arange(count) + check_seed("seed", seed).random(count)) / count
        return video[np.minimum((part * len(video)).astype(int), last)]
    places = np.linspace(0, last, count) if count > 1 else np.array([last / 2])
    return video[np.floor(places + 0.5).astype(int)]
