"""Connectionist temporal classification: which letters were said, whenever they were said."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array
from mmtutorial.applications.speech._lengths import check_batch, check_logits
from mmtutorial.applications.speech._paths import BLANK, sum_paths


def ctc_loss(logits: Any, labels: Any, *, logit_lengths: Any, label_lengths: Any) -> Any:
    """How likely is a text, if nobody says at which frame each letter stands?

    A path has a class for each frame, a letter or the blank, 0. It spells a text if one drops
    what is repeated, and then the blanks. The loss is ``-log`` of the sum of the probabilities of
    all paths that spell the labels, found frame by frame (the forward algorithm).

    Parameters
    ----------
    logits : scores ``(batch, frames, classes)`` before the softmax; class 0 is the blank
    labels : the letters of each row, ``(batch, letters)`` of int from 1 on; what stands behind
        ``label_lengths`` is padding
    logit_lengths : how many frames of each row count, ``(batch,)`` of int
    label_lengths : how many letters each row has, ``(batch,)`` of int; 0 is silence

    Returns ``(batch,)``, in nats. Raises ``ValueError`` for shapes and lengths that do not fit, and
    for letters that do not exist; and, with its index, for a row that no path can spell: a text
    needs a frame for each letter, and one more between two that are the same. Values are looked at
    where they can be seen, outside compiled graphs. Paper: Graves et al. 2006, Connectionist
    Temporal Classification.

    >>> logits = np.log([[[0.4, 0.6], [0.5, 0.5]]])  # blank and "a", in two frames
    >>> loss = ctc_loss(logits, [[1]], logit_lengths=[2], label_lengths=[1])
    >>> round(float(np.exp(-loss[0])), 3)  # aa, a-, -a
    0.8
    """
    logits, labels, logit_lengths, label_lengths = check_batch(
        logits, labels, logit_lengths, label_lengths
    )
    return sum_paths(labels, logits, label_lengths, logit_lengths)


def ctc_greedy_decode(logits: ArrayLike, logit_lengths: ArrayLike | None = None) -> list[list[int]]:
    """Which letters does the likeliest path spell? The best class of each frame, collapsed.

    ``logits`` is ``(batch, frames, classes)``, ``logit_lengths`` ``(batch,)`` or None for all
    frames. Returns the letters of each row. It is not always the likeliest text, whose many paths
    may sum to more: see `ctc_beam_decode`. Raises ``ValueError`` as `ctc_loss` does.

    >>> ctc_greedy_decode(np.eye(3)[[[1, 1, 0, 1, 2, 2]]])
    [[1, 1, 2]]
    """
    logits, lengths = check_logits(logits, logit_lengths)
    paths = logits.argmax(axis=2)
    return [collapse(path[:length]) for path, length in zip(paths, lengths, strict=True)]


def collapse(path: np.ndarray) -> list[int]:
    """Return the letters that a path ``(frames,)`` spells: without repetitions, then blanks."""
    new = np.ones(len(path), bool)
    new[1:] = path[1:] != path[:-1]
    return path[new & (path != BLANK)].tolist()


def ctc_align(logits: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """When was each letter said? The likeliest path that spells a text (the Viterbi algorithm).

    ``logits`` is ``(frames, classes)``, ``labels`` ``(letters,)`` of int from 1 on. Returns the
    path, ``(frames,)`` of int: the class of each frame. Raises ``ValueError`` as `ctc_loss` does.

    >>> ctc_align(np.log([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]]), [1, 2])
    array([0, 1, 2])
    """
    logits = check_array("logits", logits)
    labels = check_array("labels", labels, kinds="iu")
    if logits.ndim != 2 or labels.ndim != 1:
        raise ValueError(
            "logits must be (frames, classes) and labels (letters,), got shapes "
            f"{logits.shape} and {labels.shape}"
        )
    check_batch(logits[None], labels[None], [len(logits)], [len(labels)])
    log_p = keras.ops.convert_to_numpy(ops.log_softmax(logits.astype("float64")))
    states = np.full(2 * len(labels) + 1, BLANK)  # a blank before, between and after the letters
    states[1::2] = labels
    skips = np.zeros(len(states), bool)  # which may be reached from two states before
    skips[3::2] = labels[1:] != labels[:-1]
    best = np.full(len(states), -np.inf)
    best[:2] = log_p[0, states[:2]]
    steps = np.zeros((len(logits), len(states)), int)
    for frame in range(1, len(logits)):
        stay, one, two = best, np.roll(best, 1), np.roll(best, 2)
        one[0] = -np.inf
        choices = np.stack([stay, one, np.where(skips, two, -np.inf)])
        steps[frame] = choices.argmax(axis=0)
        best = choices.max(axis=0) + log_p[frame, states]
    place = len(states) - 1
    if len(labels) and best[-2] > best[-1]:
        place -= 1
    path = np.empty(len(logits), int)
    for frame in range(len(logits) - 1, -1, -1):
        path[frame] = states[place]
        place -= steps[frame, place]
    return path
