"""What is written wrongly: letter by letter, and by the length of a clip."""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from mmtutorial._optional import load_optional
from mmtutorial.evaluation import cer

USER = "the errors of a recogniser"


def pair_letters(heard: Sequence[str], said: Sequence[str]) -> Counter:
    """Count pairs of a letter that was said and what was written for it, by the fewest edits.

    "" stands for nothing: what was said and left out, or written and not said.

    >>> sorted(pair_letters(["kos"], ["kost"]).items())
    [(('k', 'k'), 1), (('o', 'o'), 1), (('s', 's'), 1), (('t', ''), 1)]
    """
    found = load_optional("jiwer", USER).process_characters(list(said), list(heard))
    pairs = Counter()
    for true, written, chunks in zip(
        found.references, found.hypotheses, found.alignments, strict=True
    ):
        for chunk in chunks:
            of_true = true[chunk.ref_start_idx : chunk.ref_end_idx]
            of_written = written[chunk.hyp_start_idx : chunk.hyp_end_idx]
            empty = [""] * max(len(of_true), len(of_written))
            pairs.update(zip(of_true or empty, of_written or empty, strict=True))
    return pairs


def missed_letters(pairs: Counter) -> dict[str, tuple[int, int]]:
    """Return how often each letter was said, and how often it was not heard."""
    said, wrong = Counter(), Counter()
    for (letter, written), count in pairs.items():
        if letter:
            said[letter] += count
            wrong[letter] += count * (written != letter)
    return {letter: (said[letter], wrong[letter]) for letter in sorted(said)}


def kinds_of_errors(pairs: Counter) -> dict[str, int]:
    """Return how many letters were right, replaced, left out, and added."""
    kinds = Counter(right=0, replaced=0, **{"left out": 0}, added=0)
    for (letter, written), count in pairs.items():
        same = "right" if letter == written else "replaced"
        kinds["added" if not letter else "left out" if not written else same] += count
    return dict(kinds)


def common_confusions(pairs: Counter, count: int = 8) -> list[tuple[str, str, int]]:
    """Return the letters that are most often taken for others: said, written, how often."""
    wrong = [(a, b, n) for (a, b), n in pairs.items() if a and b and a != b]
    return sorted(wrong, key=lambda each: -each[2])[:count]


def errors_by_length(
    heard: Sequence[str], said: Sequence[str], seconds: np.ndarray, edges: Sequence[float]
) -> dict[str, tuple[int, float]]:
    """Return the number of clips and their character error rate between lengths in seconds."""
    places = np.digitize(seconds, edges[1:-1])
    found = {}
    for place, (low, high) in enumerate(itertools.pairwise(edges)):
        rows = np.flatnonzero(places == place)
        rate = cer([heard[row] for row in rows], [said[row] for row in rows])
        found[f"{low:g} to {high:g} s"] = (len(rows), rate)
    return found


def mark(heard: str, said: str) -> str:
    """Return what was heard, with what is wrong in brackets, and a dash for what was left out.

    >>> mark("kas", "kost")
    'k[a]s-'
    """
    found = load_optional("jiwer", USER).process_characters([said], [heard])
    pieces = []
    for chunk in found.alignments[0]:
        written = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        if chunk.type == "equal":
            pieces.append(written)
        elif chunk.type == "delete":
            pieces.append("-" * (chunk.ref_end_idx - chunk.ref_start_idx))
        else:
            pieces.append(f"[{written}]")
    return "".join(pieces)


def kinds_of_rows(heard: Sequence[str], said: Sequence[str], rows: Sequence[int]) -> dict[str, int]:
    """Return the kinds of errors of some rows; texts are found by their row."""
    return kinds_of_errors(pair_letters([heard[row] for row in rows], [said[row] for row in rows]))
