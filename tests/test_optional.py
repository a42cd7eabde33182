"""Without a package of the extra ``run``, an error says who needs it and how to get it."""

import sys

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.fusion.gates_and_tensors.live import held_gate
from mmtutorial.chapters.fusion.joining.live import own_words
from mmtutorial.widgets.live import Live


class Held:
    names = np.array(["cat"])


def test_glue_needs_ipython(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    wanted = r"^mmtutorial\.results\.glue needs IPython: pip install 'mmtutorial\[run\]'$"
    with pytest.raises(ModuleNotFoundError, match=wanted):
        results.glue({"a": "1"})


@pytest.mark.parametrize(
    "draw",
    [
        lambda: Live(lambda: "", {}, "twin"),
        lambda: held_gate(Held(), "twin", row=0),
        lambda: own_words(Held(), emoji=["cat"], words=["red"]),
    ],
    ids=["live", "held_gate", "own_words"],
)
def test_live_figures_need_ipywidgets(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    wanted = r"^a live figure needs ipywidgets: pip install 'mmtutorial\[run\]'$"
    with pytest.raises(ModuleNotFoundError, match=wanted):
        draw()
