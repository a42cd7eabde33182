"""Sample some of the keywords of each row, or read those that someone typed."""

import re
from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_text, check_whole

SEPARATOR = " | "
_BETWEEN = re.compile(r"\s*[|,;，、；]\s*")


def draw_keywords(texts: Sequence[str], k: int, *, seed: int | Sequence[int]) -> np.ndarray:
    """Keep ``k`` keywords of each text, drawn without replacement.

    ``texts`` is a sequence of n strings, each with its keywords joined by ``" | "``. Returns an
    (n,) array of strings; the keywords that stay keep their order, and a text with ``k`` or
    fewer keywords stays as it is. One seed draws nested sets: two keywords hold the one.
    Raises ``ValueError`` if ``k`` is below one, ``TypeError`` for what is no sequence of strings (a
    missing value of a table is none).

    >>> import mmtutorial as mm
    >>> texts = mm.data.draw_keywords(["cat | face | smile", "dog"], 1, seed=0)
    >>> texts[1], len(texts[0].split(" | "))
    (np.str_('dog'), 1)
    """
    k = check_whole("k", k, least=1)
    for number in seed if isinstance(seed, (list, tuple)) else [seed]:
        check_whole("seed", number, least=0)
    words = [text.split(SEPARATOR) for text in list_texts("texts", texts)]
    if not words:
        return np.empty(0, np.str_)
    counts = np.array([len(row) for row in words])
    rows = np.repeat(np.arange(len(words)), counts)
    starts = np.cumsum(counts) - counts
    # Sort each row by a random key; a keyword's rank in its row decides whether it stays.
    order = np.lexsort((np.random.default_rng(seed).random(len(rows)), rows))
    kept = np.sort(order[np.arange(len(rows)) - starts[rows] < k])
    drawn = [[] for _ in words]
    for row, place in zip(rows[kept].tolist(), (kept - starts[rows[kept]]).tolist(), strict=True):
        drawn[row].append(words[row][place])
    return np.array([SEPARATOR.join(row) for row in drawn])


def read_keywords(typed: str) -> list[str]:
    """Return the keywords of a text as people type them, between commas of any script.

    >>> read_keywords(" face, green ")
    ['face', 'green']
    """
    return [word for word in _BETWEEN.split(check_text("words", typed).strip()) if word]


def list_texts(name: str, texts: Sequence[str]) -> list[str]:
    """Return a list of strings; what has no order, or no strings, is refused by ``name``."""
    if isinstance(texts, str):
        raise TypeError(f"{name} must be a sequence of strings, got one string")
    if not isinstance(texts, Sequence) and not hasattr(texts, "__array__"):
        raise TypeError(f"{name} must be a sequence of strings, got {type(texts).__name__}")
    texts = list(texts) if isinstance(texts, Sequence) else np.asarray(texts).tolist()
    texts = texts if isinstance(texts, list) else [texts]  # an array without an axis
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name} must be strings, got {text!r} at {i}")
    return texts
