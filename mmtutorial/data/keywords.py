"""How much does a hasty tagger write? Draw a few of a row's keywords at random."""

import numpy as np

from mmtutorial._checks import check_whole

SEPARATOR = " | "


def draw_keywords(texts, k, *, seed):
    """Keep ``k`` keywords of each text, drawn without replacement.

    ``texts`` is a sequence of n strings, each with its keywords joined by ``" | "``. Returns an
    (n,) array of strings; the keywords that stay keep their order, and a text with ``k`` or
    fewer keywords stays as it is. One seed draws nested sets: two keywords hold the one.
    Raises ``ValueError`` if ``k`` is below one.

    >>> import mmtutorial as mm
    >>> texts = mm.data.draw_keywords(["cat | face | smile", "dog"], 1, seed=0)
    >>> texts[1], len(texts[0].split(" | "))
    (np.str_('dog'), 1)
    """
    check_whole("k", k, least=1)
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, got one string")
    words = [text.split(SEPARATOR) for text in np.asarray(texts, dtype=np.str_).tolist()]
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
