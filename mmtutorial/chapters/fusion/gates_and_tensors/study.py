"""Which models can answer about a relation, and what do gates do when an input is corrupted?

    python -m mmtutorial.chapters.fusion.gates_and_tensors.study

Matching: "do these words and this picture belong together?" needs both at once, since each picture
and each text comes once in a true pair and once in a false one. Every model, those that cannot know
included, gets the same search on validation: three rates of dropout, two learning rates, epochs.

Corruption: gates are trained with two keywords on emoji as they are, on emoji a third of whose
pictures are noise, and on emoji of which pictures or words are corrupted, with nothing chosen; they
are read on the validation split.
"""

import itertools
from functools import cache

import numpy as np

from mmtutorial.chapters.fusion.gates_and_tensors.corruption import (
    CorruptedTask,
    corrupted_inputs,
    image_gates,
)
from mmtutorial.chapters.fusion.gates_and_tensors.matching import MatchingTask
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import (
    Recipe,
    predict_log_proba,
    score_log_proba,
    search_recipes,
    train_model,
)

HIDDEN = (128,)  # a hidden layer in the head
MODELS = {  # name -> method, hidden layers of the head
    "image": ("image", HIDDEN),
    "text": ("text", HIDDEN),
    "concat": ("concat", ()),
    "sum": ("sum", ()),
    "concat, hidden layer": ("concat", HIDDEN),
    "gated": ("gated", ()),
    "multiplicative": ("multiplicative", ()),
    "tensor": ("tensor", ()),
    "low_rank": ("low_rank", ()),
}
BASELINE = "concat, hidden layer"  # what a product has to beat
TRAININGS = {
    "whole emoji": {},
    "static pictures": {"pictures": 0.3},
    "static pictures, swapped words": {"pictures": 0.3, "words": 0.3},
}


@cache
def load_pairs():
    """Load the pairs once."""
    return MatchingTask()


@cache
def load_corrupted(training):
    """Load the emoji of each training once."""
    return CorruptedTask(keywords=2, **TRAININGS[training])


def search_matching(task, setting, choices):
    """Try three rates of dropout and two learning rates, the same for each model."""
    method, hidden = MODELS[setting["method"]]
    candidates = [
        Recipe(hidden=hidden, dropout=rate, image_dropout=rate, text_dropout=rate,
               learning_rate=speed, epochs=8)
        for rate, speed in itertools.product((0.1, 0.3, 0.5), (2e-3, 5e-3))
    ]  # fmt: skip
    return search_recipes(task, method, candidates)


def run_matching(task, setting, config, seed):
    """Train, and answer for test pairs, for pairs of known concepts, and with words shuffled."""
    name = setting["method"]
    model = train_model(task, MODELS[name][0], Recipe(**config), seed=seed)
    inputs, truth = task.inputs("test", seed=0), task.targets("test")
    log_p = predict_log_proba(model, inputs)
    known = predict_log_proba(model, task.inputs("train", seed=0))
    rows = [
        {
            **score_log_proba(log_p, truth),
            "train_accuracy": score_log_proba(known, task.targets("train"))["accuracy"],
            "parameters": model.count_params(),
            "correct": log_p.argmax(axis=1) == truth,
        }
    ]
    if len(model.modalities) == 2:
        wrong = shuffled_modality(inputs, "text", seed=seed)
        scores = score_log_proba(predict_log_proba(model, wrong), truth)
        rows.append({"method": f"{name}, text shuffled", **scores})
    return rows


def run_corruption(task, setting, config, seed):
    """Train a recipe that nobody chose, and read it on validation, corrupted in six ways."""
    model = train_model(task, setting["method"], Recipe(epochs=12), seed=seed)
    truth, rows = task.targets("validation"), []
    for damage, given in corrupted_inputs(task.inputs("validation", seed=seed), seed=seed).items():
        row = {"damage": damage, **score_log_proba(predict_log_proba(model, given), truth)}
        if setting["method"] == "gated":
            row["gate"] = float(image_gates(model, given).mean())
        rows.append({**row, "parameters": model.count_params()})
    return rows


STUDIES = (
    Study(
        name="fusion/gates_and_tensors/matching",
        question="Which fusions tell whether words and a picture belong together?",
        grid={"method": tuple(MODELS)},
        task=lambda setting: load_pairs(),
        search=search_matching,
        run=run_matching,
        contrasts=[
            Contrast(
                "method",
                BASELINE,
                groups=lambda labels: np.tile(
                    load_pairs().emoji.dataset.test.targets["concept"], 2
                ),
            )
        ],
    ),
    Study(
        name="fusion/gates_and_tensors/corruption",
        question="What do gates do when an input is corrupted, and what if training had shown it?",
        grid={"training": tuple(TRAININGS), "method": ("gated", "concat")},
        task=lambda setting: load_corrupted(setting["training"]),
        run=run_corruption,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
