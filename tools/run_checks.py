"""Run every check of the project, to the end even when one fails, and add them up.

``python tools/run_checks.py [part ...]`` runs the named parts: lint, unit, notebooks, book, pages,
backends, numerics, numerics-all. Without a name it runs the first five: ``backends`` installs
PyTorch, and numerics runs again, with other seeds and arithmetic, what ``unit`` has run.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
RUFF = str(Path(PYTHON).with_name("ruff"))
PYTEST = [PYTHON, "-m", "pytest", "-rfEs", "--color=auto", "--durations=15", "--durations-min=5"]
# Two processes where there are two cores; more would only take memory.
TWICE = ["-n", "auto", "--maxprocesses", "2"]
TESTS, FILES = [*TWICE, "--dist", "worksteal"], [*TWICE, "--dist", "loadfile"]
NOT_PAGES = ["--ignore=tests/book"]
# Seconds. A whole chapter takes less than 60 on two idle cores, many times that on old ones.
# The limits are only there to end what never ends.
PATIENCE = ["--nbval-cell-timeout", "600", "--nbval-kernel-startup-timeout", "300"]

# Each part is a list of commands; what pytest runs is counted test by test, the rest as one check.
# tests/test_examples.py runs the examples in the docstrings of the package.
PARTS = {
    "lint": [[RUFF, "check", "."], [RUFF, "format", "--check", "."]],
    "unit": [[*PYTEST, *TESTS, *NOT_PAGES, "--doctest-modules", "tests", "book/_ext"]],
    "notebooks": [[*PYTEST, *FILES, "--nbval-lax", *PATIENCE, "book"]],
    "book": [[PYTHON, "tools/build_book.py"]],
    "pages": [[*PYTEST, *FILES, "tests/book"]],
    "backends": [[*PYTEST, *TESTS, *NOT_PAGES, "-m", "backend", "tests"]],
    "numerics": [[PYTHON, "tools/check_numerics.py", "--quick"]],
    "numerics-all": [[PYTHON, "tools/check_numerics.py"]],
}
DEFAULT = ["lint", "unit", "notebooks", "book", "pages"]
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # no start-up lines of TensorFlow between the results
    "PYTHONHASHSEED": "0",
}


@dataclass
class Result:
    """What one part came to."""

    name: str
    seconds: float = 0.0
    counts: Counter = field(default_factory=Counter)
    skips: Counter = field(default_factory=Counter)


def run_part(name: str) -> Result:
    """Run the commands of one part and count their outcomes."""
    print(f"\n==> {name}", flush=True)
    result, start = Result(name), time.perf_counter()
    environment = os.environ | ENVIRONMENT
    if name == "backends":
        environment["KERAS_BACKEND"] = "torch"
        install_torch()
    for command in PARTS[name]:
        if {"pytest", "tools/check_numerics.py"} & set(command):
            run_pytest(command, environment, result)
        else:
            code = subprocess.call(command, cwd=ROOT, env=environment)
            result.counts["failed" if code else "passed"] += 1
    result.seconds = time.perf_counter() - start
    return result


def run_pytest(command: list[str], environment: dict[str, str], result: Result) -> None:
    """Run pytest and read its own account of every test."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = subprocess.call([*command, f"--junitxml={report}"], cwd=ROOT, env=environment)
        if report.exists():
            count_report(report, result)
        if code and not result.counts["failed"]:
            result.counts["failed"] += 1  # it stopped before, or without, a failing test


def count_report(report: Path, result: Result) -> None:
    """Add up a JUnit report; an error while setting up or cleaning up counts as failed."""
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            result.counts["failed"] += 1
        elif skipped is not None:
            result.counts["skipped"] += 1
            result.skips[skipped.get("message", "")] += 1
        else:
            result.counts["passed"] += 1


def install_torch() -> None:
    """Install PyTorch by pip, which unlike uv finds a build without CUDA that lies at hand."""
    if importlib.util.find_spec("torch") is None:
        print("==> Installing PyTorch", flush=True)
        command = [PYTHON, "-m", "pip", "install", "--quiet", "-r", "requirements-torch.lock"]
        subprocess.call(command, cwd=ROOT)


def summarise(results: list[Result]) -> Counter:
    """Print what was skipped and why, a table of the parts, and the total in the last line."""
    skips = sum((result.skips for result in results), Counter())
    for reason, times in skips.items():
        print(f"\nSkipped {times}: {reason}", end="")
    columns = ["passed", "failed", "skipped"]
    print(f"\n\n{'part':<14}{'seconds':>9}" + "".join(f"{name:>9}" for name in columns))
    for result in results:
        counts = "".join(f"{result.counts[name]:>9}" for name in columns)
        print(f"{result.name:<14}{result.seconds:>9.1f}{counts}")
    total = sum((result.counts for result in results), Counter())
    print("\n" + ", ".join(f"{total[name]} {name}" for name in columns), flush=True)
    return total


def main() -> int:
    """Run the parts in their order; return 1 if anything failed."""
    names = sys.argv[1:] or DEFAULT
    if unknown := set(names) - set(PARTS):
        sys.exit(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return 1 if summarise([run_part(name) for name in names])["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
