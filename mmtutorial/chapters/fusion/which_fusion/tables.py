"""The tables and sentences of the ablation study: what is each change of a fusion worth?"""

import numpy as np

from mmtutorial.results import index_rows, intervals
from mmtutorial.results.comparisons import significant_sign
from mmtutorial.results.formatting import format_comparison, format_difference, format_p

UNIMODAL = ("image", "text", "image, five artists")
KEYWORDS = {1: "1 keyword", 2: "2 keywords"}
BASES = {
    "poor_defaults": "by reflex",
    "plain_plus_one": "plain but not tuned",
    "tuned": "plain and tuned",
}


def parts(result: dict) -> list[tuple[str, int]]:
    """Return the pairs of base and number of keywords that were measured, in order."""
    found = {(row["base"], row["keywords"]) for row in result["rows"]}
    return sorted(found, key=lambda part: (part[1], list(BASES).index(part[0])))


def changes(result: dict, base: str) -> list[str]:
    """Return the changes that a base was given, in order; ``"nothing"`` is the base itself."""
    found = dict.fromkeys(row["change"] for row in result["items"] if row["base"] == base)
    return [change for change in found if change not in UNIMODAL]


def compared(result: dict, base: str, keywords: int, change: str) -> tuple[dict | None, dict]:
    """Return the comparisons of a change: with the base (None for itself) and the image alone.

    Raises ``ValueError`` unless the change was compared with exactly one image alone.
    """
    where = {"base": base, "keywords": keywords, "change": change}
    rows = [row for row in result["comparisons"] if where.items() <= row.items()]
    rows = index_rows(rows, "against")
    on_base, others = rows.pop("nothing", None), list(rows.values())
    if len(others) != 1:
        raise ValueError(f"{where} must be compared with one image alone, got {list(rows)}")
    return on_base, others[0]


def _interval(result, base, keywords, change, value="accuracy"):
    """Return the mean of a change over its seeds, and its interval."""
    rows = [{**row, "method": row["change"]} for row in result["rows"] if value in row]
    where = {"base": base, "keywords": keywords, "change": change}
    found = intervals([row for row in rows if where.items() <= row.items()], value)
    return found[change]


def _mean(rows, value, digits):
    """Write the mean of what the rows hold, nothing where they hold none."""
    numbers = [row[value] for row in rows if value in row]
    return format(np.mean(numbers), digits) if numbers else ""


def steps(result: dict, base: str) -> dict[str, dict]:
    """Return ``{change: {method: Interval}}`` for `mm.plots.interval_steps`.

    The image alone is the one that saw the same drawings; it knows no keywords, so one of its two
    runs is enough.
    """
    known, found = [keywords for name, keywords in parts(result) if name == base], {}
    for change in changes(result, base):
        alone = compared(result, base, 1, change)[1]["against"]
        found[change.replace("nothing", BASES[base])] = {
            "image alone": _interval(result, base, 1, alone),
            **{KEYWORDS[k]: _interval(result, base, k, change) for k in known},
        }
    return found


def table(result: dict, base: str, keywords: int) -> dict[str, dict]:
    """Return the columns of a part for `Table`: scores, paired differences, costs."""
    columns, here = {}, {"base": base, "keywords": keywords}.items()
    for change in dict.fromkeys(r["change"] for r in result["items"] if here <= r.items()):
        where = {"base": base, "keywords": keywords, "change": change}
        runs = [row for row in result["rows"] if where.items() <= row.items()]
        cells = {"accuracy": _interval(result, base, keywords, change)}
        cells["text shuffled"] = _mean(runs, "text shuffled", ".3f")
        pairs = (None, None) if change in UNIMODAL else compared(result, base, keywords, change)
        for title, row in zip(("over the base", "over the image alone"), pairs, strict=True):
            cells[title] = format_comparison(row)
        cells |= {"epochs": _mean(runs, "epochs", ".0f")}
        cells |= {"seconds": _mean(runs, "cpu_seconds", ".1f")}
        for title, cell in cells.items():
            columns.setdefault(title, {})[change.replace("nothing", BASES[base])] = cell
    return columns


def sentences(result: dict, base: str, keywords: int) -> list[str]:
    """Say in plain words how a base does against the image alone, and which changes help."""
    own = compared(result, base, keywords, "nothing")[1]
    verb = {1: "beats", 0: "cannot be told apart from", -1: "loses to"}[significant_sign(own)]
    means = [_interval(result, base, keywords, change).mean for change in ("nothing", "image")]
    lines = [
        f"With {KEYWORDS[keywords]}, concatenation ({BASES[base]}) {verb} the image alone: "
        f"{means[0]:.3f} against {means[1]:.3f}, p {format_p(own['p_adjusted'])}."
    ]
    found = {
        change: compared(result, base, keywords, change)
        for change in changes(result, base)
        if change not in ("nothing", "all together")
    }
    found = dict(sorted(found.items(), key=lambda item: -item[1][0]["difference"]))
    for sign, words in ((1, "Each of these helps alone"), (-1, "Each of these hurts alone")):
        named = [
            f"{change} ({format_difference(pair[0]['difference'])})"
            for change, pair in found.items()
            if significant_sign(pair[0]) == sign
        ]
        if named:
            lines.append(f"{words}: {', '.join(named)}.")
    enough = [change for change, pair in found.items() if significant_sign(pair[1]) > 0]
    start = (
        "Still beat the image alone"
        if significant_sign(own) > 0
        else "Enough to beat the image alone"
    )
    lines.append(f"{start}: {', '.join(enough) or 'none of them by itself'}.")
    if "all together" in changes(result, base):
        on_base, on_image = compared(result, base, keywords, "all together")
        lines.append(
            f"All together: {format_comparison(on_base)} over the base, "
            f"{format_comparison(on_image)} over the image alone."
        )
    return lines
