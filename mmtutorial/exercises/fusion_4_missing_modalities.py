"""The checks of the chapter "Missing modalities"."""

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_numbers, same, say


def _fill_with_mean(answer):
    rng = np.random.default_rng(0)
    vectors, there = rng.normal(size=(7, 3)) + 5, np.array([1, 1, 0, 1, 0, 1, 1], dtype=bool)
    for garbage in (0.0, 1e6, np.nan):
        given = np.where(there[:, None], vectors, garbage)
        kept = given.copy()
        got = answer(given, there.copy())
        if not np.array_equal(given, kept, equal_nan=True):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != given.shape:
            return f"You returned {say(got)}; asked for is an array of the shape {given.shape}."
        got, mean = np.asarray(got, dtype=float), vectors[there].mean(axis=0)
        if not np.array_equal(got[there], vectors[there]):
            return "A row that was there has changed: fill the absent ones alone."
        if np.isnan(got).any():
            return (
                "An absent row holds NaN, and yours does still: 0 x NaN is NaN. Choose, don't mix."
            )
        if np.allclose(got[~there], kept.mean(axis=0)):
            return f"Your mean counts the absent rows, too, and here they hold {garbage}."
        if np.allclose(got[~there], vectors[there].mean()):
            return "You filled in one number; each column has its own mean."
        if np.allclose(got[~there], 0):
            return "That is zero-filling; asked for is the mean of each column."
        if not np.allclose(got[~there], mean):
            return "An absent row does not hold the mean of each column over the rows present."
    return ""


def _join_present(answer):
    rng = np.random.default_rng(1)
    votes, prior = rng.dirichlet(np.ones(4), (3, 6)), rng.dirichlet(5 * np.ones(4))
    presence = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 1]], bool)

    def joined(power=1.0, here=presence):
        ratios = np.where(here.T[:, :, None], votes / prior**power, 1.0)
        product = prior**power * np.prod(ratios, axis=0)
        return product / product.sum(axis=1, keepdims=True)

    given = votes.copy(), prior.copy(), presence.copy()
    got = answer(*given)
    if not same(given, (votes, prior, presence)):
        return CHANGED
    if not is_numbers(got) or np.shape(got) != (6, 4):
        return f"You returned {say(got)}; one row of beliefs an item makes it (6, 4)."
    got = np.asarray(got, dtype=float)
    if not np.allclose(got.sum(axis=1), 1):
        return f"Your rows add up to {got.sum(axis=1)[0]:.2f}: scale them to sum to 1."
    if np.allclose(got, joined(here=np.ones_like(presence))):
        return "You let everybody speak: an expert who is absent has no say."
    if np.allclose(got, joined(0.0)):
        return "You multiplied beliefs: divide each by the prior, which must count once only."
    if not np.allclose(got[3], prior):
        return "For the item of which nothing is there the prior is all that one knows."
    if not np.allclose(got, joined()):
        return "That is not p(y) times p(y | x) / p(y) of each expert present."
    return ""


def _hide_by_class(answer):
    targets, shares = np.repeat([0, 1, 2], [4000, 2000, 1000]), np.array([0.9, 0.1, 0.5])
    given = targets.copy(), shares.copy()
    there = answer(*given, 0)
    if not same(given, (targets, shares)):
        return CHANGED
    if not _is_mask(there, len(targets)):
        return f"You returned {say(there)}; asked for is True or False for each of the rows."
    there = np.asarray(there)
    gone = np.array([np.mean(~there[targets == c]) for c in range(3)])
    if np.allclose(gone, 1 - shares, atol=0.05):
        return "It is the other way round: shares say how often a row is hidden, True is there."
    if np.ptp(gone) < 0.05:
        return f"Every class is hidden alike, in {gone[0]:.0%} of its rows; shares differ by class."
    if not np.allclose(gone, shares, atol=0.05):
        return f"Of the classes you hide {np.round(gone, 2)}; asked for is {shares}."
    first = there[targets == 0][:4000]
    if len(np.unique(np.flatnonzero(~first) - np.arange((~first).sum()))) < 50:
        return "You hide the first rows of a class, not rows drawn at random."
    if not np.array_equal(there, answer(*given, 0)):
        return "The same seed hid different rows: draw with np.random.default_rng(seed)."
    if np.array_equal(there, answer(*given, 1)):
        return "Two seeds hid the same rows: draw them at random."
    return ""


def _is_mask(got, rows):
    try:
        got = np.asarray(got)
    except ValueError:  # a ragged list
        return False
    return got.dtype == bool and got.shape == (rows,)


CHECKS = {
    "fill_with_mean": _fill_with_mean,
    "hide_by_class": _hide_by_class,
    "join_present": _join_present,
}
PRAISE = {
    "fill_with_mean": "The mean of those present, in the rows that lack it and nowhere else.",
    "hide_by_class": "A gap that depends on the class, drawn at random within it.",
    "join_present": "Who is absent has no say, and the prior counts once.",
}
