"""How quick is a search among many vectors, how many neighbours does it find, what does it cost?

    python benchmarks/retrieval_index.py
    python benchmarks/retrieval_index.py --sizes 10000 100000 --ef 32 64

From 10,000 to a million vectors of 128 numbers, drawn so that they cluster as embeddings do: 20
groups, in them one concept for each hundred vectors, around it the vectors, and less of each from
number to number, as after a PCA. Queries are new vectors of the same concepts; what comes from
another modality lies further off. Every index is built in a process of its own:

- exact, by `RetrievalIndex`; its neighbours are what recall is measured against
- approximate (HNSW), by `RetrievalIndex`, searched with several ``ef_search``
- exact, from disk, by `ShardedIndex`

Queries are timed one after the other, 10 neighbours each, by one thread: each counts with the
quickest of its five tries, which other programs on the machine disturb least, and their mean is
shown; then many at once. FAISS without the package's checks and ids is timed on the same index.
Building counts the processor time of ``add``, with ``--threads`` of them; memory is what the
process grew by at most while it built and searched, its libraries loaded (a shard on disk that is
mapped counts while it is read). The goal at a million vectors: recall@10 at least .95 in under 2
milliseconds per query.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmtutorial.cross_modal import RetrievalIndex, ShardedIndex
from mmtutorial.cross_modal._faiss import limited

DIM, K, QUERIES, PASSES, PART = 128, 10, 1000, 5, 50_000
GROUPS, A_CONCEPT = 20, 100
SPREAD = (1 + np.arange(DIM)) ** -0.5  # of each number


def draw(count, size, seed):
    """Draw vectors of the concepts that a collection of ``size`` vectors has."""
    rng = np.random.default_rng(0)
    concepts = rng.normal(size=(max(1, size // A_CONCEPT), DIM))
    concepts += rng.normal(size=(GROUPS, DIM))[np.arange(len(concepts)) % GROUPS]
    rng = np.random.default_rng(1 + seed)
    vectors = concepts[rng.integers(0, len(concepts), count)] + 0.7 * rng.normal(size=(count, DIM))
    return (SPREAD * vectors).astype("float32")


def memory(field):
    """Return this process's size, megabytes: ``VmRSS`` now, ``VmHWM`` the largest so far."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def build(kind, size, folder, threads):
    """Fill an index; return it, the seconds that ``add`` took, and the memory before."""
    if kind == "shards":
        index = ShardedIndex(f"{folder}/shards-{size}", DIM, threads=threads)
    else:
        index = RetrievalIndex(DIM, kind=kind, threads=threads)
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # the largest size so far is now's
    before, seconds = memory("VmRSS"), 0.0
    for start in range(0, size, PART):
        rows = min(PART, size - start)
        vectors = draw(rows, size, start + 1)
        begun = time.process_time()
        index.add(vectors, range(start, start + rows))
        seconds += time.process_time() - begun
    index.threads = 1
    return index, seconds, before


def quickest(search, queries, together):
    """Return the milliseconds per query, alone or among all at once, each in its quickest try."""
    tries = []
    for _ in range(PASSES):
        seconds = []
        for rows in [queries] if together else np.split(queries, len(queries)):
            start = time.perf_counter()
            search(rows)
            seconds.append(time.perf_counter() - start)
        tries.append(seconds)
    return 1000 * np.min(tries, axis=0).sum() / len(queries)


def time_search(index, queries, few):
    """Return the milliseconds of our search, alone and together, and of FAISS itself."""
    times = [
        quickest(lambda rows: index.search(rows, K), part, together)
        for part, together in ((queries[:few], False), (queries[: 5 * few], True))
    ]
    if isinstance(index, ShardedIndex):
        return [*times, None]
    options = None
    if index.kind == "hnsw":
        options = index._faiss.SearchParametersHNSW(efSearch=index.ef_search)
    unit = queries[:few] / np.linalg.norm(queries[:few], axis=1, keepdims=True)
    with limited(index._faiss, 1):
        bare = quickest(lambda rows: index._index.search(rows, K, params=options), unit, False)
    return [*times, bare]


def work(kind, size, folder, efs, threads):
    """Build and search one index in this process; print what was measured, a row for each ef."""
    index, seconds, before = build(kind, size, folder, threads)
    queries, nearest, found = draw(QUERIES, size, 0), f"{folder}/nearest-{size}.npy", []
    few = QUERIES if kind == "hnsw" else max(20, min(QUERIES, 10**7 // size))
    for ef in efs if kind == "hnsw" else [None]:
        if ef:
            index.ef_search = ef
        ids, _ = index.search(queries, K)
        if kind == "exact":
            np.save(nearest, ids)
        pairs = zip(ids.tolist(), np.load(nearest).tolist(), strict=True)
        recall = np.mean([len(set(a) & set(b)) / K for a, b in pairs])
        found.append([ef, recall, *time_search(index, queries, few)])
    grown = memory("VmHWM") - before
    size_on_disk = save(index, kind, folder)
    print(json.dumps([[*row, 1e6 * seconds / size, grown, size_on_disk] for row in found]))


def save(index, kind, folder):
    """Return the megabytes of an index on disk."""
    if kind == "shards":
        files = list(index.folder.iterdir())
    else:
        files = [Path(folder) / kind]
        index.save(files[0])
    return sum(file.stat().st_size for file in files) / 2**20


def measure(kind, size, folder, options):
    """Run `work` in a fresh process; return what it prints."""
    command = [sys.executable, __file__, "--work", kind, str(size), folder,
               "--threads", str(options.threads), "--ef", *map(str, options.ef)]  # fmt: skip
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def read_options():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--ef", nargs="+", type=int, default=[16, 32, 64, 128])
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="that build an index")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


HEAD = ("vectors", "index", "ef", "recall@10", "ms per query", "ms, many at once", "FAISS, ms",
        "build, µs per vector", "memory, MB", "on disk, MB")  # fmt: skip


def main():
    """Measure each case, and print the table."""
    options = read_options()
    if options.work:
        kind, size, folder = options.work
        return work(kind, int(size), folder, options.ef, options.threads)
    cases = [(size, kind) for size in options.sizes for kind in ("exact", "hnsw", "shards")]
    print(f"{os.cpu_count()} cores, vectors of {DIM} numbers, {QUERIES} queries\n")
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for size, kind in tqdm(cases, unit="index"):
            for row in measure(kind, size, folder, options):
                print(f"| {size:,} | {kind} | {' | '.join(written(*row))} |", flush=True)


def written(ef, recall, alone, together, bare, built, grown, disk):
    """Return the numbers of a row as texts."""
    times = ["" if ms is None else f"{ms:.3f}" for ms in (alone, together, bare)]
    return [str(ef or ""), f"{recall:.3f}", *times, f"{built:.1f}", f"{grown:.0f}", f"{disk:.0f}"]


if __name__ == "__main__":
    main()
