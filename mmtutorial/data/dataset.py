"""`Dataset`, `Split` and `Card`: what every loader returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_dict
from mmtutorial._markdown import escape_cell


class DataError(RuntimeError):
    """A shipped data file is missing or damaged; the message says how to repair it."""


@dataclass(frozen=True, eq=False)
class Split:
    """One split of a data set: rows of inputs, of targets and of information.

    ``inputs``, ``targets`` and ``info`` map names to arrays with one entry per row; recorded sound
    and moving pictures are sequences that decode an entry when you ask for it (`AudioClips`,
    `VideoClips`). The arrays are read-only views of those given, which stay as they are; take a
    copy to change one. ``presence`` is None where every row has every input, else it maps an
    input's name to booleans, one per row. Raises ``ValueError`` without targets, for unequal
    lengths and for the presence of what is no input, and ``TypeError`` for a presence that is not
    boolean and for what is no dict of arrays.
    """

    inputs: Mapping[str, np.ndarray]
    targets: Mapping[str, np.ndarray]
    info: Mapping[str, np.ndarray] = field(default_factory=dict)
    presence: Mapping[str, np.ndarray] | None = None

    def __post_init__(self):
        parts = {}
        for part in ("inputs", "targets", "info", "presence"):
            if part != "presence" or self.presence is not None:
                given = check_dict(part, getattr(self, part), '{"name": array}')
                found = {key: _read_only(f"{part}[{key!r}]", rows) for key, rows in given.items()}
                object.__setattr__(self, part, found)  # the class is frozen for everybody else
                parts |= {f"{part}[{name!r}]": rows for name, rows in found.items()}
        if not self.targets:
            raise ValueError("targets must hold at least one array, got none")
        presence = self.presence or {}
        if unknown := sorted(presence.keys() - self.inputs.keys()):
            raise ValueError(f"presence must name inputs, {sorted(self.inputs)}, got {unknown}")
        for name, there in presence.items():
            if there.dtype != bool:
                raise TypeError(f"presence[{name!r}] must be boolean, got {there.dtype}")
        lengths = {name: len(rows) for name, rows in parts.items()}
        if len(set(lengths.values())) > 1:
            got = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"every array of a split needs the same length, got {got}")

    def __len__(self):
        return len(next(iter(self.targets.values())))

    def take(self, rows: ArrayLike | slice) -> "Split":
        """Return a new split of some rows: their numbers, a slice, or one boolean per row.

        Raises ``ValueError`` for rows that do not exist, and for one number: write ``[number]``.
        """
        chosen = choose_rows(rows, len(self))
        if chosen.ndim != 1:
            raise ValueError(f"rows must be a list, such as [0, 2], or a slice, got {rows!r}")
        parts = {
            name: {key: array[chosen] for key, array in getattr(self, name).items()}
            for name in ("inputs", "targets", "info")
        }
        presence = self.presence and {key: rows[chosen] for key, rows in self.presence.items()}
        return Split(**parts, presence=presence)

    def __repr__(self):
        shapes = ", ".join(
            f"{name} {getattr(array, 'shape', array)}" for name, array in self.inputs.items()
        )
        return f"Split({len(self):,} rows; inputs: {shapes}; targets: {', '.join(self.targets)})"


def choose_rows(rows: ArrayLike | slice, count: int) -> np.ndarray:
    """Return which of ``count`` rows are meant: an index of NumPy as the numbers of the rows."""
    try:
        return np.arange(count)[rows]
    except (IndexError, ValueError, TypeError) as error:
        raise ValueError(f"rows must be among {count} rows, got {rows!r}") from error


def _read_only(name, rows):
    """Return a read-only view; clips are read-only by themselves."""
    if hasattr(rows, "encoded"):
        return rows
    view = check_array(name, rows, kinds="biufOUSM", finite=False).view()
    if not view.ndim:
        raise TypeError(f"{name} must hold an entry for each row, got {rows!r}")
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class Card:
    """A data card: where the data come from, whose they are, and what is wrong with them.

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
        splits = list(next(iter(self.split.values())))
        classes = [
            [name, *(f"{row[split]:,}" for split in splits)] for name, row in self.split.items()
        ]
        total = [f"{sum(row[split] for row in self.split.values()):,}" for split in splits]
        return [
            ("Counts", ["what", "how many"], [[k, f"{v:,}"] for k, v in self.counts.items()]),
            ("Rows in each split", ["class", *splits], [*classes, ["all", *total]]),
            ("Sources", ["package", "version", "licence"], [list(row) for row in self.source]),
        ]

    def _repr_markdown_(self):
        parts = [f"**{self.title}**", f"Licence: {self.licence}"]
        for heading, header, rows in self._tables():
            lines = [header, ["---"] * len(header), *rows]
            table = "\n".join(f"| {' | '.join(map(escape_cell, line))} |" for line in lines)
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


def count_rows(
    splits: Mapping[str, Split], target: str, names: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count the rows of each class in each split, for a card: ``{class: {split: rows}}``."""
    return {
        name: {part: int(np.sum(split.targets[target] == code)) for part, split in splits.items()}
        for code, name in enumerate(names)
    }


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set: train, validation and test split, a card, and the names of the classes.

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
