"""The checks of the chapter "Honest evaluation"."""

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_numbers, same, say


def _split_by_concept(answer):
    concepts = np.repeat(np.random.default_rng(0).permutation(100), np.arange(100) % 7 + 1)
    given = concepts.copy()
    held = answer(given, 0.2, 0)
    if not same(given, concepts):
        return CHANGED
    if not _is_mask(held, len(concepts)):
        return f"You returned {say(held)}; asked for is True or False for each of the rows."
    held = np.asarray(held)
    both = np.intersect1d(concepts[held], concepts[~held])
    if len(both):
        return f"{len(both)} of 100 concepts stand on both sides: draw concepts, not rows."
    share = len(np.unique(concepts[held]))
    if not 18 <= share <= 22:
        return f"With a share of 0.2 you hold out {share} of 100 concepts."
    again, other = answer(given, 0.2, 0), answer(given, 0.2, 1)
    if not np.array_equal(held, again):
        return "The same seed gave two different splits: draw with np.random.default_rng(seed)."
    if np.array_equal(held, other):
        return "Two seeds gave the same split: draw the concepts at random."
    return ""


def _is_mask(got, rows):
    try:
        got = np.asarray(got)
    except ValueError:  # a ragged list
        return False
    return got.dtype == bool and got.shape == (rows,)


def _additive_part(answer):
    rng = np.random.default_rng(0)
    for count in (5, 8):
        table = rng.normal(size=(count, count))
        given = table.copy()
        got = answer(given)
        if not same(given, table):
            return CHANGED
        rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
        if not is_numbers(got) or np.shape(got) != (count,):
            return f"You returned {say(got)} for {count} items; asked for is one number an item."
        if np.allclose(got, rows + columns):
            return "You counted the overall mean twice: it is in the row's mean and the column's."
        if np.allclose(got, np.diag(table)):
            return "You returned the model's own scores, the diagonal, interactions included."
        if not np.allclose(got, rows + columns - mean):
            return "That is not the row's mean plus the column's mean minus the mean of all."
    return ""


def _honest_gain(answer):
    rng = np.random.default_rng(3)
    for seeds, t in ((5, 2.776), (3, 4.303)):
        new, old = (
            {side: rng.uniform(0.7, 0.8, (seeds, 6)) for side in ("validation", "test")}
            for _ in range(2)
        )
        given = [{side: curve.copy() for side, curve in run.items()} for run in (new, old)]
        got = answer(*given, t)
        if not same(tuple(given), (new, old)):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != (2,):
            return f"You returned {say(got)}; asked for are two numbers, low and high."
        kept = [_at_best(run, "validation") for run in (new, old)]
        peeked = [_at_best(run, "test") for run in (new, old)]
        low, high = _student(kept[0] - kept[1], t)
        if np.allclose(got, _student(peeked[0] - peeked[1], t)):
            return "You took the epoch at which the test split is best: choose it on validation."
        if np.allclose(got, _student(kept[0] - kept[1], t, ddof=0)):
            return "The spread is too small: with few seeds divide by seeds - 1 (ddof=1)."
        if np.isclose(np.mean(got), (low + high) / 2) and not np.allclose(got, (low, high)):
            return "The middle is right. Half the width is t times the spread over sqrt(seeds)."
        if np.allclose(got, (-high, -low)):
            return "That is what the old method gains over the new one."
        if not np.allclose(got, (low, high)):
            return "The middle of your interval is not the mean gain, new minus old, seed by seed."
    return ""


def _at_best(run, side):
    best = run[side].argmax(axis=1)
    return run["test"][np.arange(len(best)), best]


def _student(gains, t, ddof=1):
    half = t * gains.std(ddof=ddof) / np.sqrt(len(gains))
    return gains.mean() - half, gains.mean() + half


CHECKS = {
    "additive_part": _additive_part,
    "honest_gain": _honest_gain,
    "split_by_concept": _split_by_concept,
}
PRAISE = {
    "additive_part": "What each says by itself, and nothing that only the two together say.",
    "honest_gain": "Chosen on validation, paired by seed, and as wide as few seeds must be.",
    "split_by_concept": "Whole concepts, drawn at random, and the same again for the same seed.",
}
