"""What one would write in PyTorch gives our loss, its gradient, and our decoders' texts."""

import importlib
import sys
from pathlib import Path

import keras
import pytest

pytest.importorskip("torch", reason="PyTorch is an extra")
BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the benchmark compiles ours by TensorFlow"
)


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("speech")
    sys.modules.pop("speech")


def test_ours_equals_plain_pytorch(benchmark):
    for part in benchmark.COMPARED:
        benchmark.check(part)  # exits if they differ


def test_both_recognisers_have_as_many_weights(benchmark, monkeypatch):
    benchmark.check_sizes()
    model = benchmark.make_theirs()
    model.head.bias = None
    monkeypatch.setattr(benchmark, "make_theirs", lambda: model)
    with pytest.raises(SystemExit, match="weights, PyTorch's"):
        benchmark.check_sizes()


def test_the_check_would_notice(benchmark, monkeypatch):
    torch = importlib.import_module("_speech_torch")
    monkeypatch.setattr(torch, "greedy", lambda logits, lengths: [[]] * len(logits))
    with pytest.raises(SystemExit, match="greedy decoding: ours and PyTorch differ"):
        benchmark.check("greedy decoding")
    loss = torch.ctc_loss
    monkeypatch.setattr(torch, "ctc_loss", lambda *given: 1.01 * loss(*given))
    with pytest.raises(SystemExit, match="CTC loss: ours and PyTorch differ"):
        benchmark.check("CTC loss")
