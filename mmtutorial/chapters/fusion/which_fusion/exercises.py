"""The exercises of the chapter "Which fusion, and is it worth it?"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _average_rank(scores, *, ties=0.5):
    better = (scores[None] > scores[:, None]).sum(axis=1)
    others = (scores[None] == scores[:, None]).sum(axis=1) - 1
    return (better + 1 + ties * others).mean(axis=1)


def _dense_rank(scores):
    return np.mean([np.unique(-part, return_inverse=True)[1] + 1 for part in scores.T], axis=0)


def _ordinal_rank(scores):
    return (np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0) + 1).mean(axis=1)


RANK = Exercise(
    "average_rank",
    reference=_average_rank,
    cases=lambda: [
        (np.array([[0.8, 0.7], [0.7, 0.9], [0.6, 0.6]]),),
        (np.array([[0.5], [0.7], [0.6]]),),
        (np.array([[0.7, 0.9], [0.7, 0.8], [0.6, 0.95]]),),
    ],
    given="the scores {scores}",
    asked="one number for each method",
    mistakes={
        "You rank the lowest score first. Rank 1 is the best.": (
            lambda scores: _average_rank(-scores)
        ),
        "You rank the parts of a method. Rank the methods within each part.": (
            lambda scores: np.mean([_average_rank(row[:, None]) for row in scores], axis=1)
        ),
        "With {given} two methods tie: both get the mean of the ranks they share.": (
            lambda scores: _average_rank(scores, ties=0),
            lambda scores: _average_rank(scores, ties=1),
            _dense_rank,
            _ordinal_rank,
        ),
        "`argsort` says which method stands at each rank, not which rank each method has.": (
            lambda scores: (np.argsort(-scores, axis=0) + 1).mean(axis=1),
            lambda scores: np.argsort(-scores, axis=0).mean(axis=1),
        ),
    },
    hint="That is no average of ranks.",
    success="Ranked within each part, ties shared, then averaged.",
)


def _holm(p_values, *, monotone=True, most=1.0, back=True):
    order, count = np.argsort(p_values), len(p_values)
    steps = (count - np.arange(count)) * p_values[order]
    steps = np.minimum(np.maximum.accumulate(steps) if monotone else steps, most)
    return steps[np.argsort(order)] if back else steps


HOLM = Exercise(
    "holm",
    reference=_holm,
    cases=lambda: [
        (np.array(case),)
        for case in ([0.01, 0.5, 0.03], [0.2], [0.04, 0.03, 0.035], [0.9, 0.001, 0.6, 0.02])
    ],
    given="the p-values {p_values}",
    asked="one p-value for each that was given",
    mistakes={
        "You multiply all by their number (Bonferroni). Only the smallest gets that.": (
            lambda p_values: np.minimum(len(p_values) * p_values, 1),
            lambda p_values: len(p_values) * p_values,
        ),
        "For {given} the numbers are right, but sorted: put each back in its place.": (
            lambda p_values: _holm(p_values, back=False)
        ),
        "For {given} you put the numbers back with `[order]`, which sorts once more: assign to "
        "`adjusted[order]`.": lambda p_values: _holm(p_values, back=False)[np.argsort(p_values)],
        "For {given} one of yours exceeds 1, which no p-value does.": (
            lambda p_values: _holm(p_values, most=np.inf)
        ),
        "For {given} you multiply as you should. Then two things are left: a larger p-value must "
        "not end below a smaller one, and none may exceed 1.": (
            lambda p_values: _holm(p_values, monotone=False),
            lambda p_values: _holm(p_values, monotone=False, most=np.inf),
        ),
    },
    hint="Those are not the adjusted p-values of the equation.",
    success="The smallest pays for all, the next for one less, and the order stays.",
)


def _decide(offers, price, *, tested=True, gaining=True, paying=True):
    worth = {
        name: gain - price * seconds
        for name, (gain, p_value, seconds) in offers.items()
        if (p_value < 0.05 or not tested) and (gain > 0 or not gaining)
    }
    if paying:
        worth["concat"] = 0.0
    return max(worth, key=worth.get, default="concat")


def _draw_offers():
    offers = {  # gain over concatenation, its adjusted p-value, seconds more than concatenation
        "late": (0.030, 0.001, 8.0),
        "sum": (0.020, 0.010, -1.0),
        "tensor": (0.050, 0.300, 1.0),
        "gated": (-0.040, 0.001, -3.0),
    }
    few = [("late", 0.01), ("tensor", 0.0), ("gated", 0.02)]
    return [
        (offers, 0.0), (offers, 0.002), *(({name: offers[name]}, price) for name, price in few)
    ]  # fmt: skip


def _seen_offer(test):
    """Recognise the offer that was chosen by its gain and p-value."""
    return lambda got, right, offers, price: got in offers and test(*offers[got])


DECIDE = Exercise(
    "decide",
    reference=_decide,
    cases=_draw_offers,
    given="a price of {price} a second",
    asked="the name of a method in `offers`, or 'concat'",
    mistakes={
        "You returned {got}, which is neither in `offers` nor 'concat'.": Mistake(
            (lambda offers, price: "none", lambda offers, price: "Late"),
            seen=lambda got, right, offers, price: got not in (*offers, "concat"),
        ),
        "You choose {got}, whose gain luck explains (p = {seen}): it is not statistically "
        "significant.": Mistake(
            (
                lambda *given: _decide(*given, tested=False),
                lambda offers, price: max(offers, key=lambda name: offers[name][0]),
            ),
            seen=_seen_offer(lambda gain, p_value, seconds: str(p_value) * (p_value >= 0.05)),
        ),
        "You choose {got}, which is clearly worse than concatenation.": Mistake(
            (lambda *given: _decide(*given, gaining=False),),
            seen=_seen_offer(lambda gain, p_value, seconds: gain < 0),
        ),
        "At {given}, {got} gains less than its seconds cost: stay with 'concat'.": Mistake(
            (lambda *given: _decide(*given, paying=False),),
            seen=lambda got, right, offers, price: right == "concat",
        ),
        "At {given} you choose {got}; {seen} leaves more after its price.": Mistake(
            (
                lambda offers, price: _decide(offers, 0.0),
                lambda offers, price: _decide(offers, -price),
            ),
            seen=lambda got, right, offers, price: repr(right),
        ),
    },
    success="Clear of luck first, then worth its price; and else plain concatenation.",
)

EXERCISES = (RANK, HOLM, DECIDE)
