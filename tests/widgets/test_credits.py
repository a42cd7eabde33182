"""Live figures, too, say who made the pictures that they show."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import mmtutorial as mm
from mmtutorial import plots, widgets
from mmtutorial.widgets import _html, _upload

WHO = "Pictures: Fluent 3D (Microsoft), MIT"
HEARD = "Sound: Tux Paint (Bill Kendrick and others), GPL-2.0-only"


@pytest.fixture(scope="module")
def pictures():
    return mm.data.load_emoji().test.inputs["image"]


def credits_in(block):
    html = block if isinstance(block, str) else block._repr_html_()
    return [part.split("</small>")[0] for part in html.split('<small style="display:block">')[1:]]


def slider(images, **sources):
    figures = [plots.image_grid(images[i : i + 1]) for i in range(2)]
    return widgets.figure_slider(
        figures, ["a", "b"], description="Which", alt=["one", "two"], **sources
    )


def point_map(images, **sources):
    return widgets.point_map(
        {"all": [[0, 0], [1, 1]]}, ["a", "b"], ["x", "y"], pictures=images[:2], description="Two",
        notes={"all": "Two points."}, **sources,
    )  # fmt: skip


def clip_player(images, **sources):
    return widgets.clip_player(images[:2], description="Two", said=["one", "two"], **sources)


def attention_view(images):
    return widgets.attention_view(
        [images[:2]], [["cat"]], [[[0.5, 0.5]]], description="Who?", titles=["one"],
        names=[["a", "b"]], notes=["Half and half."],
    )  # fmt: skip


SHOWN = {
    "beside_picture": lambda images, **sources: _html.beside_picture(
        images[0], "one", "<p>two</p>", **sources
    ),
    "captioned": lambda images, **sources: _upload.captioned(images[0], "one", 64, **sources),
    "clip_player": clip_player,
    "figure_slider": slider,
    "point_map": point_map,
    "attention_view": attention_view,
}


@pytest.mark.parametrize("name", SHOWN)
def test_who_made_the_pictures_is_said_once_and_nobody_for_what_is_ones_own(name, pictures):
    assert credits_in(SHOWN[name](pictures)) == [WHO]
    own = np.ascontiguousarray(pictures[:2, ::-1])
    assert credits_in(SHOWN[name](own)) == []


@pytest.mark.parametrize("name", sorted(SHOWN.keys() - {"attention_view"}))
def test_who_made_what_was_changed_is_said_if_it_is_given(name, pictures):
    changed = np.ascontiguousarray(pictures[:2, ::-1])
    assert credits_in(SHOWN[name](changed, sources=["fluent_3d"])) == [WHO]
    assert credits_in(SHOWN[name](pictures, sources=["fluent_3d"])) == [WHO]


def test_a_player_says_whose_recording_it_is_known_or_given():
    clips = mm.data.load_stamps(image="features").train.inputs["sound"]
    wave = clips[int(clips.seconds.argmax())]

    def play(wave, **sources):
        return credits_in(widgets.audio_player(wave, 16000, description="Heard", **sources))

    assert play(wave) == play(wave / 2, sources=["stamps_sound"]) == [HEARD]
    assert play(wave, sources=["stamps_sound"]) == [HEARD]
    assert play(2 * wave) == []
    with pytest.raises(ValueError, match=r"sources\[0\] must be one of \('noto', .*, got 'tux'"):
        play(wave, sources=["tux"])
    with pytest.raises(TypeError, match="sources must be a list"):
        play(wave, sources="dialogues")
