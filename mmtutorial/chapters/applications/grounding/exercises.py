"""The exercises of the chapter "Find what a description names"."""

import numpy as np
from scipy.special import logsumexp

from mmtutorial.exercises.engine import Exercise


def _iou(box, other):
    top, left = np.maximum(box[:2], other[:2])
    bottom, right = np.minimum(box[2:], other[2:])
    shared = max(bottom - top, 0) * max(right - left, 0)
    union = _area(box) + _area(other) - shared
    return float(shared / union)


def _area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def _shared(box, other, least=0):
    height = min(box[2], other[2]) - max(box[0], other[0])
    width = min(box[3], other[3]) - max(box[1], other[1])
    return max(height, least) * max(width, least)


def _draw_boxes():
    pairs = [
        ([2, 3, 12, 9], [5, 4, 20, 16]),
        ([0, 0, 4, 4], [9, 10, 14, 12]),  # apart, both down and across
        ([3, 3, 7, 12], [1, 4, 9, 6]),
    ]
    return [(np.array(box), np.array(other)) for box, other in pairs]


IOU = Exercise(
    "iou",
    reference=_iou,
    cases=_draw_boxes,
    given="boxes {box} and {other}",
    asked="one number from 0 to 1",
    mistakes={
        "You divide by the sum of both areas, in which the shared part counts twice.": (
            lambda box, other: _shared(box, other) / (_area(box) + _area(other))
        ),
        "You divide by the smaller box: a tiny box inside of a large one would be perfect.": (
            lambda box, other: _shared(box, other) / min(_area(box), _area(other))
        ),
        "Boxes that lie apart share nothing, but you got a product of two negative sides.": (
            lambda box, other: (
                _shared(box, other, -np.inf)
                / (_area(box) + _area(other) - _shared(box, other, -np.inf))
            )
        ),
        "That is the shared area itself, in pixels.": lambda box, other: float(_shared(box, other)),
    },
    hint="The shared box begins at the larger top and left, and ends at the smaller bottom and "
    "right; a side below 0 is 0.",
    success="A box that is right in each direction but a quarter too long and too wide gets .64.",
)


def _unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _cosine_map(places, words):
    return _unit(places) @ _unit(words.sum(axis=0))


def _draw_places():
    rng = np.random.default_rng(0)
    made = []
    for side, count in ((4, 2), (5, 3)):
        places = rng.normal(size=(side, side, 6)) * rng.uniform(0.5, 3, (side, side, 1))
        made.append((places, rng.normal(size=(count, 6)) * rng.uniform(0.5, 3, (count, 1))))
    return made


COSINE_MAP = Exercise(
    "cosine_map",
    reference=_cosine_map,
    cases=_draw_places,
    given="{places.shape[0]} x {places.shape[1]} places, {words.shape[0]} words",
    asked="an array, a cosine for each place",
    mistakes={
        "These are products, no cosines: long vectors win. Bring both to length 1.": (
            lambda places, words: places @ words.sum(axis=0)
        ),
        "You bring each word to length 1 before the sum. Here a word's length says how much it "
        "counts.": lambda places, words: _unit(places) @ _unit(_unit(words).sum(axis=0)),
        "The phrase still has its own length: its cosines could be larger than 1.": (
            lambda places, words: _unit(places) @ words.sum(axis=0)
        ),
        "You divide by the length of all places together. Each place has its own.": (
            lambda places, words: places / np.linalg.norm(places) @ _unit(words.sum(axis=0))
        ),
        "You took the first word alone.": lambda places, words: _unit(places) @ _unit(words[0]),
    },
    hint="Sum the words, bring the sum to length 1, and each place too; then one product.",
    success="The whole model, once its vectors are there: one product for each place.",
)


def _scene_logit(scores):
    return float(logsumexp(scores) - np.log(scores.size))


def _draw_scores():
    rng = np.random.default_rng(0)
    return [(rng.normal(0, scale, (4, 4)),) for scale in (1, 3)]


SCENE_LOGIT = Exercise(
    "scene_logit",
    reference=_scene_logit,
    cases=_draw_scores,
    given="scores of {scores.shape[0]} x {scores.shape[1]} places",
    asked="one number",
    mistakes={
        "That is the maximum. It teaches one place alone, and its gradient jumps.": (
            lambda scores: float(scores.max())
        ),
        "That is the mean: each place counts as much, background included.": (
            lambda scores: float(scores.mean())
        ),
        "You forgot to divide by the number of places: a larger picture would fit everything "
        "better.": lambda scores: float(logsumexp(scores)),
        "The logarithm is missing.": lambda scores: float(np.exp(scores).mean()),
        "You go row by row. All places belong to one set.": lambda scores: float(
            np.mean(logsumexp(scores, axis=1) - np.log(scores.shape[1]))
        ),
    },
    hint="The logarithm of the mean of the exponentials, over all places at once.",
    success="Between mean and maximum: the sharper the scores, the nearer to the maximum.",
)


def _box(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1]


def _box_of_map(cosines, share):
    rest, peak = np.median(cosines), cosines.max()
    return _box(cosines >= rest + share * (peak - rest))


def _draw_maps():
    made = []
    for row, column, rest in ((6, 4, 0.4), (11, 9, -0.3)):
        down, across = np.mgrid[:16, :16].astype(float)
        bump = np.exp(-((down - row) ** 2) / 4 - (across - column) ** 2 / 9)
        cosines = rest + bump
        cosines[0, 0] -= 2  # one odd place
        made.append((cosines, 0.5))
    return made


BOX_OF_MAP = Exercise(
    "box_of_map",
    reference=_box_of_map,
    cases=_draw_maps,
    given="a map of {cosines.shape[0]} x {cosines.shape[1]} pixels, share {share}",
    asked="a list of top, left, bottom, right, the last two outside",
    mistakes={
        "Your threshold is a share of the peak itself, counted from 0. A map whose background is "
        "not 0 needs its median as ground.": lambda cosines, share: _box(
            cosines >= share * cosines.max()
        ),
        "You start from the least cosine. One odd place would decide the threshold; the median "
        "stands for the background.": lambda cosines, share: _box(
            cosines >= cosines.min() + share * (cosines.max() - cosines.min())
        ),
        "Bottom and right are the last row and column; they must lie one outside.": (
            lambda cosines, share: [
                *_box_of_map(cosines, share)[:2],
                *(side - 1 for side in _box_of_map(cosines, share)[2:]),
            ]
        ),
        "Rows come first: top, left, bottom, right.": lambda cosines, share: [
            _box_of_map(cosines, share)[place] for place in (1, 0, 3, 2)
        ],
    },
    hint="`mask.any(axis=1)` says which rows hold something; take the first and the last of them.",
    success="That is how maps become boxes since 2016. The threshold is chosen on validation.",
)


def _log_softmax(scores, axis=None):
    return scores - logsumexp(scores, axis=axis, keepdims=True)


def _shares(scores, mask):
    """Return which share of each place the mask covers, ``(rows, columns)``."""
    (rows, columns), (height, width) = scores.shape, mask.shape
    return mask.reshape(rows, height // rows, columns, width // columns).mean(axis=(1, 3))


def _target(scores, mask):
    return _shares(scores, mask) / _shares(scores, mask).sum()


def _mask_loss(scores, mask):
    return float(-(_target(scores, mask) * _log_softmax(scores)).sum())


def _draw_masks():
    rng, made = np.random.default_rng(0), []
    for rows, columns, place in ((4, 3, 8), (3, 5, 4)):
        down, across = np.mgrid[: rows * place, : columns * place]
        mask = (down - 1.3 * place) ** 2 + 0.5 * (across - 1.7 * place) ** 2 < place**2
        made.append((rng.normal(0, 2, (rows, columns)), mask))
    return made


MASK_LOSS = Exercise(
    "mask_loss",
    reference=_mask_loss,
    cases=_draw_masks,
    given="scores of {scores.shape[0]} x {scores.shape[1]} places, a mask of {mask.shape[0]} x "
    "{mask.shape[1]} pixels",
    asked="one number, in nats",
    mistakes={
        "Your shares do not sum to 1: a large thing would count more than a small one.": (
            lambda scores, mask: float(-(_shares(scores, mask) * _log_softmax(scores)).sum())
        ),
        "Each place that shows anything counts as much. One that is full of the thing should count "
        "more than one with a corner of it.": lambda scores, mask: float(
            -_log_softmax(scores)[_shares(scores, mask) > 0].mean()
        ),
        "You take the softmax row by row. All places of a scene are the classes of one choice.": (
            lambda scores, mask: float(-(_target(scores, mask) * _log_softmax(scores, 1)).sum())
        ),
        "You take the logarithm of the summed probability. That lets the model choose one place of "
        "the thing; the cross-entropy asks for all of them.": lambda scores, mask: float(
            -np.log((_target(scores, mask) * np.exp(_log_softmax(scores))).sum())
        ),
        "The sign is wrong: a loss falls as the model gets better.": (
            lambda scores, mask: -_mask_loss(scores, mask)
        ),
    },
    hint="`mask.reshape(rows, height // rows, columns, width // columns)` cuts the mask into "
    "places; their means, divided by the sum of the means, are the shares.",
    success="That is all that masks teach this model. A box in place of the mask makes it the loss "
    "of boxes.",
)

EXERCISES = (IOU, COSINE_MAP, SCENE_LOGIT, BOX_OF_MAP, MASK_LOSS)
