"""A question about two modalities at once: do these words and this picture belong together?"""

import keras
import numpy as np

from mmtutorial import encoders
from mmtutorial.experiments.emoji import EmojiTask
from mmtutorial.fusion import FusionClassifier


def pair_up(concepts, *, seed):
    """Give each row its own partner, and once that of a row of another concept.

    ``concepts`` is ``(rows,)``. Returns two arrays ``(2 rows,)``, which picture and whose words:
    the first half are true pairs, in the second half nothing belongs together. Every picture and
    every text is in each half once, so that neither alone can tell the halves apart. Raises
    ``ValueError`` if one concept has more than half of the rows.

    >>> pair_up([0, 1, 1, 2], seed=0)[0]
    array([0, 1, 2, 3, 0, 1, 2, 3])
    """
    _, concepts, counts = np.unique(concepts, return_inverse=True, return_counts=True)
    rows, most = np.arange(len(concepts)), counts.max()
    if 2 * most > len(rows):
        raise ValueError(
            f"concepts must have at most half of the {len(rows)} rows each, got one with {most}"
        )
    rng = np.random.default_rng(seed)
    # Side by side by concept, in a random order, a shift by the largest one leaves every concept.
    order = np.argsort(rng.permutation(len(counts))[concepts], kind="stable")
    words = np.empty_like(rows)
    words[order] = np.roll(order, rng.integers(most, len(rows) - most + 1))
    return np.concatenate([rows, rows]), np.concatenate([rows, words])


class RelationTask:
    """Pairs of a picture and words, half of them true; new false ones for each seed.

    It is made as `EmojiTask` is, with frozen features and all keywords, so `build_model` and
    `train_model` take it: class 1 is "they belong together".

    Parameters
    ----------
    length : tokens a text is padded or cut to; one text in fourteen has more than 80
    dataset : None, or emoji split in another way

    >>> task = RelationTask()
    >>> len(task.targets("test")) == 2 * len(task.emoji.dataset.test)
    True
    """

    image, by_word, classes = "features", False, 2

    def __init__(self, *, length=80, dataset=None):
        self.emoji = EmojiTask(keywords=None, length=length, dataset=dataset)
        self.vocabulary = self.emoji.vocabulary
        splits = ("train", "validation", "test")
        self._rows = {split: self.emoji.inputs(split, seed=0) for split in splits}

    def pairs(self, split, *, seed):
        """Return the rows of the pictures and of the words, ``(2 rows,)`` each."""
        return pair_up(getattr(self.emoji.dataset, split).targets["concept"], seed=seed)

    def inputs(self, split, *, seed, augment=None):
        """Return all pairs of a split: ``{"image": ..., "text": ids}``."""
        picture, words = self.pairs(split, seed=seed)
        rows = self._rows[split]
        return {"image": rows["image"][picture], "text": rows["text"][words]}

    def targets(self, split):
        """Say which pairs are true, ``(2 rows,)`` of int; the same for each seed."""
        return np.repeat([1, 0], len(getattr(self.emoji.dataset, split)))


def learn_pairs(fusion, draw, *, tokens, epochs=9):
    """Learn whether a picture and words belong together, from new pairs in every epoch.

    Parameters
    ----------
    fusion : a fusion layer or its name; of representations, a hidden layer follows it
    draw : ``draw(split, count, seed)`` returns that many pairs as inputs ``"image"`` and
        ``"text"`` (ids), and whether they are true, ``(count,)`` of int
    tokens : how many different ids there are

    Returns the accuracy on pairs of the validation split after each epoch.
    """
    keras.utils.set_random_seed(0)
    parts = {
        "image": encoders.DenseEncoder(128, dropout=0.1),
        "text": encoders.TextBag(tokens, 128, dropout=0.1),
    }
    model = FusionClassifier(parts, fusion, classes=2, hidden=(128,), dropout=0.1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss, metrics=["accuracy"])
    new, scores = draw("validation", 2000, seed=0), []
    for epoch in range(epochs):
        model.fit(*draw("train", 4096, seed=epoch), batch_size=128, verbose=0)
        scores.append(model.evaluate(*new, batch_size=2000, verbose=0)[1])
    return scores
