"""What is written wrongly: letter by letter, and by the length of a clip."""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.special import log_softmax
from scipy.stats import spearmanr

from mmtutorial._optional import load_optional
from mmtutorial.applications.speech.ctc import BLANK
from mmtutorial.evaluation import cer


def pair_letters(heard: Sequence[str], said: Sequence[str]) -> Counter:
    """Count pairs of a letter that was said and what was written for it, by the fewest edits.

    "" stands for nothing: what was said and left out, or written and not said.

    >>> sorted(pair_letters(["kos"], ["kost"]).items())
    [(('k', 'k'), 1), (('o', 'o'), 1), (('s', 's'), 1), (('t', ''), 1)]
    """
    found = _align(said, heard)
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


def _align(said, heard):
    """Return jiwer's alignments of texts that were said with those that were written for them."""
    jiwer = load_optional("jiwer", "the errors of a recogniser")
    return jiwer.process_characters(list(said), list(heard))


def missed_letters(pairs: Counter) -> dict[str, tuple[int, int]]:
    """Return how often each letter was said, and how often it was not heard."""
    said, wrong = Counter(), Counter()
    for (letter, written), count in pairs.items():
        if letter:
            said[letter] += count
            wrong[letter] += count * (written != letter)
    return {letter: (said[letter], wrong[letter]) for letter in sorted(said)}


def rarity(missed: dict[str, tuple[int, int]], texts: Sequence[str]) -> float:
    """Return the rank correlation of how common a letter is in texts and how often it is missed.

    ``missed`` is what `missed_letters` returns; -1 says that the rarer is always missed more often.
    Paper: Spearman 1904, The Proof and Measurement of Association between Two Things.

    >>> rarity({"a": (9, 1), "b": (5, 2), "c": (1, 1)}, ["aaab", "bac"])
    -1.0
    """
    counts = Counter("".join(texts))
    shares = [wrong / said for said, wrong in missed.values()]
    found = spearmanr([counts[letter] for letter in missed], shares)
    return float(found.statistic)


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


def name_confusions(confused: Sequence[tuple[str, str, int]]) -> dict[str, int]:
    """Return how often each letter was taken for another one, by what a reader can see.

    >>> name_confusions([("m", "n", 41), (" ", "t", 21)])
    {'m heard as n': 41, 'space heard as t': 21}
    """
    seen = {" ": "space"}
    return {f"{seen.get(a, a)} heard as {seen.get(b, b)}": count for a, b, count in confused}


def as_columns(found: dict[str, tuple[int, float]], *titles: str) -> dict[str, dict]:
    """Return counts and shares as two columns for `Table`.

    >>> as_columns({"short": (3, 0.25)}, "clips", "letters wrong")
    {'clips': {'short': 3}, 'letters wrong': {'short': '0.25'}}
    """
    counts = {name: count for name, (count, _) in found.items()}
    shares = {name: f"{share:.2f}" for name, (_, share) in found.items()}
    return dict(zip(titles, (counts, shares), strict=True))


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
    pieces = []
    for chunk in _align([said], [heard]).alignments[0]:
        written = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        if chunk.type == "equal":
            pieces.append(written)
        elif chunk.type == "delete":
            pieces.append("-" * (chunk.ref_end_idx - chunk.ref_start_idx))
        else:
            pieces.append(f"[{written}]")
    return "".join(pieces)


def letter_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return how probable each letter of the best path is in its surest step, ``(letters,)``.

    ``logits`` are those of one clip, ``(steps, classes)``.

    >>> letter_probabilities(np.log([[0.1, 0.9], [0.3, 0.7], [0.8, 0.2], [0.4, 0.6]])).round(2)
    array([0.9, 0.6])
    """
    path, best = logits.argmax(axis=1), np.exp(log_softmax(logits, axis=1)).max(axis=1)
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    return np.maximum.reduceat(best, starts)[path[starts] != BLANK]


def repaired(greedy: str, other: str, said: str) -> list[tuple[int, bool]]:
    """Return which letters greedy decoding replaced, and whether the other text has them right.

    A letter is named by its place in the greedy text.

    >>> repaired("kasa", "kosa", "kost")
    [(1, True), (3, False)]
    """
    first, second = _align([said, said], [greedy, other]).alignments
    right = {
        place
        for chunk in second
        if chunk.type == "equal"
        for place in range(chunk.ref_start_idx, chunk.ref_end_idx)
    }
    return [
        (chunk.hyp_start_idx + step, chunk.ref_start_idx + step in right)
        for chunk in first
        if chunk.type == "substitute"
        for step in range(chunk.ref_end_idx - chunk.ref_start_idx)
    ]


def repaired_by_probability(
    logits: Sequence[np.ndarray],
    texts: Sequence[tuple[str, str, str]],
    edges: Sequence[float] = (0, 0.5, 0.8, 1),
) -> dict[str, tuple[int, float]]:
    """Return how many letters greedy decoding replaced, and the share that is right in other texts.

    By how probable the network found the wrong letter. ``texts`` are triples of greedy text, other
    text and what was said, of the clips of ``logits``.
    """
    found = [
        (sure[place], right)
        for sure, three in zip(map(letter_probabilities, logits), texts, strict=True)
        for place, right in repaired(*three)
    ]
    sure, right = np.array(found).T
    places = np.digitize(sure, edges[1:-1])
    return {
        f"{low:g} to {high:g}": (int((places == at).sum()), float(right[places == at].mean()))
        for at, (low, high) in enumerate(itertools.pairwise(edges))
    }


def kinds_of_rows(heard: Sequence[str], said: Sequence[str], rows: Sequence[int]) -> dict[str, int]:
    """Return the kinds of errors of some rows; texts are found by their row."""
    return kinds_of_errors(pair_letters([heard[row] for row in rows], [said[row] for row in rows]))
