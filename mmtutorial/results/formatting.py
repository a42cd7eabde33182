"""Write numbers and names as tables and sentences need them."""

import re
from collections.abc import Sequence


def join_names(names: Sequence[str]) -> str:
    """List names as prose does.

    >>> join_names(["sum", "low_rank", "late"])
    'sum, low-rank and late'
    """
    names = [name.replace("_", "-") for name in names]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def format_difference(number: float) -> str:
    """Write a difference of accuracies with its sign.

    >>> format_difference(-0.0061)
    '−.006'
    """
    return f"{number:+.3f}".replace("0.", ".", 1).replace("-", "\N{MINUS SIGN}")


def format_interval(row: dict) -> str:
    """Write a difference with the ends of its interval, which a comparison holds too.

    >>> format_interval({"difference": 0.061, "low": -0.0104, "high": 0.12})
    '+.06 (−.01 to +.12)'
    """
    text = "{difference:+.2f} ({low:+.2f} to {high:+.2f})".format(**row)
    return re.sub(r"\b0\.", ".", text).replace("-", "\N{MINUS SIGN}")


def format_p(p_value: float) -> str:
    """Write a p-value to the digits that matter.

    >>> format_p(0.0004), format_p(0.27)
    ('< .001', '= .27')
    """
    if p_value < 0.001:
        return "< .001"
    return "= 1" if p_value > 0.995 else f"= {p_value:.2g}".replace("0.", ".", 1)


def format_comparison(row: dict | None) -> str:
    """Write a comparison as a table does: the difference, and its adjusted p-value.

    >>> format_comparison({"difference": -0.08, "p_adjusted": 0.0004})
    '−.080 (p < .001)'
    """
    if row is None:
        return ""
    return f"{format_difference(row['difference'])} (p {format_p(row['p_adjusted'])})"
