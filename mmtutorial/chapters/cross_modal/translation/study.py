"""Is a written caption better than that of the nearest training image?

    python -m mmtutorial.chapters.cross_modal.translation.study

Captioners that read frozen features (words in a fixed order, or in one drawn anew) or learn to see
pixels; beside them the caption of the nearest training image, the most frequent caption, and ridge
regression of each word. All are scored on emoji of unseen concepts by an unseen artist, and on
stamps. Epochs, the penalty of each search, and the number of words are chosen on validation.
"""

import itertools
from functools import cache

import numpy as np

from mmtutorial.chapters.cross_modal.translation.baselines import (
    WordProbe,
    most_frequent_caption,
    nearest_captions,
)
from mmtutorial.chapters.cross_modal.translation.experiment import (
    f1_scores,
    score_captions,
    train_captioner,
)
from mmtutorial.chapters.cross_modal.translation.words import CaptionTask
from mmtutorial.studies import Contrast, Study, main

SEARCH_SEED = 100
PENALTIES, COUNTS = (1e2, 1e3, 1e4), (2, 3, 4)
EPOCHS = {"captioner": (4, 6, 8, 10), "drawn order": (4, 6, 8, 10), "pixels": (6, 9, 12)}
BASELINES = ("nearest", "frequent", "probe")
LENGTH_PENALTIES, EVERY = (0.0, 1.0, 3.0, 6.0), 3  # tried on every third validation row
SEVERAL = ("captioner", "drawn order")  # written in several ways


@cache
def load_task(image):
    """Load each kind of images once."""
    return CaptionTask(image=image)


def search(task, setting, choices):
    """Choose on validation, by keyword F1: epochs, or penalty and number of words."""
    method, tried = setting["method"], []
    images, words = task.images("validation"), task.references("validation")

    def score(captions, config):
        tried.append((float(f1_scores(captions, words).mean()), config))

    if method == "probe":
        for penalty, count in itertools.product(PENALTIES, COUNTS):
            config = {"penalty": penalty, "count": count}
            probe = WordProbe(task.pairs, task.vocabulary, **config)
            score(probe.caption(images), config)
    elif method in EPOCHS:

        def watch(epoch, model):
            if epoch + 1 in EPOCHS[method]:
                config = {"epochs": epoch + 1}
                if method in SEVERAL:
                    config["penalty"] = choose_penalty(model, images[::EVERY], words[::EVERY])
                score(model.caption(images).texts, config)

        order = "drawn" if method == "drawn order" else "fixed"
        last = max(EPOCHS[method])
        train_captioner(task, last, seed=SEARCH_SEED, order=order, on_epoch=watch)
    else:
        score(write_untrained(task, method, images), {})
    best, config = max(tried, key=lambda pair: pair[0])
    return {"validation": best, "config": config}


def choose_penalty(model, images, words):
    """Return the length penalty of the best beam search."""
    found = {
        penalty: f1_scores(beam(model, images, penalty), words).mean()
        for penalty in LENGTH_PENALTIES
    }
    return max(found, key=found.get)


def beam(model, images, penalty):
    """Return the captions of a beam of four."""
    return model.caption(images, method="beam", length_penalty=penalty).texts


def write_untrained(task, method, images):
    """Return captions that need no training."""
    captions = [text for text in task.captions("train") if text]
    if method == "frequent":
        return [most_frequent_caption(captions)] * len(images)
    return nearest_captions(images, task.pairs["image"], captions)


def run(task, setting, config, seed):
    """Train, and write captions of the test emoji and of the stamps."""
    method, rows = setting["method"], []
    emoji, stamps = load_sets(task)
    if method in EPOCHS:
        order = "drawn" if method == "drawn order" else "fixed"
        model, _ = train_captioner(task, config["epochs"], seed=seed, order=order)
        writers = {method: lambda images: model.caption(images).texts}
        if method in SEVERAL:
            writers[f"{method}, beam"] = lambda images: beam(model, images, config["penalty"])
        if method == "captioner":
            rng = np.random.default_rng(seed)
            writers["captioner, sampled"] = lambda images: (
                model.caption(images, method="sample", seed=seed).texts
            )
            writers["captioner, image shuffled"] = lambda images: (
                model.caption(images[rng.permutation(len(images))]).texts
            )
    elif method == "probe":
        writers = {method: WordProbe(task.pairs, task.vocabulary, **config).caption}
    else:
        writers = {method: lambda images: write_untrained(task, method, images)}
    for name, write in writers.items():
        for domain, (images, words) in {"emoji": emoji, "stamps": stamps}.items():
            row = score_captions(write(images), words, task)
            rows.append({"method": name, "domain": domain, **row})
    return rows


def load_sets(task):
    """Return images and words of the test emoji, and of the stamps."""
    return (task.images("test"), task.references("test")), task.stamps[:2]


def groups(labels):
    """Return what each item of the rows belongs to: the concept, or the cluster of a stamp."""
    task = load_task("features")
    return task.stamps[2] if labels["domain"] == "stamps" else task.concepts("test")


STUDIES = (
    Study(
        name="cross_modal/translation",
        question="Is a written caption better than that of the nearest training image?",
        grid={"method": (*EPOCHS, *BASELINES)},
        task=lambda setting: load_task("pixels" if setting["method"] == "pixels" else "features"),
        search=search,
        run=run,
        seeds=lambda setting: range(1) if setting["method"] in BASELINES else range(5),
        contrasts=[
            Contrast("method", "nearest", groups=groups),
            Contrast("method", "captioner", groups=groups),
        ],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
