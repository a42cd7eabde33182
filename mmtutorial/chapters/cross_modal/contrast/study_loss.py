"""What do negatives, temperature, batch and known duplicates matter, and are halves better locked?

    python -m mmtutorial.chapters.cross_modal.contrast.study_loss

One change at a time of one recipe, on frozen features and word vectors in English and Chinese, with
nothing chosen. Few negatives: the batch and its steps stay, but each pair is compared with those of
its group alone. Tables of words: frozen vectors that stay, that training changes, or random ones.
"""

from functools import cache, partial

import numpy as np

from mmtutorial.chapters.cross_modal.contrast.experiment import (
    TABLES,
    build_variant,
    build_word_table,
    modality_gap,
    share_of_images,
)
from mmtutorial.chapters.cross_modal.contrast.pairs import WordPairs
from mmtutorial.studies import Study, main
from mmtutorial.tasks import EmojiPairs, PairRecipe, build_dual_encoder, score_pairs, train_pairs

LANGUAGES = ("en", "zh")
BASE = PairRecipe(epochs=30, dropout=0.5, learning_rate=2e-3)
GROUPS, TEMPERATURES, BATCHES = (2, 8, 64), (0.02, 0.07, 0.2, 1.0), (128, 2048)
CHANGES = {  # name -> recipe, and what builds the model
    "clip": (BASE, build_dual_encoder),
    "siglip": (BASE.replace(loss="siglip"), build_dual_encoder),
    **{
        f"{loss}, {group - 1} negatives": (
            BASE.replace(loss=loss), partial(build_variant, group=group)
        )
        for loss in ("clip", "siglip")
        for group in GROUPS
    },
    "siglip, 1 negatives, bias 0": (
        BASE.replace(loss="siglip"), partial(build_variant, group=2, bias=0.0)
    ),
    **{f"temperature {t:g}": (BASE, partial(build_variant, temperature=t)) for t in TEMPERATURES},
    **{f"batch {size}": (BASE.replace(batch_size=size), build_dual_encoder) for size in BATCHES},
    "duplicates as negatives": (BASE.replace(mask_duplicates=False), build_dual_encoder),
}  # fmt: skip


@cache
def load_pairs(words=False):
    """Load the pairs once, as vectors or as rows of a table."""
    return (WordPairs if words else EmojiPairs)(languages=LANGUAGES)


def measure(model, task):
    """Return a row for each language: R@10 each way on the test split, and how far apart."""
    rows = []
    for language in LANGUAGES:
        scores = score_pairs(model, task, "test", language=language)
        vectors = task.captions("test", language=language).vectors
        found = model.encode({"image": task.images("test"), "text": vectors})
        rows.append(
            {
                "language": language,
                "recall_at_10": float(np.mean([each["recall_at_10"] for each in scores.values()])),
                **{way: each["recall_at_10"] for way, each in scores.items()},
                "gap": modality_gap(found["image"], found["text"]),
                "images_among_10": share_of_images(found["text"], found["image"], found["text"]),
            }
        )
    return rows


def run_change(task, setting, config, seed):
    """Train with one change."""
    recipe, build = CHANGES[setting["method"]]
    model = train_pairs(task, recipe, seed=seed, build=build)
    scale = {} if model.logit_scale is None else {"scale": float(model.logit_scale.scale)}
    return [{**row, **scale} for row in measure(model, task)]


def run_table(task, setting, config, seed):
    """Train with a table of words."""
    build = partial(build_word_table, table=setting["method"])
    return measure(train_pairs(task, BASE, seed=seed, build=build), task)


STUDIES = (
    Study(
        name="cross_modal/contrast/loss",
        question="What do negatives, temperature, batch size and known duplicates matter?",
        grid={"method": tuple(CHANGES)},
        task=lambda setting: load_pairs(),
        run=run_change,
    ),
    Study(
        name="cross_modal/contrast/locked",
        question="Is a pretrained half better locked, or trained on?",
        grid={"method": TABLES},
        task=lambda setting: load_pairs(words=True),
        run=run_table,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
