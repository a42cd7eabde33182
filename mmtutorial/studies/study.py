"""What a study is: a grid of settings, how one is searched and run, and what is compared."""

import itertools
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

from mmtutorial._checks import check_whole
from mmtutorial._packages import CHAPTERS, find_rooms, module_of
from mmtutorial.studies.contrasts import Contrast

Setting = dict[str, Any]


class Cell(NamedTuple):
    """One setting with one seed: the piece of work that is run, stored and resumed."""

    setting: Setting
    seed: int


@dataclass(frozen=True)
class Study:
    """Declare a study; the runner resumes it, stores it, compares, and times all studies alike.

    Parameters
    ----------
    name : ``"part/chapter"``, or ``"part/chapter/study"`` where a chapter has several
    question : one line: what does it tell?
    grid : ``{key: values}``; the settings are all combinations, in this order
    task : ``task(setting)`` returns the data of a setting; it has a method ``without_test``
    run : ``run(task, setting, config, seed)`` trains and tests one cell. Returns a list of rows,
        dicts of numbers and short texts; the runner adds setting, seed and cost. A row may hold
        ``"correct"``, an array ``(items,)`` of what is right (0 to 1), for the contrasts
    search : ``search(task, setting, choices)`` returns ``{"validation": float, "config": dict}``.
        Its task has no test split. ``choices(**setting)`` is what was chosen for a setting that
        `needs` names. None: there is nothing to choose, and ``config`` is None
    seeds : numbers, or ``seeds(setting)``; where each fold is its own seed, ``[setting["fold"]]``
    keep : ``keep(setting)`` says which combinations exist
    needs : ``needs(setting)`` returns the settings whose choices the search of this one reads
    contrasts : what is compared with what, see `Contrast`
    tables : ``tables(result)`` returns more tables, ``{name: rows}``, made from the stored rows

    Its settings and stored runs are found by equality, so they hold what JSON can: texts, numbers,
    None.
    """

    name: str
    question: str
    grid: Mapping[str, Sequence[Any]]
    task: Callable[[Setting], Any]
    run: Callable[[Any, Setting, Any, int], Iterable[dict]]
    search: Callable[[Any, Setting, Callable[..., dict]], dict] | None = None
    seeds: Sequence[int] | Callable[[Setting], Sequence[int]] = field(default=range(5))
    keep: Callable[[Setting], bool] = lambda setting: True
    needs: Callable[[Setting], Sequence[Setting]] = lambda setting: ()
    contrasts: Sequence[Contrast] = ()
    tables: Callable[[dict], dict[str, list]] | None = None

    @property
    def module(self) -> str:
        """The module that declares it, which a worker of a cluster imports."""
        module = self.run.__module__
        spec = getattr(sys.modules.get("__main__"), "__spec__", None)
        return spec.name if module == "__main__" and spec else module

    def settings(self, only: Mapping[str, Sequence[str]] | None = None) -> list[Setting]:
        """Return all settings; ``only`` maps keys to the values that are wanted, as texts."""
        values = []
        for key, every in self.grid.items():
            wanted = (only or {}).get(key)
            values.append([v for v in every if wanted is None or str(v) in wanted])
        found = (dict(zip(self.grid, each, strict=True)) for each in itertools.product(*values))
        return [setting for setting in found if self.keep(setting)]

    def seeds_of(self, setting: Setting) -> list[int]:
        """Return the seeds of a setting."""
        return list(self.seeds(setting) if callable(self.seeds) else self.seeds)

    def dependents(self, settings: Sequence[Setting]) -> list[Setting]:
        """Return the other settings whose search reads a choice of these, directly or not."""
        found, before = [], None
        while len(found) != before:
            before = len(found)
            found = [
                each
                for each in self.settings()
                if each not in settings
                and any(needed in [*settings, *found] for needed in self.needs(each))
            ]
        return found

    def check_setting(self, setting: Mapping[str, Any]) -> Setting:
        """Return a setting that exists; name what is wrong with another."""
        if setting.keys() != self.grid.keys():
            raise ValueError(f"setting must name {list(self.grid)}, got {list(setting)}")
        for key, value in setting.items():
            if not any(value == known and type(value) is type(known) for known in self.grid[key]):
                raise ValueError(f"{key} must be one of {list(self.grid[key])}, got {value!r}")
        setting = {key: setting[key] for key in self.grid}
        if not self.keep(setting):
            raise ValueError(f"{setting} is no setting of {self.name}")
        return setting

    def run_one(self, seed: int = 0, *, config: Any = None, **setting: Any) -> list[dict]:
        """Run one cell live, with the stored choice; return its rows, each with setting and cost.

        ``config`` replaces what the stored search chose. Raises ``ValueError`` for a setting that
        does not exist or was not searched yet.
        """
        from mmtutorial.studies.store import choice_of, load_stored

        setting, seed = self.check_setting(setting), check_whole("seed", seed, least=0)
        if config is None and self.search is not None:
            config = choice_of(load_stored(self.name), setting)["config"]
        made = run_cell(self, setting, config, seed)
        shared = {**setting, "seed": seed, "cpu_seconds": made["cpu_seconds"]}
        return [{**shared, **row} for row in made["rows"]]


def run_cell(study: Study, setting: Setting, config: Any, seed: int) -> dict:
    """Run one cell; return its rows, what is right item by item, and its processor seconds."""
    task = study.task(setting)
    start = time.process_time()
    rows = [dict(row) for row in study.run(task, setting, config, seed)]
    seconds = time.process_time() - start
    correct = [row.pop("correct", None) for row in rows]
    return {"rows": rows, "correct": correct, "cpu_seconds": round(seconds, 2)}


def search_setting(study: Study, setting: Setting, choices: Callable[..., dict]) -> dict:
    """Search one setting on what its task has without the test split."""
    start = time.process_time()
    found = study.search(study.task(setting).without_test(), setting, choices)
    if set(found) != {"validation", "config"}:
        raise ValueError(f"search must return validation and config, got {list(found)}")
    return {**found, "cpu_seconds": round(time.process_time() - start, 2)}


def find_studies() -> list[Study]:
    """Return the studies that all chapters declare, in the order of their rooms."""
    found = []
    for room in find_rooms("study*.py"):
        for path in sorted((CHAPTERS / room).glob("study*.py")):
            found += import_module(module_of(room, path.stem)).STUDIES
    return found
