"""From a clip to a few of its frames, in order."""

import numpy as np

from mmtutorial._checks import check_whole

METHODS = ("even", "random")


def sample_frames(video, count, *, method="even", seed=None):
    """Choose a few frames of a clip, in the order in which they were shown.

    Parameters
    ----------
    video : array, ``(frames, height, width, channels)``
    count : how many frames come out; more than there are repeats some
    method : ``"even"``: the first, the last, and evenly between them (of one, the middle); or
        ``"random"``: cut the clip into ``count`` equal parts and draw one frame of each
    seed : int or ``numpy.random.Generator``, for ``"random"``; the same seed, the same frames

    Returns ``(count, height, width, channels)``, a copy. Raises ``ValueError`` for an empty clip, a
    ``count`` below one, an unknown method, or ``"random"`` without a seed; ``TypeError`` for a
    ``count`` that is not whole.
    Paper: Wang et al. 2016, Temporal Segment Networks (one frame drawn from each part).

    >>> clip = np.arange(5).reshape(5, 1, 1, 1)
    >>> sample_frames(clip, 3).ravel()
    array([0, 2, 4])
    """
    video = np.asarray(video)
    if video.ndim != 4 or not len(video):
        raise ValueError(
            "video must have shape (frames, height, width, channels) with at least one frame, "
            f"got {video.shape}"
        )
    check_whole("count", count, least=1)
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}")
    last = len(video) - 1
    if method == "random":
        if seed is None:
            raise ValueError("seed must be given for method='random', got None")
        part = (np.arange(count) + np.random.default_rng(seed).random(count)) / count
        return video[np.minimum((part * len(video)).astype(int), last)]
    places = np.linspace(0, last, count) if count > 1 else np.array([last / 2])
    return video[np.floor(places + 0.5).astype(int)]
