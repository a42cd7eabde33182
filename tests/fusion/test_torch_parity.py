"""Plain PyTorch, written apart from ours, gives the same numbers of the same weights."""

import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is an extra")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def steps(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("fusion_steps")
    sys.modules.pop("fusion_steps")


def test_ours_equals_plain_pytorch(steps):
    names = set(importlib.import_module("mmtutorial.fusion._names").BY_NAME)
    assert set(steps.CASES) - set(steps.EMPTY) == names
    for name in steps.CASES:
        steps.check(name)  # exits if the logits differ


def test_the_check_would_notice(steps, monkeypatch):
    monkeypatch.setattr(importlib.import_module("_fusion_torch"), "gated", lambda w, x: x[0])
    with pytest.raises(SystemExit, match="gated: ours and PyTorch differ by"):
        steps.check("gated")
