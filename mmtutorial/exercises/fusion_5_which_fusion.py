"""The checks of the chapter "Which fusion, and is it worth it?"."""

import numpy as np
from scipy.stats import rankdata

from mmtutorial.exercises._answers import CHANGED, is_numbers, same, say


def _average_rank(answer):
    cases = [[[0.8, 0.7], [0.7, 0.9], [0.6, 0.6]], [[0.5], [0.7], [0.6]],
             [[0.7, 0.9], [0.7, 0.8], [0.6, 0.95]]]  # fmt: skip
    for case in cases:
        scores = np.array(case)
        given = scores.copy()
        got = answer(given)
        if not same(given, scores):
            return CHANGED
        right = rankdata(-scores, axis=0).mean(axis=1)
        if not is_numbers(got) or np.shape(got) != right.shape:
            return f"You returned {say(got)}; asked for is one number a method, {right.shape}."
        if np.allclose(got, right):
            continue
        if np.allclose(got, rankdata(scores, axis=0).mean(axis=1)):
            return "You rank the lowest score first. Rank 1 is the best."
        if np.allclose(got, rankdata(-scores, axis=1).mean(axis=1)):
            return "You rank the parts of a method. Rank the methods within each part."
        for ties in ("min", "max", "ordinal", "dense"):
            if np.allclose(got, rankdata(-scores, ties, axis=0).mean(axis=1)):
                return f"With {case} two methods tie: both get the mean of the ranks they share."
        return f"For {case} you returned {np.round(got, 2).tolist()}: no average of ranks."
    return ""


def _holm(answer):
    cases = [[0.01, 0.5, 0.03], [0.2], [0.04, 0.03, 0.035], [0.9, 0.001, 0.6, 0.02]]
    for case in cases:
        p_values = np.array(case)
        given = p_values.copy()
        got = answer(given)
        if not same(given, p_values):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != p_values.shape:
            return f"You returned {say(got)}; asked for is one p-value for each that was given."
        order, count = np.argsort(p_values), len(p_values)
        steps = (count - np.arange(count)) * p_values[order]
        rising, right = np.empty(count), np.empty(count)
        rising[order] = np.maximum.accumulate(steps)
        right[order] = np.minimum(rising[order], 1)
        if np.allclose(got, right):
            continue
        if np.allclose(got, np.minimum(count * p_values, 1)):
            return "You multiply all by their number (Bonferroni). Only the smallest gets that."
        if np.allclose(got, right[order]):
            return f"For {case} the numbers are right, but sorted: put each back in its place."
        if np.allclose(got, rising):
            return f"For {case} one of yours exceeds 1, which no p-value does."
        rising[order] = steps
        if np.allclose(got, rising) or np.allclose(got, np.minimum(rising, 1)):
            return (
                f"For {case} you multiply as you should. Then two things are left: a larger "
                "p-value must not end below a smaller one, and none may exceed 1."
            )
        return f"For {case} you returned {np.round(got, 3).tolist()}."
    return ""


_OFFERS = {  # gain over concatenation, its adjusted p-value, seconds more than concatenation
    "late": (0.030, 0.001, 8.0),
    "sum": (0.020, 0.010, -1.0),
    "tensor": (0.050, 0.300, 1.0),
    "gated": (-0.040, 0.001, -3.0),
}


def _decide(answer):
    cases = [(0.0, _OFFERS), (0.002, _OFFERS), (0.01, {"late": _OFFERS["late"]}),
             (0.0, {"tensor": _OFFERS["tensor"]}), (0.02, {"gated": _OFFERS["gated"]})]  # fmt: skip
    for price, offers in cases:
        got = answer(dict(offers), price)
        worth = {
            name: gain - price * seconds
            for name, (gain, p, seconds) in offers.items()
            if p < 0.05 and gain > 0
        }
        right = max(worth, key=worth.get) if max(worth.values(), default=0) > 0 else "concat"
        if not isinstance(got, str) or got not in (*offers, "concat"):
            known = ", ".join(map(repr, offers))
            return f"You returned {say(got)}; asked for is the method's name: {known} or 'concat'."
        if got == right:
            continue
        if got in offers and offers[got][1] >= 0.05:
            return f"You choose {got!r}, whose gain luck explains (p = {offers[got][1]})."
        if got in offers and offers[got][0] < 0:
            return f"You choose {got!r}, which is clearly worse than concatenation."
        asked = f"At {price} of accuracy a second"
        if right == "concat":
            return f"{asked}, {got!r} gains less than its seconds cost: stay with 'concat'."
        return f"{asked} you choose {got!r}; {right!r} leaves more after its price."
    return ""


CHECKS = {"average_rank": _average_rank, "decide": _decide, "holm": _holm}
PRAISE = {
    "average_rank": "Ranked within each part, ties shared, then averaged.",
    "decide": "Clear of luck first, then worth its price; and else plain concatenation.",
    "holm": "The smallest pays for all, the next for one less, and the order stays.",
}
