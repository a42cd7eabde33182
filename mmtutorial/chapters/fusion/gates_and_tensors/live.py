"""A gate that the reader holds, on any emoji, whole or broken."""

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice, check_number
from mmtutorial._optional import load_optional
from mmtutorial.chapters.fusion.gates_and_tensors.corruption import (
    gaussian_noise,
    image_gates,
    predict_with_fixed_gate,
)
from mmtutorial.plots.colours import COLOURS
from mmtutorial.widgets._html import beside_picture

PICTURES, WORDS = ("as it is", "static"), ("as they are", "another emoji's")


class HeldGate:
    """What a gated model says of an emoji of the validation split with its gates held or free.

    Parameters
    ----------
    task : an `EmojiTask` with frozen features
    model : trained on it, with a `GatedFusion`
    pictures : what to show, ``(rows, height, width, 3)`` uint8, a row for each of the split
    """

    def __init__(self, task, model, pictures):
        self.task, self.model, self.pictures = task, model, pictures
        self.names = task.dataset.validation.info["name"]
        self.inputs, self.targets = task.inputs("validation", seed=0), task.targets("validation")
        self.words = task.words("validation", seed=0)
        self.noise = gaussian_noise(self.inputs["image"].shape, seed=0)
        middle = len(self.words) // 2  # far enough to be another emoji's
        self.other = np.roll(np.arange(len(self.words)), middle)

    def pick(self, row, picture="as it is", words="as they are"):
        """Return the inputs of one row, whole or broken."""
        check_choice("picture", picture, PICTURES)
        check_choice("words", words, WORDS)
        images = self.noise if picture == "static" else self.inputs["image"]
        reader = self.other[row] if words == WORDS[1] else row
        return {"image": images[[row]], "text": self.inputs["text"][[reader]]}

    def own_gates(self, row, picture="as it is", words="as they are"):
        """Return the gates that the model computes for one row, ``(1, units)``."""
        return image_gates(self.model, self.pick(row, picture, words))

    def frame(self, row, gate, picture="as it is", words="as they are"):
        """Show the emoji, the gate, and the probabilities with the gate held and free, as HTML."""
        check_number("gate", gate, least=0, most=1)
        inputs = self.pick(row, picture, words)
        own = self.own_gates(row, picture, words)
        columns = {
            f"held at {gate:.2f}": predict_with_fixed_gate(self.model, inputs, gate)[0],
            f"its own, {own.mean():.2f}": predict_with_fixed_gate(self.model, inputs, own)[0],
        }
        groups, truth = self.task.dataset.classes["group"], int(self.targets[row])
        table = widgets.probability_table(columns, groups, truth=truth)
        shown, reader = self.pictures[row], self.other[row] if words == WORDS[1] else row
        if picture == "static":
            shown = np.random.default_rng(0).integers(0, 256, shown.shape, dtype=np.uint8)
        said = self.words[reader].replace(" | ", ", ")
        caption = f"{self.names[row]}, picture {picture}, words {words}: {said}"
        return beside_picture(shown, caption, _gate_line(gate, own.mean()) + table._repr_html_())


def _gate_line(held, own):
    """Draw the gate from words to picture: a diamond where it is held, a tick for its own."""
    at, tick = (10 + 220 * place for place in (held, own))
    said = f"Gate held at {held:.2f}, from words, 0, to picture, 1; the model's own: {own:.2f}"
    return (
        f'<svg role="img" aria-label="{said}" viewBox="0 0 240 44" width="240" height="44" '
        'fill="currentColor" font-size="12" font-family="inherit">'
        '<line x1="10" x2="230" y1="14" y2="14" stroke="#888" stroke-width="3"/>'
        f'<line x1="{tick:.1f}" x2="{tick:.1f}" y1="4" y2="24" stroke="currentColor" '
        'stroke-width="3"/>'
        f'<path d="M{at:.1f} 6l8 8l-8 8l-8 -8z" fill="{COLOURS["joint"]}"/>'
        '<text x="4" y="40">words</text><text x="236" y="40" text-anchor="end">picture</text></svg>'
    )


def held_gate(held, twin, *, row, gate=0.5):
    """Let the reader drag all gates of a model on any emoji, and break its picture or its words.

    Parameters
    ----------
    held : `HeldGate`
    twin : HTML to show where there is no kernel
    row : which emoji is shown first
    gate : where its gate is held at first, from 0 (words) to 1 (picture)

    Returns an `mm.widgets.Live`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    _, every = np.unique(held.names, return_index=True)
    rows = sorted({*map(int, every), row})
    controls = {
        "row": ipywidgets.Dropdown(
            options=[(f"{held.names[each]} ({each})", each) for each in rows],
            value=row,
            description="Emoji",
        ),
        "gate": ipywidgets.FloatSlider(
            gate, min=0, max=1, step=0.02, description="Gate", readout=False
        ),
        "picture": ipywidgets.Dropdown(options=PICTURES, description="Picture"),
        "words": ipywidgets.Dropdown(options=WORDS, description="Words"),
    }
    return widgets.live(held.frame, controls, twin)
