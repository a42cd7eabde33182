"""The exercises of the chapter "A vision-language model in miniature"."""

import numpy as np
from scipy.special import log_softmax

from mmtutorial.exercises.engine import Exercise


def _false_yes(said, truth):
    return float(np.mean(said[~truth]))


def _draw_answers():
    rng = np.random.default_rng(0)
    return [(rng.random(size) < p, rng.random(size) < 0.5) for size, p in ((40, 0.7), (60, 0.3))]


FALSE_YES = Exercise(
    "false_yes",
    reference=_false_yes,
    cases=_draw_answers,
    given="{said.size} questions",
    asked="one number, a share of the questions about what is absent",
    mistakes={
        "That is the share of wrong answers among all questions: it mixes what is made up with "
        "what is missed.": lambda said, truth: float(np.mean(said != truth)),
        "You count the right things, but divide by all questions. Divide by those about what is "
        "absent.": lambda said, truth: float(np.mean(said & ~truth)),
        "You divide by the number of times that the model says yes. That is how often a yes is "
        "false, not how often what is absent gets a yes.": lambda said, truth: float(
            np.mean(~truth[said])
        ),
        "That is how often what is there gets a yes; look at what is absent.": (
            lambda said, truth: float(np.mean(said[truth]))
        ),
    },
    hint="Take the questions whose true answer is no, and average over them alone.",
    success="A model that always says yes gets 1 here, one that always says no 0: look at both.",
)


def _write_sequence(question, answer, begin, end):
    ids = [*question, begin, *answer]
    return np.array(ids), np.array([*[0] * len(question), *answer, end])


def _draw_texts():
    return [([5, 9, 7], [11], 2, 3), ([8, 6], [12, 4, 10], 2, 3)]


def _targets_of(make):
    def wrong(question, answer, begin, end):
        ids = _write_sequence(question, answer, begin, end)[0]
        return ids, np.array(make(list(question), list(answer), begin, end))

    return wrong


SEQUENCE = Exercise(
    "write_sequence",
    reference=_write_sequence,
    cases=_draw_texts,
    given="a question of {question} and an answer of {answer}",
    asked="two arrays of the same length: what is read, and what is to come next at each place",
    mistakes={
        "The targets are not moved: at each place stands what is read there, which the model "
        "sees. It is to tell the next token.": _targets_of(
            lambda q, a, begin, end: [*[0] * len(q), 0, *a]
        ),
        "You train on the question as well: the model would learn to ask. Its places get target "
        "0.": _targets_of(lambda q, a, begin, end: [*q[1:], begin, *a, end]),
        "The last target is missing its end: the model would never learn to stop.": _targets_of(
            lambda q, a, begin, end: [*[0] * len(q), *a, 0]
        ),
        "The begin token has no target: it stands before the answer, so after it comes the "
        "answer's first token.": _targets_of(
            lambda q, a, begin, end: [*[0] * len(q), 0, *a[1:], end]
        ),
    },
    hint="Read are question, begin and answer; the target of a place is what is read next, and 0 "
    "wherever no answer is learnt.",
    success="One pass through the decoder trains every token of the answer, and none of the rest.",
)


def _answer_loss(logits, targets):
    losses = -np.take_along_axis(log_softmax(logits, axis=-1), targets[..., None], axis=-1)[..., 0]
    real = targets != 0
    return float(losses[real].sum() / real.sum())


def _draw_logits():
    rng = np.random.default_rng(0)
    targets = np.array([[0, 0, 3, 4], [0, 2, 0, 0], [5, 1, 3, 4]])
    return [(rng.normal(0, 2, (3, 4, 6)), targets), (rng.normal(0, 1, (2, 4, 6)), targets[:2])]


def _losses(logits, targets):
    return -np.take_along_axis(log_softmax(logits, axis=-1), targets[..., None], axis=-1)[..., 0]


def _mean_of_rows(logits, targets):
    real = targets != 0
    return float(np.mean((_losses(logits, targets) * real).sum(axis=1) / real.sum(axis=1)))


ANSWER_LOSS = Exercise(
    "answer_loss",
    reference=_answer_loss,
    cases=_draw_logits,
    given="{targets.shape[0]} sequences of {targets.shape[1]} places",
    asked="one number, in nats",
    mistakes={
        "You average over all places. Where the target is 0, nothing is to be learnt.": (
            lambda logits, targets: float(_losses(logits, targets).mean())
        ),
        "You drop the places without a target, but still divide by all of them: short answers "
        "would count less.": lambda logits, targets: float(
            (_losses(logits, targets) * (targets != 0)).mean()
        ),
        "You average each sequence first, so that a token of a long answer counts less. Average "
        "over all tokens of the batch.": _mean_of_rows,
        "These are the logits themselves: take the log-softmax over the vocabulary first.": (
            lambda logits, targets: float(
                -np.take_along_axis(logits, targets[..., None], axis=-1)[..., 0][
                    targets != 0
                ].mean()
            )
        ),
        "The softmax runs over the places; it belongs over the vocabulary, the last axis.": (
            lambda logits, targets: float(
                -np.take_along_axis(log_softmax(logits, axis=1), targets[..., None], axis=-1)[
                    ..., 0
                ][targets != 0].mean()
            )
        ),
    },
    hint="It is the mean of minus log-probability over the places whose target is not 0.",
    success="The mask decides what a model learns from: here from answers alone.",
)


def _answer_greedily(step, begin, end, longest):
    ids = [begin]
    while len(ids) <= longest:
        ids.append(int(np.argmax(step(ids))))
        if ids[-1] == end:
            return ids[1:-1]
    return ids[1:]


def _step_of(seed):
    """Return a function: scores of the next token by the last one and by how many there are."""
    scores = np.random.default_rng(seed).normal(size=(8, 12, 8))
    scores[:, :3, 3] = -9  # no end at once
    return lambda ids: scores[ids[-1], len(ids)]


def _draw_steps():
    return [(_step_of(seed), 2, 3, longest) for seed, longest in ((0, 8), (4, 8), (1, 2))]


def _with_end(step, begin, end, longest):
    ids = [begin]
    while len(ids) <= longest and (len(ids) == 1 or ids[-1] != end):
        ids.append(int(np.argmax(step(ids))))
    return ids[1:]


def _never_stops(step, begin, end, longest):
    ids = [begin]
    while len(ids) <= longest:
        ids.append(int(np.argmax(step(ids))))
    return ids[1:]


def _forgets(step, begin, end, longest):
    ids = [begin]
    while len(ids) <= longest:
        ids.append(int(np.argmax(step([ids[-1]]))))
        if ids[-1] == end:
            return ids[1:-1]
    return ids[1:]


GREEDY = Exercise(
    "answer_greedily",
    reference=_answer_greedily,
    cases=_draw_steps,
    given="begin {begin}, end {end}, at most {longest} tokens",
    asked="a list of ids, without begin and end",
    mistakes={
        "The end token stands in your answer. It says that the answer is over; it is not part of "
        "it.": _with_end,
        "You go on after the end token; stop there.": _never_stops,
        "You hand over the last token alone. The next one depends on all that was written.": (
            _forgets
        ),
        "The begin token stands in your answer.": lambda step, begin, end, longest: [
            begin,
            *_answer_greedily(step, begin, end, longest),
        ],
        "You write one token more than `longest`.": lambda step, begin, end, longest: (
            _answer_greedily(step, begin, end, longest + 1)
        ),
    },
    hint="Begin with the begin token, append the best next token each time, stop at the end token "
    "or after `longest` tokens.",
    success="That is all that answering is: the same decoder, one token further each time.",
)

EXERCISES = (FALSE_YES, SEQUENCE, ANSWER_LOSS, GREEDY)
