"""Is a model as often right as it says, before and after temperature scaling?

    python -m mmtutorial.chapters.background.evaluation.study_calibration

Two keywords; recipes are those that ``fusion/joining`` chose. Late fusion pools the two modalities
alone in three ways. The temperature is fitted on the validation split.
"""

import numpy as np
from scipy.special import log_softmax

from mmtutorial.chapters.background.evaluation.recipes import chosen_recipes, load_task
from mmtutorial.evaluation import expected_calibration_error, fit_temperature, reliability
from mmtutorial.fusion import LateFusion
from mmtutorial.studies import Study, main
from mmtutorial.tasks import (
    Recipe,
    late_fusion,
    predict_log_proba,
    score_log_proba,
    train_model,
)

TRAINED, POOLED, BINS = ("image", "text", "concat"), ("image", "text"), 10
WHEN = ("before", "after")  # temperature scaling


def search(task, setting, choices):
    """Take over the recipes."""
    return chosen_recipes(setting["keywords"], *TRAINED)


def predict(task, models, split, seed):
    """Return the log-probabilities of the trained models, and of three ways to pool two."""
    inputs = task.inputs(split, seed=seed)
    found = {name: predict_log_proba(model, inputs) for name, model in models.items()}
    both = {name: found[name] for name in POOLED}
    found["late, mean"] = np.asarray(LateFusion()(both))
    found["late, geometric mean"] = late_fusion(both, dict.fromkeys(POOLED, 0.5))
    found["late, product"] = sum(both.values())
    return {name: log_softmax(log_p.astype(float), axis=1) for name, log_p in found.items()}


def run(task, setting, config, seed):
    """Train; compare confidence with accuracy, before and after temperature scaling."""
    models = {n: train_model(task, n, Recipe(**config[n]), seed=seed) for n in TRAINED}
    parameters = {name: model.count_params() for name, model in models.items()}
    pooled = sum(parameters[name] for name in POOLED)
    known = predict(task, models, "validation", seed)
    truth = {split: task.targets(split) for split in ("validation", "test")}
    rows = []
    for method, log_p in predict(task, models, "test", seed).items():
        temperature = fit_temperature(known[method], truth["validation"])
        scaled = log_softmax(log_p / temperature, axis=1)
        row = {
            "method": method,
            **score_log_proba(log_p, truth["test"]),
            "confidence": float(np.exp(log_p.max(axis=1)).mean()),
            "ece_validation": calibration_error(known[method], truth["validation"]),
            "ece": calibration_error(log_p, truth["test"]),
            "ece_by_chance": calibration_error(log_p, draw_answers(log_p, seed)),
            "temperature": temperature,
            "ece_scaled": calibration_error(scaled, truth["test"]),
            "parameters": parameters.get(method, pooled),
        }
        for when, p in zip(WHEN, (log_p, scaled), strict=True):
            row |= count_bins(p, truth["test"], when)
        rows.append(row)
    return rows


def calibration_error(log_p, truth):
    """Return the expected calibration error of log-probabilities."""
    return expected_calibration_error(truth, np.exp(log_p), bins=BINS)


def draw_answers(log_p, seed):
    """Draw answers from the model's own beliefs: it is calibrated then, but for chance."""
    draws = np.random.default_rng(seed).random((len(log_p), 1))
    return (np.exp(log_p).cumsum(axis=1) > draws).argmax(axis=1)


def count_bins(log_p, truth, when):
    """Return items, sum of confidence and right answers in each bin, as lists."""
    bins = reliability(truth, np.exp(log_p), bins=BINS)
    sums = {"sure": bins.confidence * bins.count, "right": bins.accuracy * bins.count}
    found = {f"{name}_{when}": np.nan_to_num(v).round(4).tolist() for name, v in sums.items()}
    return {f"count_{when}": bins.count.tolist(), **found}


def tabulate(result):
    """Pool the seeds into one reliability diagram for each method, before and after."""
    rows = []
    for method in dict.fromkeys(row["method"] for row in result["rows"]):
        runs = [row for row in result["rows"] if row["method"] == method]
        for when in WHEN:
            count, sure, right = (
                np.sum([run[f"{name}_{when}"] for run in runs], axis=0)
                for name in ("count", "sure", "right")
            )
            keep = count > 0
            row = {"confidence": sure[keep] / count[keep], "accuracy": right[keep] / count[keep]}
            row["count"] = count[keep]
            lists = {name: values.round(4).tolist() for name, values in row.items()}
            rows.append({"method": method, "when": when, **lists})
    return {"reliability": rows}


STUDIES = (
    Study(
        name="background/evaluation/calibration",
        question="Is a model as often right as it says, before and after temperature scaling?",
        grid={"keywords": (2,)},
        task=lambda setting: load_task(setting["keywords"]),
        search=search,
        run=run,
        tables=tabulate,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
