"""Run the tests that bound rounding with other seeds, and as other processors would run them.

``python tools/check_numerics.py [--quick]`` runs what carries the marker ``numeric``, which
tests/conftest.py sets, in the folders of layers and of preprocessing. Other seeds mean other
weights and inputs; other environments, other orders of summation: without oneDNN, with the
instructions of an older processor, with one thread and with two. Each environment is a process, in
which the seeds follow each other: importing TensorFlow takes longer than the tests of one seed.
Where there are two cores, two processes run beside each other.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["tests/encoders", "tests/fusion", "tests/preprocessing"]

# ONEDNN_MAX_CPU_ISA also rules the matrix products of TensorFlow that are not oneDNN's, and
# OPENBLAS_CORETYPE those of NumPy. What a processor cannot do, or no library reads, has no effect.
# TensorFlow asks the processor, and not the variable, whether it can do 16-bit products: where
# oneDNN may not, they end the process. So check_dtypes is left out there.
ENVIRONMENTS = {
    "SSE4.1": {"ONEDNN_MAX_CPU_ISA": "SSE41", "OPENBLAS_CORETYPE": "Nehalem"},
    "no oneDNN": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"},
    "one thread": {"TF_NUM_INTRAOP_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    "two threads": {"TF_NUM_INTRAOP_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
}


def plan(quick):
    """Return what to run, ``{name: (variables, seeds)}``; seed 0 is what `make test` runs."""
    if quick:
        return {"AVX2": (ENVIRONMENTS["AVX2"], [1]), "SSE4.1": (ENVIRONMENTS["SSE4.1"], [2])}
    runs = {name: (variables, [1]) for name, variables in ENVIRONMENTS.items()}
    return {"seeds 1 to 10": ({}, range(1, 11)), "seeds 11 to 20": ({}, range(11, 21)), **runs}


def simd_features():
    """Return the instruction sets that NumPy may leave out, by the names that it knows."""
    import numpy

    return numpy.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def run_seeds(name, seeds, report):
    """Run the tests once for each seed in this process, and write one report of all."""
    import pytest

    cases, code = ElementTree.Element("testsuite", name=name), 0
    for seed in seeds:
        os.environ["MMT_SEED"] = str(seed)
        part = report.with_suffix(f".{seed}.xml")
        options = ["-qq", "-rf", "-W", "ignore", "-p", "no:cacheprovider", "--no-header"]
        options += ["-m", "numeric", f"--hypothesis-seed={seed}", f"--junitxml={part}", *FOLDERS]
        if "ONEDNN_MAX_CPU_ISA" in os.environ:
            options += ["-k", "not check_dtypes"]
        code = max(code, pytest.main(options))
        found = list(ElementTree.parse(part).iter("testcase"))
        for case in found:
            case.set("name", f"{case.get('name')} ({name}, seed {seed})")
        cases.extend(found)
        shares = sys.modules["tolerance"].closest
        test = max(shares, key=shares.get)
        print(f"{name}, seed {seed}: {len(found)} tests; the nearest to its bound, at ", end="")
        print(f"{shares[test]:.0%} of it, was {test}", flush=True)
        forget_tests()
    ElementTree.ElementTree(cases).write(report)
    return int(code)


def forget_tests():
    """Drop the modules of the tests, which draw their inputs as they are imported, and layers."""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(ROOT / "tests")):
            del sys.modules[name]
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()


def main():
    """Run each environment in a process of its own; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two environments, one seed each")
    parser.add_argument("--junitxml", type=Path, help="where to write a report of all tests")
    parser.add_argument("--only", help="run only this environment, in this process")
    options = parser.parse_args()
    runs = plan(options.quick)
    with tempfile.TemporaryDirectory() as folder:
        report = options.junitxml or Path(folder) / "report.xml"
        if options.only:
            return run_seeds(options.only, runs[options.only][1], report)

        def run(name):
            """Run one environment, show what it says, and return its exit code and its tests."""
            variables, part = runs[name][0], Path(folder) / f"{name}.xml"
            if name == "SSE4.1":
                variables = {**variables, "NPY_DISABLE_CPU_FEATURES": " ".join(simd_features())}
            command = [sys.executable, __file__, "--only", name, f"--junitxml={part}"]
            command += ["--quick"] * options.quick
            with subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process:
                for line in process.stdout:
                    print(f"{name} | {line}", end="", flush=True)
            return process.returncode, [ElementTree.parse(part).getroot()] if part.exists() else []

        with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
            codes, parts = zip(*pool.map(run, runs), strict=True)
        suites = ElementTree.Element("testsuites")
        suites.extend(suite for part in parts for suite in part)
        ElementTree.ElementTree(suites).write(report)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
