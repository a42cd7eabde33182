"""The same study on two worker processes gives the same file, whatever happens to the workers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from small_study import NAME, STUDY

from mmtutorial.results._stored import path_of
from mmtutorial.studies import cluster as cluster_module
from mmtutorial.studies import command, store

HERE = Path(__file__).parent
distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "chapters" / "fusion" / "small").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    monkeypatch.setattr("mmtutorial._packages.CHAPTERS", tmp_path / "chapters")
    return tmp_path


def start(arguments, folder, **environment):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])]),
        "SMALL_STUDY_NOTES": str(folder / "notes"),
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
        **environment,
    }
    return subprocess.Popen([sys.executable, "-m", *arguments], env=environment, cwd=folder,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


@pytest.fixture
def cluster(folder, request):
    """Start a scheduler and two workers, each a process; return address and processes.

    A parameter is the number of threads of a worker.
    """
    file = folder / "scheduler.json"
    scheduler = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                 "--no-dashboard", "--scheduler-file", str(file)]  # fmt: skip
    processes = [start(scheduler, folder)]
    try:
        wait_for(file.exists)
        time.sleep(0.2)
        address = json.loads(file.read_text())["address"]
        worker = ["distributed.cli.dask_worker", address, "--nthreads",
                  str(getattr(request, "param", 1)), "--no-nanny", "--no-dashboard"]  # fmt: skip
        processes += [start(worker, folder, SMALL_STUDY_PAUSE="0.4") for _ in range(2)]
        with distributed.Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=120)
        yield address, processes
    finally:
        for process in processes[::-1]:
            process.kill()
            process.wait()


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def numbers(stored):
    kept = {key: stored[key] for key in ("choices", "runs", "items", "contrasts")}
    text = json.dumps(kept)
    return json.loads(
        text, object_hook=lambda o: {k: v for k, v in o.items() if k != "cpu_seconds"}
    )


@pytest.mark.parametrize("cluster", [1, 3], indirect=True, ids=["a thread", "three threads"])
def test_two_workers_give_what_one_process_gives(cluster):
    address, _ = cluster
    spread = command.run_study(STUDY, scheduler=address)
    assert len(spread["runs"]) == 18
    for file in path_of(NAME).parent.iterdir():
        file.unlink()
    assert numbers(spread) == numbers(command.run_study(STUDY))


def test_a_worker_that_is_killed_loses_no_cell_and_doubles_none(cluster, folder):
    address, (_, first, _) = cluster

    def kill():
        wait_for(lambda: len(list((folder / "notes").iterdir())) >= 4)
        os.kill(first.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    stored = command.run_study(STUDY, scheduler=address)
    killer.join()
    assert first.wait() == -signal.SIGKILL
    cells = [(str(run["setting"]), run["seed"]) for run in stored["runs"]]
    assert len(cells) == len(set(cells)) == 18
    assert all(item["seeds"] == 3 for item in stored["items"])


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("mmtutorial.studies.cluster.TIMEOUT", 1)
    with pytest.raises(ConnectionError, match=r"scheduler must be the address .*127\.0\.0\.1:9"):
        command.run_study(STUDY, scheduler="tcp://127.0.0.1:9")
    assert not path_of(NAME).exists()
    assert not path_of(NAME).with_suffix(".lock").exists()


def test_a_scheduler_that_dies_loses_nothing(cluster, folder):
    address, (scheduler, *_) = cluster

    def kill():
        wait_for(lambda: len(list((folder / "notes").iterdir())) >= 5)
        scheduler.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ConnectionError, match="run again to resume"):
        command.run_study(STUDY, scheduler=address)
    killer.join()
    kept = len(store.load_stored(NAME)["runs"])
    assert kept > 0
    assert len(command.run_study(STUDY)["runs"]) == 18


def test_a_job_that_fails_says_why_and_the_next_is_done(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parents[1])]))
    setting = {"spread": 0.5, "method": "linear"}
    try:
        with pytest.raises(RuntimeError, match=r"(?s)small_study.*KeyError: 'penalty'"):
            cluster_module.do_apart("small_study", NAME, "run", setting, [{}, 0])
        made = cluster_module.do_apart("small_study", NAME, "run", setting, [{"penalty": 1.0}, 0])
        assert made["rows"] == command.run_cell(STUDY, setting, {"penalty": 1.0}, 0)["rows"]
        cluster_module.CHILDREN[-1].kill()
        cluster_module.CHILDREN[-1].wait()
        assert (
            cluster_module.do_apart("small_study", NAME, "run", setting, [{"penalty": 1.0}, 0])[
                "rows"
            ]
            == made["rows"]
        )
        assert len(cluster_module.CHILDREN) == 2
    finally:
        for child in cluster_module.CHILDREN:
            child.communicate()
        cluster_module.CHILDREN.clear()


def test_without_a_scheduler_nothing_of_dask_is_loaded(folder):
    code = (
        "import sys; from pathlib import Path; from mmtutorial import _packages\n"
        f"_packages.CHAPTERS = Path({str(folder / 'chapters')!r})\n"
        "import small_study; from mmtutorial.studies import command\n"
        "command.run_study(small_study.STUDY)\n"
        "assert not {'dask', 'distributed'} & {n.partition('.')[0] for n in sys.modules}\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_without_the_extra_its_name_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install '\.\[cluster\]'"):
        command.run_study(STUDY, scheduler="tcp://127.0.0.1:8786")
