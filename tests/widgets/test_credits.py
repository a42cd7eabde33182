"""Live figures, too, say who made the pictures that they show."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import mmtutorial as mm
from mmtutorial import plots, widgets
from mmtutorial.widgets import _html, _upload

WHO = "Pictures: Fluent 3D (Microsoft), MIT"


@pytest.fixture(scope="module")
def pictures():
    return mm.data.load_emoji().test.inputs["image"]


def credits_in(block):
    html = block if isinstance(block, str) else block._repr_html_()
    return [part.split("</small>")[0] for part in html.split('<small style="display:block">')[1:]]


def slider(images):
    figures = [plots.image_grid(images[i : i + 1]) for i in range(2)]
    return widgets.figure_slider(figures, ["a", "b"], description="Which", alt=["one", "two"])


def point_map(images):
    return widgets.point_map(
        {"all": [[0, 0], [1, 1]]}, ["a", "b"], ["x", "y"], pictures=images[:2], description="Two",
        notes={"all": "Two points."},
    )  # fmt: skip


def attention_view(images):
    return widgets.attention_view(
        [images[:2]], [["cat"]], [[[0.5, 0.5]]], description="Who?", titles=["one"],
        names=[["a", "b"]], notes=["Half and half."],
    )  # fmt: skip


SHOWN = {
    "beside_picture": lambda images: _html.beside_picture(images[0], "one", "<p>two</p>"),
    "captioned": lambda images: _upload.captioned(images[0], "one", 64),
    "figure_slider": slider,
    "point_map": point_map,
    "attention_view": attention_view,
}


@pytest.mark.parametrize("name", SHOWN)
def test_who_made_the_pictures_is_said_once_and_nobody_for_what_is_ones_own(name, pictures):
    assert credits_in(SHOWN[name](pictures)) == [WHO]
    own = np.ascontiguousarray(pictures[:2, ::-1])
    assert credits_in(SHOWN[name](own)) == []
