"""A file of the reader's own: what is read of it, and the sentence where it cannot be."""

import datetime

import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.widgets import _upload as upload
from mmtutorial.widgets import live


def brought(content, name="cat.png"):
    """Return what a ``FileUpload`` of ipywidgets 8 holds."""
    when = datetime.datetime.now(datetime.UTC)
    file = {"name": name, "type": "", "size": len(content), "last_modified": when}
    return (file | {"content": memoryview(content)},)


EXAMPLES = {"a": b"1", "b": b"12"}


def test_an_example_is_read_whatever_was_brought():
    assert upload.read_chosen(len, EXAMPLES, "b", brought(b"123")) == 2
    assert upload.read_chosen(len, EXAMPLES, "a", ()) == 1


@pytest.mark.parametrize(
    "value",
    [
        brought(b"x") + brought(b"123"),
        {"old.png": {"content": b"x", "metadata": {}}, "cat.png": {"content": b"123"}},
    ],
    ids=["ipywidgets 8", "ipywidgets 7"],
)
def test_the_last_file_that_was_brought_is_read(value):
    assert upload.read_chosen(bytes, EXAMPLES, upload.OWN, value) == b"123"


def refuse(content):
    raise ValueError("the bytes must be a picture")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((), "There is no file of your own yet"),
        ({}, "There is no file of your own yet"),
        (brought(b""), r"cat\.png is empty"),
        (brought(b"0" * 8_000_001), r"cat\.png has 8\.0 MB, and 8 MB are the most"),
        (brought(b"123"), r"^cat\.png must be a picture$"),
    ],
    ids=["none", "none, ipywidgets 7", "empty", "too large", "no picture"],
)
def test_what_cannot_be_read_gets_one_sentence_with_its_name(value, message):
    with pytest.raises(ValueError, match=message):
        upload.read_chosen(refuse, EXAMPLES, upload.OWN, value)


def test_who_brings_a_file_sees_it_and_can_go_back():
    controls = upload.upload_controls(EXAMPLES, accept="image/*", kind="a picture")
    assert controls["upload"].accept == "image/*"

    def update(example, upload):
        return f"<p>{module.read_chosen(len, EXAMPLES, example, upload)} bytes</p>"

    module = upload
    figure = live(update, controls, "<p>twin</p>")
    assert figure._figure.value == "<p>1 bytes</p>"
    controls["upload"].value = brought(b"123")
    assert controls["example"].value == upload.OWN
    assert figure._figure.value == "<p>3 bytes</p>"
    controls["upload"].value = brought(b"")
    assert "cat.png is empty" in figure._status.value
    assert figure._figure.value == "<p>3 bytes</p>"  # nothing is lost
    controls["example"].value = "b"
    assert (figure._figure.value, figure._status.value) == ("<p>2 bytes</p>", "")


def test_a_picture_is_laid_on_a_white_square_in_its_proportions():
    wide = np.zeros((20, 40, 3), np.uint8)
    shape, page = upload.open_picture(upload.to_png(wide), 8)
    assert shape == (20, 40, 3)
    np.testing.assert_array_equal(page[:, :, 0].max(axis=1), [255, 255, 0, 0, 0, 0, 255, 255])


def test_a_caption_is_escaped_and_said():
    text = upload.captioned(np.zeros((2, 2, 3), np.uint8), '<b> "x"', 64)
    tags = Tags(upload.side_by_side(text, "<p>y</p>", summary="s")._repr_html_())
    assert tags.open == []
    assert tags.all("b") == []
    (picture,) = tags.all("img")
    assert picture["alt"] == '<b> "x"'
    assert picture["width"] == "64"
