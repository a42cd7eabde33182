"""The one format of results: what was chosen, run and compared, saved whole after each cell."""

import contextlib
import datetime
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from mmtutorial import results
from mmtutorial.data.dataset import DataError
from mmtutorial.results._format import flatten
from mmtutorial.results._stored import path_of
from mmtutorial.studies.contrasts import compare, read_counts, write_counts
from mmtutorial.studies.study import Cell, Setting, Study

FORMAT = 1
PARTS = ("choices", "runs", "items", "contrasts", "sessions")
PACKAGES = ("keras", "numpy", "scipy", "tensorflow", "mmtutorial")


def load_stored(name: str) -> dict:
    """Return what is stored of a study, or an empty file; refuse one of another form.

    Raises ``DataError`` for a damaged file, or one that another program or version wrote.
    """
    if name not in results.available():
        return {"format": FORMAT, "study": name, **{part: [] for part in PARTS}}
    stored = results.read(name)
    form = stored.get("format") if isinstance(stored, dict) else None
    wrong = [part for part in PARTS if form == FORMAT and not isinstance(stored.get(part), list)]
    if form != FORMAT or stored.get("study") != name or wrong:
        raise DataError(
            f"the results of {name} are not of format {FORMAT}: format is {form!r}, "
            f"lacking {wrong}. To repair: restore the file with git, or delete it, run "
            "`make checksums` and run all anew"
        )
    return stored


def choice_of(stored: dict, setting: Setting) -> dict:
    """Return what was chosen for a setting; ``ValueError`` if it was not searched yet."""
    for choice in stored["choices"]:
        if choice["setting"] == setting:
            return choice
    raise ValueError(f"{stored['study']} has no choice for {setting}: run its search first")


def missing_cells(study: Study, stored: dict, settings: list[Setting]) -> list[Cell]:
    """Return the cells that the file lacks."""
    there = [(run["setting"], run["seed"]) for run in stored["runs"]]
    return [
        Cell(setting, seed)
        for setting in settings
        for seed in study.seeds_of(setting)
        if (setting, seed) not in there
    ]


def drop_runs(stored: dict, settings: list[Setting], *, choices: bool) -> None:
    """Forget the runs of some settings, and what was chosen for them, if asked."""
    for part in ("runs", "items", *(["choices"] if choices else [])):
        stored[part] = [entry for entry in stored[part] if entry["setting"] not in settings]
    stored["contrasts"] = []


def add_choice(stored: dict, setting: Setting, found: dict) -> None:
    """Put what was chosen for a setting in place of an earlier choice."""
    stored["choices"] = [c for c in stored["choices"] if c["setting"] != setting]
    stored["choices"].append({"setting": setting, **found})


def add_run(stored: dict, cell: Cell, made: dict) -> None:
    """Add the rows of a cell, and count what was right item by item."""
    run = {"setting": cell.setting, "seed": cell.seed, "cpu_seconds": made["cpu_seconds"]}
    stored["runs"].append({**run, "rows": made["rows"]})
    stored["contrasts"] = []
    for row, correct in zip(made["rows"], made["correct"], strict=True):
        if correct is None:
            continue
        labels = {**cell.setting, **{k: v for k, v in row.items() if isinstance(v, str)}}
        entry = next((i for i in stored["items"] if i["labels"] == labels), None)
        if entry is None:
            entry = {"setting": cell.setting, "labels": labels, "seeds": 0, "counts": ""}
            stored["items"].append(entry)
        correct = np.asarray(correct, dtype=float)
        before = read_counts(entry["counts"]) if entry["seeds"] else np.zeros(len(correct))
        entry |= {"seeds": entry["seeds"] + 1, "counts": write_counts(before + correct)}


def finish(study: Study, stored: dict) -> None:
    """Put settings in the order of the grid, compare, and make the derived tables again."""
    order = [*study.settings()]

    def place(entry):
        known = order.index(entry["setting"]) if entry["setting"] in order else len(order)
        return known, entry.get("seed", 0)

    for part in ("choices", "runs", "items"):
        stored[part].sort(key=place)
    if study.contrasts and stored["items"]:
        stored["contrasts"] = [
            row for c in study.contrasts for row in compare(c, stored["items"], stored["choices"])
        ]
    if study.tables:
        stored["tables"] = study.tables(flatten(stored))


def start_session(command: str, threads: str) -> dict:
    """Say how, when and with what the cells of this command are made."""
    return {
        "command": command,
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "clock": "processor seconds of the whole cell, training and test",
        "threads": threads,
        "versions": {"python": platform.python_version(), **_versions()},
        "commit": _commit(),
        "cells": 0,
        "minutes": 0.0,
    }


def _versions():
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _commit():
    """Return the commit of the code, with ``+`` where files differ from it; None outside git."""
    folder = Path(__file__).parent
    git = ["git", "-c", "safe.directory=*", "-C", str(folder)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True,
                              text=True, check=True).stdout.strip()  # fmt: skip
        status = [*git, "status", "--porcelain", "--untracked-files=no", "--", "*.py"]
        changed = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + "+" * bool(changed.strip())


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one run at a time write a study; ``RuntimeError`` names the other.

    A lock whose process has ended, on this machine, is taken over.
    """
    path = path_of(name).with_suffix(".lock")
    mine = f"{os.getpid()} on {platform.node()}"
    while True:
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            break
        except FileExistsError:
            owner = path.read_text(encoding="utf-8").strip() if path.exists() else ""
            if not _has_ended(owner):
                raise RuntimeError(
                    f"another run of {name} is at work (process {owner or 'unknown'}): wait for "
                    f"it, or delete {path} if there is none"
                ) from None
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
    try:
        os.write(handle, mine.encode())
        os.close(handle)
        yield
    finally:
        path.unlink(missing_ok=True)


def _has_ended(owner: str) -> bool:
    number, _, node = owner.partition(" on ")
    if node != platform.node() or not number.isdigit() or sys.platform == "win32":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
