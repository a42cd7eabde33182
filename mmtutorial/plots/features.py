"""What a network has learnt: its predictions token by token, and under a change of its input."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from mmtutorial._checks import check_counts, check_texts
from mmtutorial.plots._inputs import check_chance, check_named, check_row, check_shares
from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS, MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@style()
def token_heatmap(
    tokens: Sequence[str], probabilities: ArrayLike, classes: Sequence[str], *, title: str
) -> "Figure":
    """Show the predicted probabilities after each token: a column per token, a row per class.

    ``tokens`` are ``(steps,)`` strings, ``probabilities`` is ``(steps, classes)``. The most
    probable class after each token carries its number. Raises ``ValueError`` if the shapes differ.
    """
    tokens, classes = check_texts("tokens", tokens), check_texts("classes", classes)
    probabilities = check_shares("probabilities", probabilities)
    if probabilities.shape != (len(tokens), len(classes)):
        raise ValueError(
            f"probabilities must be of shape ({len(tokens)}, {len(classes)}), a row for each of "
            f"the tokens and a number for each of the classes; got {probabilities.shape}"
        )
    figure, axis = plt.subplots(figsize=(0.38 * len(tokens) + 2.4, 0.32 * len(classes) + 1.5))
    shown = axis.imshow(probabilities.T, cmap="cividis", vmin=0, aspect="auto")
    for step, row in enumerate(probabilities):
        first = int(row.argmax())
        ink = "white" if row[first] < 0.6 * probabilities.max() else "black"
        axis.text(step, first, f"{row[first]:.2f}".lstrip("0"), ha="center", va="center",
                  color=ink, fontsize=8)  # fmt: skip
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(classes)), classes)
    axis.set(title=title, xlabel="token read")
    figure.colorbar(shown, ax=axis, label="probability", fraction=0.05, pad=0.02)
    return figure


@style()
def line_plot(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    chance: float | None = None,
) -> "Figure":
    """Draw how a number answers to a change: a line and a marker for each of up to four methods.

    ``x`` is ``(steps,)``, ``curves`` maps a label to ``(steps,)`` numbers; ``chance`` draws a
    dotted line. Raises ``ValueError`` for more curves, or for one that has another length or holds
    what is no finite number.
    """
    if not 1 <= len(check_named("curves", curves, '{"words": accuracies}')) <= len(MARKERS):
        raise ValueError(f"curves must be 1 to {len(MARKERS)}, got {len(curves)}")
    check_chance(chance)
    rows = {f"curves[{label!r}]": values for label, values in curves.items()} | {"x": x}
    check_counts({name: check_row(name, row) for name, row in rows.items()})
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    ends = {}
    for (label, values), (colour, marker) in zip(curves.items(), MARKERS, strict=False):
        axis.plot(x, values, marker=marker, color=colour, label=label, markersize=5)
        ends[label] = (x[-1], values[-1])
    if chance is not None:
        axis.axhline(chance, color=COLOURS["chance"], linestyle=":", label="largest class")
        ends["largest class"] = (axis.get_xlim()[1], chance)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
    axis.grid()
    label_lines(axis, ends)
    return figure
