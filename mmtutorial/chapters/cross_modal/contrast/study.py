"""What is pretraining each half worth, and what is the loss?

    python -m mmtutorial.chapters.cross_modal.contrast.study

Images as principal components of pixels or as frozen features, texts as hashed n-grams or as frozen
word vectors; a dual encoder by three losses, one trained on shuffled pairs, ridge regression and
relative representations, which train nothing. All learn from English and Chinese at once, and are
asked in each. Every method chooses on validation: a dual encoder its dropout and its epochs, the
others two numbers of their own.
"""

import itertools
from dataclasses import asdict
from functools import cache

import numpy as np

from mmtutorial.chapters.cross_modal.contrast.encoders import RelativeEncoder, RidgeEncoder
from mmtutorial.chapters.cross_modal.contrast.pairs import PixelPairs, ShuffledPairs, every_pair
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import EmojiPairs, PairRecipe, score_pairs, train_pairs
from mmtutorial.tasks.pairs import LOSSES

LANGUAGES, DIRECTIONS = ("en", "zh"), ("image_to_text", "text_to_image")
SEARCH_SEED, EVERY, RATES = 100, 5, (0.3, 0.5)
RECIPE = PairRecipe(epochs=30, learning_rate=2e-3)
GRIDS = {
    "ridge": {"penalty": (1e2, 1e3, 1e4, 1e5)},
    "relative": {"nearest": (50, 200, 800), "power": (1.0, 3.0, 6.0)},
}
SHUFFLED = "clip, shuffled pairs"


@cache
def load_pairs(image, text, shuffled=False):
    """Load each kind of pairs once."""
    options = {"text": text, "languages": LANGUAGES}
    if shuffled:
        return ShuffledPairs(**options)
    return PixelPairs(**options) if image == "pixels" else EmojiPairs(**options)


def fit_untrained(task, method, config):
    """Return ridge regression or relative representations of the training pairs."""
    make = {"ridge": RidgeEncoder, "relative": RelativeEncoder}[method]
    return make(every_pair(task), **config)


def validate(model, task):
    """Return R@10 on validation, the mean over languages and directions."""
    scores = [score_pairs(model, task, "validation", language=each) for each in LANGUAGES]
    return float(np.mean([each[way]["recall_at_10"] for each in scores for way in DIRECTIONS]))


def search(task, setting, choices):
    """Choose on validation: dropout and epochs, or what ridge and anchors need."""
    method, tried = setting["method"], []
    if method in GRIDS:
        for values in itertools.product(*GRIDS[method].values()):
            config = dict(zip(GRIDS[method], values, strict=True))
            tried.append((validate(fit_untrained(task, method, config), task), config))
    else:
        for rate in RATES:
            recipe = RECIPE.replace(loss=method, dropout=rate)

            def watch(epoch, model, recipe=recipe):
                if (epoch + 1) % EVERY == 0:
                    config = asdict(recipe.replace(epochs=epoch + 1))
                    tried.append((validate(model, task), config))

            train_pairs(task, recipe, seed=SEARCH_SEED, on_epoch=watch)
    best, config = max(tried, key=lambda pair: pair[0])
    return {"validation": best, "config": config}


def describe(model, task):
    """Return the test scores, a row for each language and direction, with each query's hit."""
    rows = []
    for language in LANGUAGES:
        scores = score_pairs(model, task, "test", language=language, hits=True)
        for way, found in scores.items():
            hits = found.pop("hits_at_10")
            rows.append({"language": language, "direction": way, **found, "correct": hits})
    return rows


def run(task, setting, config, seed):
    """Train, and search the test split in both languages and both directions."""
    method = setting["method"]
    if method in GRIDS:
        return describe(fit_untrained(task, method, config), task)
    recipe = PairRecipe(**config)
    model = train_pairs(task, recipe, seed=seed)
    rows = [{**row, "parameters": model.count_params()} for row in describe(model, task)]
    if method == "clip" and setting["image"] == setting["text"] == "features":
        wrong = train_pairs(load_pairs("features", "features", True), recipe, seed=seed)
        rows += [{**row, "method": SHUFFLED} for row in describe(wrong, task)]
    return rows


def concepts(labels):
    """Return the concept of each query of the test split."""
    return load_pairs("features", "features").ids("test")


STUDIES = (
    Study(
        name="cross_modal/contrast",
        question="What is pretraining each half worth, and what is the loss?",
        grid={
            "image": ("pixels", "features"),
            "text": ("ngrams", "features"),
            "method": (*LOSSES, *GRIDS),
        },
        task=lambda setting: load_pairs(setting["image"], setting["text"]),
        search=search,
        run=run,
        seeds=lambda setting: range(1) if setting["method"] in GRIDS else range(5),
        contrasts=[
            Contrast("method", "clip", groups=concepts),
            Contrast("image", "pixels", groups=concepts),
            Contrast("text", "ngrams", groups=concepts),
        ],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
