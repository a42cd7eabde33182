"""Which words belong to this picture, found in the directions that both share?

    python -m mmtutorial.chapters.cross_modal.correlation.study

Each method sees the training drawings twice, with four of their words drawn by the seed, and is
asked about unseen concepts by an unseen artist, with all words: which texts are nearest to this
picture, and which pictures to this text? ``accuracy`` is R@10. Validation chooses the strength of
each regularization, the number of components, and the epochs of deep CCA. ``shuffled`` is linear
CCA with the same choices, trained on pairs in which whole concepts have changed places.
"""

from functools import cache

import keras
import numpy as np

from mmtutorial.chapters.cross_modal.correlation.experiment import (
    DRAWS,
    KEYWORDS,
    CanonicalSpace,
    RegressionSpace,
    draw_training,
    shuffle_concepts,
    train_deep,
)
from mmtutorial.cross_modal import LinearCCA
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import EmojiPairs, fit_ridge_map, score_pairs

COMPONENTS = (50, 100, 200)
RIDGES = (0.1, 0.2, 0.4, 0.8)
EPOCHS, RATE = (5, 10, 20), 1e-2  # of deep CCA
CHOICES = {
    "ridge regression": [{"penalty": p} for p in (100.0, 300.0, 1000.0, 3000.0)],
    "CCA, no regularization": [{"regularization": 0.0, "components": c} for c in COMPONENTS],
    "CCA": [{"regularization": r, "components": c} for r in RIDGES for c in COMPONENTS],
    "CCA, hashed words": [{"regularization": r, "components": 200} for r in (0.02, 0.06, 0.2)],
    "deep CCA": [{"regularization": r, "units": u} for r in (0.1, 1.0, 10.0) for u in (50, 100)],
}
SHUFFLED = "CCA, pairs shuffled"
METHODS = (*CHOICES, SHUFFLED)


@cache
def load_pairs(language, text):
    """Load the pairs of each language, and each kind of numbers for words, once."""
    return EmojiPairs(text=text, languages=(language,), keywords=KEYWORDS)


def pairs_of(setting):
    """Return the pairs of a setting."""
    text = "ngrams" if setting["method"] == "CCA, hashed words" else "features"
    return load_pairs(setting["language"], text)


def fit_linear(method, config, inputs, concepts, seed):
    """Return the space of a method in closed form."""
    if method == "ridge regression":
        ridge = fit_ridge_map(inputs["image"], inputs["text"], penalty=config["penalty"])
        return RegressionSpace(ridge, inputs["text"].mean(axis=0))
    if method == SHUFFLED:
        inputs = {**inputs, "text": shuffle_concepts(inputs["text"], concepts, seed=seed)}
    cca = LinearCCA(config["components"], regularization=config["regularization"])
    return CanonicalSpace(cca.fit(inputs))


def fit_deep(config, inputs, seed, callbacks=()):
    """Return the space of deep CCA."""
    model, _ = train_deep(
        inputs,
        units=config["units"],
        epochs=config.get("epochs", max(EPOCHS)),
        regularization=config["regularization"],
        learning_rate=RATE,
        seed=seed,
        callbacks=callbacks,
    )
    return CanonicalSpace(model)


def score(space, task, split, language):
    """Return R@10, averaged over both directions of the search."""
    found = score_pairs(space, task, split, language=language)
    return float(np.mean([each["recall_at_10"] for each in found.values()]))


def search(task, setting, choices):
    """Try each choice once, with the words of seed 0; deep CCA after some of its epochs, too."""
    method, language = setting["method"], setting["language"]
    if method == SHUFFLED:
        chosen = choices(method="CCA", language=language)
        return {key: chosen[key] for key in ("validation", "config")}
    inputs, concepts = draw_training(task, language=language, seed=0, draws=DRAWS)
    tried = []
    for config in CHOICES[method]:
        if method == "deep CCA":

            def watch(epoch, logs, config=config, model=None):
                if epoch + 1 in EPOCHS:
                    model.fit_linear(inputs)
                    value = score(CanonicalSpace(model), task, "validation", language)
                    tried.append((value, {**config, "epochs": epoch + 1}))

            fit_deep(config, inputs, 0, [Watch(watch)])
        else:
            space = fit_linear(method, config, inputs, concepts, 0)
            tried.append((score(space, task, "validation", language), config))
    value, config = max(tried, key=lambda each: each[0])
    return {"validation": value, "config": config}


class Watch(keras.callbacks.Callback):
    """Call a function with epoch, logs and model at the end of each epoch."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def on_epoch_end(self, epoch, logs=None):
        """Call it."""
        self.function(epoch, logs, model=self.model)


def run(task, setting, config, seed):
    """Train, and search the test split in both directions."""
    method, language = setting["method"], setting["language"]
    inputs, concepts = draw_training(task, language=language, seed=seed, draws=DRAWS)
    if method == "deep CCA":
        space = fit_deep(config, inputs, seed)
    else:
        space = fit_linear(method, config, inputs, concepts, seed)
    rows = []
    for way, values in score_pairs(space, task, "test", language=language, hits=True).items():
        recall, correct = values.pop("recall_at_10"), values.pop("hits_at_10")
        search = way.replace("_", " ")
        rows.append({"search": search, "accuracy": recall, **values, "correct": correct})
    return rows


def needs(setting):
    """Return the setting whose choice is taken over."""
    return [{**setting, "method": "CCA"}] if setting["method"] == SHUFFLED else []


def concepts_of(labels):
    """Return the concept of each query: drawings of one resemble each other."""
    task = load_pairs(labels["language"], "features")
    if labels["search"] == "image to text":
        return task.ids("test")
    return task.captions("test", language=labels["language"]).ids


STUDIES = [
    Study(
        name="cross_modal/correlation",
        question="Which words belong to this picture, found in the directions that both share?",
        grid={"language": ("en", "zh"), "method": METHODS},
        task=pairs_of,
        search=search,
        needs=needs,
        run=run,
        contrasts=[Contrast("method", "ridge regression", groups=concepts_of)],
    )
]

if __name__ == "__main__":
    main(STUDIES)
