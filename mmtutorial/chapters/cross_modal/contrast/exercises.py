"""The exercises of the chapter "Contrast"."""

import numpy as np
from scipy.special import expit, logsumexp, softmax

from mmtutorial.exercises.engine import Exercise


def _chance_loss(ids):
    others = np.sum(ids[:, None] != ids, axis=1)
    return np.mean(np.log(1 + others))


def _draw_ids():
    rng = np.random.default_rng(0)
    return [(rng.integers(0, 9, size),) for size in (12, 30)]


CHANCE = Exercise(
    "contrast_chance_loss",
    reference=_chance_loss,
    cases=_draw_ids,
    given="a batch of {ids.size} pairs",
    asked="one number, in nats",
    mistakes={
        "That is the logarithm of the batch size: pairs of the same concept are no candidates.": (
            lambda ids: np.log(len(ids))
        ),
        "You left out the pair itself: its own text is a candidate, too.": (
            lambda ids: np.mean(np.log(np.sum(ids[:, None] != ids, axis=1)))
        ),
        "That is in bits; the loss is in nats.": lambda ids: _chance_loss(ids) / np.log(2),
        "You took the logarithm of the mean; take the mean of the logarithms, as the loss does.": (
            lambda ids: np.log(1 + np.mean(np.sum(ids[:, None] != ids, axis=1)))
        ),
    },
    hint="Count the candidates of each row: its own text, and those of other concepts.",
    success="That is where a model stands that has learnt nothing.",
)


def _siglip(cosines, scale, bias):
    return _sigmoid_sum(cosines, scale, bias) / len(cosines)


def _sigmoid_sum(cosines, scale, bias):
    signs = 2 * np.eye(len(cosines)) - 1
    return np.sum(np.logaddexp(0, -signs * (scale * cosines + bias)))


def _draw_cosines():
    rng = np.random.default_rng(0)
    return [(rng.uniform(-1, 1, (size, size)), 10.0, -4.0) for size in (3, 6)]


SIGLIP = Exercise(
    "contrast_siglip",
    reference=_siglip,
    cases=_draw_cosines,
    given="a batch of {cosines.shape[0]} pairs",
    asked="one number",
    mistakes={
        "You divided by the number of cells; the paper divides by the number of pairs.": (
            lambda cosines, scale, bias: _siglip(cosines, scale, bias) / len(cosines)
        ),
        "The sum is right; divide it by the batch.": _sigmoid_sum,
        "Every cell counts as a right pair. Off the diagonal the sign turns.": (
            lambda cosines, scale, bias: (
                np.sum(np.logaddexp(0, -(scale * cosines + bias))) / len(cosines)
            )
        ),
        "The signs are the wrong way round: right pairs should score high.": (
            lambda cosines, scale, bias: _siglip(-cosines, scale, -bias)
        ),
        "The bias is missing: it is added to each logit.": lambda cosines, scale, bias: _siglip(
            cosines, scale, 0.0
        ),
    },
    hint="They are not those of the equation of the sigmoid loss.",
    success="One yes or no per cell, and no sum over the batch inside of a logarithm.",
)


def _masked_loss(logits, ids):
    same = (ids[:, None] == ids) & ~np.eye(len(ids), dtype=bool)
    return _cross_entropy(np.where(same, -np.inf, logits))


def _cross_entropy(logits):
    both = logsumexp(logits, axis=0) + logsumexp(logits, axis=1)
    return np.mean(both / 2 - np.diag(logits))


def _draw_logits():
    rng = np.random.default_rng(0)
    drawn = [np.array([4, 1, 4, 0]), np.array([2, 2, 0, 5, 2, 0])]
    return [(3 * rng.normal(size=(len(ids), len(ids))), ids) for ids in drawn]


def _one_way(logits, ids):
    same = (ids[:, None] == ids) & ~np.eye(len(ids), dtype=bool)
    masked = np.where(same, -np.inf, logits)
    return np.mean(logsumexp(masked, axis=1) - np.diag(logits))


def _zeroed(logits, ids):
    same = (ids[:, None] == ids) & ~np.eye(len(ids), dtype=bool)
    return _cross_entropy(np.where(same, 0.0, logits))


MASKED = Exercise(
    "contrast_masked_loss",
    reference=_masked_loss,
    cases=_draw_logits,
    given="concepts {ids}",
    asked="one number",
    mistakes={
        "Drawings of the same concept still count as negatives.": (
            lambda logits, ids: _cross_entropy(logits)
        ),
        "That is one direction, images to texts. Take the mean of both.": _one_way,
        "A logit of 0 is no way to leave a pair out: exp(0) is 1. Use minus infinity.": _zeroed,
    },
    hint="Leave out the other drawings of a concept, keep the diagonal, then as InfoNCE.",
    success="What is no mistake is no longer punished.",
)


def _logit_gradient(logits):
    eye = np.eye(len(logits))
    return (softmax(logits, axis=1) + softmax(logits, axis=0) - 2 * eye) / (2 * len(logits))


GRADIENT = Exercise(
    "contrast_gradient",
    reference=_logit_gradient,
    cases=lambda: [(logits,) for logits, _ in _draw_logits()],
    given="a batch of {logits.shape[0]} pairs",
    asked="a number for each cell",
    mistakes={
        "The sign is turned: gradient descent moves against this.": (
            lambda logits: -_logit_gradient(logits)
        ),
        "That is the direction from images to texts alone; the loss is the mean of both.": (
            lambda logits: (softmax(logits, axis=1) - np.eye(len(logits))) / len(logits)
        ),
        "You did not divide by the batch: the loss is a mean over its rows.": (
            lambda logits: _logit_gradient(logits) * len(logits)
        ),
        "That is the gradient of a sigmoid, cell by cell; here the cells of a row compete.": (
            lambda logits: (expit(logits) - np.eye(len(logits))) / len(logits)
        ),
    },
    hint="The derivative of -log softmax is the softmax, minus 1 at the right place.",
    success="Each wrong cell is pushed down by its probability, each right one pulled up by what "
    "it lacks.",
)


def _relative(images, texts, image_anchors, text_anchors, nearest):
    seen = _likeness(images, image_anchors, nearest)
    return seen @ _likeness(texts, text_anchors, nearest).T


def _unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _likeness(vectors, anchors, nearest):
    cosines = np.maximum(_unit(vectors) @ _unit(anchors).T, 0)
    least = np.sort(cosines, axis=1)[:, [-nearest]]
    return _unit(np.where(cosines >= least, cosines, 0))


def _draw_anchors():
    rng = np.random.default_rng(0)
    return [
        (*(rng.normal(size=(rows, dim)) for rows, dim in ((4, 8), (5, 6), (20, 8), (20, 6))), 7)
    ]


RELATIVE = Exercise(
    "contrast_relative",
    reference=_relative,
    cases=_draw_anchors,
    given="{images.shape[0]} images, {texts.shape[0]} texts and {image_anchors.shape[0]} anchors",
    asked="a cosine for each image and text",
    mistakes={
        "All anchors are kept; set those that are not among the nearest to 0.": (
            lambda images, texts, image_anchors, text_anchors, nearest: _relative(
                images, texts, image_anchors, text_anchors, len(image_anchors)
            )
        ),
        "You compare dot products, not cosines: bring the rows of likenesses to length 1.": (
            lambda images, texts, image_anchors, text_anchors, nearest: (
                _long(images, image_anchors, nearest) @ _long(texts, text_anchors, nearest).T
            )
        ),
        "You keep one anchor too few.": (
            lambda images, texts, image_anchors, text_anchors, nearest: _relative(
                images, texts, image_anchors, text_anchors, nearest - 1
            )
        ),
    },
    hint="Cosines with the anchors, negative ones to 0, the nearest kept, rows to length 1.",
    success="Two spaces that never met, compared through the pairs that they share.",
)


def _long(vectors, anchors, nearest):
    cosines = np.maximum(_unit(vectors) @ _unit(anchors).T, 0)
    least = np.sort(cosines, axis=1)[:, [-nearest]]
    return np.where(cosines >= least, cosines, 0)


EXERCISES = (CHANCE, SIGLIP, MASKED, GRADIENT, RELATIVE)
