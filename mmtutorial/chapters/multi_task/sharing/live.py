"""The transfer matrix as a table that the reader sorts."""

import html

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice
from mmtutorial._html import HtmlBlock
from mmtutorial._optional import load_optional

GAIN, AFFINITY = "measured gain", "affinity by look-ahead"
BY_NAME, ON_AVERAGE = "name", "mean"
BROWN, WHITE, VIOLET = (np.array(each) for each in ((179, 88, 6), (255, 255, 255), (84, 39, 136)))


class SortedTransfer:
    """A matrix of what each task gives to each other, with its rows and columns in any order.

    Parameters
    ----------
    tasks : names, ``(tasks,)``
    gains, affinity : ``(tasks, tasks)``, rows give, NaN on the diagonal
    sure : ``(tasks, tasks)`` of bool: which gains get a star
    """

    def __init__(self, tasks, gains, affinity, sure):
        self.tasks, self.sure = list(tasks), np.asarray(sure, bool)
        self.matrices = {GAIN: 100 * np.asarray(gains), AFFINITY: 100 * np.asarray(affinity)}

    @property
    def choices(self):
        """By what one may sort: the names, the mean, or one of the tasks."""
        return [BY_NAME, ON_AVERAGE, *self.tasks]

    def order(self, matrix, by, axis):
        """Return the places of the tasks, the largest first; ``axis`` 0 sorts rows."""
        check_choice("by", by, tuple(self.choices))
        if by == BY_NAME:
            return list(range(len(self.tasks)))
        if by == ON_AVERAGE:
            keys = np.nanmean(matrix, axis=1 - axis)
        else:
            place = self.tasks.index(by)
            keys = matrix[:, place] if axis == 0 else matrix[place]
        return list(np.argsort(-np.where(np.isnan(keys), np.inf, keys), kind="stable"))

    def frame(self, show, rows, columns):
        """Show a matrix as a table, sorted: rows by what they give, columns by what they get."""
        check_choice("show", show, (GAIN, AFFINITY))
        matrix = self.matrices[show]
        down, across = self.order(matrix, rows, 0), self.order(matrix, columns, 1)
        heads = [*(self.tasks[j] for j in across), "mean"]
        lines = [self._line(self.tasks[i], matrix[i, across], show, i, across) for i in down]
        means = np.nanmean(matrix, axis=0)[across]
        lines.append(self._line("mean", means, show, None, across))
        said = f"{show}, per cent: rows help columns"
        note = "; * significant" if show == GAIN else ""
        head = "".join(f'<th scope="col" style="{_PAD}">{html.escape(h)}</th>' for h in heads)
        table = (
            '<table style="border-collapse:collapse;font-size:.85rem">'
            f"<caption>{said}{note}</caption><thead><tr><td></td>{head}</tr></thead>"
            f"<tbody>{''.join(lines)}</tbody></table>"
        )
        return HtmlBlock(table, f"{show}, rows by {rows}, columns by {columns}")

    def _line(self, name, values, show, place, across):
        """Write a row of the table, with its mean."""
        reach = np.nanmax(np.abs(self.matrices[show]))
        stars = [show == GAIN and place is not None and self.sure[place, j] for j in across]
        cells = [_cell(v, reach, star) for v, star in zip(values, stars, strict=True)]
        cells.append(_cell(np.nanmean(values), reach, False))
        return f'<tr><th scope="row" style="{_PAD}">{html.escape(name)}</th>{"".join(cells)}</tr>'


_PAD = "padding:3px 7px;text-align:right"


def _cell(value, reach, star):
    """Write a number on its colour, brown below 0 and violet above."""
    if np.isnan(value):
        return f'<td style="{_PAD}"></td>'
    share = min(1.0, abs(value) / reach)
    red, green, blue = (WHITE + share * ((VIOLET if value > 0 else BROWN) - WHITE)).astype(int)
    channels = (np.array([red, green, blue]) / 255) ** 2.2  # nearly as sRGB is made linear
    ink = "#fff" if channels @ [0.21, 0.72, 0.07] < 0.18 else "#000"
    text = f"{value:+.1f}".replace("-", "\N{MINUS SIGN}") + "*" * bool(star)
    return f'<td style="{_PAD};background:rgb({red},{green},{blue});color:{ink}">{text}</td>'


def sorted_twin(transfer):
    """Return the same table where there is no kernel: rows sorted by any task."""
    shows = (GAIN, AFFINITY)
    frames = [transfer.frame(show, by, BY_NAME) for show in shows for by in transfer.choices]
    return widgets.frame_chooser(frames, {"Show": shows, "Rows sorted by": transfer.choices})


def explore_transfer(transfer):
    """Let the reader sort rows and columns of a `SortedTransfer`; returns an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    controls = {
        "show": ipywidgets.Dropdown(options=[GAIN, AFFINITY], description="Show"),
        "rows": ipywidgets.Dropdown(options=transfer.choices, description="Rows sorted by"),
        "columns": ipywidgets.Dropdown(options=transfer.choices, description="Columns sorted by"),
    }
    return widgets.live(transfer.frame, controls, sorted_twin(transfer))
