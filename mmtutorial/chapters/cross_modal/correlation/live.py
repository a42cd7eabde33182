"""Any direction of any CCA of emoji and words: its ends, and what it is worth on unseen emoji."""

import html

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice, check_number, check_whole
from mmtutorial._credits import credit_html
from mmtutorial._html import HtmlBlock, webp_url
from mmtutorial._optional import load_optional
from mmtutorial.chapters.cross_modal.correlation.experiment import (
    find_ends,
    frequent_keywords,
    shuffle_concepts,
)
from mmtutorial.cross_modal import LinearCCA
from mmtutorial.plots.colours import COLOURS

PAIRS = ("true", "shuffled")
DIRECTIONS = 20  # that can be looked at
SHOWN = 5  # pictures, and words, at each end
FREQUENT = 5  # training concepts that have a word which is shown


class Directions:
    """Linear CCA of emoji and their words, on as many concepts and as regularized as asked.

    Parameters
    ----------
    task : `EmojiPairs` in English, with frozen features of both
    pictures : of the validation split, ``(rows, height, width, 3)`` uint8
    """

    def __init__(self, task, pictures):
        self.task, self.pictures = task, pictures
        self.train = task.inputs("train", language="en")
        self.validation = task.inputs("validation", language="en")
        self.concepts, self.new = task.ids("train"), task.ids("validation")
        self.names = task.datasets["en"].validation.info["name"]
        self.words = np.array(frequent_keywords(task, language="en", least=FREQUENT))
        self.vectors = task.encode(list(self.words), language="en")
        self.order = np.random.default_rng(0).permutation(np.unique(self.concepts))
        self._found = {}

    def fit(self, pairs="true", concepts=800, regularization=0.4):
        """Return a fitted `LinearCCA`, and the pairs that it saw."""
        check_choice("pairs", pairs, PAIRS)
        check_whole("concepts", concepts, least=DIRECTIONS + 2, most=len(self.order))
        key = (pairs, concepts, check_number("regularization", regularization, above=0))
        if key not in self._found:
            rows = np.isin(self.concepts, self.order[:concepts])
            seen = {name: part[rows] for name, part in self.train.items()}
            if pairs == "shuffled":
                seen["text"] = shuffle_concepts(seen["text"], self.concepts[rows], seed=0)
            cca = LinearCCA(DIRECTIONS, regularization=regularization).fit(seen)
            self._found = {key: (cca, cca.score(seen), cca.score(self.validation))}  # the last one
        return self._found[key]

    def ends(self, cca, direction):
        """Return the rows of the pictures at both ends of a direction, and the words there."""
        variates = cca.transform({**self.validation, "text": self.vectors})
        images, words = (variates[name][:, direction - 1] for name in ("image", "text"))
        rows = find_ends(images, self.new, count=SHOWN)
        places = find_ends(words, np.arange(len(words)), count=SHOWN)
        return rows, tuple(", ".join(self.words[each]) for each in places)

    def frame(self, direction, pairs, concepts, regularization):
        """Show the ends of a direction, and its correlations, as HTML."""
        check_whole("direction", direction, least=1, most=DIRECTIONS)
        cca, seen, held_out = self.fit(pairs, concepts, regularization)
        rows, words = self.ends(cca, direction)
        sides = [self._side(row, said) for row, said in zip(rows, words, strict=True)]
        place = direction - 1
        content = _bars({"pairs it was fitted to": seen[place], "unseen emoji": held_out[place]})
        said = f"Direction {direction}, {pairs} pairs of {concepts} concepts"
        style = "display:flex;flex-wrap:wrap;gap:12px 40px"
        return HtmlBlock(f'{content}<div style="{style}">{"".join(sides)}</div>', said)

    def _side(self, rows, words):
        """Return the pictures at one end in a row, with the words there, as HTML."""
        from PIL import Image

        strip = np.concatenate(list(self.pictures[rows]), axis=1)
        address = webp_url(Image.fromarray(strip), quality=85, method=4)
        names = html.escape(", ".join(self.names[rows]))
        return (
            f'<figure style="margin:0"><img src="{address}" alt="{names}" '
            f'style="max-width:100%"><figcaption style="font-size:.85rem;max-width:{64 * SHOWN}px">'
            f"pictures of: {names}<br>words: {html.escape(words)}{credit_html(self.pictures[rows])}"
            "</figcaption></figure>"
        )


def _bars(correlations):
    """Draw correlations from 0 to 1 as bars, with their numbers, as SVG."""
    lines = []
    for row, (name, value) in enumerate(correlations.items()):
        colour = COLOURS["image" if row == 0 else "joint"]
        top, width = 24 * row, 160 * max(0.0, value)
        lines.append(
            f'<text x="0" y="{top + 13}">{name}</text>'
            f'<rect x="150" y="{top + 2}" width="{width:.1f}" height="14" fill="{colour}"/>'
            f'<text x="{156 + width:.1f}" y="{top + 13}">{value:.2f}</text>'
        )
    said = "; ".join(f"{name}: {value:.2f}" for name, value in correlations.items())
    return (
        f'<svg role="img" aria-label="Correlation, {said}" viewBox="0 0 360 46" width="360" '
        f'height="46" style="max-width:100%" fill="currentColor" font-size="12" '
        f'font-family="inherit">{"".join(lines)}</svg>'
    )


def explore_directions(directions, twin):
    """Let the reader choose direction, pairs, number of concepts and regularization.

    Parameters
    ----------
    directions : `Directions`
    twin : HTML to show where there is no kernel

    Returns an `mm.widgets.Live`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    most = len(directions.order)
    controls = {
        "direction": ipywidgets.IntSlider(1, min=1, max=DIRECTIONS, description="Direction"),
        "pairs": ipywidgets.Dropdown(options=PAIRS, description="Pairs"),
        "concepts": ipywidgets.SelectionSlider(
            options=[100, 200, 400, most], value=most, description="Concepts"
        ),
        "regularization": ipywidgets.SelectionSlider(
            options=[0.001, 0.1, 0.4, 1.6, 6.4], value=0.4, description="Regularization"
        ),
    }
    return widgets.live(directions.frame, controls, twin)
