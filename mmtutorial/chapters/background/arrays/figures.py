"""Figures of sound and of moving pictures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_dict, check_number, check_whole
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MAX_COLUMNS, MAX_SAMPLES = 20, 10_000  # what a figure can show


@style()
def spectrograms(
    panels: Mapping[str, tuple[ArrayLike, float | None]],
    *,
    step: float = 0.010,
    title: str | None = None,
    columns: int = 2,
) -> "Figure":
    """Show sounds as pictures: time to the right, frequency upwards, all on one scale of colours.

    ``panels`` maps a panel's title to ``(values, top)``: log powers ``(frames, rows)``, a frame
    each ``step`` seconds, and the frequency of the last row in hertz, or None where rows are mel
    bands. Raises ``ValueError`` or ``TypeError`` without a panel or a column, and for what is no
    picture of a sound.
    """
    columns, step = check_whole("columns", columns, least=1), check_number("step", step, above=0)
    if columns > MAX_COLUMNS:
        raise ValueError(f"columns must be at most {MAX_COLUMNS}, got {columns}")
    check_dict("panels", panels, '{"log-mel": (values, None)}')
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    panels = {name: _check_panel(f"panels[{name!r}]", panel) for name, panel in panels.items()}
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
            values.T,
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
        headline(figure, title)
    return figure


def _check_panel(name, panel):
    """Return the values of a panel, and the frequency of its last row or None."""
    if not isinstance(panel, (tuple, list)) or len(panel) != 2:
        raise TypeError(f"{name} must be (values, top), got {type(panel).__name__}")
    values, top = check_array(name, panel[0]), panel[1]
    if values.ndim != 2 or not values.size:
        raise ValueError(f"{name} must hold values of shape (frames, rows), got {values.shape}")
    return values, None if top is None else check_number(f"the top of {name}", top, above=0)


@style()
def sampled_tone(
    tone: float, rate: float, reconstructed: float, *, milliseconds: float = 4.0
) -> "Figure":
    """Show a pure tone, the samples that a rate takes of it, and the reconstructed one (aliasing).

    ``tone``, ``rate`` and ``reconstructed``, the tone that goes through the samples, are in hertz;
    it equals ``tone`` where the rate is more than twice as high. Raises ``ValueError`` or
    ``TypeError`` for what is no frequency, no rate, or lasts no time.
    """
    for name, hertz in {"tone": tone, "reconstructed": reconstructed}.items():
        check_number(name, hertz, least=0)
    check_number("rate", rate, above=0)
    check_number("milliseconds", milliseconds, above=0)
    if rate * milliseconds / 1000 > MAX_SAMPLES:
        raise ValueError(
            f"rate must take at most {MAX_SAMPLES} samples in {milliseconds} milliseconds, "
            f"got {rate}"
        )
    figure, axis = plt.subplots(figsize=(7, 2.8))
    time = np.linspace(0, milliseconds / 1000, 2000)
    sample_times = np.arange(int(milliseconds / 1000 * rate) + 1) / rate
    axis.plot(1000 * time, np.cos(2 * np.pi * tone * time), color=COLOURS["chance"], linewidth=1,
              label=f"tone: {tone:,} Hz")  # fmt: skip
    axis.plot(1000 * time, np.cos(2 * np.pi * reconstructed * time), "--", color=COLOURS["text"],
              label=f"reconstructed: {reconstructed:,} Hz")  # fmt: skip
    axis.plot(1000 * sample_times, np.cos(2 * np.pi * tone * sample_times), "o",
              color=COLOURS["image"],
              label=f"{rate:,} samples a second")  # fmt: skip
    axis.set(xlabel="time (ms)", ylabel="air pressure", ylim=(-1.1, 1.1))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
