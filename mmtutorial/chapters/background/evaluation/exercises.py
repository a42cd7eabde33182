"""The exercises of the chapter "Honest evaluation"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _split_by_concept(concepts, share, seed):
    drawn = np.random.default_rng(seed).permutation(np.unique(concepts))
    return np.isin(concepts, drawn[: round(share * len(drawn))])


def _draw_concepts():
    concepts = np.repeat(np.random.default_rng(0).permutation(100), np.arange(100) % 7 + 1)
    return [(concepts, 0.2, seed) for seed in range(6)]


def _by_row(concepts, share, seed):
    return np.random.default_rng(seed).random(len(concepts)) < share


def _by_coin(concepts, share, seed):
    return (np.random.default_rng(seed).random(100) < share)[concepts]


def _count_on_both_sides(held, right, concepts, share, seed):
    return str(len(np.intersect1d(concepts[held], concepts[~held])) or "")


def _count_held_out(held, right, concepts, share, seed):
    """Return how many concepts are held out, as a text, if that is not the share."""
    count = len(np.unique(concepts[held]))
    return "" if abs(count - 100 * share) <= 1 else str(count)


def _is_about_right(held, right, concepts, share, seed):
    return seed > 0 and 0 < len(np.unique(concepts[held])) < 50 and _count_held_out(
        held, right, concepts, share, seed
    )  # fmt: skip


def _is_split(*given):
    return not _count_on_both_sides(*given) and not _count_held_out(*given)


def _run_twice(answer, *seeds):
    concepts, share, _ = _draw_concepts()[0]
    return np.array_equal(*(answer(concepts.copy(), share, seed) for seed in seeds))


SPLIT = Exercise(
    "split_by_concept",
    reference=_split_by_concept,
    cases=_draw_concepts,
    given="{concepts.size} rows",
    asked="True or False for each of the rows",
    equal=_is_split,
    mistakes={
        "{seen} of 100 concepts stand on both sides: draw concepts, not rows.": Mistake(
            (_by_row,), seen=_count_on_both_sides
        ),
        "With a share of {share} you hold out {seen} of 100 concepts, and another number with "
        "another seed: draw that many concepts, do not toss a coin for each.": Mistake(
            (_by_coin,), seen=_is_about_right
        ),
        "With a share of {share} you hold out {seen} of 100 concepts.": Mistake(
            (
                lambda concepts, share, seed: ~_split_by_concept(concepts, share, seed),
                lambda concepts, share, seed: _split_by_concept(concepts, share / 2, seed),
            ),
            seen=_count_held_out,
        ),
    },
    also={
        "The same seed gave two different splits: draw with np.random.default_rng(seed).": Mistake(
            (lambda concepts, share, seed: _split_by_concept(concepts, share, None),),
            seen=lambda answer: not _run_twice(answer, 0, 0),
        ),
        "Two seeds gave the same split: draw the concepts at random.": Mistake(
            (
                lambda concepts, share, seed: _split_by_concept(concepts, share, 0),
                lambda concepts, share, seed: concepts < share * 100,
            ),
            seen=lambda answer: _run_twice(answer, 0, 1),
        ),
    },
    success="Whole concepts, drawn at random, and the same again for the same seed.",
)


def _additive_part(table):
    return table.mean(axis=1) + table.mean(axis=0) - table.mean()


def _draw_tables():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(count, count)),) for count in (5, 8)]


ADDITIVE = Exercise(
    "additive_part",
    reference=_additive_part,
    cases=_draw_tables,
    given="{table.shape[0]} items",
    asked="one number for each item",
    mistakes={
        "You counted the overall mean twice: it is in the row's mean and the column's.": (
            lambda table: table.mean(axis=1) + table.mean(axis=0)
        ),
        "You returned the model's own scores, the diagonal, interactions included.": (
            lambda table: table.diagonal().copy()
        ),
        "You returned what one modality says by itself: the other has a mean, too.": (
            lambda table: table.mean(axis=1),
            lambda table: table.mean(axis=0),
            lambda table: table.mean(axis=1) - table.mean(),
            lambda table: table.mean(axis=0) - table.mean(),
        ),
    },
    hint="That is not the row's mean plus the column's mean minus the mean of all.",
    success="What each says by itself, and nothing that only the two together say.",
)


def _honest_gain(
    new, old, t, *, choose="validation", read="test", ddof=1, root=True, epoch=np.argmax
):
    gains = _stopped(new, choose, read, epoch) - _stopped(old, choose, read, epoch)
    half = t * gains.std(ddof=ddof) / (np.sqrt(len(gains)) if root else 1)
    return gains.mean() - half, gains.mean() + half


def _stopped(run, choose, read, epoch):
    rows = range(len(run[read]))
    return run[read][rows, [epoch(run[choose][row]) for row in rows]]


def _draw_curves():
    rng = np.random.default_rng(3)
    return [
        (*({side: rng.uniform(0.7, 0.8, (seeds, 6)) for side in ("validation", "test")}
           for _ in range(2)), t)
        for seeds, t in ((5, 2.776), (3, 4.303))
    ]  # fmt: skip


def _one_epoch_for_all(new, old, t):
    runs = [{**run, "validation": np.tile(run["validation"].mean(axis=0), (len(run["test"]), 1))}
            for run in (new, old)]  # fmt: skip
    return _honest_gain(*runs, t)


GAIN = Exercise(
    "honest_gain",
    reference=_honest_gain,
    cases=_draw_curves,
    given="{new[test].shape[0]} seeds",
    asked="two numbers, low and high",
    mistakes={
        "You took the epoch at which the test split is best: choose it on validation.": (
            lambda *given: _honest_gain(*given, choose="test")
        ),
        "You took the last epoch: stop each run where it is best on validation.": (
            lambda *given: _honest_gain(*given, epoch=lambda curve: -1)
        ),
        "That is the gain on validation: the epoch is chosen there, the gain is read on test.": (
            lambda *given: _honest_gain(*given, read="validation")
        ),
        "You stopped all seeds at one epoch: stop each run where it is best itself.": (
            _one_epoch_for_all
        ),
        "The spread is too small: with few seeds divide by seeds - 1 (ddof=1).": (
            lambda *given: _honest_gain(*given, ddof=0)
        ),
        "That is what the old method gains over the new one.": (
            lambda new, old, t: _honest_gain(old, new, t)
        ),
        "The middle is right. Half the width is t times the spread over sqrt(seeds).": Mistake(
            (lambda *given: _honest_gain(*given, root=False),),
            seen=lambda got, right, *given: np.isclose(sum(got), sum(right)),
        ),
    },
    hint="The middle of your interval is not the mean gain, new minus old, seed by seed.",
    success="Chosen on validation, paired by seed, and as wide as few seeds must be.",
)

EXERCISES = (SPLIT, ADDITIVE, GAIN)
