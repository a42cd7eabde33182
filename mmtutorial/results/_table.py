"""A table of results, for notebooks, pages and terminals."""

from html import escape

from mmtutorial._checks import check_dict, check_text
from mmtutorial._markdown import escape_cell


class Table:
    """Columns of results, shown as a table in notebooks and pages.

    ``columns`` maps a column's title to ``{row: anything that prints}``. Raises ``ValueError``
    unless there is a column and all have the same rows.

    >>> Table({"1 keyword": {"sum": 0.5}})
    | | 1 keyword |
    |:--|--:|
    | sum | 0.5 |
    """

    def __init__(self, columns: dict[str, dict], title: str = ""):
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

    def __repr__(self):
        """Write the table in Markdown."""
        lines = [f"**{self.title}**", ""] if self.title else []
        lines += [f"| {_line(self.columns)}", "|:--|" + "--:|" * len(self.columns)]
        return "\n".join(lines + [_line(row) for row in self._rows()])

    def _rows(self):
        first = next(iter(self.columns.values()))
        return [[row, *(column[row] for column in self.columns.values())] for row in first]

    def _repr_html_(self):
        heads = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in self.columns)
        lines = [f"<caption>{escape(str(self.title))}</caption>"] if self.title else []
        lines.append(f"<thead><tr><td></td>{heads}</tr></thead><tbody>")
        for row, *values in self._rows():
            cells = "".join(f"<td>{escape(str(value))}</td>" for value in values)
            lines.append(f'<tr><th scope="row">{escape(str(row))}</th>{cells}</tr>')
        return '<table class="table results">' + "".join(lines) + "</tbody></table>"


def _line(cells):
    return f"| {' | '.join(map(escape_cell, cells))} |"
