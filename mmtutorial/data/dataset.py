"""What does a loader return? The types that every data set shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import numpy as np


class DataError(RuntimeError):
    """A shipped data file is missing or damaged; the message says how to repair it."""


@dataclass(frozen=True, eq=False)
class Split:
    """What one side of a data set holds: rows of inputs, of targets and of information.

    ``inputs``, ``targets`` and ``info`` map names to arrays with one entry a row; recorded sound
    and moving pictures are sequences that decode an entry when you ask for it (`AudioClips`,
    `VideoClips`). The arrays are read-only; take a copy to change one. ``presence`` is None where
    every row has every input, else it maps an input's name to booleans, one a row. Raises
    ``ValueError`` without targets, for unequal lengths and for the presence of what is no input,
    and ``TypeError`` for a presence that is not boolean.
    """

    inputs: Mapping[str, np.ndarray]
    targets: Mapping[str, np.ndarray]
    info: Mapping[str, np.ndarray] = field(default_factory=dict)
    presence: Mapping[str, np.ndarray] | None = None

    def __post_init__(self):
        if not self.targets:
            raise ValueError("targets must hold at least one array, got none")
        presence = self.presence or {}
        if unknown := sorted(presence.keys() - self.inputs.keys()):
            raise ValueError(f"presence must name inputs, {sorted(self.inputs)}, got {unknown}")
        for name, there in presence.items():
            if np.asarray(there).dtype != bool:
                given = np.asarray(there).dtype
                raise TypeError(f"presence[{name!r}] must be boolean, got {given}")
        parts = {
            f"{part}[{name!r}]": array
            for part in ("inputs", "targets", "info", "presence")
            for name, array in (getattr(self, part) or {}).items()
        }
        lengths = {name: len(array) for name, array in parts.items()}
        if len(set(lengths.values())) > 1:
            got = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"every array of a split needs the same length, got {got}")
        for array in parts.values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    def __len__(self):
        return len(next(iter(self.targets.values())))

    def take(self, rows):
        """Return a new split of some rows: their numbers, or one boolean a row."""
        parts = {
            name: {key: array[rows] for key, array in getattr(self, name).items()}
            for name in ("inputs", "targets", "info")
        }
        presence = self.presence and {key: array[rows] for key, array in self.presence.items()}
        return Split(**parts, presence=presence)

    def __repr__(self):
        shapes = ", ".join(
            f"{name} {getattr(array, 'shape', array)}" for name, array in self.inputs.items()
        )
        return f"Split({len(self):,} rows; inputs: {shapes}; targets: {', '.join(self.targets)})"


@dataclass(frozen=True)
class Card:
    """Where do the data come from, whose are they, and what is wrong with them?

    ``source`` lists (package, version, licence); ``counts`` maps a name to a number; ``split``
    maps a class to its rows in each split; ``flaws`` lists what one should know before use.
    """

    name: str
    title: str
    source: tuple[tuple[str, str, str], ...]
    licence: str
    counts: Mapping[str, int]
    split: Mapping[str, Mapping[str, int]]
    flaws: tuple[str, ...] = ()

    def _tables(self):
        """Return the card's tables as (heading, header row, rows of text)."""
        sides = list(next(iter(self.split.values())))
        classes = [
            [name, *(f"{row[side]:,}" for side in sides)] for name, row in self.split.items()
        ]
        total = [f"{sum(row[side] for row in self.split.values()):,}" for side in sides]
        return [
            ("Counts", ["what", "how many"], [[k, f"{v:,}"] for k, v in self.counts.items()]),
            ("Rows in each split", ["class", *sides], [*classes, ["all", *total]]),
            ("Sources", ["package", "version", "licence"], [list(row) for row in self.source]),
        ]

    def _repr_markdown_(self):
        parts = [f"**{self.title}**", f"Licence: {self.licence}"]
        for heading, header, rows in self._tables():
            lines = [header, ["---"] * len(header), *rows]
            table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
            parts.append(f"*{heading}*\n\n{table}")
        if self.flaws:
            flaws = "\n".join(f"- {flaw}" for flaw in self.flaws)
            parts.append(f"*Know before you use them*\n\n{flaws}")
        return "\n\n".join(parts)

    def _repr_html_(self):
        # Colours are inherited, so the card reads well on a light and on a dark page.
        cell = 'style="text-align:left;padding:0.1em 0.8em 0.1em 0;border:0"'
        parts = [
            f"<p><strong>{escape(self.title)}</strong></p>",
            f"<p>Licence: {escape(self.licence)}</p>",
        ]
        for heading, header, rows in self._tables():
            head = "".join(f'<th scope="col" {cell}>{escape(text)}</th>' for text in header)
            body = "".join(
                "<tr>" + "".join(f"<td {cell}>{escape(text)}</td>" for text in row) + "</tr>"
                for row in rows
            )
            parts.append(
                '<table style="color:inherit;background:transparent;border-collapse:collapse;'
                'margin:0.5em 0"><caption style="text-align:left;caption-side:top;color:inherit;'
                f'font-weight:bold">{escape(heading)}</caption>'
                f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            )
        if self.flaws:
            flaws = "".join(f"<li>{escape(flaw)}</li>" for flaw in self.flaws)
            parts.append(f"<p><strong>Know before you use them</strong></p><ul>{flaws}</ul>")
        style = "color:inherit;background:transparent;border:1px solid currentColor"
        label = escape(f"Data card: {self.name}")
        # On a narrow page the card scrolls sideways, so the keyboard must be able to reach it.
        return (
            f'<div role="group" tabindex="0" aria-label="{label}" '
            f'style="{style};border-radius:6px;padding:0.5em 1em;overflow-x:auto">'
            + "".join(parts)
            + "</div>"
        )


def count_rows(splits, target, names):
    """Count the rows of each class on each side, for a card: ``{class: {side: rows}}``."""
    return {
        name: {side: int(np.sum(split.targets[target] == code)) for side, split in splits.items()}
        for code, name in enumerate(names)
    }


@dataclass(frozen=True, eq=False)
class Dataset:
    """What do you learn from, tune on and report? Three splits, a card, and the classes' names.

    ``classes[target][code]`` is the name of an integer code in ``split.targets[target]``.
    """

    train: Split
    validation: Split
    test: Split
    card: Card
    classes: Mapping[str, tuple[str, ...]]

    def __repr__(self):
        sizes = f"train {len(self.train):,}, validation {len(self.validation):,}"
        return f"Dataset({self.card.name}: {sizes}, test {len(self.test):,} rows)"

    def _repr_html_(self):
        return self.card._repr_html_()
