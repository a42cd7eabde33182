"""What is each cure of a losing fusion worth? Reads the table of benchmarks/fusion_cures.py."""

import numpy as np

from mmtutorial.results import select
from mmtutorial.results.verdicts import clear, signed, write_gain, write_p

ALONE = ("image", "text", "image, five artists")
KEYWORDS = {1: "1 keyword", 2: "2 keywords"}
BASES = {"reflex": "by reflex", "reflexes": "plain but not tuned", "plain": "plain and tuned"}


def parts(result):
    """Return the pairs of base and number of keywords that were measured, in order."""
    found = {(row["base"], row["keywords"]) for row in result["rows"]}
    return sorted(found, key=lambda part: (part[1], list(BASES).index(part[0])))


def changes(result, base):
    """Return the changes that a base was given, in order; ``"nothing"`` is the base itself."""
    found = dict.fromkeys(row["change"] for row in result["right"] if row["base"] == base)
    return [change for change in found if change not in ALONE]


def compared(result, base, keywords, change):
    """Return the comparisons of a change: with the base (None for itself) and the image alone."""
    where = {"base": base, "keywords": keywords, "change": change}.items()
    rows = [row for row in result["comparisons"] if where <= row.items()]
    on_base = next((row for row in rows if row["against"] == "nothing"), None)
    return on_base, next(row for row in rows if row["against"] != "nothing")


def _interval(result, base, keywords, change, value="accuracy"):
    from mmtutorial.evaluation import interval

    where = {"base": base, "keywords": keywords, "change": change}
    return interval(select(result["rows"], value, **where))


def steps(result, base):
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


def table(result, base, keywords):
    """Return the columns of a part for `Table`: scores, paired differences, costs."""
    columns, here = {}, {"base": base, "keywords": keywords}.items()
    for change in dict.fromkeys(r["change"] for r in result["right"] if here <= r.items()):
        where = {"base": base, "keywords": keywords, "change": change}
        cells = {"accuracy": _interval(result, base, keywords, change)}
        pairs = (None, None) if change in ALONE else compared(result, base, keywords, change)
        for title, row in zip(("over the base", "over the image alone"), pairs, strict=True):
            cells[title] = write_gain(row)
        runs = [row for row in result["rows"] if where.items() <= row.items()]
        for title in ("text shuffled", "epochs", "seconds"):
            numbers = [row[title] for row in runs if title in row]
            digits = {"text shuffled": ".3f", "epochs": ".0f", "seconds": ".1f"}[title]
            cells[title] = format(np.mean(numbers), digits) if numbers else ""
        for title, cell in cells.items():
            columns.setdefault(title, {})[change.replace("nothing", BASES[base])] = cell
    return columns


def sentences(result, base, keywords):
    """Say in plain words how a base does against the image alone, and which cures help."""
    own = compared(result, base, keywords, "nothing")[1]
    verb = {1: "beats", 0: "cannot be told apart from", -1: "loses to"}[clear(own)]
    means = [_interval(result, base, keywords, change).mean for change in ("nothing", "image")]
    told = [
        f"With {KEYWORDS[keywords]}, concatenation ({BASES[base]}) {verb} the image alone: "
        f"{means[0]:.3f} against {means[1]:.3f}, p {write_p(own['p_adjusted'])}."
    ]
    found = {
        change: compared(result, base, keywords, change)
        for change in changes(result, base)
        if change not in ("nothing", "all together")
    }
    found = dict(sorted(found.items(), key=lambda item: -item[1][0]["difference"]))
    for sign, words in ((1, "Each of these helps alone"), (-1, "Each of these hurts alone")):
        named = [
            f"{change} ({signed(pair[0]['difference'])})"
            for change, pair in found.items()
            if clear(pair[0]) == sign
        ]
        if named:
            told.append(f"{words}: {', '.join(named)}.")
    enough = [change for change, pair in found.items() if clear(pair[1]) > 0]
    start = "Still beat the image alone" if clear(own) > 0 else "Enough to beat the image alone"
    told.append(f"{start}: {', '.join(enough) or 'none of them by itself'}.")
    if "all together" in changes(result, base):
        on_base, on_image = compared(result, base, keywords, "all together")
        told.append(
            f"All together: {write_gain(on_base)} over the base, "
            f"{write_gain(on_image)} over the image alone."
        )
    return told
