"""The drawings of "Attention and bottlenecks": which tokens ask, which answer, and a bottleneck."""

from math import sqrt
from typing import TYPE_CHECKING

from mmtutorial.plots._boxes import (
    CELL,
    RADIUS,
    SYMBOL,
    draw_arrow,
    draw_box,
    draw_cells,
    draw_panels,
    draw_sign,
)
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import INK, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Attention, a row for each word that asks: made up for the drawing, each row sums to 1.
AMONG_WORDS = ((0.7, 0.3), (0.45, 0.55))
TO_PLACES = ((0.1, 0.7, 0.15, 0.05), (0.05, 0.5, 0.1, 0.35))
TOKEN = 0.28  # inches, the width of a token
ASK, KEY, VALUE = 0.55, 1.7, 2.85  # inches from the left: the middles of three columns


@style()
def self_and_cross_attention() -> "Figure":
    """Draw self-attention beside cross-attention, from the tokens to what the words take."""
    titles = ["self-attention: words ask words", "cross-attention: words ask places"]
    figure, (alone, across) = draw_panels(3.4, 3.2, titles)
    _draw_tokens(alone, KEY, "words: they ask and answer", 2, "text", [ASK, KEY, VALUE])
    _draw_attention(alone, AMONG_WORDS, "text", "text")
    _draw_tokens(across, ASK, "words: they ask", 2, "text", [ASK])
    _draw_tokens(across, (KEY + VALUE) / 2, "places: they answer", 4, "image", [KEY, VALUE])
    _draw_attention(across, TO_PLACES, "image", "joint")
    return figure


def _draw_tokens(axis, x, name, count, kind, goals):
    """Draw tokens under their name, and arrows from them to the columns that they feed."""
    axis.text(max(x, 0.52), 3.1, name, ha="center", va="center")
    numbers = [str(place + 1) for place in range(count)]
    draw_cells(axis, x - count * TOKEN / 2, 2.72, numbers, kind, width=TOKEN)
    maps = {ASK: "$W_q$", KEY: "$W_k$", VALUE: "$W_v$"}
    for goal in goals:
        corners = [] if goal == x else [(x, 2.5), (goal, 2.5)]
        draw_arrow(axis, (x, 2.72), (goal, 2.22), corners=corners)
        axis.text(goal + 0.07, 2.36, maps[goal], va="center", fontsize=SYMBOL)


def _draw_attention(axis, shares, answering, taken):
    """Draw queries, keys and values, the shares as dots, and what each word takes."""
    for x, text, kind in (
        (ASK, "queries", "text"), (KEY, "keys", answering), (VALUE, "values", answering),
    ):  # fmt: skip
        draw_box(axis, x - 0.42, 1.92, 0.84, 0.3, text, kind, size=9)
    wide, middle, top = len(shares[0]) * CELL, 1.25, 1.5
    left, right = KEY - wide / 2, KEY + wide / 2
    for row, of_a_word in enumerate(shares):
        bottom = top - (row + 1) * CELL
        draw_cells(axis, left, bottom, [""] * len(of_a_word), "joint")
        for place, share in enumerate(of_a_word):
            dot = (left + (place + 0.5) * CELL, bottom + CELL / 2)
            axis.add_patch(plt.Circle(dot, 0.12 * sqrt(share), facecolor=INK, edgecolor="none"))
    draw_arrow(axis, (ASK, 1.92), (left, middle), corners=[(ASK, middle)])
    draw_arrow(axis, (KEY, 1.92), (KEY, top))
    axis.text(KEY, 0.86, "A: each row sums to 1", ha="center", va="center")
    draw_arrow(axis, (right, middle), (VALUE - RADIUS, middle))
    draw_arrow(axis, (VALUE, 1.92), (VALUE, middle + RADIUS))
    draw_sign(axis, VALUE, middle, "+")
    draw_arrow(axis, (VALUE, middle - RADIUS), (VALUE, 0.57))
    draw_cells(axis, VALUE - TOKEN, 0.32, ["1", "2"], taken, width=TOKEN)
    axis.text(3.38, 0.13, "what each word takes", ha="right", va="center")


@style()
def bottleneck() -> "Figure":
    """Draw one round of bottleneck fusion: two blocks that meet in the shared tokens alone."""
    figure, (axis,) = draw_panels(3.4, 2.86, ["One round of an attention bottleneck"])
    sides = {"image": (0.7, 1.3, ["1", "2", "3", "4"]), "text": (2.7, 2.1, ["1", "2"])}
    _draw_group(axis, 1.7, 2.38, ["s", "s"], "joint", "shared", 2.76)
    for kind, (x, inner, tokens) in sides.items():
        outside = kind == "image"
        _draw_group(axis, x, 2.38, tokens, kind, kind, 2.76)
        draw_arrow(axis, (x, 2.38), (x, 1.88), "$T_m$", left=outside)
        draw_arrow(axis, (1.7, 2.38), (inner, 1.88), corners=[(1.7, 2.12), (inner, 2.12)])
        left = 0.02 if outside else 1.78
        draw_box(axis, left, 1.56, 1.6, 0.32, f"block of the {kind}", kind, size=9)
        draw_arrow(axis, (x, 1.56), (x, 0.55), "$T′_m$", left=outside)
        edge = 1.7 + (-0.25 if outside else 0.25)
        draw_arrow(axis, (inner, 1.56), (edge, 1.12), corners=[(inner, 1.12)])
        axis.text(inner + (-0.07 if outside else 0.07), 1.34, "$Z_m$", fontsize=SYMBOL, va="center",
                  ha="right" if outside else "left")  # fmt: skip
        _draw_group(axis, x, 0.3, tokens, kind, kind, 0.12)
    draw_box(axis, 1.45, 0.97, 0.5, 0.3, "mean", "joint", size=9)
    draw_arrow(axis, (1.7, 0.97), (1.7, 0.55), "$Z′$")
    _draw_group(axis, 1.7, 0.3, ["s", "s"], "joint", "shared", 0.12)
    return figure


def _draw_group(axis, x, bottom, tokens, kind, name, height):
    """Draw tokens in a row around a place, and their name at a height."""
    draw_cells(axis, x - len(tokens) * TOKEN / 2, bottom, tokens, kind, width=TOKEN)
    axis.text(x, height, name, ha="center", va="center")
