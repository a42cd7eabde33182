"""What several cells and the study of the chapter do: train a captioner, and score captions."""

from collections.abc import Callable, Sequence

import keras
import numpy as np

from mmtutorial import encoders
from mmtutorial.chapters.cross_modal.translation.words import LENGTH, CaptionTask
from mmtutorial.cross_modal import Captioner
from mmtutorial.evaluation import bleu, chrf, keyword_f1
from mmtutorial.tasks._inputs import set_seed

UNITS, PREFIX, DROPOUT, BATCH, RATE = 96, 4, 0.2, 128, 2e-3
FILTERS = (24, 48, 96)  # of 32 pixels per side: a grid of 4 x 4 places
FREQUENT = 20  # words that most training concepts have


def build_captioner(task: CaptionTask) -> Captioner:
    """Build a captioner of frozen features, or one that learns to see a grid of 4 x 4 places."""
    pixels = task.image == "pixels"
    prefix = 16 if pixels else PREFIX
    return Captioner(
        task.vocabulary,
        UNITS,
        encoder=encoders.GridCNN(FILTERS) if pixels else None,
        prefix=PREFIX,
        num_layers=1,
        dropout=DROPOUT,
        max_length=prefix + LENGTH + 1,
    )


def train_captioner(
    task: CaptionTask,
    epochs: int,
    *,
    seed: int,
    order: str = "fixed",
    on_epoch: Callable | None = None,
) -> tuple[Captioner, list[float]]:
    """Train a captioner; return it and the loss of each epoch.

    ``order`` is ``"fixed"``, the most general word first, or ``"drawn"``, anew for each row and
    epoch. Pixels are turned and shifted anew in each epoch. ``on_epoch(epoch, model)`` is called
    after each.
    """
    set_seed(seed)
    model, rng = build_captioner(task), np.random.default_rng(seed)
    model({name: each[:1] for name, each in task.pairs.items()})
    model.compile(keras.optimizers.Adam(RATE))
    model.optimizer.build(model.trainable_variables)  # or the first step would be traced twice
    losses = []
    for epoch in range(epochs):
        pairs = dict(task.pairs)
        if order == "drawn":
            pairs["text"] = shuffle_words(pairs["text"], rng)
        if task.image == "pixels":
            pairs["image"] = task.augmented(seed + epoch)
        found = model.fit(pairs, batch_size=BATCH, epochs=1, verbose=0)
        losses.append(found.history["loss"][0])
        if on_epoch is not None:
            on_epoch(epoch, model)
    return model, losses


def shuffle_words(ids: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return rows of ids in another order, the padding still behind.

    >>> sorted(shuffle_words(np.array([[5, 6, 7, 0]]), np.random.default_rng(0))[0, :3].tolist())
    [5, 6, 7]
    """
    keys = np.where(ids == 0, 2.0, rng.random(ids.shape))
    return np.take_along_axis(ids, np.argsort(keys, axis=1), axis=1)


def f1_scores(captions: Sequence[str], references: Sequence[set[str]]) -> np.ndarray:
    """Return the keyword F1 of each caption, ``(captions,)``; the order does not matter."""
    return keyword_f1([text.split() for text in captions], references, average=False)


def invented_words(
    captions: Sequence[str], references: Sequence[set[str]], frequent: set[str]
) -> dict[str, float]:
    """How much is hallucinated? Shares of written words that the item's own words do not hold.

    ``"invented"`` is their share of all written words; ``"frequent"`` the share of those invented
    that are among the ``frequent`` words: what a model writes that looks at nothing.

    >>> invented_words(["animal dog", "face"], [{"dog"}, {"face"}], {"animal"})
    {'invented': 0.3333333333333333, 'frequent': 1.0}
    """
    rows = zip(captions, references, strict=True)
    written = [(word, word in own) for text, own in rows for word in text.split()]
    wrong = [word for word, right in written if not right]
    return {
        "invented": len(wrong) / max(1, len(written)),
        "frequent": float(np.mean([word in frequent for word in wrong])) if wrong else 0.0,
    }


def frequent_words(task: CaptionTask) -> set[str]:
    """Return the words of most training concepts."""
    return {word for word, _ in task.counts.most_common(FREQUENT)}


def score_captions(
    captions: Sequence[str], references: Sequence[set[str]], task: CaptionTask
) -> dict:
    """Return all scores of some captions, and F1 item by item as ``"correct"``.

    BLEU (to pairs of words) and chrF compare with the words of each item in the order of a caption;
    ``"copied"`` is the share of captions that stand in training word for word.
    """
    told = [task.say(words) or " ".join(sorted(words)) for words in references]
    known, f1 = set(task.captions("train")), f1_scores(captions, references)
    return {
        "f1": float(f1.mean()),
        "bleu": bleu(list(captions), told, max_order=2),
        "chrf": chrf(list(captions), told),
        "words": float(np.mean([len(text.split()) for text in captions])),
        "copied": float(np.mean([text in known for text in captions])),
        **invented_words(captions, references, frequent_words(task)),
        "correct": f1,
    }
