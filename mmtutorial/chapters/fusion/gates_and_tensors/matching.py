"""A question about two modalities at once: do these words and this picture belong together?"""

from copy import copy

import numpy as np

from mmtutorial._checks import check_labels, check_seed, check_whole
from mmtutorial.tasks._inputs import SPLITS, pick_split
from mmtutorial.tasks.emoji import EmojiTask, build_model


def make_pairs(concepts, *, seed):
    """Give each row its own partner, and once that of a row of another concept.

    ``concepts`` is ``(rows,)``. Returns two arrays ``(2 rows,)``, which picture and which words:
    the first half are true pairs, in the second half nothing belongs together. Every picture and
    every text is in each half once, so that neither alone can tell the halves apart. Raises
    ``ValueError`` if one concept has more than half of the rows.

    >>> make_pairs([0, 1, 1, 2], seed=0)[0]
    array([0, 1, 2, 3, 0, 1, 2, 3])
    """
    concepts = check_labels("concepts", concepts)
    if concepts.ndim != 1 or not len(concepts):
        raise ValueError(f"concepts must be (rows,), at least one, got shape {concepts.shape}")
    _, concepts, counts = np.unique(concepts, return_inverse=True, return_counts=True)
    rows, most = np.arange(len(concepts)), counts.max()
    if 2 * most > len(rows):
        raise ValueError(
            f"concepts must have at most half of the {len(rows)} rows each, got one with {most}"
        )
    rng = check_seed("seed", seed)
    # Side by side by concept, in a random order, a shift by the largest one leaves every concept.
    order = np.argsort(rng.permutation(len(counts))[concepts], kind="stable")
    words = np.empty_like(rows)
    words[order] = np.roll(order, rng.integers(most, len(rows) - most + 1))
    return np.concatenate([rows, rows]), np.concatenate([rows, words])


class MatchingTask:
    """Pairs of a picture and words, half of them true; new false ones for each seed.

    It is made as `EmojiTask` is, with frozen features and all keywords, so `build_model` and
    `train_model` take it: class 1 is "they belong together".

    Parameters
    ----------
    length : tokens a text is padded or cut to; one text in fourteen has more than 80
    dataset : None, or emoji split in another way

    >>> task = MatchingTask()
    >>> len(task.targets("test")) == 2 * len(task.emoji.dataset.test)
    True
    """

    image, by_word, classes = "features", False, 2

    def __init__(self, *, length=80, dataset=None):
        self.emoji = EmojiTask(keywords=None, length=length, dataset=dataset)
        self.vocabulary = self.emoji.vocabulary
        self._rows = {split: self.emoji.inputs(split, seed=0) for split in SPLITS}

    def pairs(self, split, *, seed):
        """Return the rows of the pictures and of the words, ``(2 rows,)`` each."""
        return make_pairs(pick_split(self.emoji.dataset, split).targets["concept"], seed=seed)

    def inputs(self, split, *, seed, augment=None):
        """Return all pairs of a split: ``{"image": ..., "text": ids}``."""
        if augment is not None:
            check_whole("augment", augment, least=0)  # features stay as they are
        picture, words = self.pairs(split, seed=seed)
        rows = self._rows[split]
        return {"image": rows["image"][picture], "text": rows["text"][words]}

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and targets of a training epoch, with new false pairs."""
        return self.inputs("train", seed=1000 * seed + epoch), self.targets("train")

    def build(self, method, recipe):
        """Build a model, see `mm.tasks.build_model`."""
        return build_model(self, method, recipe)

    def without_test(self):
        """Return the same task with an empty test split, for a search."""
        other = copy(self)
        other.emoji = self.emoji.without_test()
        other._rows = {**self._rows, "test": other.emoji.inputs("test", seed=0)}
        return other

    def targets(self, split):
        """Say which pairs are true, ``(2 rows,)`` of int; the same for each seed."""
        return np.repeat([1, 0], len(pick_split(self.emoji.dataset, split)))
