"""The exercises of the chapter "Retrieval and zero-shot"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _rank_of_match(scores, right):
    return 1 + int(np.sum(~right & (scores >= scores[right].max())))


def _draw_scores():
    rng = np.random.default_rng(0)
    cases = []
    for count, matches in ((6, 1), (9, 2), (12, 3)):
        right = np.zeros(count, bool)
        right[rng.choice(count, matches, replace=False)] = True
        cases.append((rng.integers(0, 6, count) / 5, right))  # few values, so that there are ties
    return [*cases, (np.full(5, 0.5), np.array([False, False, True, False, False]))]


RANK = Exercise(
    "rank_of_match",
    reference=_rank_of_match,
    cases=_draw_scores,
    given="scores {scores} of which are right {right}",
    asked="one whole number, 1 for the first place",
    mistakes={
        "Places are counted from 1: a match that comes first has rank 1.": lambda scores, right: (
            _rank_of_match(scores, right) - 1
        ),
        "A wrong candidate with the same score ranks in front of the match. Else a model that "
        "finds everything equally near would have rank 1 each time.": lambda scores, right: (
            1 + int(np.sum(~right & (scores > scores[right].max())))
        ),
        "That is the rank of the last match; one match is enough, so the best one counts.": (
            lambda scores, right: 1 + int(np.sum(~right & (scores >= scores[right].min())))
        ),
    },
    hint="Count the wrong candidates that stand in front of the best match.",
    success="One more than the number of wrong candidates in front, ties against the model.",
)


def _average_precision(right):
    places = np.flatnonzero(right) + 1
    return float(np.mean(np.arange(1, len(places) + 1) / places))


def _draw_found():
    rng = np.random.default_rng(1)
    drawn = [rng.random(size) < 0.4 for size in (5, 8, 11)]
    return [(np.array([True, False, True, False, False]),)] + [(np.append(r, True),) for r in drawn]


AVERAGE_PRECISION = Exercise(
    "average_precision",
    reference=_average_precision,
    cases=_draw_found,
    given="{right}",
    asked="one number from 0 to 1",
    mistakes={
        "You took the precision at every place. It counts only at the places of matches.": (
            lambda right: float(np.mean(np.cumsum(right) / np.arange(1, len(right) + 1)))
        ),
        "That is the reciprocal rank of the first match. All matches count, each at its place.": (
            lambda right: float(1 / (np.argmax(right) + 1))
        ),
        "That is the mean of 1 / rank. At the second match two candidates are right, so its "
        "precision is 2 / rank.": lambda right: float(np.mean(1 / (np.flatnonzero(right) + 1))),
        "You divided by the number of candidates; divide by the number of matches.": (
            lambda right: _average_precision(right) * right.sum() / len(right)
        ),
    },
    hint="At the place of each match: matches so far, divided by candidates so far.",
    success="The mean, over matches, of the precision at their places.",
)


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _name_by_prompts(images, prompts):
    return (_unit(images) @ _unit(_unit(prompts).mean(axis=1)).T).argmax(axis=1)


def _draw_prompts():
    cases = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        lengths = rng.choice([0.2, 1.0, 8.0], size=(4, 3, 1))
        prompts = rng.normal(size=(4, 3, 5)) * lengths
        cases.append((rng.normal(size=(40, 5)), prompts))
    return cases


PROMPTS = Exercise(
    "name_by_prompts",
    reference=_name_by_prompts,
    cases=_draw_prompts,
    given="{images.shape[0]} images and {prompts.shape[0]} classes of {prompts.shape[1]} prompts",
    asked="the number of a class for each image",
    mistakes={
        "A long prompt outweighs the others: bring each to length 1 before you take the mean.": (
            lambda images, prompts: (_unit(images) @ _unit(prompts.mean(axis=1)).T).argmax(axis=1)
        ),
        "Prompts that disagree have a short mean: bring it to length 1 again, or it loses.": (
            lambda images, prompts: (images @ _unit(prompts).mean(axis=1).T).argmax(axis=1)
        ),
        "You used the first prompt of each class alone.": lambda images, prompts: (
            _unit(images) @ _unit(prompts[:, 0]).T
        ).argmax(axis=1),
        "You let the nearest single prompt decide; here it is their mean.": (
            lambda images, prompts: (
                np.einsum("id,cpd->icp", _unit(images), _unit(prompts)).max(axis=2).argmax(axis=1)
            )
        ),
    },
    hint="Normalise, mean over the prompts, normalise, cosine, argmax.",
    success="Each class is the mean direction of its prompts.",
)


def _fuse_rankings(ranks, constant):
    return np.argsort(-np.sum(1 / (constant + ranks), axis=0), kind="stable")


def _draw_ranks():
    cases = []
    for seed, (searches, count) in enumerate(((2, 6), (3, 9), (4, 12))):
        rng = np.random.default_rng(seed)
        ranks = np.array([rng.permutation(count) + 1 for _ in range(searches)])
        cases.append((ranks, (60, 10, 1)[seed]))
    return cases


FUSION = Exercise(
    "fuse_rankings",
    reference=_fuse_rankings,
    cases=_draw_ranks,
    given="{ranks.shape[0]} searches of {ranks.shape[1]} candidates",
    asked="the numbers of the candidates, best first",
    mistakes={
        "You returned the worst candidates first.": lambda ranks, constant: np.argsort(
            np.sum(1 / (constant + ranks), axis=0), kind="stable"
        ),
        "That is the order by the mean rank. A sum of reciprocals listens more to first places.": (
            lambda ranks, constant: np.argsort(ranks.mean(axis=0), kind="stable")
        ),
        "You left out the constant, so one first place decides nearly all.": (
            lambda ranks, constant: np.argsort(-np.sum(1 / ranks, axis=0), kind="stable")
        ),
        "You took the best rank that a candidate has anywhere; add up over all searches.": (
            lambda ranks, constant: np.argsort(ranks.min(axis=0), kind="stable")
        ),
    },
    hint="Sum 1 / (constant + rank) over the searches, then sort, largest first.",
    success="Ranks need no common scale, so searches of any kind can be joined.",
)

EXERCISES = (RANK, AVERAGE_PRECISION, PROMPTS, FUSION)
