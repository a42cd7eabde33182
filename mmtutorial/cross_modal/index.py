"""An index of vectors: which of a million are the nearest to a query, by cosine similarity?"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import mmtutorial
from mmtutorial._checks import check_choice, check_dict, check_text, check_whole
from mmtutorial._vectors import check_vectors
from mmtutorial.cross_modal._faiss import (
    check_search,
    check_threads,
    first_rows,
    limited,
    load_faiss,
    unit_rows,
)
from mmtutorial.cross_modal._index_files import (
    IndexFile,
    check_path,
    read_index_file,
    write_index_file,
)
from mmtutorial.cross_modal._index_ids import StoredIds, check_ids, id_parts, to_array

KINDS = ("exact", "hnsw")
ROWS = 2**16  # vectors that are scaled, added, read or written together
OPTIONS = ("m", "ef_construction", "ef_search")


def check_card(card: Any) -> dict[str, str]:
    """Return what a card says, texts by name."""
    card = {} if card is None else check_dict("card", card, '{"model": "CLIP, seed 0"}')
    for name, text in card.items():
        check_text("a name in card", name)
        check_text(f"card[{name!r}]", text)
    return dict(card)


class RetrievalIndex:
    """Which of many vectors are the nearest to a query? Cosine similarity, by FAISS.

    ``"exact"`` compares a query with every vector; its time grows with their number. ``"hnsw"``
    walks along a graph in which near vectors are linked, from a few long links to many short ones
    (hierarchical navigable small world): its time hardly grows, but it may miss a neighbour. How
    many it finds is measured against an exact index: the recall of the approximation.

    Parameters
    ----------
    dim : numbers of a vector
    kind : ``"exact"`` or ``"hnsw"``
    m : links of a vector in the graph, twice as many in its lowest layer; more need more memory
    ef_construction : candidates that are looked at to find these links, when a vector is added
    ef_search : candidates that a search looks at, never fewer than ``k``: more find more, slower
    threads : how many FAISS uses. Several wait for each other, so that beside other work, such as
        TensorFlow's threads, one is often ten times quicker. None takes all cores: worth it to fill
        a large index on a quiet machine. The attribute can be set between adding and searching.
    card : what made the vectors, texts by name; it is saved with them

    Lengths of vectors do not matter. Each vector comes with an id, a text or a whole number; all
    ids are of one kind, and several vectors may share one (all drawings of one concept). Of equal
    scores, which one comes first, or is cut off at ``k``, is not said. ``save`` and ``load`` use
    files that hold no code, with a checksum and a version. Raises ``ValueError`` for an option out
    of range, and ``ModuleNotFoundError`` without FAISS.
    Papers: Malkov and Yashunin 2020, Efficient and Robust Approximate Nearest Neighbor Search Using
    Hierarchical Navigable Small World Graphs; Douze et al. 2024, The Faiss Library.

    >>> index = RetrievalIndex(2, card={"model": "by hand"})
    >>> index.add([[1, 0], [0, 2], [3, 3]], ["east", "north", "north-east"])
    >>> ids, scores = index.search([[5, 1]], k=2)
    >>> ids.tolist(), scores.round(2)
    ([['east', 'north-east']], array([[0.98, 0.83]], dtype=float32))
    """

    def __init__(
        self,
        dim: int,
        *,
        kind: str = "exact",
        m: int = 32,
        ef_construction: int = 80,
        ef_search: int = 64,
        threads: int | None = 1,
        card: Mapping[str, str] | None = None,
    ):
        self.dim = check_whole("dim", dim, least=1, most=2**20)
        self.kind = check_choice("kind", kind, KINDS)
        self.m = check_whole("m", m, least=2, most=512)
        self.ef_construction = check_whole("ef_construction", ef_construction, least=1, most=2**20)
        self.ef_search = check_whole("ef_search", ef_search, least=1, most=2**20)
        self.threads = check_threads(threads)
        self.card = check_card(card)
        self._faiss = load_faiss("RetrievalIndex")
        self._ids, self._id_kind, self._whole = [], None, True
        if kind == "exact":
            self._index = self._faiss.IndexFlatIP(dim)
        else:
            self._index = self._faiss.IndexHNSWFlat(dim, m, self._faiss.METRIC_INNER_PRODUCT)
            self._index.hnsw.efConstruction = ef_construction

    def __len__(self):
        return len(self._ids)

    def add(self, vectors: ArrayLike, ids: Sequence[str] | Sequence[int]) -> None:
        """Add vectors ``(items, dim)`` and an id for each.

        Raises ``ValueError`` for NaN, a vector of zeros, another size, ids that differ in number
        from the vectors or in kind from those before; then nothing was added.
        """
        self._check_whole()
        vectors = check_vectors("vectors", vectors, dim=self.dim)
        ids, kind = check_ids(ids, len(vectors), self._id_kind)
        self._whole = False  # until all is added: Ctrl-C leaves a graph with loose ends
        with limited(self._faiss, self.threads):
            for start in range(0, len(vectors), ROWS):
                self._index.add(unit_rows(vectors[start : start + ROWS]))
        self._ids += ids
        self._id_kind, self._whole = kind, True

    def search(self, queries: ArrayLike, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids and scores of the ``k`` nearest vectors to each query, nearest first.

        ``queries`` is ``(queries, dim)``; both results are ``(queries, k)``, the scores cosines in
        -1..1. Raises ``ValueError`` for NaN, a query of zeros, another size, an empty index, and
        for ``k`` beyond the number of vectors.
        """
        self._check_whole()
        queries, k = check_search(queries, k, dim=self.dim, count=len(self))
        options = None
        if self.kind == "hnsw":
            options = self._faiss.SearchParametersHNSW(efSearch=max(self.ef_search, k))
        with limited(self._faiss, self.threads):
            scores, rows = self._index.search(queries, k, params=options)
            lost = (rows < 0).any(axis=1)  # the graph led to fewer than k
            if lost.any():
                found = first_rows(self._faiss, queries[lost], self._vectors(), k)
                scores[lost], rows[lost] = found
        ids = [self._ids[row] for row in rows.ravel().tolist()]
        return to_array(ids, self._id_kind, rows.shape), np.clip(scores, -1, 1)

    def save(self, path: str | os.PathLike) -> None:
        """Write the index to a file: all of it, or, if that breaks off, nothing.

        Raises ``OSError`` where the system cannot write; the old file is then as it was.
        """
        self._check_whole()
        write_index_file(check_path(path), self._header(), self._parts())

    @classmethod
    def load(cls, path: str | os.PathLike, *, threads: int | None = 1) -> "RetrievalIndex":
        """Read an index that ``save`` wrote; ``card`` says what made it.

        Raises ``FileNotFoundError`` for a missing file, and ``ValueError`` for one that is damaged,
        cut off, of another version, or no index.
        """
        stored = read_index_file(check_path(path), KINDS)
        header = stored.header
        options = {name: header[name] for name in OPTIONS if name in header}
        index = cls(header["dim"], kind=header["kind"], threads=threads, card=header["card"],
                    **options)  # fmt: skip
        index._read(stored)
        return index

    def _check_whole(self):
        if not self._whole:
            raise ValueError(
                "this index is unfinished, because adding vectors broke off: make it anew, or load "
                "what was saved before"
            )

    def _vectors(self):
        """Return all vectors, ``(items, dim)``, without a copy."""
        flat = self._index
        if self.kind == "hnsw":
            flat = self._faiss.downcast_index(self._index.storage)
        vectors = self._faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * self.dim)
        return vectors.reshape(-1, self.dim)

    def _header(self):
        options = OPTIONS if self.kind == "hnsw" else ()
        return {
            "kind": self.kind,
            "dim": self.dim,
            "count": len(self),
            "ids": self._id_kind,
            "card": self.card,
            **{name: getattr(self, name) for name in options},
            "made_with": {"mmtutorial": mmtutorial.__version__, "faiss": self._faiss.__version__},
        }

    def _parts(self):
        ids = id_parts(self._ids, self._id_kind) if self._ids else {}
        if self.kind == "exact":
            return {"vectors": self._write_vectors, **ids}
        return {"graph": self._write_graph, **ids}

    def _write_vectors(self, write):
        vectors = self._vectors() if len(self) else np.empty((0, self.dim), "float32")
        for start in range(0, len(vectors), ROWS):
            write(vectors[start : start + ROWS].astype("<f4", copy=False).tobytes())

    def _write_graph(self, write):
        self._faiss.write_index(self._index, self._faiss.PyCallbackIOWriter(write))

    def _read(self, stored: IndexFile):
        """Take vectors, or the graph, and ids from a file."""
        if stored.header["count"]:
            self._id_kind = stored.header["ids"]
            self._ids = StoredIds(stored).to_list()
        if self.kind == "exact":
            vectors = stored.map("vectors", "<f4", self.dim)
            for start in range(0, len(vectors), ROWS):
                self._index.add(np.ascontiguousarray(vectors[start : start + ROWS], "float32"))
            return
        with open(stored.path, "rb") as file:
            file.seek(stored.parts["graph"][0])
            try:
                self._index = self._faiss.read_index(self._faiss.PyCallbackIOReader(file.read))
            except RuntimeError as error:
                made = stored.header["made_with"]["faiss"]
                raise ValueError(
                    f"{stored.path} was written by FAISS {made}, and FAISS "
                    f"{self._faiss.__version__} cannot read it"
                ) from error
