"""What a map can be learnt from: which scene a phrase belongs to, or where its thing is seen."""

from typing import Any

import numpy as np
from keras import ops

from mmtutorial._checks import check_array
from mmtutorial.encoders._base import to_array

FAR = 1e9  # what is taken from the logit of what is not there


def scene_loss(scores: Any, present: Any) -> Any:
    """Which scene does a phrase belong to, if nobody says where in it its thing is?

    The best places of a scene decide how well a phrase fits it: a scene's logit is a soft maximum,
    the log of the mean of the exponentials of its places' scores. Of all scenes of the batch a
    phrase is to fit its own, and of all phrases a scene its own: the mean of both cross-entropies.
    A place is rewarded only through the maximum, and that is how places are learnt.

    Parameters
    ----------
    scores : ``(scenes, phrases, scenes, places)``: of each phrase of each scene, with each place of
        each scene
    present : ``(scenes, phrases)`` of bool: which phrases there are

    Returns a number, in nats. Raises ``ValueError`` for other shapes. Papers: Radford et al. 2021,
    Learning Transferable Visual Models From Natural Language Supervision; Ilse et al. 2018,
    Attention-based Deep Multiple Instance Learning (a set is labelled, its members are not).

    >>> scores = np.zeros((2, 1, 2, 4))
    >>> scores[[0, 1], 0, [0, 1], 3] = 50.0
    >>> bool(scene_loss(scores, np.ones((2, 1), bool)) < 1e-3)
    True
    """
    scores, present = _check(scores, present)
    phrases, places = scores.shape[1], scores.shape[3]
    count = ops.shape(scores)[0]
    logits = ops.logsumexp(scores, axis=-1) - float(np.log(places))
    logits = ops.reshape(logits, (count * phrases, -1))  # (all phrases, scenes)
    there = ops.reshape(present, (-1,))
    own = ops.repeat(ops.eye(count, dtype=scores.dtype), phrases, axis=0) * there[:, None]
    to_scene = -ops.sum(own * ops.log_softmax(logits, axis=1)) / ops.maximum(ops.sum(there), 1.0)
    among = ops.log_softmax(logits - FAR * (1.0 - there[:, None]), axis=0)
    of_scene = ops.sum(own * among, axis=0) / ops.maximum(ops.sum(own, axis=0), 1.0)
    real = ops.cast(ops.sum(own, axis=0) > 0, scores.dtype)
    to_phrase = -ops.sum(of_scene * real) / ops.maximum(ops.sum(real), 1.0)
    return (to_scene + to_phrase) / 2.0


def place_loss(scores: Any, seen: Any) -> Any:
    """Where is the thing of a phrase, if masks say so? Cross-entropy over the places of its scene.

    Parameters
    ----------
    scores : ``(scenes, phrases, places)``: of each phrase with each place of its own scene
    seen : ``(scenes, phrases, places)``: which share of a place shows the thing, 0 to 1; a phrase
        whose thing is nowhere adds nothing

    Returns the mean over all phrases that are somewhere, in nats; at the least it is the entropy of
    the shares. Raises ``ValueError`` for other shapes. Paper: Fukui et al. 2016, Multimodal Compact
    Bilinear Pooling (places of a picture as classes); Li et al. 2022, Grounded Language-Image
    Pre-training (words against regions).

    >>> round(float(place_loss(np.zeros((1, 1, 4)), np.array([[[1.0, 0, 0, 0]]]))), 3)  # log 4
    1.386
    """
    scores, seen = _finite("scores", scores), _finite("seen", seen)
    same = tuple(scores.shape) == tuple(seen.shape) or None in (*scores.shape, *seen.shape)
    if len(scores.shape) != 3 or len(seen.shape) != 3 or not same:
        raise ValueError(
            "scores and seen must be (scenes, phrases, places) of one shape, got "
            f"{tuple(scores.shape)} and {tuple(seen.shape)}"
        )
    scores = ops.cast(ops.convert_to_tensor(scores), "float32")
    seen = ops.cast(ops.convert_to_tensor(seen), "float32")
    whole = ops.sum(seen, axis=-1, keepdims=True)
    there = ops.cast(whole[..., 0] > 0, "float32")
    target = seen / ops.maximum(whole, 1e-6)
    each = -ops.sum(target * ops.log_softmax(scores, axis=-1), axis=-1)
    return ops.sum(each * there) / ops.maximum(ops.sum(there), 1.0)


def _check(scores, present):
    scores, present = _finite("scores", scores), to_array("present", present)
    shape = tuple(scores.shape)
    if len(shape) != 4 or shape[0] != shape[2] or not shape[3]:
        raise ValueError(
            f"scores must be (scenes, phrases, scenes, places), as many scenes twice, got {shape}"
        )
    if tuple(present.shape) != shape[:2]:
        raise ValueError(f"present must be {shape[:2]}, as scores, got {tuple(present.shape)}")
    if isinstance(present, np.ndarray):
        check_array("present", present, kinds="b")
    scores = ops.cast(ops.convert_to_tensor(scores), "float32")
    return scores, ops.cast(ops.convert_to_tensor(present), "float32")


def _finite(name, given):
    """Return an array, if it holds no NaN where values can be seen."""
    array = to_array(name, given)
    return check_array(name, array) if isinstance(array, np.ndarray) else array
