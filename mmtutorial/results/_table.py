"""A table of results, for notebooks, pages and terminals."""

import re
from collections.abc import Iterable, Mapping
from html import escape

from mmtutorial._checks import check_choice, check_dict, check_list, check_text, check_texts
from mmtutorial._markdown import escape_cell

MEASURED = re.compile(r"(\d*\.?\d+)(?: ± (\d*\.?\d+))?(?: \D*)?$")
NUMBER = re.compile(r"[<≈~]?\s*[+\-−]?\.?\d|[—–-]?$")
IDENTIFIER = re.compile(r"(?<![\w/.])[a-z]+(?:_[a-z]+)+(?![\w/.(])")
START = '<table class="table results"'  # of its HTML, by which others find it
NOTE = "bold: the best of its column{}, and what its interval overlaps"


class Table:
    """Columns of results, shown as a table in notebooks and pages.

    Parameters
    ----------
    columns : a column's title to ``{row: anything that prints}``; words stand to the left, numbers
        to the right, and an identifier is written as prose does: ``low_rank`` as low-rank
    title : what stands above
    best : ``"max"`` or ``"min"``: in each column of intervals, the best is bold, and so are those
        whose interval overlaps its own; or a dict that says so for some columns alone. Where pairs
        were compared, say nothing: that tells more than intervals
    baselines : rows that are there to compare with: they are grey, and none counts as the best

    Raises ``ValueError`` unless there is a column and all have the same rows, for a baseline that
    is no row, and where ``best`` names no column of intervals.

    >>> Table({"1 keyword": {"sum": 0.5}})
    | | 1 keyword |
    |:--|--:|
    | sum | 0.5 |
    """

    def __init__(
        self,
        columns: dict[str, dict],
        title: str = "",
        *,
        best: str | Mapping[str, str] | None = None,
        baselines: Iterable[str] = (),
    ):
        if not check_dict("columns", columns, '{"accuracy": {"sum": 0.5}}'):
            raise ValueError("columns must hold at least one column, got none")
        for name, column in columns.items():
            check_dict(f"columns[{name!r}]", column, '{"sum": 0.5}')
        (first, rows), *others = columns.items()
        for name, column in others:
            if column.keys() != rows.keys():
                raise ValueError(
                    f"columns must all have the same rows, got {list(rows)} in {first!r} "
                    f"and {list(column)} in {name!r}"
                )
        self.columns, self.title = columns, check_text("title", title)
        self.baselines = [] if baselines == () else check_texts("baselines", baselines)
        if wrong := [row for row in self.baselines if row not in rows]:
            raise ValueError(f"baselines must be among the rows {list(rows)}, got {wrong}")
        self.best = {} if best is None else self._check_best(best)
        self._bold = {
            name: _find_best(columns[name], which, self.baselines)
            for name, which in self.best.items()
        }
        self._note = NOTE.format(", grey rows aside" if self.baselines else "") if self.best else ""

    def _check_best(self, best):
        """Return ``"max"`` or ``"min"`` for each column that has a best."""
        known = [
            name
            for name, column in self.columns.items()
            if len(set(_measured(column)) - set(self.baselines)) > 1
        ]
        if isinstance(best, Mapping):
            wanted = dict(best)
        else:
            wanted = dict.fromkeys(known, best)
            check_choice("best", best, ("max", "min"))
        for name, which in wanted.items():
            check_choice(f"best[{name!r}]", which, ("max", "min"))
        if not wanted or set(wanted) - set(known):
            raise ValueError(f"best must name columns of intervals, of {known}, got {best!r}")
        return wanted

    def __repr__(self):
        """Write the table in Markdown."""
        lines = [f"**{self.title}**", ""] if self.title else []
        sides = ("--:" if _of_numbers(column) else ":--" for column in self.columns.values())
        lines += [f"| {_line(map(_prose, self.columns))}", f"|:--|{'|'.join(sides)}|"]
        for row in next(iter(self.columns.values())):
            cells = (self._cell(name, row, "**{}**") for name in self.columns)
            lines.append(_line([_prose(row), *cells]))
        return "\n".join([*lines, *(["", self._note] if self._note else [])])

    def _cell(self, name, row, strong):
        """Return what a cell says, marked if it is bold."""
        text = _prose(self.columns[name][row])
        return strong.format(text) if row in self._bold.get(name, ()) else text

    def _repr_html_(self):
        return self._write_html(self.title)

    def _write_html(self, title):
        """Write the table as HTML, under a title."""
        sides = {
            name: "" if _of_numbers(column) else ' style="text-align:left"'
            for name, column in self.columns.items()
        }
        heads = "".join(
            f'<th scope="col"{side}>{escape(_prose(name))}</th>' for name, side in sides.items()
        )
        note = f"<small>{self._note}</small>" if self._note else ""
        caption = escape(title) + (" " if title and note else "") + note
        lines = [f"<caption>{caption}</caption>"] if caption else []
        lines.append(f"<thead><tr><td></td>{heads}</tr></thead><tbody>")
        for row in next(iter(self.columns.values())):
            cells = "".join(
                f"<td{side}>{self._html_cell(name, row)}</td>" for name, side in sides.items()
            )
            grey = ' class="baseline"' if row in self.baselines else ""
            lines.append(f'<tr{grey}><th scope="row">{escape(_prose(row))}</th>{cells}</tr>')
        return f"{START}>{''.join(lines)}</tbody></table>"

    def _html_cell(self, name, row):
        text = escape(_prose(self.columns[name][row]))
        return f"<strong>{text}</strong>" if row in self._bold.get(name, ()) else text


class Tables:
    """Tables of which a page shows the first, and each of the others behind its title."""

    def __init__(self, tables: list[Table]):
        self.tables = tables

    def __repr__(self):
        return "\n\n".join(map(repr, self.tables))

    def _repr_html_(self):
        first, *others = self.tables
        folded = (
            f'<details class="results"><summary>{escape(table.title)}</summary>'
            f"{table._write_html('')}</details>"
            for table in others
        )
        return first._repr_html_() + "".join(folded)


def show_tables(tables: Iterable[Table]) -> Tables:
    """Show the first of some tables, and the title of each of the others, which unfolds it.

    Print and terminals have all of them. Raises ``ValueError`` unless there is a table and all but
    the first have a title.

    >>> show_tables([Table({"right": {"sum": 0.5}}), Table({"right": {"sum": 0.4}}, "Chinese")])
    | | right |
    |:--|--:|
    | sum | 0.5 |
    <BLANKLINE>
    **Chinese**
    <BLANKLINE>
    | | right |
    |:--|--:|
    | sum | 0.4 |
    """
    tables = check_list("tables", tables, "mm.results.Table")
    for place, table in enumerate(tables):
        if not isinstance(table, Table):
            raise TypeError(f"tables[{place}] must be an mm.results.Table, got {table!r}")
        if place and not table.title:
            raise ValueError(f"tables[{place}] must have a title, which unfolds it, got none")
    return Tables(tables)


def _prose(label):
    """Return a label or a cell as prose writes it: an identifier with hyphens, no path or call."""
    return IDENTIFIER.sub(lambda found: found[0].replace("_", "-"), str(label))


def _of_numbers(column):
    """Say whether most cells of a column are numbers, or empty."""
    return 2 * sum(bool(NUMBER.match(str(cell))) for cell in column.values()) >= len(column)


def _measured(column):
    """Return ``{row: (low, high)}`` of a column of intervals, as they print; else nothing.

    A number without an interval is one of no width, beside at least two that have one.
    """
    found = {row: MEASURED.match(str(cell)) for row, cell in column.items()}
    found = {row: (float(m[1]), m[2]) for row, m in found.items() if m}
    if sum(half is not None for _, half in found.values()) < 2:
        return {}
    return {row: (mean - float(half or 0), mean + float(half or 0))
            for row, (mean, half) in found.items()}  # fmt: skip


def _find_best(column, which, baselines):
    """Return the rows of the best interval that is of no baseline, and of those that overlap it."""
    spans = _measured(column)
    candidates = [span for row, span in spans.items() if row not in baselines]
    low, high = {"max": max, "min": min}[which](candidates, key=sum)
    return {row for row, (start, end) in spans.items() if start <= high and low <= end}


def _line(cells):
    return f"| {' | '.join(map(escape_cell, cells))} |"
