"""The exercises of the chapter "Missing modalities"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _fill_with_mean(vectors, there):
    return _fill(vectors, there, vectors[there].mean(axis=0))


def _fill(vectors, there, value):
    return np.where(there[:, None], vectors, value)


def _draw_vectors():
    vectors = np.random.default_rng(0).normal(size=(7, 3)) + 5
    there = np.array([1, 1, 0, 1, 0, 1, 1], dtype=bool)
    return [(_fill(vectors, there, absent), there) for absent in (0.0, 1e6, np.nan)]


def _mix(vectors, there):
    mean = vectors[there].mean(axis=0)
    return there[:, None] * vectors + ~there[:, None] * mean


def _still_holds_nan(got, right, vectors, there):
    return np.isnan(got[~there]).any() and np.array_equal(got[there], vectors[there])


def _has_changed(got, right, vectors, there):
    return not np.array_equal(got[there], vectors[there])


FILL = Exercise(
    "fill_with_mean",
    reference=_fill_with_mean,
    cases=_draw_vectors,
    given="{vectors.shape[0]} rows",
    asked="a row for each row",
    mistakes={
        "An absent row holds NaN, and yours does still: 0 x NaN is NaN. Choose, don't mix.": (
            Mistake((_mix,), seen=_still_holds_nan)
        ),
        "Your mean counts the absent rows, too; they may hold anything: zeros, a million, NaN.": (
            lambda vectors, there: _fill(vectors, there, vectors.mean(axis=0)),
            lambda vectors, there: _fill(vectors, there, np.nanmean(vectors, axis=0)),
        ),
        "You filled in one number; each column has its own mean.": (
            lambda vectors, there: _fill(vectors, there, vectors[there].mean())
        ),
        "That is zero-filling; asked for is the mean of each column.": (
            lambda vectors, there: _fill(vectors, there, 0.0)
        ),
        "A row that was there has changed: fill the absent ones alone.": Mistake(
            (lambda vectors, there: _fill_with_mean(vectors, ~there),), seen=_has_changed
        ),
    },
    hint="An absent row does not hold the mean of each column over the rows present.",
    success="The mean of those present, in the rows that lack it and nowhere else.",
)


def _join_present(votes, prior, presence, *, power=1, first=1, normalise=True):
    ratios = np.where(presence.T[:, :, None], votes / prior**power, 1.0)
    joined = prior**first * np.prod(ratios, axis=0)
    return joined / joined.sum(axis=1, keepdims=True) if normalise else joined


def _draw_votes():
    rng = np.random.default_rng(1)
    votes, prior = rng.dirichlet(np.ones(4), (3, 6)), rng.dirichlet(5 * np.ones(4))
    presence = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 1]], bool)
    return [(votes, prior, presence)]


def _uniform_if_nothing_there(votes, prior, presence):
    joined = _join_present(votes, prior, presence)
    return np.where(presence.any(axis=1, keepdims=True), joined, 0.25)


def _first_sum(got, right, votes, prior, presence):
    return "" if np.allclose(got.sum(axis=1), 1) else f"{got.sum(axis=1)[0]:.2f}"


JOIN = Exercise(
    "join_present",
    reference=_join_present,
    cases=_draw_votes,
    given="{votes.shape[0]} experts and {votes.shape[1]} items",
    asked="one row of probabilities for each item",
    mistakes={
        "Your first row adds up to {seen}: scale the rows to sum to 1.": Mistake(
            (lambda *given: _join_present(*given, normalise=False),), seen=_first_sum
        ),
        "You let every expert speak: one that is absent has no say.": (
            lambda votes, prior, presence: _join_present(votes, prior, np.ones_like(presence))
        ),
        "You multiplied beliefs: divide each by the prior, which must count once only.": (
            lambda *given: _join_present(*given, power=0, first=0),
            lambda *given: _join_present(*given, power=0),
        ),
        "You divided each belief by the prior, but the prior itself must count once: multiply by "
        "it.": lambda *given: _join_present(*given, first=0),
        "For the item of which nothing is there the prior is all that one knows.": Mistake(
            (_uniform_if_nothing_there,),
            seen=lambda got, right, votes, prior, presence: not np.allclose(got[3], prior),
        ),
    },
    hint="That is not p(y) times p(y | x) / p(y) of each expert present.",
    success="What is absent has no say, and the prior counts once.",
)


def _mask_by_class(targets, shares, seed):
    return np.random.default_rng(seed).random(len(targets)) >= shares[targets]


def _draw_targets():
    return [(np.repeat([0, 1, 2], [4000, 2000, 1000]), np.array([0.9, 0.1, 0.5]), 0)]


def _mask_first_rows(targets, shares, seed):
    place = np.arange(len(targets)) - np.searchsorted(targets, targets)
    return place >= shares[targets] * np.bincount(targets)[targets]


def _shares_masked(there, targets):
    return np.array([np.mean(~there[targets == c]) for c in range(3)])


def _is_masked(there, right, targets, shares, seed):
    return np.allclose(_shares_masked(there, targets), shares, atol=0.05) and not (
        _is_in_order(there, right, targets)
    )


def _is_in_order(there, right, targets, *_):
    """Whether almost no row that is there stands before one of its class that is masked."""
    return np.count_nonzero(np.diff(there[targets == 0].astype(int))) < 50


def _alike(there, right, targets, *_):
    masked = _shares_masked(there, targets)
    return f"{masked[0]:.0%}" if np.ptp(masked) < 0.05 else ""


def _other_shares(there, right, targets, shares, seed):
    masked = _shares_masked(there, targets)
    return "" if np.allclose(masked, shares, atol=0.05) else str(np.round(masked, 2))


def _run_twice(answer, *seeds):
    targets, shares, _ = _draw_targets()[0]
    return np.array_equal(*(answer(targets.copy(), shares.copy(), seed) for seed in seeds))


MASK = Exercise(
    "mask_by_class",
    reference=_mask_by_class,
    cases=_draw_targets,
    given="{targets.size} rows",
    asked="True or False for each of the rows",
    equal=_is_masked,
    mistakes={
        "It is the other way round: shares say how often a row is masked, True is there.": Mistake(
            (lambda *given: ~_mask_by_class(*given),),
            seen=lambda there, right, targets, shares, seed: np.allclose(
                _shares_masked(there, targets), 1 - shares, atol=0.05
            ),
        ),
        "Every class is masked alike, in {seen} of its rows; shares differ by class.": Mistake(
            (lambda targets, shares, seed: _mask_by_class(0 * targets, shares, seed),),
            seen=_alike,
        ),
        "Of the classes you mask {seen}; asked for is {shares}.": Mistake(
            (lambda targets, shares, seed: _mask_by_class(targets, shares / 2, seed),),
            seen=_other_shares,
        ),
        "You mask the first rows of a class, not rows drawn at random.": Mistake(
            (_mask_first_rows,), seen=_is_in_order
        ),
    },
    also={
        "The same seed masked different rows: draw with np.random.default_rng(seed).": Mistake(
            (lambda targets, shares, seed: _mask_by_class(targets, shares, None),),
            seen=lambda answer: not _run_twice(answer, 0, 0),
        ),
        "Two seeds masked the same rows: draw them at random.": Mistake(
            (lambda targets, shares, seed: _mask_by_class(targets, shares, 0),),
            seen=lambda answer: _run_twice(answer, 0, 1),
        ),
    },
    success="A gap that depends on the class, drawn at random within it.",
)

EXERCISES = (FILL, JOIN, MASK)
