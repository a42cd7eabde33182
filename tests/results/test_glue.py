"""A value that a cell glues lies in its output by name, and the cell shows nothing."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from mmtutorial.results import glue


@pytest.fixture(autouse=True)
def shell(monkeypatch, tmp_path):
    """Run IPython, as a notebook does, with its files in a folder of the test."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_all_values_of_a_call_lie_as_text_in_one_output_that_shows_nothing():
    with capture_output() as captured:
        glue({"accuracy": "0.93", "text + speech > text, bits": 5, "rank": np.int64(3)})
    (output,) = captured.outputs
    assert output.data == {}
    assert output.metadata == {
        "glue": {"accuracy": "0.93", "text + speech > text, bits": "5", "rank": "3"}
    }


@pytest.mark.parametrize("name", ["", "/", "-x", ">x", "a--b", "x-", "x!", "a\nb"])
def test_a_name_that_no_comment_can_hold_is_refused(name):
    with pytest.raises(ValueError, match="must have names that fit into a comment"):
        glue({name: "0.93"})


@pytest.mark.parametrize("value", [0.6666666666666666, np.float32(0.5), float("nan")])
def test_a_fraction_must_be_rounded_first(value):
    with pytest.raises(TypeError, match=r"values must be rounded, .* as accuracy"):
        glue({"accuracy": value})


@pytest.mark.parametrize("value", ["two\nlines", "<!--x-->", "x-->y"])
def test_a_value_that_would_end_its_comments_is_refused(value):
    with pytest.raises(ValueError, match="must be single lines without comments"):
        glue({"accuracy": value})
