"""What a network has learnt: how its answer follows what it reads, and how firmly it stands."""

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial.plots.colours import MARKERS


def reading(tokens, beliefs, classes, *, title):
    """Show what a reader believes after each token: a column a token, a row a class.

    ``tokens`` are ``(steps,)`` strings, ``beliefs`` ``(steps, classes)`` probabilities. The class
    in front after each token carries its number. Raises ``ValueError`` if the shapes differ.
    """
    beliefs = np.asarray(beliefs)
    if beliefs.shape != (len(tokens), len(classes)):
        raise ValueError(
            f"beliefs must be of shape ({len(tokens)}, {len(classes)}), a row for each token and "
            f"a number for each class; got {beliefs.shape}"
        )
    figure, axis = plt.subplots(figsize=(0.38 * len(tokens) + 2.4, 0.32 * len(classes) + 1.5))
    shown = axis.imshow(beliefs.T, cmap="cividis", vmin=0, aspect="auto")
    for step, belief in enumerate(beliefs):
        first = int(belief.argmax())
        ink = "white" if belief[first] < 0.6 * beliefs.max() else "black"
        axis.text(step, first, f"{belief[first]:.2f}".lstrip("0"), ha="center", va="center",
                  color=ink, fontsize=8)  # fmt: skip
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(classes)), classes)
    axis.set(title=title, xlabel="token read")
    figure.colorbar(shown, ax=axis, label="probability", fraction=0.05, pad=0.02)
    figure.tight_layout()
    return figure


def response(x, curves, *, title, xlabel, ylabel, chance=None):
    """Draw how a number answers to a change: a line and a marker for each of up to four methods.

    ``x`` is ``(steps,)``, ``curves`` maps a label to ``(steps,)`` numbers; ``chance`` draws a
    dotted line. Raises ``ValueError`` for more curves, or for one of another length.
    """
    if not 1 <= len(curves) <= len(MARKERS):
        raise ValueError(f"curves must be 1 to {len(MARKERS)}, got {len(curves)}")
    figure, axis = plt.subplots(figsize=(6, 3.2))
    for (label, values), (colour, marker) in zip(curves.items(), MARKERS, strict=False):
        if len(values) != len(x):
            raise ValueError(f"curves[{label!r}] must hold {len(x)} numbers, got {len(values)}")
        axis.plot(x, values, marker=marker, color=colour, label=label, markersize=5)
    if chance is not None:
        axis.axhline(chance, color="#666666", linestyle=":", label="largest class")
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
    axis.grid(alpha=0.3)
    axis.legend()
    figure.tight_layout()
    return figure
