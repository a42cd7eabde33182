"""What several models make of one item: a table whose cells are bars."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_dict, check_texts, check_whole
from mmtutorial.widgets._html import HtmlBlock, check_filled_text

RIGHT, OTHER = "rgba(0,158,115,.45)", "rgba(128,128,128,.35)"  # readable on light and dark pages
_CELL = "padding:2px 6px;border:0;min-width:min(4.5rem,14vw);text-align:{};font-weight:{}"


def probability_table(
    columns: Mapping[str, ArrayLike], classes: Sequence[str], *, truth: int | None = None
) -> HtmlBlock:
    """Show the probabilities that several models give each class, as numbers and as bars.

    Parameters
    ----------
    columns
        For each model, by its name, the probabilities ``(classes,)``. The largest is bold.
    classes
        The names of the classes.
    truth
        The number of the right class, if there is one: it is marked, its bars are green, and a
        last row says which models give it the largest probability.

    Raises
    ------
    ValueError
        If there is no column, or one that does not hold one probability for each class.
    TypeError
        If what should be a text, a number or an array is none.

    Examples
    --------
    >>> probability_table({"image": [0.7, 0.3], "text": [0.1, 0.9]}, ["cat", "dog"], truth=1)
    probability_table: 'image' 'cat', 'text' 'dog'
    """
    classes = check_texts("classes", classes)
    columns = _check_columns(columns, len(classes))
    if truth is not None:
        truth = check_whole("truth", truth, least=0, most=len(classes) - 1)
    head = "".join(f'<th scope="col" style="{_style("right")}">{escape(n)}</th>' for n in columns)
    rows = "".join(_row(i, name, columns, i == truth) for i, name in enumerate(classes))
    table = (
        '<table class="mm-probabilities" style="border-collapse:collapse;width:auto;margin:0;'
        f'font-size:.85rem;line-height:1.4;font-variant-numeric:tabular-nums"><thead><tr><td></td>{head}</tr>'
        f"</thead><tbody>{rows}{'' if truth is None else _verdicts(columns, truth)}</tbody></table>"
    )
    said = ", ".join(f"{name!r} {classes[p.argmax()]!r}" for name, p in columns.items())
    return HtmlBlock(table, f"probability_table: {said}")


def _check_columns(columns: Any, classes: int) -> dict[str, np.ndarray]:
    """Return probabilities by name; refuse what is none."""
    columns = check_dict("columns", columns, '{"image": [0.7, 0.3]}')
    if not columns:
        raise ValueError("columns must hold at least one, got none")
    found = {}
    for name, given in columns.items():
        check_filled_text("a name in columns", name, "whose probabilities they are")
        p = check_array(f"columns[{name!r}]", given).astype(float)
        if p.shape != (classes,) or p.min() < 0 or abs(p.sum() - 1) > 1e-3:
            raise ValueError(
                f"columns[{name!r}] must hold a probability for each of {classes} classes, which "
                f"sum to 1, got shape {p.shape}: {p.tolist()}"
            )
        found[name] = p
    return found


def _row(place: int, name: str, columns: dict, right: bool) -> str:
    cells = "".join(
        f'<td style="{_style("right", bold=p.argmax() == place)};background:linear-gradient('
        f'90deg,{RIGHT if right else OTHER} {p[place]:.1%},transparent 0)">{p[place]:.2f}</td>'
        for p in columns.values()
    )
    name = f"✓ {escape(name)}" if right else escape(name)
    return f'<tr><th scope="row" style="{_style("left", bold=right)}">{name}</th>{cells}</tr>'


def _verdicts(columns: dict, truth: int) -> str:
    cells = "".join(
        f'<td style="{_style("right")}">{"✓ right" if p.argmax() == truth else "✗ wrong"}</td>'
        for p in columns.values()
    )
    return f'<tr><th scope="row" style="{_style("left")}">answer</th>{cells}</tr>'


def _style(side: str, *, bold: bool = False) -> str:
    return _CELL.format(side, 650 if bold else 400)
