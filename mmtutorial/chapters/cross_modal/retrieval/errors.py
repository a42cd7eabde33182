"""Wrong answers of a search, sorted by what they share with the right ones."""

from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_like
from mmtutorial.data.keywords import SEPARATOR

KINDS = {  # in this order: an error is of the first kind that fits
    "same subgroup": "a neighbour: of the same subgroup",
    "common word": "of another subgroup, but one of its words is also the query's",
    "looks alike": "its own drawing is among the ten that look most like the query's",
    "same group": "of the same group, and nothing of the above",
    "other": "nothing that we know of",
}
ALIKE = 10


def sort_errors(similarity: np.ndarray, pairs: Any, *, language: str) -> dict[str, np.ndarray]:
    """Sort the test images whose first text is wrong by what that text shares with them.

    Parameters
    ----------
    similarity : ``(test drawings, texts)``, of an image-to-text search; each emoji is drawn once,
        and its text stands where its drawing does
    pairs : the `EmojiPairs` that were searched
    language : that of the texts

    Returns ``{kind: (errors, 2)}``: the rows of the test split whose drawing was asked, and to
    which the first text belongs, by how surely the text was preferred. The kinds are those of
    `KINDS`. What "looks alike" is told by the frozen image features, not by the model.
    """
    check_like("pairs", pairs, "an EmojiPairs", "images", "ids", "datasets")
    similarity = check_array("similarity", similarity)
    split, ids = pairs.datasets[language].test, pairs.ids("test")
    first = similarity.argmax(axis=1)  # texts come in the order of the drawings, one per emoji
    right = np.where(ids[:, None] == ids, similarity, -np.inf).max(axis=1)
    margin = similarity.max(axis=1) - right
    wrong = np.flatnonzero(ids[first] != ids)
    wrong = wrong[np.argsort(-margin[wrong], kind="stable")]
    words = [set(text.split(SEPARATOR)) for text in split.info["keywords"]]
    near = _find_lookalikes(pairs.images("test"), ids)
    found = {kind: [] for kind in KINDS}
    for row in wrong:
        other = first[row]
        subgroup, group = (split.targets[k][[row, other]] for k in ("subgroup", "group"))
        alike = other in near[row]
        fits = (len(set(subgroup)) == 1, words[row] & words[other], alike, len(set(group)) == 1, 1)
        kind = next(kind for kind, fit in zip(KINDS, fits, strict=True) if fit)
        found[kind].append((row, other))
    return {kind: np.array(rows, int).reshape(-1, 2) for kind, rows in found.items()}


def _find_lookalikes(images, ids):
    """Return for each image the rows of the ten others most like it, of other concepts."""
    unit = images / np.linalg.norm(images, axis=1, keepdims=True)
    cosine = np.where(ids[:, None] == ids, -np.inf, unit @ unit.T)
    return np.argsort(-cosine, axis=1)[:, :ALIKE]
