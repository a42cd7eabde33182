"""All fusion methods on stamps: photograph, caption and spoken caption, with gaps.

    python -m mmtutorial.chapters.fusion.which_fusion.study_stamps

Ten categories, five folds: every stamp is in the test split of one. Every method gets the same
search in every fold, eight trainings on some 390 stamps, judged on the validation stamps: the
learning rate, the dropout of speech and of whole modalities, and the epochs. (A modality alone has
its own dropout and size to choose, early fusion the dropout of its hidden layer, late fusion its
weights.) The number of a fold is the seed of its test run. Captions are cut after twelve words, and
958 pieces of words are known.

What came of it: none of the networks gets further than linear models of the photograph and the
caption whose probabilities are multiplied. Concatenation, early and late fusion come close; fusions
that multiply or weigh vectors learn too little from so few stamps.
"""

from functools import cache

import numpy as np

from mmtutorial.chapters.fusion.which_fusion.study_methods import rank
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Contrast, Study, best_alone, main
from mmtutorial.tasks import (
    TOKEN_FUSIONS,
    StampRecipe,
    StampTask,
    score_log_proba,
    search_late,
    search_recipes,
    train_chosen,
    vary,
)
from mmtutorial.tasks.stamps import FUSION_METHODS

FOLDS, ALONE = range(5), ("image", "speech", "text")
ALL = (*ALONE, *FUSION_METHODS[:3], "late", *FUSION_METHODS[3:])
BASE = StampRecipe(epochs=24, batch_size=64)


@cache
def load_task(fold, by_token=False):
    """Load each task once."""
    return StampTask(fold=fold, by_token=by_token, words=12, pieces=960)


def candidates(method):
    """Return the recipes that the search tries, as many for a baseline as for a fusion."""
    if method in ALONE:
        varied = {f"{method}_dropout": (0.2, 0.5), "units": (64, 128)}
    elif method == "early":  # no encoders to drop out of
        varied = {"dropout": (0.0, 0.5), "modality_dropout": (0.0, 0.3)}
    else:
        varied = {"speech_dropout": (0.5, 0.9), "modality_dropout": (0.0, 0.3)}
    return vary(BASE, **varied, learning_rate=(0.004, 0.01))


def needs(setting):
    """Return the settings whose choices late fusion reads."""
    late = setting["method"] == "late"
    return [{**setting, "method": name} for name in ALONE] if late else []


def search(task, setting, choices):
    """Choose a recipe; for late fusion, the weights."""
    method, inputs = setting["method"], task.inputs("validation")
    if method != "late":
        return search_recipes(task, method, candidates(method), inputs=inputs)
    chosen = {each["method"]: choices(**each)["config"] for each in needs(setting)}
    alone = {name: StampRecipe(**config) for name, config in chosen.items()}
    return search_late(task, alone, inputs=inputs)


def run(task, setting, config, seed):
    """Train and test; concatenation is also tested with each modality shuffled."""
    method, truth, inputs = setting["method"], task.targets("test"), task.inputs("test")
    predict, parameters = train_chosen(task, method, config, seed=seed, recipe=StampRecipe)
    log_p = predict(inputs)
    correct = log_p.argmax(axis=1) == truth
    rows = [{**score_log_proba(log_p, truth), "parameters": parameters, "correct": correct}]
    for name in task.modalities if method == "concat" else ():
        wrong = predict(shuffled_modality(inputs, name, seed=seed))
        rows.append({"method": f"concat, {name} shuffled", **score_log_proba(wrong, truth)})
    return rows


def clusters(labels):
    """Return the cluster of each test stamp of a fold: stamps that resemble each other."""
    return load_task(labels["fold"]).dataset.test.info["cluster"]


def tables(result):
    """Rank the methods, and count the stamps that lack each modality."""
    splits = [load_task(fold).dataset.test for fold in FOLDS]
    absent = []
    for name in (*ALONE, "sound"):
        there = np.concatenate([split.presence[name] for split in splits])
        lacking = int((~there).sum())
        absent.append({"modality": name, "absent": lacking, "items": len(there),
                       "share": lacking / len(there)})  # fmt: skip
    whole = [row for row in result["rows"] if "shuffled" not in row["method"]]
    return {**rank({"rows": whole}, keys=()), "absent": absent}


ASKED = {"groups": clusters, "pool": ("fold",), "leave_out": ALONE}
STUDIES = (
    Study(
        name="fusion/which_fusion/stamps",
        question="Which fusion of a stamp's photograph, caption and voice beats concatenation?",
        grid={"method": ALL, "fold": tuple(FOLDS)},
        task=lambda setting: load_task(setting["fold"], setting["method"] in TOKEN_FUSIONS),
        search=search,
        needs=needs,
        run=run,
        seeds=lambda setting: [setting["fold"]],
        contrasts=[
            Contrast("method", "concat", **ASKED),
            Contrast("method", best_alone(*ALONE), **ASKED),
        ],
        tables=tables,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
