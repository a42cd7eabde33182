"""Clips as frames: does one see which way they run?"""

import numpy as np

from mmtutorial.experiments.linear import fit_linear
from mmtutorial.preprocessing import resize_image


def grey_frames(videos):
    """Shrink clips ``(clips, frames, height, width, 3)`` to grey ones of 16 x 16 pixels, 0..1."""
    count, frames, *picture = np.shape(videos)
    small = resize_image(np.reshape(videos, (-1, *picture)), 16)
    return small.reshape(count, frames, 16, 16, 3).mean(axis=-1) / 255


def motion(frames):
    """How much changes from each frame to the next: ``(clips, frames - 1)``, logarithms."""
    return np.log(np.abs(np.diff(frames, axis=1)).mean(axis=(2, 3)) + 1e-4)


def _shuffled(frames):
    orders = np.broadcast_to(np.arange(frames.shape[1]), frames.shape[:2])
    order = np.random.default_rng(0).permuted(orders, axis=1)
    return np.take_along_axis(frames, order[..., None, None], axis=1)


VIEWS = {  # grey frames -> what a linear classifier gets to see of a clip
    "average frame": lambda frames: frames.mean(axis=1),
    "all frames": lambda frames: frames[:, :, ::2, ::2],
    "motion": motion,
    "motion, frames shuffled": lambda frames: motion(_shuffled(frames)),
}


def which_way(train, test, view):
    """Tell clips that run forwards from the same clips run backwards; return the share told right.

    ``train`` and ``test`` are grey frames; each clip is seen both ways. The classifier is linear;
    where it finds both ways equally likely, it is half right.
    """

    def both_ways(frames):
        seen = np.concatenate([view(frames), view(frames[:, ::-1])])
        return seen.reshape(len(seen), -1), np.repeat([0, 1], len(frames))

    model = fit_linear(*both_ways(train), classes=2, penalty=10)
    seen, truth = both_ways(test)
    log_p = model.log_probabilities(seen)
    undecided = np.isclose(log_p[:, 0], log_p[:, 1])
    return float(np.mean(np.where(undecided, 0.5, log_p.argmax(axis=1) == truth)))


def tell_direction(clips):
    """Train `which_way` on the training clips; return its share right on new ones, by view."""
    train, test = (grey_frames(s.inputs["video"].array()) for s in (clips.train, clips.test))
    return {name: which_way(train, test, view) for name, view in VIEWS.items()}
