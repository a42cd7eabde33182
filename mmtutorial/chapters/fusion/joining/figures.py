"""The drawings of "Joining two modalities": three places to join, and the reference model."""

from typing import TYPE_CHECKING

from mmtutorial.plots._boxes import draw_panels, draw_rows, rows_height
from mmtutorial.plots._style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("image", "text")
# From top to bottom: what each modality has of its own, and what both have together; a box, and
# what it hands on.
PLACES = {
    "early: join what comes in": (
        [("", "$x_m$")],
        [
            ("join: side by side", "$z$"),
            ("hidden layer", ""),
            ("head", "$\\hat{y}$"),
            ("answer", ""),
        ],
    ),
    "intermediate: join vectors": (
        [("", "$x_m$"), ("encoder", "$h_m$")],
        [("join: side by side, or a sum", "$z$"), ("head", "$\\hat{y}$"), ("answer", "")],
    ),
    "late: join decisions": (
        [("", "$x_m$"), ("encoder", "$h_m$"), ("head", "$p_m$")],
        [("join: a weighted mean or product", "$\\hat{y}$"), ("answer", "")],
    ),
}


@style()
def places_to_join() -> "Figure":
    """Draw early, intermediate and late fusion side by side, from the input to the answer."""
    figure, axes = draw_panels(2.5, rows_height(5), list(PLACES))
    for axis, (apart, together) in zip(axes, PLACES.values(), strict=True):
        sides = {kind: [(text or kind, flow) for text, flow in apart] for kind in KINDS}
        draw_rows(axis, sides, together, wide=1.15)
    return figure


@style()
def reference_model(model) -> "Figure":
    """Draw `mmtutorial.fusion.reference_model`, a built one, with the shape of what flows."""
    maps, words = (model.get_layer(f"{kind}_vector").input.shape for kind in KINDS)
    sides = {
        "image": [("image", _shape(model, "image")),
                  ("3 × convolve, pool", _say(maps)), ("flatten", _shape(model, "image_vector"))],
        "text": [("text", _shape(model, "text")), ("embedding", _say(words)),
                 ("LSTM", _shape(model, "text_vector"))],
    }  # fmt: skip
    together = [
        ("side by side", _shape(model, "fusion")),
        *(("dense layer", _say(layer.output.shape)) for layer in model.layers[-3:-1]),
        ("dense layer, sigmoid", _shape(model, "match")),
        ("answer: yes or no", ""),
    ]
    figure, (axis,) = draw_panels(3.4, rows_height(8), ["The reference model"])
    draw_rows(axis, sides, together, wide=1.55)
    return figure


def _shape(model, name):
    return _say(model.get_layer(name).output.shape)


def _say(shape):
    """Write the shape of a sample, without the batch."""
    return " × ".join(f"{size:,}" for size in shape[1:])
