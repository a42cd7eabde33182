"""Compare methods by a study's results: significance, ranks, and verdicts in plain words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from mmtutorial.evaluation import Interval, average_ranks
from mmtutorial.results import index_rows, intervals, select
from mmtutorial.results.formatting import (
    format_comparison,
    format_difference,
    format_p,
    join_names,
)

ALPHA = 0.05  # the significance level of adjusted p-values
UNIMODAL = ("image", "text", "speech", "sound")


class MethodSummary(NamedTuple):
    """What a results file says about one method in one setting."""

    accuracy: Interval  # over the seeds
    rank: float
    parameters: float
    seconds: float
    over_concat: dict | None  # the paired comparison with concatenation
    over_unimodal: dict | None  # that with the better modality alone


def setting_title(setting: Mapping[str, Any]) -> str:
    """Write a setting, such as its language and number of keywords, as a title.

    >>> setting_title({"language": "zh", "keywords": None})
    'Chinese, all keywords'
    """
    setting = dict(setting)
    words = [{"en": "English", "zh": "Chinese"}.get(setting.pop("language", None))]
    if "keywords" in setting:
        count = setting.pop("keywords")
        words.append(f"{count or 'all'} keyword{'' if count == 1 else 's'}")
    return ", ".join(filter(None, [*words, *map(str, setting.values())]))


def summarize(result: dict, *, name: str = "") -> dict[str, dict[str, MethodSummary]]:
    """Return ``{title: {method: MethodSummary}}`` of a results file with ranks and comparisons.

    Titles begin with ``name``, if one is given. A setting that lacks concatenation, or every fusion
    to compare with it, is left out. Raises ``ValueError`` where a method has several rows of one
    seed, or is compared with several methods beside concatenation: the setting does not tell.
    """
    settings = []
    for row in result["ranks"]:
        setting = {key: row[key] for key in row if key not in ("method", "rank")}
        if setting not in settings:
            settings.append(setting)
    found = {
        ", ".join(filter(None, [name, setting_title(setting)])): _summaries(result, setting)
        for setting in settings
    }
    return {
        title: summaries
        for title, summaries in found.items()
        if any(each.over_concat for each in summaries.values())
    }


def _summaries(result, setting):
    """Return ``{method: MethodSummary}`` of one setting."""
    rows, compared, ranks = (
        [row for row in result[key] if setting.items() <= row.items()]
        for key in ("rows", "comparisons", "ranks")
    )
    places = index_rows(ranks, "method")
    against = [
        index_rows([row for row in compared if (row["against"] == "concat") is wanted], "method")
        for wanted in (True, False)
    ]
    found = {}
    rows = [row for row in rows if row["method"] in places]  # a shuffled modality has no rank
    for method, accuracy in intervals(rows).items():
        costs = (np.mean(select(rows, key, method=method)) for key in ("parameters", "cpu_seconds"))
        pairs = (rows_of.get(method) for rows_of in against)
        found[method] = MethodSummary(accuracy, places[method]["rank"], *map(float, costs), *pairs)
    return found


def significant_sign(comparison: dict | None) -> int:
    """Return the sign of a significant difference, 0 for one that is not (adjusted p >= 0.05).

    >>> significant_sign({"difference": -0.1, "p_adjusted": 0.001})
    -1
    """
    if comparison is None or comparison["p_adjusted"] >= ALPHA:
        return 0
    return int(np.sign(comparison["difference"]))


def summary_columns(summaries: dict[str, MethodSummary]) -> dict[str, dict]:
    """Return the columns of a setting for `Table`: score, rank, comparisons, cost."""
    return {
        "accuracy": {m: summary.accuracy for m, summary in summaries.items()},
        "rank": {m: f"{summary.rank:.1f}" for m, summary in summaries.items()},
        "over concat": {
            m: format_comparison(summary.over_concat) for m, summary in summaries.items()
        },
        "over the better alone": {
            m: format_comparison(summary.over_unimodal) for m, summary in summaries.items()
        },
        "parameters": {m: f"{summary.parameters:,.0f}" for m, summary in summaries.items()},
        "seconds": {m: f"{summary.seconds:.1f}" for m, summary in summaries.items()},
    }


def verdict(title: str, summaries: dict[str, MethodSummary]) -> str:
    """Say in plain words which method of a setting is worth it, and when concatenation is enough.

    ``summaries`` maps each method to its `MethodSummary`, concatenation among them. Raises
    ``ValueError`` if no method is compared with it. A difference counts where its adjusted p-value
    is below 0.05.
    """
    gains = {m: summary.over_concat for m, summary in summaries.items() if summary.over_concat}
    if not gains:
        raise ValueError(
            f"summaries must compare a method with concatenation, got {sorted(summaries)}"
        )
    best = max(gains, key=lambda method: gains[method]["difference"])
    p_value = format_p(gains[best]["p_adjusted"])
    effect = f"{format_difference(gains[best]['difference'])}, adjusted p {p_value}"
    winners = [method for method, row in gains.items() if significant_sign(row) > 0]
    losers = [method for method, row in gains.items() if significant_sign(row) < 0]
    if winners:
        cheap = min(winners, key=lambda method: summaries[method].seconds)
        named = f"best: {join_names([best])}, {effect}" if len(winners) > 1 else effect
        text = f"{title}: better than concatenation beyond chance: {join_names(winners)} ({named})."
        text += f" The cheapest of them is {join_names([cheap])}," if len(winners) > 1 else " Cost:"
        text += f" {summaries[cheap].seconds:.1f} s of training"
        text += f" against {summaries['concat'].seconds:.1f} s."
    else:
        low, high = (format_difference(gains[best][end]) for end in ("low", "high"))
        text = f"{title}: no method is better than concatenation beyond chance (best: "
        text += f"{join_names([best])}, {effect}, from {low} to {high}). Concatenation is enough, "
        text += f"unless {high} at most would be worth its price to you."
    if losers:
        text += f" Worse beyond chance: {join_names(losers)}."
    return text + _unimodal_sentence(summaries)


def _unimodal_sentence(summaries):
    """Say which fusions do not clearly beat the better modality alone."""
    gains = {
        m: summary.over_unimodal
        for m, summary in summaries.items()
        if summary.over_unimodal and m not in UNIMODAL
    }
    if not gains:
        return ""
    alone = next(iter(gains.values()))["against"]
    missed = [method for method, row in gains.items() if significant_sign(row) <= 0]
    if not missed:
        return f" Every fusion beats the {alone} alone."
    if len(missed) == len(gains):
        return f" No fusion beats the {alone} alone beyond chance."
    return f" Not clearly better than the {alone} alone: {join_names(missed)}."


def method_ranks(found: dict[str, dict[str, MethodSummary]]) -> dict[str, np.ndarray]:
    """Rank each method within each setting, 1 the best; the best average first.

    Returns ``{method: (settings,)}``. Settings lack different methods, so the ranks are made again
    from the accuracies of those that all settings have, ties shared. Paper: Demšar 2006.
    """
    common = set.intersection(*(set(summaries) for summaries in found.values()))
    methods = [method for method in next(iter(found.values())) if method in common]
    means = np.array([[each[m].accuracy.mean for each in found.values()] for m in methods])
    ranks = np.stack([average_ranks(column[:, None]) for column in means.T], axis=1)
    order = np.argsort(average_ranks(means), kind="stable")
    return {methods[i]: ranks[i] for i in order}


def overall_verdict(found: dict[str, dict[str, MethodSummary]]) -> list[str]:
    """Say in plain words what holds over all settings: a list of sentences.

    ``found`` is what `summarize` returns, of one or several files.
    """
    count, wins, losses, regret = len(found), {}, {}, {}
    for title, summaries in found.items():
        top = max(summary.accuracy.mean for summary in summaries.values())
        regret[title] = top - summaries["concat"].accuracy.mean
        for method, summary in summaries.items():
            sign = 0 if method in UNIMODAL else significant_sign(summary.over_concat)
            if sign:
                (wins if sign > 0 else losses).setdefault(method, []).append(title)
    without_gain = count - len({title for titles in wins.values() for title in titles})
    sentences = [f"In {without_gain} of {count} parts no fusion beats the tuned concatenation "
                 "beyond chance."]  # fmt: skip
    for method, titles in sorted(wins.items(), key=lambda pair: -len(pair[1])):
        gains = [f"{title} ({format_difference(found[title][method].over_concat['difference'])})"
                 for title in titles]  # fmt: skip
        sentences.append(f"Better than it: {join_names([method])}, in {'; '.join(gains)}.")
    if losses:
        most = sorted(losses.items(), key=lambda pair: -len(pair[1]))
        counts = [f"{join_names([method])} ({len(titles)})" for method, titles in most]
        sentences.append(f"Worse than it, in how many parts: {', '.join(counts)}.")
    worst_title = max(regret, key=regret.get)
    sentences.append(
        f"Always concatenating gives away {np.mean(list(regret.values())):.3f} on average to "
        f"the method that turns out best, and {regret[worst_title]:.3f} at most ({worst_title}). "
        "(Too much, rather: the best was picked on the test split.)"
    )
    ranks = [(method, row.mean()) for method, row in method_ranks(found).items()]
    best = ", ".join(f"{join_names([method])} {rank:.1f}" for method, rank in ranks[:3])
    concat = f"; concatenation {dict(ranks)['concat']:.1f}" if "concat" not in best else ""
    sentences.append(f"Average rank of the {len(ranks)} that all parts have: {best}{concat}.")
    return sentences
