"""The figures of "A vision-language model in miniature": the model as a drawing, and a sequence."""

from typing import TYPE_CHECKING

import numpy as np

from mmtutorial.plots._boxes import draw_arrow, draw_box
from mmtutorial.plots._pictures import check_picture, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@style()
def architecture(picture: np.ndarray, question: list[str], answer: list[str]) -> "Figure":
    """Draw the model: a picture's tokens, a question's, and the answer that is written behind.

    ``picture`` is ``(height, width, 3)``; ``question`` and ``answer`` are tokens, a few each.
    """
    picture = check_picture("picture", picture)
    figure, axis = plt.subplots(figsize=(8.4, 3.7))
    axis.set(xlim=(0, 14.4), ylim=(0, 6.4))
    axis.axis("off")
    inset = axis.inset_axes([0.0, 0.0, 0.15, 0.34])
    show_picture(inset, picture)
    inset.set(xticks=[], yticks=[])
    inset.spines[:].set_visible(True)
    draw_box(axis, 2.7, 0.25, 2.3, 1.5, "encoder\n(frozen)", "image")
    draw_box(axis, 5.6, 0.25, 2.3, 1.5, "projector\n$W$", "image")
    draw_arrow(axis, (2.2, 1.0), (2.65, 1.0))
    draw_arrow(axis, (5.05, 1.0), (5.55, 1.0))
    read = [*[f"$x_{place}$" for place in range(1, 5)], *question, "<begin>", *answer]
    kinds = ["image"] * 4 + ["text"] * (len(question) + 1) + ["joint"] * len(answer)
    width = 14.4 / len(read)
    for place, (token, kind) in enumerate(zip(read, kinds, strict=True)):
        draw_box(axis, place * width + 0.05, 2.5, width - 0.1, 0.75, token, kind)
        draw_arrow(axis, ((place + 0.5) * width, 3.3), ((place + 0.5) * width, 3.75))
    draw_arrow(axis, (6.75, 1.8), (2 * width, 2.45))
    left = "decoder: every token attends to itself and those on its left"
    draw_box(axis, 0.05, 3.8, 14.3, 0.9, left, "joint", size=9.5)
    for place, token in enumerate([*answer, "<end>"], start=len(read) - len(answer) - 1):
        draw_arrow(axis, ((place + 0.5) * width, 4.75), ((place + 0.5) * width, 5.2))
        draw_box(axis, place * width + 0.05, 5.25, width - 0.1, 0.75, token, "joint")
    first = (len(read) - len(answer) - 1) * width
    axis.text(first - 0.15, 5.62, "the loss looks at these alone", ha="right", va="center",
              fontsize=9)  # fmt: skip
    axis.text(8.6, 1.0, "blue: from the picture\norange: given in words\ngreen: written",
              va="center", fontsize=8.5)  # fmt: skip
    axis.set_title("One sequence: what is seen, what is asked, what is answered", loc="left")
    return figure
