"""A temperature that the reader sets: how sure is the model, and what does the loss say?"""

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_array, check_number, check_texts, check_whole
from mmtutorial._optional import load_optional
from mmtutorial.plots._pictures import check_pictures, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS
from mmtutorial.widgets._html import beside_picture

SHOWN = 6  # texts with a line of their own


class Temperatures:
    """What a trained model says of each picture of a split, at any temperature.

    Parameters
    ----------
    cosines : of each picture with each text, ``(pictures, texts)``
    own : the text that belongs to each picture, ``(pictures,)``
    same : whether picture and text are of one concept, ``(pictures, texts)``: such texts, but for
        its own, are no candidates
    pictures : ``(pictures, height, width, 3)`` uint8
    names : of the texts, ``(texts,)``
    learnt : the temperature that training ended with
    """

    def __init__(self, cosines, own, same, *, pictures, names, learnt):
        out = same.copy()
        out[np.arange(len(own)), own] = False
        self.cosines = np.where(out, -np.inf, cosines)
        self.own, self.pictures, self.names, self.learnt = own, pictures, names, learnt

    def probabilities(self, row, temperature):
        """Return the probability of each text to be the picture's own, ``(texts,)``."""
        check_whole("row", row, least=0, most=len(self.own) - 1)
        check_number("temperature", temperature, above=0)
        logits = self.cosines[row] / temperature
        weights = np.exp(logits - logits.max())
        return weights / weights.sum()

    def loss(self, row, temperature):
        """Return the cross-entropy of one picture, in nats."""
        return float(-np.log(max(self.probabilities(row, temperature)[self.own[row]], 1e-300)))

    def first(self, row):
        """Return the texts to show: the first six, the picture's own among them."""
        order = np.argsort(-self.cosines[row], kind="stable")[:SHOWN]
        if self.own[row] not in order:
            order[-1] = self.own[row]
        return order

    def columns(self, row, temperature):
        """Return the names of the texts to show, their probabilities, and the place of its own."""
        chosen, p = self.first(row), self.probabilities(row, temperature)
        rest = int(np.isfinite(self.cosines[row]).sum()) - len(chosen)
        names = [*(str(self.names[text]) for text in chosen), f"{rest} others"]
        shares = np.append(p[chosen], max(0.0, 1 - p[chosen].sum()))
        return names, shares, int(np.flatnonzero(chosen == self.own[row])[0])

    def frame(self, row, temperature):
        """Show the picture, the probabilities at this temperature and at its own, and the loss."""
        names, shares, right = self.columns(row, temperature)
        table = widgets.probability_table(
            {
                f"at {temperature:.3f}": shares,
                f"learnt, {self.learnt:.3f}": self.columns(row, self.learnt)[1],
            },
            names,
            truth=right,
        )
        said = " and ".join(
            f"{self.loss(row, t):.2f} at {t:.3f}" for t in (temperature, self.learnt)
        )
        chance = np.log(np.isfinite(self.cosines[row]).sum())
        note = f"<p>Loss of this picture, in nats: {said}; of chance {chance:.2f}.</p>"
        name = str(self.names[self.own[row]])
        return beside_picture(self.pictures[row], name, table._repr_html_() + note)

    def figure(self, row, temperature):
        """Draw the same for one temperature; return the figure, and what is to be seen."""
        names, shares, right = self.columns(row, temperature)
        title = f"temperature {temperature:g}: loss {self.loss(row, temperature):.2f} nats"
        figure = candidate_bars(self.pictures[row], names, shares, right=right, title=title)
        best = names[int(shares.argmax())]
        return figure, (
            f"At temperature {temperature:g} its own text gets {shares[right]:.2f}, "
            f"the most goes to {best}, {shares.max():.2f}; the loss is "
            f"{self.loss(row, temperature):.2f} nats."
        )


def temperature_slider(bench, row, temperatures, *, start=0):
    """Return a slider over figures, one for each temperature, which needs no kernel."""
    figures, alt = zip(*(bench.figure(row, each) for each in temperatures), strict=True)
    labels = [f"{each:g}" for each in temperatures]
    return widgets.figure_slider(figures, labels, description="Temperature", alt=alt, start=start)


def temperature_view(bench, twin, *, row):
    """Let the reader choose a picture and a temperature; return an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    every = {str(bench.names[own]): place for place, own in reversed(list(enumerate(bench.own)))}
    every[str(bench.names[bench.own[row]])] = row
    controls = {
        "row": ipywidgets.Dropdown(options=sorted(every.items()), value=row, description="Emoji"),
        "temperature": ipywidgets.FloatLogSlider(
            bench.learnt, base=10, min=-2, max=0.5, step=0.02, description="Temperature"
        ),
    }
    return widgets.live(bench.frame, controls, twin)


@style()
def candidate_bars(picture, names, probabilities, *, right, title):
    """Show a picture, and the probability of each of a few texts to be its own.

    ``probabilities`` is ``(texts,)``; ``right`` is the place of the right one, which is marked.
    """
    names = check_texts("names", names)
    probabilities = check_array("probabilities", probabilities)
    (picture,) = check_pictures("picture", [picture])
    figure, (shown, bars) = plt.subplots(
        1, 2, figsize=(6.4, 0.28 * len(names) + 1.1), width_ratios=(0.5, 1)
    )
    show_picture(shown, picture)
    shown.set_axis_off()
    rows = np.arange(len(names))
    colours = [COLOURS["joint" if row == right else "chance"] for row in rows]
    bars.barh(rows, probabilities, color=colours)
    labels = [f"✓ {name}" if row == right else name for row, name in enumerate(names)]
    bars.set_yticks(rows, labels)
    bars.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6), xlabel="probability")
    bars.grid(axis="x")
    headline(figure, title)
    return figure
