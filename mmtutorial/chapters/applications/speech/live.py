"""Choose a line, and how it is decoded: what is heard, beside what was said."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mmtutorial import widgets
from mmtutorial._optional import load_optional
from mmtutorial.chapters.applications.speech.errors import mark
from mmtutorial.evaluation import cer
from mmtutorial.tasks.decoding import BEAM_WIDTH, decode

CELL = "text-align:left;padding:2px 12px 2px 0"
WEIGHTS = (0.0, 0.5, 2.0, 4.0)  # of the language model, on the page


class Line(NamedTuple):
    """A line: the scores of its steps, what was said, and what that means in English."""

    logits: np.ndarray
    said: str
    english: str


class Decoder:
    """Some lines, and what a recogniser's scores and its language model make of them."""

    def __init__(self, lines: Sequence[Line], language_model, bonus: float):
        self.lines = {f"line {place}": line for place, line in enumerate(lines, start=1)}
        self.language_model, self.bonus = language_model, bonus

    def write(self, line: str, weight: float, width: int = BEAM_WIDTH) -> str:
        """Return the text of a line; without a weight the search has no language model."""
        letters = self.language_model.letters
        options = {"weight": weight, "letter_bonus": self.bonus} if weight else {}
        model = {"language_model": self.language_model} if weight else {}
        return decode([self.lines[line].logits], letters, beam_width=width, **model, **options)[0]

    def count(self, weight: float, width: int = BEAM_WIDTH) -> dict[str, float]:
        """Return of all lines together the letters, their perplexity, and the error rate."""
        heard = [self.write(line, weight, width) for line in self.lines]
        return {
            "letters": sum(map(len, heard)),
            "perplexity": self.language_model.perplexity(heard),
            "wrong": cer(heard, [line.said for line in self.lines.values()]),
        }

    def show(self, line: str, weight: float, width: int) -> str:
        """Return HTML: what was said, what is heard, and how much of it is wrong."""
        heard, known = self.write(line, weight, width), self.lines[line]
        rows = {
            "in English": known.english,
            "said": known.said,
            "heard": heard,
            "wrong in brackets": mark(heard, known.said),
            "letters wrong": f"{cer([heard], [known.said]):.2f}",
        }
        return _table([], rows.items())

    def page(self, line: str) -> str:
        """Return HTML that needs no kernel: one line, decoded with some weights."""
        known = self.lines[line]
        rows = []
        for weight in WEIGHTS:
            heard = self.write(line, weight)
            wrong = cer([heard], [known.said])
            rows.append((f"{weight:g}", mark(heard, known.said), f"{wrong:.2f}"))
        head = ("weight", f"heard, for: {known.said}", "letters wrong")
        return _table(head, rows)


def _table(head, rows):
    """Return a table of HTML whose first column names its rows."""
    cells = [
        f'<tr><th scope="row" style="{CELL}">{html.escape(first)}</th>'
        + "".join(f'<td style="{CELL}">{html.escape(each)}</td>' for each in rest)
        + "</tr>"
        for first, *rest in rows
    ]
    titles = "".join(f'<th scope="col" style="{CELL}">{html.escape(each)}</th>' for each in head)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(cells)}</tbody></table>"


def decoder_view(decoder: Decoder):
    """Let the reader choose a line, a weight and the width of the beam; an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    names = list(decoder.lines)
    controls = {
        "line": ipywidgets.Dropdown(options=names, description="Line"),
        "weight": ipywidgets.FloatSlider(
            0.5, min=0, max=4, step=0.05, description="Weight of the language model"
        ),
        "width": ipywidgets.IntSlider(16, min=1, max=64, description="Width of the beam"),
    }
    return widgets.live(decoder.show, controls, decoder.page(names[0]))
