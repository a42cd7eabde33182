"""All fusion methods on emoji, against concatenation and each modality alone.

    python -m mmtutorial.chapters.fusion.which_fusion.study_methods

Frozen features: unseen concepts, drawn by an unseen artist. Every method gets the same search on
validation, eight trainings: dropout of the image, of the text and of whole modalities, and the
epochs. (A modality alone has sizes to choose instead, early fusion a hidden layer, late fusion its
weights.) Tensor fusion works on 32 numbers of each modality, low-rank fusion has 64 units,
attention between tokens has 32 numbers for each keyword and for the image, which is a single
token: so no fusion has many more weights than concatenation.
"""

from functools import cache

import numpy as np

from mmtutorial.evaluation import average_ranks
from mmtutorial.studies import Contrast, Study, best_alone, main
from mmtutorial.tasks import (
    FUSIONS,
    METHODS,
    TOKEN_FUSIONS,
    EmojiTask,
    Recipe,
    emoji_candidates,
    score_log_proba,
    search_late,
    search_recipes,
    train_chosen,
)

LANGUAGES, KEYWORDS, ALONE = ("en", "zh"), (1, 2, None), ("image", "text")
ALL = (*METHODS, "late", *FUSIONS)
IMAGE_AT = {
    "language": "en",
    "keywords": 2,
}  # where the image alone, which no word changes, is searched


@cache
def load_task(language, keywords, by_word):
    """Load each task once."""
    return EmojiTask(language=language, keywords=keywords, by_word=by_word)


def needs(setting):
    """Return the settings whose choices one reads."""
    if setting["method"] == "late":
        return [{**setting, "method": name} for name in ALONE]
    once = {**setting, **IMAGE_AT}
    return [once] if setting["method"] == "image" and setting != once else []


def search(task, setting, choices):
    """Choose a recipe; for late fusion, the weights."""
    if setting["method"] == "late":
        chosen = {each["method"]: choices(**each)["config"] for each in needs(setting)}
        alone = {name: Recipe(**config) for name, config in chosen.items()}
        return search_late(task, alone, steps=20)
    for needed in needs(setting):
        known = choices(**needed)
        return {"validation": known["validation"], "config": known["config"]}
    return search_recipes(task, setting["method"], emoji_candidates(setting["method"]))


def run(task, setting, config, seed):
    """Train and test."""
    inputs, truth = task.inputs("test", seed=seed), task.targets("test")
    predict, parameters = train_chosen(task, setting["method"], config, seed=seed)
    log_p = predict(inputs)
    scores = {**score_log_proba(log_p, truth), "parameters": parameters}
    return [{**scores, "correct": log_p.argmax(axis=1) == truth}]


def concepts(labels):
    """Return the concept of each test item; variants of one are drawn together."""
    return load_task("en", 2, False).dataset.test.targets["concept"]


def rank(result, keys=("language", "keywords")):
    """Rank the methods by accuracy within each seed, ties shared; average the seeds."""
    settings = {}
    for row in result["rows"]:
        runs = settings.setdefault(tuple(row[key] for key in keys), {})
        runs.setdefault(row["method"], {})[row["seed"]] = row["accuracy"]
    rows = []
    for values, runs in settings.items():
        seeds = sorted(set.intersection(*(set(run) for run in runs.values())))
        scores = np.array([[run[seed] for seed in seeds] for run in runs.values()])
        ranks = average_ranks(scores) if seeds else []
        where = dict(zip(keys, values, strict=True))
        rows += [
            {**where, "method": method, "rank": float(place)}
            for method, place in zip(runs, ranks, strict=False)
        ]
    return {"ranks": rows}


STUDIES = (
    Study(
        name="fusion/which_fusion/methods",
        question="Which fusion of emoji's images and words beats tuned concatenation?",
        grid={"language": LANGUAGES, "keywords": KEYWORDS, "method": ALL},
        task=lambda setting: load_task(
            setting["language"], setting["keywords"], setting["method"] in TOKEN_FUSIONS
        ),
        search=search,
        needs=needs,
        run=run,
        contrasts=[
            Contrast("method", "concat", groups=concepts, leave_out=ALONE),
            Contrast("method", best_alone(*ALONE), groups=concepts, leave_out=ALONE),
        ],
        tables=rank,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
