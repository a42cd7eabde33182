"""What is a model worth when the photograph or the caption is missing?

    python -m mmtutorial.chapters.fusion.missing_modalities.study

Stamps, five folds; the number of a fold is its seed, in the search and in the test run: what
validation chooses is a state of the training that is tested. Training sees complete rows
(``complete``), modalities that are missing at random (``random``), or photographs that are missing
mostly for some categories (``systematic``). In every fold each method tries the same two rates of
dropout, and every fourth epoch, on the validation stamps of that fold: on complete rows, or with
the gaps to come (``chosen``). The test fold is asked once for each pattern of absence; what is
right at any share of missing rows follows from these answers, without a draw.
"""

import json
from functools import cache

import numpy as np

from mmtutorial.chapters.fusion.missing_modalities.expected import (
    expected_correct,
    presence_patterns,
)
from mmtutorial.chapters.fusion.missing_modalities.experiment import (
    METHODS,
    MISSING_RATE_BY_CLASS,
    predict_by_pattern,
    train_method,
)
from mmtutorial.evaluation import macro_f1, shuffled_modality
from mmtutorial.fusion import mask_by_class, mask_completely_at_random, product_of_experts
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import (
    StampTask,
    choose_weights,
    late_fusion,
    log_frequencies,
    predict_log_proba,
    score_log_proba,
)

FOLDS, RATES, EVERY, MISSING_RATE = range(5), (0.0, 0.3), 4, 0.3
ALONE, POOLED = ("image", "text"), ("late", "experts")  # the latter train nothing of their own
TRAINED = {
    "complete": tuple(METHODS),
    "random": ("concat", "concat + tokens"),
    "systematic": ("concat", "concat + dropout", "concat + tokens", "product"),
}
STATES = {"nothing": (1, 1), "photograph": (0, 1), "caption": (1, 0), "both": (0, 0)}
PATTERNS = presence_patterns(ALONE)


@cache
def load_task(fold):
    """Load each fold once."""
    return StampTask(fold=fold, modalities=ALONE)


def train_presence(task, training, fold):
    """Return what is present in training, boolean ``(rows, modalities)``."""
    everyone = task.presence("train")
    if training == "random":
        return mask_completely_at_random(everyone, MISSING_RATE, seed=fold)
    if training == "systematic":
        targets = task.targets("train")
        return mask_by_class(everyone, targets, MISSING_RATE_BY_CLASS, modality=0, seed=fold)
    return everyone


def missing_rates(training, truth):
    """Return what the test is: for each name, how often image and text are missing."""
    if training != "systematic":
        return {name: [1 - there for there in state] for name, state in STATES.items()}
    often = MISSING_RATE_BY_CLASS[truth]
    return {
        "as in training": [often, 0],
        "at random": [often.mean(), 0],
        "the other way round": [1 - often, 0],
    }


def criterion(training, chosen, truth):
    """Return the settings whose mean accuracy chooses: without a gap, or with those to come."""
    tests = missing_rates(training, truth)
    if training == "systematic":
        return [tests["as in training"]]
    names = ("nothing",) if chosen == "complete" else ("nothing", "photograph", "caption")
    return [tests[name] for name in names]


def predict(task, method, model, split):
    """Return log-probabilities by pattern; a modality alone that is absent knows the prior."""
    found = predict_by_pattern(task, model, split)
    if method in task.modalities:
        place, prior = (
            task.modalities.index(method),
            log_frequencies(task.targets("train"), task.classes),
        )
        found = {p: v if p[place] else np.tile(prior, (len(v), 1)) for p, v in found.items()}
    return found


def is_correct(log_p, truth):
    """Return 1 where the answer to a pattern is right: ``{pattern: (rows,)}``."""
    return {pattern: (v.argmax(axis=1) == truth).astype(float) for pattern, v in log_p.items()}


@cache
def trajectory(method, training, fold):
    """Return which validation answers are right, by pattern, for each rate and epoch tried."""
    task, found = load_task(fold).without_test(), {}
    truth, presence = task.targets("validation"), train_presence(task, training, fold)
    for rate in RATES:

        def watch(epoch, model, rate=rate):
            if (epoch + 1) % EVERY == 0:
                asked = predict(task, method, model, "validation")
                found[rate, epoch + 1] = is_correct(asked, truth)

        options = {"seed": fold, "presence": presence, "on_epoch": watch}
        train_method(task, method, rate=rate, **options)
    return found


def needs(setting):
    """Return the settings that are pooled."""
    pooled = setting["method"] in POOLED
    return [{**setting, "method": name} for name in ALONE] if pooled else []


def train_alone(task, training, fold, configs, seed):
    """Train each modality alone; return its models by name."""
    presence = train_presence(task, training, fold)
    return {n: train_method(task, n, seed=seed, presence=presence, **configs[n]) for n in ALONE}


@cache
def predict_alone(training, fold, configs):
    """Return what modalities alone, trained for the search, say of complete validation stamps."""
    task = load_task(fold).without_test()
    models = train_alone(task, training, fold, json.loads(configs), fold)
    return {n: predict(task, n, models[n], "validation")[PATTERNS[0]] for n in ALONE}


def search(task, setting, choices):
    """Choose dropout and epochs of a trained method, weights of a pooled one."""
    training, method, fold = (setting[key] for key in ("training", "method", "fold"))
    truth = task.targets("validation")
    if method in POOLED:
        configs = {n: choices(**{**setting, "method": n})["config"] for n in ALONE}
        log_p = predict_alone(training, fold, json.dumps(configs))
        asked = PATTERNS[:1] if setting["chosen"] == "complete" else PATTERNS[:3]
        repeated = {n: np.tile(v, (len(asked), 1)) for n, v in log_p.items()}
        known = np.repeat(asked, len(truth), axis=0)
        weights, accuracy = choose_weights(repeated, np.tile(truth, len(asked)), presence=known)
        return {"validation": accuracy, "config": {"weights": weights, "alone": configs}}
    rates = criterion(training, setting["chosen"], truth)
    scores = {
        tried: float(np.mean([expected_correct(correct, rate) for rate in rates]))
        for tried, correct in trajectory(method, training, fold).items()
    }
    best = max(scores, key=scores.get)
    return {"validation": scores[best], "config": dict(zip(("rate", "epochs"), best, strict=True))}


def run(task, setting, config, seed):
    """Train, or pool, and ask the test fold for every pattern of absence."""
    method, truth = setting["method"], task.targets("test")
    presence, cost = train_presence(task, setting["training"], setting["fold"]), {}
    if method in POOLED:
        models = train_alone(task, setting["training"], setting["fold"], config["alone"], seed)
        log_p = pool(task, models, method, config["weights"], presence)
        cost["parameters"] = sum(model.count_params() for model in models.values())
    else:
        model = train_method(task, method, seed=seed, presence=presence, **config)
        log_p, cost["parameters"] = predict(task, method, model, "test"), model.count_params()
    correct, rows = is_correct(log_p, truth), []
    for masked, rates in missing_rates(setting["training"], truth).items():
        items = expected_correct(correct, rates)
        row = {"masked": masked, "accuracy": float(np.mean(items)), **cost, "correct": items}
        if masked in STATES:  # one pattern for all rows, so that there is one answer for each
            pattern = tuple(map(bool, STATES[masked]))
            row["macro_f1"] = macro_f1(truth, log_p[pattern].argmax(axis=1))
        rows.append(row)
    if (setting["training"], method, setting["chosen"]) == ("complete", "concat", "complete"):
        for name in ALONE:
            wrong = shuffled_modality(task.inputs("test"), name, seed=seed)
            scores = score_log_proba(predict_log_proba(model, wrong), truth)
            rows.append({"method": f"concat, {name} shuffled", "masked": "nothing", **scores})
    return rows


def pool(task, models, method, weights, presence):
    """Pool test predictions of modalities trained alone: by weights, or as experts with a prior."""
    full = {name: predict(task, name, model, "test")[PATTERNS[0]] for name, model in models.items()}
    frequent = {
        name: log_frequencies(task.targets("train")[presence[:, place]], task.classes)
        for place, name in enumerate(task.modalities)
    }
    prior, found = log_frequencies(task.targets("train"), task.classes), {}
    for pattern in PATTERNS:
        known = np.tile(pattern, (len(task.targets("test")), 1))
        if method == "late":
            found[pattern] = late_fusion(full, weights, presence=known)
        else:
            found[pattern] = product_of_experts(full, frequent, prior, known)
    return found


def exists(setting):
    """Say which methods are trained with which gaps, and chosen by what."""
    training, method, chosen = (setting[key] for key in ("training", "method", "chosen"))
    known = method in (*ALONE, *TRAINED[training], *POOLED)
    return known and (training == "complete" or chosen == "gaps")


def alone_for(labels, validation, names):
    """Return the modality alone to compare with: the one that is left."""
    return {"nothing": "image", "photograph": "text", "caption": "image"}.get(labels["masked"])


def clusters(labels):
    """Return the cluster of each test stamp of a fold: stamps that resemble each other."""
    return load_task(labels["fold"]).dataset.test.info["cluster"]


ASKED = {"groups": clusters, "pool": ("fold",), "keep": lambda labels: labels["masked"] != "both"}
STUDIES = (
    Study(
        name="fusion/missing_modalities",
        question="What is a model worth when the photograph or the caption is missing?",
        grid={
            "training": tuple(TRAINED),
            "method": (*ALONE, *METHODS, *POOLED),
            "chosen": ("complete", "gaps"),
            "fold": tuple(FOLDS),
        },
        keep=exists,
        task=lambda setting: load_task(setting["fold"]),
        search=search,
        needs=needs,
        run=run,
        seeds=lambda setting: [setting["fold"]],
        contrasts=[Contrast("method", "concat", **ASKED), Contrast("method", alone_for, **ASKED)],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
