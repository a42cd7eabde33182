"""What one would write in PyTorch gives the same as our methods on gradients."""

import importlib
import sys
from pathlib import Path

import keras
import pytest

pytest.importorskip("torch", reason="PyTorch is an extra")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the benchmark compiles ours by TensorFlow"
)


@pytest.fixture
def steps(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("multi_task_steps")
    sys.modules.pop("multi_task_steps")


@pytest.mark.parametrize("tasks", [2, 4])
def test_ours_equals_plain_pytorch(steps, tasks):
    for name in steps.METHODS:
        steps.check(name, tasks)  # exits if they differ


def test_the_check_would_notice(steps, monkeypatch):
    torch = importlib.import_module("_multi_task_torch")
    monkeypatch.setattr(torch, "imtl_g", lambda rows: rows[0])
    with pytest.raises(SystemExit, match="imtl_g of 3 tasks: ours and PyTorch differ by"):
        steps.check("imtl_g")
