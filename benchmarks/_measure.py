"""What the benchmarks share: a case in a process of its own, its memory, and PyTorch on demand."""

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def memory(field: str) -> float:
    """Return this process's size, megabytes: ``VmRSS`` now, ``VmHWM`` the largest so far."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def forget_peak() -> float:
    """Let the largest size so far be now's; return it, megabytes."""
    Path("/proc/self/clear_refs").write_text("5", "utf-8")
    return memory("VmRSS")


def quickest(
    step: Callable, seconds: float, *, clock: Callable = time.process_time, least: int = 5
) -> float:
    """Return the milliseconds of the quickest call of those that fit into some seconds."""
    times: list[float] = []
    while len(times) < least or sum(times) < seconds:
        start = clock()
        step()
        times.append(clock() - start)
    return 1000 * min(times)


def run_alone(script: str, *arguments: Any) -> Any:
    """Run ``script --work ...`` in a fresh process; return what it prints last, as JSON."""
    command = [sys.executable, script, "--work", *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def has_torch() -> bool:
    """Say whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def add_torch_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--with-torch`` and ``--alone``."""
    beside = parser.add_mutually_exclusive_group()
    beside.add_argument("--with-torch", action="store_true", help="install PyTorch if it lacks")
    beside.add_argument("--alone", action="store_true", help="measure ours only")


def provide_torch(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Install PyTorch, in the version of the checks, if that is wanted; stop if it lacks."""
    if options.alone or has_torch():
        return
    if not options.with_torch:
        parser.error("PyTorch is not installed: --with-torch installs it, --alone leaves it out")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "-r", "requirements-torch.lock"]
    subprocess.run(command, cwd=ROOT, check=True)
