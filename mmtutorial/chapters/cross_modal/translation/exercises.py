"""The exercises of the chapter "Translation"."""

import numpy as np
from scipy.special import log_softmax

from mmtutorial.exercises.engine import Exercise


def _caption_loss(logits, ids):
    log_p = log_softmax(logits, axis=2)
    own = np.take_along_axis(log_p, ids[..., None], axis=2)[..., 0]
    return -np.sum(own * (ids != 0)) / np.sum(ids != 0)


def _all_places(logits, ids):
    log_p = log_softmax(logits, axis=2)
    return -np.mean(np.take_along_axis(log_p, ids[..., None], axis=2))


def _summed(logits, ids):
    return _caption_loss(logits, ids) * np.sum(ids != 0)


def _by_caption(logits, ids):
    rows = zip(logits, ids, strict=True)
    return np.mean([_caption_loss(one[None], own[None]) for one, own in rows])


def _draw_logits():
    rng = np.random.default_rng(0)
    ids = [np.array([[3, 5, 1, 0], [2, 0, 0, 0]]), np.array([[4, 1, 0], [2, 3, 1], [1, 0, 0]])]
    return [(2 * rng.normal(size=(*each.shape, 7)), each) for each in ids]


LOSS = Exercise(
    "translation_loss",
    reference=_caption_loss,
    cases=_draw_logits,
    given="ids {ids}",
    asked="one number, in nats",
    mistakes={
        "Padding counts, too. Leave out the places whose id is 0.": _all_places,
        "You summed over the tokens; take their mean.": _summed,
        "You took a mean for each caption first: a token of a short one then weighs more.": (
            _by_caption
        ),
        "The sign is turned: a loss falls as the right token becomes more probable.": (
            lambda logits, ids: -_caption_loss(logits, ids)
        ),
    },
    hint="Log-softmax over the words, the value at each id, the mean where the id is not 0.",
    success="That is what `Captioner.fit` makes small.",
)


def _tempered(log_p, temperature):
    powers = np.exp(log_softmax(log_p / temperature))
    return powers


def _draw_log_p():
    rng = np.random.default_rng(0)
    return [(log_softmax(2 * rng.normal(size=5)), t) for t in (0.5, 2.0)]


TEMPERATURE = Exercise(
    "translation_temperature",
    reference=_tempered,
    cases=_draw_log_p,
    given="temperature {temperature}",
    asked="a probability for each token",
    mistakes={
        "You multiplied by the temperature: below 1, the probable must become more so.": (
            lambda log_p, temperature: _tempered(log_p, 1 / temperature)
        ),
        "They do not sum to 1: divide by their sum.": lambda log_p, temperature: np.exp(
            log_p / temperature
        ),
        "These are the probabilities at temperature 1; divide the logarithms first.": (
            lambda log_p, temperature: np.exp(log_p)
        ),
        "You divided the probabilities; divide their logarithms.": lambda log_p, temperature: (
            np.exp(log_softmax(np.exp(log_p) / temperature))
        ),
    },
    hint="Divide the logarithms by the temperature, then make them sum to 1.",
    success="Temperature 0 in the limit is greedy search.",
)


def _beam_step(totals, log_p, width):
    scores = (totals[:, None] + log_p).ravel()
    best = np.argsort(-scores, kind="stable")[:width]
    return np.stack(np.divmod(best, log_p.shape[1]), axis=1)


def _each_beam(totals, log_p, width):
    return np.stack([np.arange(len(totals)), log_p.argmax(axis=1)], axis=1)[:width]


def _draw_beams():
    rng = np.random.default_rng(1)
    cases = []
    for beams, words in ((3, 5), (4, 6)):
        totals = np.array([0.0, -0.3, -2.5, -2.8])[:beams]
        cases.append((totals, log_softmax(2 * rng.normal(size=(beams, words)), axis=1), beams))
    return cases


BEAM = Exercise(
    "translation_beam_step",
    reference=_beam_step,
    cases=_draw_beams,
    given="{totals.size} beginnings and {log_p.shape[1]} tokens",
    asked="a row for each candidate: its beginning and its next token",
    mistakes={
        "You kept one continuation of each beginning; two of the best may share theirs.": (
            _each_beam
        ),
        "The log-probabilities of the beginnings are not counted.": lambda totals, log_p, width: (
            _beam_step(np.zeros_like(totals), log_p, width)
        ),
        "These are the worst ones first.": lambda totals, log_p, width: _beam_step(
            -totals, -log_p, width
        ),
        "Token and beginning are exchanged.": lambda totals, log_p, width: _beam_step(
            totals, log_p, width
        )[:, ::-1],
    },
    hint="Add each beginning's total to its row, sort all cells together, keep the best.",
    success="Repeat it until all have ended, and you have beam search.",
)

EXERCISES = (LOSS, TEMPERATURE, BEAM)
