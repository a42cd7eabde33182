"""The benchmark of contrastive losses: it compares what is equal, and chunks keep memory flat."""

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("contrastive_loss")
    sys.modules.pop("contrastive_loss")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads memory from /proc")
@pytest.mark.parametrize("loss", ["clip", "siglip"])
def test_memory_by_chunks_does_not_grow_with_the_square_of_the_batch(benchmark, loss):
    """Four times the rows are sixteen times the logits: of a whole batch, hundreds of megabytes."""
    small, large = (
        benchmark.measure("chunks", loss, rows, chunk_size=256, seconds=0.0)[2]
        for rows in (1024, 4096)
    )
    whole = benchmark.measure("ours", loss, 4096, seconds=0.0)[2]
    assert large < 4 * small
    assert large < whole / 2


def test_ours_equals_plain_pytorch(benchmark, monkeypatch):
    pytest.importorskip("torch", reason="PyTorch is an extra")
    for loss in benchmark.LOSSES:
        benchmark.check(loss, benchmark.SIDES, rows=64, chunk_size=24)
    plain = importlib.import_module("_contrast_torch")
    monkeypatch.setattr(plain, "siglip", lambda a, b, scale, bias: plain.clip(a, b, scale) + bias)
    with pytest.raises(SystemExit, match="siglip: ours and torch differ by"):
        benchmark.check("siglip", ("ours", "torch"), rows=64)
