"""A picture, a beam width and a temperature that the reader sets: what is written, how probable?"""

import itertools
from html import escape

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_number, check_whole
from mmtutorial._optional import load_optional
from mmtutorial.widgets._html import beside_picture

SAMPLES = 3  # captions that are drawn


class Writer:
    """What a trained captioner writes of some pictures.

    Parameters
    ----------
    model : a `Captioner`
    images : what it reads of each picture
    pictures : ``(pictures, height, width, 3)`` uint8
    names : of the emoji, ``(pictures,)``
    references : the words of each, ``(pictures,)`` of sets
    """

    def __init__(self, model, images, pictures, names, references):
        self.model, self.images, self.pictures = model, images, pictures
        self.names, self.references = names, references

    def captions(self, row, beam, temperature):
        """Return ``{method: [(caption, log-probability), ...]}`` of one picture."""
        check_whole("row", row, least=0, most=len(self.images) - 1)
        check_whole("beam", beam, least=1)
        check_number("temperature", temperature, above=0)
        image = self.images[row : row + 1]
        drawn = self.model.caption(
            np.repeat(image, SAMPLES, axis=0), method="sample", temperature=temperature
        )
        found = {
            "greedy": self.model.caption(image),
            f"beam of {beam}": self.model.caption(image, method="beam", beam_size=beam),
            f"sampled at {temperature:.2g}": drawn,
        }
        return {
            name: list(zip(each.texts, each.log_p.tolist(), strict=True))
            for name, each in found.items()
        }

    def frame(self, row, beam, temperature):
        """Show the picture and the captions; words that are right are bold."""
        lines = [
            f'<tr><th scope="row">{escape(method)}</th><td>{self._mark(text, row)}</td>'
            f"<td>{log_p:.2f}</td></tr>".replace("-", "−")
            for method, each in self.captions(row, beam, temperature).items()
            for text, log_p in each
        ]
        head = '<thead><tr><td></td><th scope="col">caption</th><th scope="col">log p</th></tr>'
        table = f'<table class="table">{head}</thead><tbody>{"".join(lines)}</tbody></table>'
        note = f"<p>Its words: {escape(', '.join(sorted(self.references[row])))}.</p>"
        return beside_picture(self.pictures[row], str(self.names[row]), table + note)

    def _mark(self, text, row):
        words = (escape(word) for word in text.split())
        return " ".join(f"<b>{w}</b>" if w in self.references[row] else w for w in words) or "—"


def writer_twin(writer, rows, beams, temperatures):
    """Return the frames of some choices, which need no kernel."""
    choices = itertools.product(rows, beams, temperatures)
    frames = [writer.frame(*choice) for choice in choices]
    menus = {
        "Emoji": [str(writer.names[row]) for row in rows],
        "Beam width": [str(beam) for beam in beams],
        "Temperature": [f"{each:g}" for each in temperatures],
    }
    return widgets.frame_chooser(frames, menus)


def writer_view(writer, twin, *, row):
    """Let the reader choose picture, beam width and temperature; return an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    every = {str(name): place for place, name in reversed(list(enumerate(writer.names)))}
    every[str(writer.names[row])] = row
    controls = {
        "row": ipywidgets.Dropdown(options=sorted(every.items()), value=row, description="Emoji"),
        "beam": ipywidgets.IntSlider(4, min=1, max=16, description="Beam width"),
        "temperature": ipywidgets.FloatSlider(
            1.0, min=0.1, max=2.0, step=0.1, description="Temperature"
        ),
    }
    return widgets.live(writer.frame, controls, twin)
