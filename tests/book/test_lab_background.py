"""The live figures of the part on background in a real JupyterLab: files of the reader's own."""

import io

import numpy as np
import pytest
import soundfile
from PIL import Image

from .lab import move, shown

pytestmark = pytest.mark.browser


def bring(figure, what, name, content):
    """Bring a file by the button, as a person does."""
    with figure.page.expect_file_chooser() as chooser:
        figure.get_by_role("button", name=f"Bring {what}").click()
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    chooser.value.set_files(file)


def test_the_reader_brings_a_picture(browser, lab):
    cells = ["arrays-02", "arrays-04", "arrays-07", "arrays-09", "arrays-own-picture"]
    tab, figure = lab.run(browser, "background/2_arrays", cells)
    shown(figure, "dog, photograph: 64 × 64 × 3, uint8")
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(file, "JPEG")
    bring(figure, "a picture", "red.jpg", file.getvalue())
    shown(figure, "my own file: 40 × 60 × 3, uint8")
    menu = figure.get_by_label("Example", exact=True)
    assert menu.locator("option:checked").inner_text().split() == ["my", "own", "file"]

    bring(figure, "a picture", "notes.txt", b"no picture")
    figure.get_by_role("alert").wait_for()
    shown(figure, "notes.txt must be a picture that can be read")
    assert figure.get_by_text("40 × 60 × 3").count()  # nothing is lost

    menu.select_option(label="rooster, photograph")
    shown(figure, "rooster, photograph: 64 × 64 × 3")
    assert figure.get_by_role("alert").count() == 0
    figure.get_by_label("Scale", exact=True).select_option(label="forgotten, 0 to 255")
    shown(figure, "float32, up to 255")
    assert sorted(figure.locator("tbody td").all_inner_texts())[-1] == "1.00"
    tab.close()


def test_the_reader_brings_a_recording(browser, lab):
    tab, figure = lab.run(
        browser, "background/2_arrays", ["arrays-02", "arrays-04", "arrays-own-sound"]
    )
    shown(figure, "rooster: 29,429 samples, channels: 1")
    file = io.BytesIO()
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)
    soundfile.write(file, np.stack([tone, tone], axis=1), 44100, format="WAV")
    bring(figure, "a sound", "tone.wav", file.getvalue())
    shown(figure, "my own file: 44,100 samples, channels: 2, 44,100 samples a second, 1.0 s")
    assert figure.locator("audio").count() == 2

    figure.get_by_label("Samples a second", exact=True).select_option(label="2,000")
    shown(figure, "Now 2,000 samples at 2,000 a second, filtered first; log-mel (98, 32)")
    bring(figure, "a sound", "cut.wav", file.getvalue()[:9000])
    shown(figure, "cut.wav: the sound breaks off early")
    shown(figure, "Now 2,000 samples at 2,000 a second")  # nothing is lost
    assert tab.evaluate(
        "() => Promise.all([...document.querySelectorAll('.mm-live audio')].map(audio => "
        "new Promise(done => { audio.onloadedmetadata = () => done(audio.duration); "
        "audio.load(); })))"
    ) == pytest.approx([1, 1], abs=0.2)
    tab.close()


def test_the_reader_moves_a_picture_and_sees_the_maps_move(browser, lab):
    cells = [
        "features-02", "features-04", "features-06-a", "features-06", "features-16-a",
        "features-16", "features-18-a", "features-18", "features-own-maps",
    ]  # fmt: skip
    tab, figure = lab.run(browser, "background/3_features", cells)
    shown(figure, "penguin: 64 × 64 × 3, here 32 × 32 × 3")
    figure.get_by_label("Stage", exact=True).select_option(label="2")
    shown(figure, "stage 2: 16 × 16 × 32")
    move(figure, "Pixels to the right", "End")
    shown(figure, "penguin: 64 × 64 × 3, here 32 × 32 × 3, moved by 8")
    bring(figure, "a picture", "empty.png", b"")
    shown(figure, "empty.png is empty")
    shown(figure, "moved by 8")  # nothing is lost
    file = io.BytesIO()
    Image.new("L", (10, 90)).save(file, "PNG")
    bring(figure, "a picture", "grey.png", file.getvalue())
    shown(figure, "my own file: 90 × 10 × 3, here 32 × 32 × 3, moved by 8")
    assert figure.get_by_role("alert").count() == 0
    tab.close()
