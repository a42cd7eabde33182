"""`glue`: measured values in the sentences of a chapter."""

import re
from numbers import Integral, Real
from typing import Any

from mmtutorial._checks import check_dict, check_text
from mmtutorial._optional import load_optional


def glue(values: dict[str, Any]) -> None:
    """Keep what a cell computed, so that the sentences around it can say it.

    Parameters
    ----------
    values : ``{name: value}``, of which a chapter has one each; a fraction as text, rounded

    A sentence names a value in a comment, as in ``right for <!--accuracy-->0.93<!--/-->``. ``make
    notebooks`` writes what the cell computed between the comments, which no reader sees. The cell
    shows nothing: name and text lie in the metadata of an empty output.

    Raises ``TypeError`` for a name that is no text and for a number with digits behind the point,
    of which the text must say how many it deserves; ``ValueError`` for what no comment can hold.

    >>> glue({"accuracy": f"{14 / 15:.2f}", "items": 15})
    """
    texts = {}
    for name, value in check_dict("values", values, '{"accuracy": "0.93"}').items():
        check_text("a name in values", name)
        if re.search(r"^$|^[/>-]|--|[-!]$|\n", name):
            raise ValueError(f"values must have names that fit into a comment, got {name!r}")
        if isinstance(value, Real) and not isinstance(value, Integral):
            raise TypeError(f"values must be rounded, such as f'{{x:.2f}}', got {value} as {name}")
        texts[name] = str(value)
        if re.search(r"\n|<!--|-->", texts[name]):
            raise ValueError(f"values must be single lines without comments, got {texts[name]!r}")
    display = load_optional("IPython.display", "mmtutorial.results.glue")
    display.publish_display_data({}, {"glue": texts})
