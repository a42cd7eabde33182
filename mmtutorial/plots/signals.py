"""Figures of sound and of moving pictures."""

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial._checks import check_whole
from mmtutorial.plots.colours import COLOURS


def spectrograms(panels, *, step=0.010, title=None, columns=2):
    """Show sounds as pictures: time to the right, frequency upwards, all on one scale of colours.

    ``panels`` maps a panel's title to ``(values, top)``: log powers ``(frames, rows)``, a frame
    each ``step`` seconds, and the frequency of the last row in hertz, or None where rows are mel
    bands. Raises ``ValueError`` without a panel or a column.
    """
    check_whole("columns", columns, least=1)
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(3.6 * columns + 0.8, 2.4 * rows + 0.4), squeeze=False
    )
    highest = max(values.max() for values, _ in panels.values())
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    for axis, (name, (values, top)) in zip(axes.flat, panels.items(), strict=False):
        height = values.shape[1] if top is None else top / 1000
        shown = axis.imshow(
            np.asarray(values).T,
            origin="lower",
            aspect="auto",
            extent=(0, len(values) * step, 0, height),
            vmin=highest - 14,
            vmax=highest,
            interpolation="nearest",
        )
        axis.set(title=name, xlabel="time (s)")
        axis.set_ylabel("mel band" if top is None else "frequency (kHz)")
    figure.colorbar(shown, ax=axes, label="log power")
    if title:
        figure.suptitle(title)
    figure.set_layout_engine("constrained")
    return figure


def sampled_tone(tone, rate, heard, *, milliseconds=4.0):
    """Show a pure tone, the samples that a rate takes of it, and the tone that goes through them.

    ``tone``, ``rate`` and ``heard`` are in hertz; where ``heard`` equals ``tone``, all is well.
    """
    figure, axis = plt.subplots(figsize=(7, 2.8))
    time = np.linspace(0, milliseconds / 1000, 2000)
    taken = np.arange(int(milliseconds / 1000 * rate) + 1) / rate
    axis.plot(1000 * time, np.cos(2 * np.pi * tone * time), color=COLOURS["chance"], linewidth=1,
              label=f"tone: {tone:,} Hz")  # fmt: skip
    axis.plot(1000 * time, np.cos(2 * np.pi * heard * time), "--", color=COLOURS["text"],
              label=f"heard: {heard:,} Hz")  # fmt: skip
    axis.plot(1000 * taken, np.cos(2 * np.pi * tone * taken), "o", color=COLOURS["image"],
              label=f"{rate:,} samples a second")  # fmt: skip
    axis.set(xlabel="time (ms)", ylabel="air pressure", ylim=(-1.1, 1.1))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    figure.set_layout_engine("constrained")
    return figure
