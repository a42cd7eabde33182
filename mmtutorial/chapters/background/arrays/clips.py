"""Clips as frames: does one see which way they run?"""

import numpy as np

from mmtutorial._checks import check_array, check_callable, check_like
from mmtutorial.preprocessing import resize_image
from mmtutorial.tasks.linear import fit_linear


def grey_frames(videos):
    """Shrink clips ``(clips, frames, height, width, 3)`` to grey ones of 16 x 16 pixels, 0..1.

    Raises ``ValueError`` for another shape, and ``TypeError`` for what are no bytes.
    """
    videos = check_array("videos", videos)
    if videos.dtype != np.uint8:
        raise TypeError(f"videos must be uint8 in 0..255, got {videos.dtype}")
    if videos.ndim != 5 or videos.shape[-1] != 3 or not videos.size:
        raise ValueError(
            "videos must have shape (clips, frames, height, width, 3), none of them 0, got "
            f"{videos.shape}"
        )
    count, frames, *picture = videos.shape
    small = resize_image(videos.reshape(-1, *picture), 16)
    return small.reshape(count, frames, 16, 16, 3).mean(axis=-1) / 255


def check_frames(name, frames):
    """Return grey frames ``(clips, frames, height, width)``; refuse bytes, whose differences wrap.

    Raises ``ValueError`` for another shape, NaN and fewer than two frames.
    """
    frames = check_array(name, frames)
    if frames.dtype.kind != "f":
        raise TypeError(
            f"{name} must hold floats in 0..1, as grey_frames gives, got {frames.dtype}"
        )
    if frames.ndim != 4 or not frames.size or frames.shape[1] < 2:
        raise ValueError(
            f"{name} must have shape (clips, frames, height, width), at least a clip of two frames,"
            f" got {frames.shape}"
        )
    return check_array(name, frames, most=1)


def motion(frames):
    """How much changes from each frame to the next: ``(clips, frames - 1)``, logarithms.

    ``frames`` are grey, ``(clips, frames, height, width)`` of floats in 0..1, at least two.
    """
    frames = check_frames("frames", frames)
    return np.log(np.abs(np.diff(frames, axis=1)).mean(axis=(2, 3)) + 1e-4)


def _shuffled(frames):
    orders = np.broadcast_to(np.arange(frames.shape[1]), frames.shape[:2])
    order = np.random.default_rng(0).permuted(orders, axis=1)
    return np.take_along_axis(frames, order[..., None, None], axis=1)


CLIP_VIEWS = {  # grey frames -> what a linear classifier gets to see of a clip
    "average frame": lambda frames: check_frames("frames", frames).mean(axis=1),
    "all frames": lambda frames: check_frames("frames", frames)[:, :, ::2, ::2],
    "motion": motion,
    "motion, frames shuffled": lambda frames: motion(_shuffled(check_frames("frames", frames))),
}


def predict_direction(train, test, view):
    """Train a linear classifier to tell clips that run forwards from the same ones run backwards.

    ``train`` and ``test`` are grey frames; each clip is seen both ways. Returns the truth and what
    the classifier says, two answers for each way of a clip: ``(4 clips,)`` of 0 (forwards) and 1.
    Where it finds both ways equally likely, it says one of each.
    """
    train, test = check_frames("train", train), check_frames("test", test)
    if train.shape[1:] != test.shape[1:]:
        raise ValueError(f"train and test must be alike, got {train.shape} and {test.shape}")
    check_callable("view", view)

    def both_ways(frames):
        seen = np.concatenate([view(frames), view(frames[:, ::-1])])
        return seen.reshape(len(seen), -1), np.repeat([0, 1], len(frames))

    model = fit_linear(*both_ways(train), classes=2, penalty=10)
    seen, truth = both_ways(test)
    log_p = model.predict_log_proba(seen)
    undecided = np.isclose(log_p[:, :1], log_p[:, 1:])
    said = np.where(undecided, [[0, 1]], log_p.argmax(axis=1)[:, None])
    return np.repeat(truth, 2), said.ravel()


def classify_direction(train, test, view):
    """Tell clips that run forwards from the same clips run backwards; return the share told right.

    As `predict_direction`: where it finds both ways equally likely, it is half right.
    """
    truth, said = predict_direction(train, test, view)
    return float(np.mean(said == truth))


CONTROLS = ("average frame", "motion, frames shuffled")  # views that say nothing of direction


def tell_direction(clips):
    """Train `classify_direction` on the training clips; return the accuracy on others, by view."""
    check_like("clips", clips, "clips such as load_animated_emoji returns", "train", "test")
    train, test = (grey_frames(s.inputs["video"].array()) for s in (clips.train, clips.test))
    return {name: classify_direction(train, test, view) for name, view in CLIP_VIEWS.items()}
