"""The same cells on a Dask cluster: an option, whose packages nothing else here imports.

Each worker hands its cells to a process of its own, one at a time. In the worker itself, Dask draws
from Python's random numbers while Keras draws seeds of layers from them, and several threads would
share one clock: a cell would not come out as it does without a cluster.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from mmtutorial._optional import HOW

TIMEOUT = 20  # seconds to answer
ONE_AT_A_TIME = threading.Lock()
CHILDREN = []  # the process of this worker, if it has begun


def connect(address: str) -> Any:
    """Return a client of the scheduler at an address, such as ``"tcp://127.0.0.1:8786"``.

    Raises ``ModuleNotFoundError`` without the extra ``cluster``, and ``ConnectionError`` if no
    scheduler answers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"--scheduler needs Dask: {HOW.format('cluster')}", name=error.name
        ) from error
    try:
        return Client(address, timeout=TIMEOUT)
    except (OSError, ValueError, TimeoutError) as error:
        raise ConnectionError(
            f"scheduler must be the address of a running Dask scheduler, got {address!r}: {error}"
        ) from error


def do_jobs(client: Any, jobs: Sequence[tuple]) -> Iterator[tuple[int, dict]]:
    """Do jobs on the workers; yield ``(place, result)`` as they end.

    A job whose worker dies is done again by another, so each result comes once. Raises
    ``ConnectionError`` if the scheduler goes away, and ``RuntimeError`` with the traceback of a job
    that failed; what was yielded until then stays stored.
    """
    from distributed import as_completed
    from distributed.client import FutureCancelledError

    futures = {client.submit(do_apart, *job, pure=False): place for place, job in enumerate(jobs)}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except (FutureCancelledError, OSError) as error:
        raise ConnectionError(f"the scheduler went away: {error}; run again to resume") from error


def do_apart(*job: Any) -> dict:
    """Let the process of this worker do a job, see `do_job_of`; start it for the first one."""
    with ONE_AT_A_TIME:
        if not CHILDREN or CHILDREN[-1].poll() is not None:
            CHILDREN.append(
                subprocess.Popen(
                    [sys.executable, "-m", __name__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    encoding="utf-8",
                )
            )
        child = CHILDREN[-1]
        child.stdin.write(json.dumps(job) + "\n")
        child.stdin.flush()
        made = json.loads(child.stdout.readline() or '{"error": "its process ended"}')
    if "error" in made:
        raise RuntimeError(f"the job {job} failed: {made['error']}")
    return made


def answer_jobs() -> None:
    """Do what each line of the input asks, and print what came of it as a line of the output.

    The end of the input, which is that of the worker too, ends this process.
    """
    import traceback

    from mmtutorial.studies.command import do_job_of

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints
    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        try:
            made = do_job_of(*json.loads(line))
        except Exception:
            made = {"error": traceback.format_exc()}
        answers.write(json.dumps(made, default=lambda value: value.tolist()) + "\n")
        answers.flush()


if __name__ == "__main__":
    answer_jobs()
