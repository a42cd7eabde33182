"""The ids of an index: texts, or whole numbers, one per vector."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mmtutorial._checks import check_labels
from mmtutorial.cross_modal._index_files import IndexFile

KINDS = {"int": "whole numbers", "text": "texts"}
LARGEST = 2**63


def check_ids(ids: Any, count: int, kind: str | None) -> tuple[list, str]:
    """Return ``count`` ids as a list, and their kind; refuse another one than there is."""
    labels = check_labels("ids", ids)
    if labels.ndim != 1 or len(labels) != count:
        raise ValueError(
            f"ids must hold one id for each of the {count} vectors, got shape {labels.shape}"
        )
    found = "text" if labels.dtype.kind == "U" else "int"
    if kind not in (None, found):
        raise ValueError(f"ids must be {KINDS[kind]}, as those before, got {labels[0].item()!r}")
    ids = labels.tolist() if found == "text" else [int(each) for each in labels.tolist()]
    if found == "int" and not -LARGEST <= min(ids) <= max(ids) < LARGEST:
        raise ValueError(f"ids must fit into 64 bits, got {min(ids)} to {max(ids)}")
    return ids, found


def to_array(ids: Sequence, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return ids as an array of that shape: int64, or texts."""
    return np.array(ids, "int64" if kind == "int" else str).reshape(shape)


def id_parts(ids: Sequence, kind: str) -> dict[str, Callable]:
    """Return the parts of a file that hold ids."""
    if kind == "int":
        return {"ids": lambda write: write(np.array(ids, "<i8").tobytes())}
    encoded = [each.encode("utf-8", "surrogatepass") for each in ids]
    ends = np.cumsum([len(each) for each in encoded], dtype="<i8")
    return {
        "ids": lambda write: write(b"".join(encoded)),
        "id_ends": lambda write: write(ends.tobytes()),
    }


class StoredIds:
    """The ids in a file; only those that are asked for are read."""

    def __init__(self, file: IndexFile):
        self._kind = file.header["ids"]
        self._ids = file.map("ids", "<i8" if self._kind == "int" else "u1")
        self._ends = None if self._kind == "int" else file.map("id_ends", "<i8")

    def __len__(self):
        return len(self._ids if self._ends is None else self._ends)

    def __getitem__(self, row: int) -> int | str:
        """Return the id of one vector."""
        if self._ends is None:
            return int(self._ids[row])
        start = int(self._ends[row - 1]) if row else 0
        return self._ids[start : int(self._ends[row])].tobytes().decode("utf-8", "surrogatepass")

    def to_list(self) -> list:
        """Return all ids."""
        if self._ends is None:
            return self._ids.tolist()
        whole, ends = self._ids.tobytes(), self._ends.tolist()
        places = zip([0, *ends], ends, strict=False)
        return [whole[start:stop].decode("utf-8", "surrogatepass") for start, stop in places]
