"""An exact index that is larger than memory: its vectors stay on disk, in several files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_flag, check_whole
from mmtutorial._vectors import check_vectors
from mmtutorial.cross_modal._faiss import (
    check_search,
    check_threads,
    first_rows,
    limited,
    load_faiss,
    unit_rows,
)
from mmtutorial.cross_modal._index_files import check_path, read_index_file, write_index_file
from mmtutorial.cross_modal._index_ids import StoredIds, check_ids, id_parts, to_array
from mmtutorial.cross_modal.index import check_card

LIST = "shards.index"  # the file that lists the others; what it does not list, is not there


class ShardedIndex:
    """How do I search in more vectors than fit into memory? Exactly, file by file.

    Vectors lie in a folder, in files (shards) of at most ``shard_size``. A search maps one after
    the other into memory, and keeps the best so far; results are those of an exact
    `RetrievalIndex`, up to rounding. Each file is one that ``RetrievalIndex.load`` reads as well.

    Parameters
    ----------
    folder : a new folder, or an empty one
    dim : numbers of a vector
    shard_size : vectors in a file, at most; so many exist in memory at once
    threads : how many FAISS uses, as of a `RetrievalIndex`
    card : what made the vectors, texts by name; it is saved with them

    All that was added is on disk: there is nothing to save, ``load`` opens the folder again. If
    adding breaks off, the folder is as it was before. One process at a time may add. Raises
    ``ValueError`` if the folder holds an index, and ``ModuleNotFoundError`` without FAISS.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index = ShardedIndex(folder, 2, shard_size=2)
    ...     index.add([[1, 0], [0, 2], [3, 3]], ["east", "north", "north-east"])
    ...     ids, scores = ShardedIndex.load(folder).search([[5, 1]], k=2)
    >>> ids.tolist(), scores.round(2)
    ([['east', 'north-east']], array([[0.98, 0.83]], dtype=float32))
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        dim: int,
        *,
        shard_size: int = 2**17,
        threads: int | None = 1,
        card: Mapping[str, str] | None = None,
    ):
        self.folder = _check_folder(folder)
        self.dim = check_whole("dim", dim, least=1, most=2**20)
        self.shard_size = check_whole("shard_size", shard_size, least=1)
        self.threads = check_threads(threads)
        self.card = check_card(card)
        self._faiss = load_faiss("ShardedIndex")
        self._id_kind, self._listed, self._shards = None, [], []
        if (self.folder / LIST).exists():
            raise ValueError(f"folder {self.folder} holds an index: open it by ShardedIndex.load")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_list(self._listed, None)

    def __len__(self):
        return sum(len(vectors) for vectors, _ in self._shards)

    def add(self, vectors: ArrayLike, ids: Sequence[str] | Sequence[int]) -> None:
        """Add vectors ``(items, dim)``, which may be mapped from disk, and an id for each.

        Raises ``ValueError`` for NaN, a vector of zeros, another size, ids that differ in number
        from the vectors or in kind from those before; then nothing was added.
        """
        mapped = isinstance(vectors, np.ndarray) and vectors.shape[1:] == (self.dim,)
        if not mapped or not len(vectors):
            vectors = check_vectors("vectors", vectors, dim=self.dim)
        count = len(vectors)
        ids, kind = check_ids(ids, count, self._id_kind)
        fresh = []
        for start in range(0, count, self.shard_size):
            rows = slice(start, start + self.shard_size)
            some = unit_rows(check_vectors("vectors", vectors[rows], dim=self.dim))
            fresh.append(self._write_shard(len(self._listed) + len(fresh), some, ids[rows], kind))
        self._write_list(self._listed + fresh, kind)
        self._shards += [self._open(entry, verify=False) for entry in fresh]
        self._listed, self._id_kind = self._listed + fresh, kind

    def search(self, queries: ArrayLike, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids and scores of the ``k`` nearest vectors to each query, nearest first.

        Shapes and errors are those of ``RetrievalIndex.search``.
        """
        queries, k = check_search(queries, k, dim=self.dim, count=len(self))
        scores, rows = np.empty((len(queries), 0), "float32"), np.empty((len(queries), 0), int)
        start = 0
        with limited(self._faiss, self.threads):
            for vectors, _ in self._shards:
                found = first_rows(self._faiss, queries, vectors, min(k, len(vectors)))
                scores = np.concatenate([scores, found[0]], axis=1)
                rows = np.concatenate([rows, found[1] + start], axis=1)
                best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
                scores, rows = (np.take_along_axis(each, best, axis=1) for each in (scores, rows))
                start += len(vectors)
        ids = [self._id(row) for row in rows.ravel().tolist()]
        return to_array(ids, self._id_kind, rows.shape), np.clip(scores, -1, 1)

    @classmethod
    def load(
        cls, folder: str | os.PathLike, *, verify: bool = True, threads: int | None = 1
    ) -> "ShardedIndex":
        """Open a folder; without ``verify``, not every byte of it is read and compared first.

        Raises ``FileNotFoundError`` for a missing file, and ``ValueError`` for one that is damaged,
        cut off, of another version or of another index.
        """
        check_flag("verify", verify)
        folder = _check_folder(folder)
        header = read_index_file(folder / LIST, ("shards",)).header
        index = cls.__new__(cls)
        index.folder, index.dim, index.card = folder, header["dim"], header["card"]
        index.shard_size = header["shard_size"]
        index.threads = check_threads(threads)
        index._faiss = load_faiss("ShardedIndex")
        index._id_kind, index._listed = header["ids"], header["shards"]
        index._shards = [index._open(entry, verify=verify) for entry in index._listed]
        return index

    def _id(self, row):
        """Return the id of a vector, counted over all shards."""
        for vectors, ids in self._shards:
            if row < len(vectors):
                return ids[row]
            row -= len(vectors)

    def _write_shard(self, number, vectors, ids, kind):
        """Write one file; return how the list names it."""
        name = f"shard-{number:06}.index"
        header = {"kind": "exact", "dim": self.dim, "count": len(ids), "ids": kind,
                  "card": self.card}  # fmt: skip
        parts = {"vectors": lambda write: write(vectors.astype("<f4", copy=False).data)}
        checksum = write_index_file(self.folder / name, header, parts | id_parts(ids, kind))
        return {"name": name, "checksum": checksum}

    def _write_list(self, listed, kind):
        header = {"kind": "shards", "dim": self.dim, "shard_size": self.shard_size, "ids": kind,
                  "card": self.card, "shards": listed}  # fmt: skip
        write_index_file(self.folder / LIST, header, {})

    def _open(self, entry, verify):
        """Return the vectors and the ids of a shard, both on disk."""
        path = self.folder / entry["name"]
        stored = read_index_file(path, ("exact",), verify=verify)
        if stored.checksum != entry["checksum"]:
            raise ValueError(f"{path} is not the file that {LIST} lists: of another index?")
        return stored.map("vectors", "<f4", self.dim), StoredIds(stored)


def _check_folder(folder) -> Path:
    folder = check_path(folder, name="folder", what="folder")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"folder must be a folder, got the file {folder}")
    return folder
