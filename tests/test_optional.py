"""Without a package of the extra ``run``, an error says who needs it and how to get it."""

import sys

import numpy as np
import pytest

from mmtutorial import cross_modal, evaluation, results
from mmtutorial.chapters.fusion.gates_and_tensors.live import held_gate
from mmtutorial.chapters.fusion.joining.live import own_words
from mmtutorial.widgets.live import Live

HOW = r"in a clone of the book, run `pip install '\.\[run\]'`"


class Held:
    names = np.array(["cat"])


def test_glue_needs_ipython(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    wanted = rf"^mmtutorial\.results\.glue needs IPython: {HOW}$"
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
    wanted = rf"^a live figure needs ipywidgets: {HOW}$"
    with pytest.raises(ModuleNotFoundError, match=wanted):
        draw()


@pytest.mark.parametrize(
    ("user", "package", "call"),
    [
        ("RetrievalIndex", "faiss", lambda: cross_modal.RetrievalIndex(3)),
        ("ShardedIndex", "faiss", lambda: cross_modal.ShardedIndex("never", 3)),
        ("bleu", "sacrebleu", lambda: evaluation.bleu(["a"], ["a"])),
        ("cer", "jiwer", lambda: evaluation.cer(["a"], ["a"])),
        ("chrf", "sacrebleu", lambda: evaluation.chrf(["a"], ["a"])),
    ],
)
def test_searches_and_scores_of_texts_say_what_they_need(user, package, call, monkeypatch):
    for module in (package, f"{package}.metrics"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=rf"^{user} needs {package}: {HOW}$"):
        call()
