"""The command of every study: run what is missing, show what is there, run some of it again."""

import argparse
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from mmtutorial import results
from mmtutorial.studies import store
from mmtutorial.studies.study import Setting, Study, run_cell, search_setting

THREADS = "TF_NUM_INTRAOP_THREADS"  # the models are small: a second thread gains little


def main(studies: Sequence[Study], argv: Sequence[str] | None = None) -> None:
    """Read the command line and run the studies of a chapter, or of all chapters.

    Without options, what the stored files lack is run. ``--only key=value`` chooses settings (a
    key may come twice: either value), ``--show`` prints and runs nothing, ``--rerun`` runs the
    chosen settings again with what was chosen for them, ``--search`` chooses again, too, for them
    and for what builds on their choice.
    """
    parser = argparse.ArgumentParser(description="Run the studies of the book.")
    names = {study.name: study for study in studies}
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=f"of {', '.join(names)}")
    parser.add_argument("--only", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--show", action="store_true", help="print the tables, run nothing")
    parser.add_argument("--rerun", action="store_true", help="run again what is there")
    parser.add_argument("--search", action="store_true", help="search again, then run again")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster")
    options = parser.parse_args(argv)
    os.environ.setdefault(THREADS, "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # One token to attend to is no choice, and Keras says so for each model.
    warnings.filterwarnings("ignore", message="You are using a softmax over axis")
    for study in _named(parser, names, options.studies):
        only = _read_only(parser, study, options.only)
        if options.show:
            show(study, only)
        else:
            again = "search" if options.search else "run" if options.rerun else ""
            run_study(study, only, again=again, scheduler=options.scheduler)


def _named(parser, names, wanted):
    """Return the studies whose names, or ends of names, are wanted."""
    found = []
    for text in wanted or names:
        fitting = [n for n in names if n == text or n.endswith(f"/{text}")]
        if len(fitting) != 1:
            parser.error(f"STUDY must be one of {list(names)}, got {text!r}")
        found.append(names[fitting[0]])
    return found


def _read_only(parser, study, texts):
    """Return ``{key: wanted values}``; stop at a key or value that the grid does not have."""
    only = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or key not in study.grid:
            parser.error(f"--only must be KEY=VALUE, KEY one of {list(study.grid)}, got {text!r}")
        known = [str(each) for each in study.grid[key]]
        if value not in known:
            parser.error(f"--only {key} must be one of {known}, got {value!r}")
        only.setdefault(key, []).append(value)
    return only


def run_study(
    study: Study,
    only: dict[str, list[str]] | None = None,
    *,
    again: str = "",
    scheduler: str | None = None,
) -> dict:
    """Run the cells that the stored file lacks; return what is stored then.

    ``again`` is ``"run"`` to run chosen settings anew, ``"search"`` to choose anew as well. With
    ``scheduler``, the address of a Dask cluster, its workers do the work.

    Raises ``RuntimeError`` if another run writes the same file, ``ConnectionError`` if nothing
    answers at the address, and ``DataError`` for a damaged file: nothing is lost then.
    """
    with store.locked(study.name), _executor(study, scheduler) as execute:
        stored = store.load_stored(study.name)
        settings = study.settings(only)
        if again == "search":
            settings += study.dependents(settings)
        if again:
            store.drop_runs(stored, settings, choices=again == "search")
        session = store.start_session(_command(study), f"{THREADS}={os.environ.get(THREADS)}")
        start = time.perf_counter()
        cells = store.missing_cells(study, stored, settings)
        searches = _searches(study, stored, settings)
        with _progress(len(cells) + len(searches), study.name) as progress:
            for kind, work in (("search", searches), ("run", cells)):
                for key, made in _do(kind, study, stored, work, execute):
                    add = store.add_choice if kind == "search" else store.add_run
                    add(stored, key, made)
                    session["cells"] += kind == "run"
                    session["minutes"] = round((time.perf_counter() - start) / 60, 1)
                    _save(stored, session)
                    progress.update()
        store.finish(study, stored)
        _save(stored, session)
        return stored


def _save(stored, session):
    done = [one for one in stored["sessions"] if one is not session]
    stored["sessions"] = [*done, session] if session["cells"] else done
    results.save(stored["study"], stored)


def _searches(study, stored, settings):
    """Return the settings to search, those they need first."""
    if study.search is None:
        return []
    known = [choice["setting"] for choice in stored["choices"]]
    found = []

    def add(setting, asking=()):
        if setting in asking:
            raise ValueError(f"{study.name}: the search of {setting} needs itself")
        for needed in study.needs(setting):
            add(study.check_setting(needed), (*asking, setting))
        if setting not in known and setting not in found:
            found.append(setting)

    for setting in settings:
        add(setting)
    return found


def _do(kind, study, stored, work, execute) -> Iterator[tuple[Any, dict]]:
    """Yield each piece of work and what came of it; a search waits for those that it needs."""
    left = list(work)
    while left:
        ready = left
        if kind == "search":
            known = [choice["setting"] for choice in stored["choices"]]
            ready = [s for s in left if all(n in known for n in study.needs(s))]
        jobs = [(kind, *_job(kind, study, stored, each)) for each in ready]
        for place, made in execute(jobs):
            yield ready[place], made
        left = [each for each in left if each not in ready]


def _job(kind, study, stored, piece):
    """Return the setting of a piece of work, and what it needs to know: plain values only."""
    if kind == "search":
        return piece, [store.choice_of(stored, needed) for needed in study.needs(piece)]
    config = None if study.search is None else store.choice_of(stored, piece.setting)["config"]
    return piece.setting, (config, piece.seed)


def do_job(study: Study, kind: str, setting: Setting, known: Any) -> dict:
    """Do one piece of work: search a setting, or run a cell."""
    if kind == "run":
        return run_cell(study, setting, *known)

    def choices(**wanted):
        return next(each for each in known if each["setting"] == wanted)

    return search_setting(study, setting, choices)


def do_job_of(module: str, name: str, *job: Any) -> dict:
    """Do one piece of work elsewhere: the study is found by the name of its module."""
    os.environ.setdefault(THREADS, "1")
    study = next(each for each in import_module(module).STUDIES if each.name == name)
    return do_job(study, *job)


class _executor:
    """Give a function that does jobs and yields ``(place, result)``: here, or on a cluster."""

    def __init__(self, study, scheduler):
        self.study, self.scheduler, self.client = study, scheduler, None

    def __enter__(self):
        if self.scheduler is None:
            return lambda jobs: (
                (place, do_job(self.study, *job)) for place, job in enumerate(jobs)
            )
        from mmtutorial.studies.cluster import connect, do_jobs

        self.client = connect(self.scheduler)
        names = (self.study.module, self.study.name)
        return lambda jobs: do_jobs(self.client, [(*names, *job) for job in jobs])

    def __exit__(self, *error):
        if self.client is not None:
            self.client.close()


def _progress(total, name):
    from tqdm import tqdm

    return tqdm(total=total, unit="cell", desc=name, disable=None if total else True)


def _command(study):
    return f"python -m {study.module}"


def show(study: Study, only: dict[str, list[str]] | None = None) -> None:
    """Print what is stored of each setting: every number over its seeds, choices, comparisons."""
    stored = store.load_stored(study.name)
    settings = study.settings(only)
    lacking = len(store.missing_cells(study, stored, settings))
    print(f"{study.name}: {study.question}\n{lacking} cells are missing\n")
    for setting in settings:
        runs = [run for run in stored["runs"] if run["setting"] == setting]
        if runs:
            print(", ".join(f"{key} {value}" for key, value in setting.items()))
            print(*_lines(runs), sep="\n")
    for row in stored["contrasts"]:
        names = {k: v for k, v in row.items() if not isinstance(v, float)}
        print(*names.values(), f"{row['difference']:+.3f}, adjusted p {row['p_adjusted']:.3f}")


def _lines(runs):
    """Return a line for each kind of row: the mean of every number, and its seeds."""
    kinds = {}
    for run in runs:
        for row in run["rows"]:
            label = ", ".join(v for v in row.values() if isinstance(v, str))
            kinds.setdefault(label, []).append({**row, "cpu_seconds": run["cpu_seconds"]})
    for label, rows in kinds.items():
        numbers = [k for k, v in rows[0].items() if isinstance(v, (int, float))]
        told = [f"{k} {sum(r[k] for r in rows if k in r) / len(rows):.4g}" for k in numbers]
        yield f"  {label or 'all'} ({len(rows)} runs): {', '.join(told)}"
