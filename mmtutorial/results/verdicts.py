"""Which method is worth it? Verdicts in plain words, made from a table of fusion methods."""

from typing import NamedTuple

import numpy as np

from mmtutorial.results import intervals, select

CHANCE = 0.05  # what luck explains as often as this, or more often, is no difference
ALONE = ("image", "text", "speech", "sound")


class Cell(NamedTuple):
    """What a results file says about one method in one part."""

    accuracy: tuple  # mean, low, high over the seeds
    rank: float
    parameters: float
    seconds: float
    on_concat: dict | None  # the paired comparison with concatenation
    on_alone: dict | None  # that with the better modality alone


def name_part(setting):
    """Write the setting of a part, such as its language and number of keywords, as a title.

    >>> name_part({"language": "zh", "keywords": None})
    'Chinese, all keywords'
    """
    setting = dict(setting)
    words = [{"en": "English", "zh": "Chinese"}.get(setting.pop("language", None))]
    if "keywords" in setting:
        count = setting.pop("keywords")
        words.append(f"{count or 'all'} keyword{'' if count == 1 else 's'}")
    return ", ".join(filter(None, [*words, *map(str, setting.values())]))


def parts(result, *, name=""):
    """Return ``{title: {method: Cell}}`` of a results file, such as ``load("fusion_methods")``.

    Titles begin with ``name``, if one is given. A part that lacks concatenation, or every fusion
    to compare with it, is left out.
    """
    settings = []
    for row in result["ranks"]:
        setting = {key: row[key] for key in row if key not in ("method", "rank")}
        if setting not in settings:
            settings.append(setting)
    found = {
        ", ".join(filter(None, [name, name_part(setting)])): _cells(result, setting)
        for setting in settings
    }
    return {
        title: cells
        for title, cells in found.items()
        if any(cell.on_concat for cell in cells.values())
    }


def _cells(result, setting):
    """Gather all that a file says about each method in one setting."""
    rows, compared, ranks = (
        [row for row in result[key] if setting.items() <= row.items()]
        for key in ("rows", "comparisons", "ranks")
    )
    places = {row["method"]: row["rank"] for row in ranks}
    against = {(row["method"], row["against"] == "concat"): row for row in compared}
    found = {}
    for method, accuracy in intervals(rows).items():
        costs = (np.mean(select(rows, key, method=method)) for key in ("parameters", "seconds"))
        pairs = against.get((method, True)), against.get((method, False))
        found[method] = Cell(accuracy, places[method], *map(float, costs), *pairs)
    return found


def clear(comparison):
    """Say whether a comparison, adjusted for how many there are, is clear: 1, -1, or 0 for no.

    >>> clear({"difference": -0.1, "p_adjusted": 0.001})
    -1
    """
    if comparison is None or comparison["p_adjusted"] >= CHANCE:
        return 0
    return int(np.sign(comparison["difference"]))


def join_names(names):
    """List names as prose does.

    >>> join_names(["sum", "low_rank", "late"])
    'sum, low-rank and late'
    """
    names = [name.replace("_", "-") for name in names]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def signed(number):
    """Write a difference of accuracies with its sign.

    >>> signed(-0.0061)
    '−.006'
    """
    return f"{number:+.3f}".replace("0.", ".", 1).replace("-", "\N{MINUS SIGN}")


def write_p(p_value):
    """Write a p-value to the digits that matter.

    >>> write_p(0.0004), write_p(0.27)
    ('< .001', '= .27')
    """
    if p_value < 0.001:
        return "< .001"
    return "= 1" if p_value > 0.995 else f"= {p_value:.2g}".replace("0.", ".", 1)


def write_gain(row):
    """Write a comparison as a table does: the difference, and its adjusted p-value.

    >>> write_gain({"difference": -0.08, "p_adjusted": 0.0004})
    '−.080 (p < .001)'
    """
    if row is None:
        return ""
    return f"{signed(row['difference'])} (p {write_p(row['p_adjusted'])})"


def table(cells):
    """Return the columns of a part for `Table`: score, rank, comparisons, cost."""
    return {
        "accuracy": {m: cell.accuracy for m, cell in cells.items()},
        "rank": {m: f"{cell.rank:.1f}" for m, cell in cells.items()},
        "over concat": {m: write_gain(cell.on_concat) for m, cell in cells.items()},
        "over the better alone": {m: write_gain(cell.on_alone) for m, cell in cells.items()},
        "parameters": {m: f"{cell.parameters:,.0f}" for m, cell in cells.items()},
        "seconds": {m: f"{cell.seconds:.1f}" for m, cell in cells.items()},
    }


def verdict(title, cells):
    """Say in plain words which method of a part is worth it, and when concatenation is enough.

    ``cells`` maps each method to its `Cell`, concatenation among them. Raises ``ValueError`` if
    no method is compared with it. Clear means an adjusted p-value below 0.05.
    """
    gains = {m: cell.on_concat for m, cell in cells.items() if cell.on_concat}
    if not gains:
        raise ValueError(f"cells must compare a method with concatenation, got {sorted(cells)}")
    best = max(gains, key=lambda method: gains[method]["difference"])
    told = f"{signed(gains[best]['difference'])}, adjusted p {write_p(gains[best]['p_adjusted'])}"
    winners = [method for method, row in gains.items() if clear(row) > 0]
    losers = [method for method, row in gains.items() if clear(row) < 0]
    if winners:
        cheap = min(winners, key=lambda method: cells[method].seconds)
        named = f"best: {join_names([best])}, {told}" if len(winners) > 1 else told
        text = f"{title}: better than concatenation beyond chance: {join_names(winners)} ({named})."
        text += f" The cheapest of them is {join_names([cheap])}," if len(winners) > 1 else " Cost:"
        text += f" {cells[cheap].seconds:.1f} s of training"
        text += f" against {cells['concat'].seconds:.1f} s."
    else:
        low, high = (signed(gains[best][end]) for end in ("low", "high"))
        text = f"{title}: no method is better than concatenation beyond chance (best: "
        text += f"{join_names([best])}, {told}, from {low} to {high}). Concatenation is enough, "
        text += f"unless {high} at most would be worth its price to you."
    if losers:
        text += f" Worse beyond chance: {join_names(losers)}."
    return text + _on_alone(cells)


def _on_alone(cells):
    """Say which fusions do not clearly beat the better modality alone."""
    gains = {m: cell.on_alone for m, cell in cells.items() if cell.on_alone and m not in ALONE}
    if not gains:
        return ""
    alone = next(iter(gains.values()))["against"]
    missed = [method for method, row in gains.items() if clear(row) <= 0]
    if not missed:
        return f" Every fusion beats the {alone} alone."
    if len(missed) == len(gains):
        return f" No fusion beats the {alone} alone beyond chance."
    return f" Not clearly better than the {alone} alone: {join_names(missed)}."


def average_ranks(found):
    """Average the rank of each method over parts, the best first; those in all parts count.

    Parts lack different methods, so the ranks are made again from the accuracies of those that all
    parts have, ties shared. Paper: Demšar 2006.
    """
    from scipy.stats import rankdata

    common = set.intersection(*(set(cells) for cells in found.values()))
    methods = [method for method in next(iter(found.values())) if method in common]
    means = np.array([[cells[m].accuracy[0] for m in methods] for cells in found.values()])
    ranks = rankdata(-means, axis=1)
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    return {methods[i]: ranks[:, i] for i in order}


def overall(found):
    """Say in plain words what holds over all parts: a list of sentences.

    ``found`` is what `parts` returns, of one or several files.
    """
    count, wins, losses, regret = len(found), {}, {}, {}
    for title, cells in found.items():
        top = max(cell.accuracy[0] for cell in cells.values())
        regret[title] = top - cells["concat"].accuracy[0]
        for method, cell in cells.items():
            side = {1: wins, -1: losses}.get(clear(cell.on_concat) if method not in ALONE else 0)
            if side is not None:
                side.setdefault(method, []).append(title)
    quiet = count - len({title for titles in wins.values() for title in titles})
    sentences = [f"In {quiet} of {count} parts no fusion beats the tuned concatenation "
                 "beyond chance."]  # fmt: skip
    for method, titles in sorted(wins.items(), key=lambda pair: -len(pair[1])):
        gains = [f"{title} ({signed(found[title][method].on_concat['difference'])})"
                 for title in titles]  # fmt: skip
        sentences.append(f"Better than it: {join_names([method])}, in {'; '.join(gains)}.")
    if losses:
        worst = sorted(losses.items(), key=lambda pair: -len(pair[1]))
        told = [f"{join_names([method])} ({len(titles)})" for method, titles in worst]
        sentences.append(f"Worse than it, in how many parts: {', '.join(told)}.")
    hard = max(regret, key=regret.get)
    sentences.append(
        f"Who always concatenates gives away {np.mean(list(regret.values())):.3f} on average to "
        f"the method that turns out best, and {regret[hard]:.3f} at most ({hard}). "
        "(Too much, rather: the best was picked on the test split.)"
    )
    ranks = [(method, row.mean()) for method, row in average_ranks(found).items()]
    told = ", ".join(f"{join_names([method])} {rank:.1f}" for method, rank in ranks[:3])
    own = f"; concatenation {dict(ranks)['concat']:.1f}" if "concat" not in told else ""
    sentences.append(f"Average rank of the {len(ranks)} that all parts have: {told}{own}.")
    return sentences
