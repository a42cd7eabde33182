"""From tokens to rows of numbers: count a vocabulary, look up ids, pad."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mmtutorial._checks import check_whole

PADDING, UNKNOWN = 0, 1
_NO_ROW = (str, bytes, dict, set, frozenset)  # iterable, but no row of ids or tokens


def pad_sequences(sequences: Iterable[Iterable[int]], length: int) -> np.ndarray:
    """Stack rows of unequal length: cut at ``length``, fill up with 0 (padding) at the end.

    ``sequences`` holds rows of ids, whole numbers in 0..2147483647. Returns int32
    ``(rows, length)``. Raises ``TypeError`` for what is no row of whole numbers, ``ValueError``
    for a number out of range or a length below one.

    >>> pad_sequences([[5, 6], [7]], 3)
    array([[5, 6, 0],
           [7, 0, 0]], dtype=int32)
    """
    length = check_whole("length", length, least=1)
    rows = [row[:length] for row in _rows("sequences", sequences, "ids")]
    return _stack([_ids(f"sequences[{i}]", row) for i, row in enumerate(rows)], length)


def _stack(rows: list, length: int) -> np.ndarray:
    padded = np.full((len(rows), length), PADDING, dtype=np.int32)
    for place, row in zip(padded, rows, strict=True):
        place[: len(row)] = row
    return padded


def _rows(name: str, rows: Any, content: str) -> list:
    """Return a list of rows that can be cut; refuse texts, numbers, and what has no order."""
    if isinstance(rows, _NO_ROW) or not isinstance(rows, Iterable):
        raise TypeError(f"{name} must hold lists of {content}, got {rows!r}")
    rows = list(rows)
    for i, row in enumerate(rows):
        if isinstance(row, _NO_ROW) or not np.iterable(row):
            raise TypeError(
                f"{name} must hold lists of {content}, got {row!r} at {i}; "
                f"write [{content}] for a single list"
            )
        if not isinstance(row, (list, tuple, np.ndarray)):
            rows[i] = list(row)
    return rows


def _ids(name: str, row: Any) -> np.ndarray:
    """Return a row of whole numbers that fit into int32."""
    try:
        ids = np.asarray(row)
    except (ValueError, TypeError) as error:
        raise TypeError(f"{name} must be a flat list of ids, got {row!r}") from error
    if ids.ndim != 1:
        raise TypeError(f"{name} must be a flat list of ids, got shape {ids.shape}")
    if not ids.size:
        return ids.astype(np.int32)
    mixed = not isinstance(row, np.ndarray) and {bool, np.bool_} & set(map(type, row))
    if ids.dtype.kind not in "iu" or mixed:  # NumPy would make 1 of True
        for one in row if mixed else ids.tolist():  # whole numbers beyond 64 bits come as objects
            check_whole(f"{name}'s ids", one)
    if ids.min() < 0 or ids.max() > 2**31 - 1:
        raise ValueError(f"{name} must lie in 0..{2**31 - 1}, got {ids.min()}..{ids.max()}")
    return ids


def _token_lists(token_lists: Any) -> list:
    """Return lists of tokens; refuse plain texts, and tokens that are no strings."""
    rows = [token_lists] if isinstance(token_lists, str) else token_lists
    rows = list(rows) if isinstance(rows, Iterable) else rows
    if isinstance(rows, list) and any(isinstance(row, str) for row in rows):
        raise TypeError("token_lists must hold lists of tokens, got plain strings; tokenize first")
    rows = _rows("token_lists", rows, "tokens")
    for i, row in enumerate(rows):
        if not all(issubclass(kind, str) for kind in set(map(type, row))):
            wrong = next(token for token in row if not isinstance(token, str))
            raise TypeError(f"token_lists[{i}] must hold strings, got {wrong!r}")
    return rows


@dataclass(frozen=True)
class Vocabulary:
    """Which number stands for which token; 0 is padding and 1 is "never seen in training".

    ``tokens`` are all of them in the order of their ids, ``"<pad>"`` and ``"<unk>"`` first. Raises
    ``TypeError`` for what are no strings, ``ValueError`` for a token twice or another beginning.

    >>> vocabulary = Vocabulary.fit([["red", "heart"], ["red"]])
    >>> vocabulary.encode([["red", "moon"]], length=3)
    array([[2, 1, 0]], dtype=int32)
    """

    tokens: tuple[str, ...]
    _index: dict = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if isinstance(self.tokens, _NO_ROW) or not isinstance(self.tokens, Iterable):
            raise TypeError(f"tokens must be a sequence of strings, got {self.tokens!r}")
        tokens = tuple(self.tokens)
        if wrong := [token for token in tokens if not isinstance(token, str)]:
            raise TypeError(f"tokens must be strings, got {wrong[0]!r}")
        if tokens[:2] != ("<pad>", "<unk>") or len(set(tokens)) != len(tokens):
            raise ValueError("tokens must begin with '<pad>', '<unk>' and hold no token twice")
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "_index", {token: i for i, token in enumerate(tokens)})

    @classmethod
    def fit(
        cls, token_lists: Iterable[Iterable[str]], *, max_size: int = 10_000, min_count: int = 1
    ) -> "Vocabulary":
        """Keep the ``max_size - 2`` most frequent tokens seen ``min_count`` times or more.

        Fit it on the training split alone: a vocabulary that has seen the test texts leaks.
        """
        max_size = check_whole("max_size", max_size, least=3)
        min_count = check_whole("min_count", min_count, least=1)
        counts = Counter(token for tokens in _token_lists(token_lists) for token in tokens)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [t for t, n in ranked if n >= min_count and t not in ("<pad>", "<unk>")]
        return cls(("<pad>", "<unk>", *kept[: max_size - 2]))

    def __len__(self):
        """Return the number of rows that an embedding table needs, padding included."""
        return len(self.tokens)

    def encode(self, token_lists: Iterable[Iterable[str]], *, length: int) -> np.ndarray:
        """Turn lists of tokens into ids, ``(batch, length)`` of int32."""
        length = check_whole("length", length, least=1)
        rows = _token_lists(token_lists)
        ids = [[self._index.get(t, UNKNOWN) for t in tokens[:length]] for tokens in rows]
        return _stack(ids, length)

    def decode(self, ids: np.ndarray) -> list[list[str]]:
        """Turn rows of ids back into lists of tokens, without the padding.

        Raises ``ValueError`` for an id outside the vocabulary, ``TypeError`` for no whole number.
        """
        try:
            ids = np.asarray(ids)
        except (ValueError, TypeError) as error:
            raise ValueError("ids must have shape (batch, length): its rows differ") from error
        if ids.ndim != 2:
            raise ValueError(f"ids must have shape (batch, length), got {ids.shape}")
        if ids.size and ids.dtype.kind not in "iu":
            raise TypeError(f"ids must be whole numbers, got {ids.dtype}")
        if ids.size and (ids.min() < 0 or ids.max() >= len(self)):
            raise ValueError(f"ids must lie in 0..{len(self) - 1}, got {ids.min()}..{ids.max()}")
        return [[self.tokens[i] for i in row if i != PADDING] for row in ids]
