"""A picture of one's own in a trained network: what its filters find, and where."""

import itertools

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice, check_whole
from mmtutorial._credits import recognise
from mmtutorial._optional import load_optional
from mmtutorial.preprocessing import resize_image, scale_image
from mmtutorial.widgets._upload import (
    PAGE,
    captioned,
    open_picture,
    read_chosen,
    side_by_side,
    to_png,
    upload_controls,
)

SIDE, FARTHEST, SHOWN = 32, 8, 8  # pixels of a picture and of a shift; maps that are shown
EDGE = 10  # pixels that a filter of stage 2 sees on either side, and what pooling adds
STAGES, IN_TWIN = (1, 2, 3), (0, 3, 4)  # of the network; shifts that need no kernel


class OwnMaps:
    """What the filters of a trained CNN find in a picture.

    Parameters
    ----------
    cnn : a model of `train_alone`, whose first layer is an `ImageCNN`, for pictures of 32 pixels
    groups : the names of its classes
    examples : pictures by name, ``(height, width, 3)`` uint8
    """

    def __init__(self, cnn, groups, examples):
        self.cnn, self.groups = cnn, groups
        self.examples = {name: to_png(picture) for name, picture in examples.items()}
        self.sources = {name: [recognise(picture)] for name, picture in examples.items()}

    def shifted(self, page, shift):
        """Return a picture of 128 pixels as the network gets it, ``(32, 32, 3)`` in 0..1.

        It is moved to the right by ``shift`` pixels of 32; white comes in from the left.
        """
        check_whole("shift", shift, least=0, most=FARTHEST)
        small = scale_image(resize_image(page[None], SIDE))[0]
        wider = np.pad(small, [(0, 0), (shift, 0), (0, 0)], constant_values=1)
        return wider[:, :SIDE]

    def maps(self, picture, stage):
        """Return the activation maps of a stage, ``(height, width, filters)``, before it pools."""
        check_choice("stage", stage, STAGES)
        found = picture[None]
        for layer in self.cnn.layers[0].stages[: 4 * stage - 1]:  # convolution, norm, ReLU, pooling
            found = layer(found)
        return np.asarray(found)[0]

    def misfit(self, example, stage, shift):
        """Say how far the maps of a moved example are from its maps, moved by the nearest cell.

        The largest difference as a share of the largest value, where no edge is in sight: 0 for
        maps that only move.
        """
        _, page = open_picture(self.examples[example])
        before, after = (self.maps(self.shifted(page, by), stage) for by in (0, shift))
        cell = 2 ** (stage - 1)  # pixels
        edge, moved = EDGE // cell, round(shift / cell)
        inside = slice(edge + moved, after.shape[1] - edge)
        there = slice(edge, after.shape[1] - edge - moved)
        return float(np.abs(after[:, inside] - before[:, there]).max() / before.max())

    def frame(self, example, upload=(), shift=0, stage=1):
        """Show the picture, its strongest maps, and what the network says, as HTML."""
        shape, page = read_chosen(open_picture, self.examples, example, upload)
        picture = self.shifted(page, shift)
        maps = self.maps(picture, stage)
        strongest = np.sort(np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:SHOWN])
        logits = self.cnn.predict(picture[None], verbose=0)[0].astype(float)
        shares = np.exp(logits - logits.max())
        table = widgets.probability_table({"the CNN": shares / shares.sum()}, self.groups)
        was = f"{example}: {shape[0]} × {shape[1]} × {shape[2]}, here {SIDE} × {SIDE} × 3"
        was += f", moved by {shift}" if shift else ""
        numbers = ", ".join(str(place + 1) for place in strongest)
        now = (
            f"stage {stage}: {maps.shape[0]} × {maps.shape[1]} × {maps.shape[2]}; its strongest "
            f"filters, row by row: {numbers}"
        )
        shown = (
            captioned((255 * picture).astype(np.uint8), was, PAGE, self.sources.get(example, ())),
            captioned(_tile(maps[..., strongest]), now, 2 * PAGE),
        )
        return side_by_side(*shown, table._repr_html_(), summary=f"{was}; {now}")


def own_maps(own):
    """Let the reader bring a picture, move it, and see what is found; an `mm.widgets.Live`.

    ``own`` is an `OwnMaps`; without a kernel, its first example can be moved, by three shifts.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    controls = upload_controls([*own.examples], accept="image/*", kind="a picture") | {
        "shift": ipywidgets.IntSlider(
            0, min=0, max=FARTHEST, description="Pixels to the right", continuous_update=False
        ),
        "stage": ipywidgets.Dropdown(options=STAGES, description="Stage"),
    }
    first, stages = next(iter(own.examples)), STAGES[:2]
    choices = itertools.product(stages, IN_TWIN)
    frames = [own.frame(first, shift=shift, stage=stage) for stage, shift in choices]
    menus = {
        "Stage": [str(stage) for stage in stages],
        "Pixels to the right": [str(shift) for shift in IN_TWIN],
    }
    return widgets.live(own.frame, controls, widgets.frame_chooser(frames, menus))


def _tile(maps):
    """Put maps ``(height, width, 8)`` in two rows of four, as greys ``(2 height, 4 width, 3)``."""
    grey = maps / max(float(maps.max()), 1e-9)
    rows = [np.hstack([*np.moveaxis(half, 2, 0)]) for half in np.split(grey, 2, axis=2)]
    return (255 * np.vstack(rows)).astype(np.uint8)[..., None].repeat(3, axis=2)
