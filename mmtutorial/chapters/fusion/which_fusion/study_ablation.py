"""When does a fusion lose to its better half, and what is each cure worth?

    python -m mmtutorial.chapters.fusion.which_fusion.study_ablation

Emoji with frozen features, unseen concepts by the unseen artist. A concatenation of features and
words, with three artists and with keywords that are drawn once and for all, is trained in two ways:

- tuned: a linear head, no dropout; learning rate and epochs are chosen on validation;
- poor_defaults: a hidden layer on the words, dropout of one half on both modalities, Adam as it
  comes, 12 epochs and nothing chosen.

From each, one thing at a time is changed, then all together. (A third base, plain_plus_one, goes
the other way: plain with nothing chosen, and each poor default alone.) Each modality alone is
trained as its base is. What has a strength tries three on validation; where the base is tuned, what
has none tries three learning rates. Weights that balance the gradients are measured after 2, 5 and
12 epochs of a first run, and the three are tried.
"""

import itertools
from dataclasses import asdict

from mmtutorial.chapters.fusion.which_fusion.ablation import (
    ALONE,
    BASES,
    CURES,
    POOR,
    TRIALS,
    UNDONE,
    AblationData,
    candidates,
    is_tuned,
    load_task,
    method_of,
)
from mmtutorial.chapters.fusion.which_fusion.experiment import (
    AblationRecipe,
    build_ablation_model,
)
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import (
    choose_weights,
    late_fusion,
    predict_log_proba,
    score_log_proba,
    search_recipes,
    train_model,
)
from mmtutorial.tasks.search import SEARCH_SEED

CHANGES = {  # the table of each base; late fusion pools the two modalities alone
    "poor_defaults": (*ALONE, "nothing", *UNDONE, *CURES, "late fusion", "all together"),
    "plain_plus_one": ("image", "nothing", "stop on validation", *POOR),
    "tuned": (*ALONE, "nothing", *CURES, "late fusion", "all together"),
}
EVERY = tuple(dict.fromkeys(itertools.chain(*CHANGES.values())))


def needs(setting):
    """Return the settings whose choices one reads."""
    change, tuned = setting["change"], is_tuned(setting)
    if change in ("late fusion", "balanced gradients"):
        names = ("image", "text", *(["nothing"] if change == "balanced gradients" else []))
    elif change == "all together":
        names = ("modality dropout", "a loss for each modality", "balanced gradients",
                 "dropout for each modality")  # fmt: skip
    else:
        changed = change not in ALONE and change != "nothing"
        names = ["nothing"] if changed and not (tuned and len(TRIALS[change]) == 1) else []
    return [{**setting, "change": name} for name in names]


def search(data, setting, choices):
    """Try a change on validation; return the best recipe, or the weights of late fusion."""
    change = setting["change"]

    def chosen(name):
        return choices(**{**setting, "change": name})

    if change == "late fusion":
        configs = {name: chosen(name)["config"] for name in ("image", "text")}
        log_p, truth, _ = predict_alone(data, configs, "validation", seed=SEARCH_SEED, words=0)
        weights, accuracy = choose_weights(log_p, truth, steps=20)
        return {"validation": accuracy, "config": {"weights": weights, "alone": configs}}
    tries = candidates(data, setting, chosen)
    found = [try_recipe(data, setting, recipe) for recipe in tries]
    return max(found, key=lambda one: one["validation"])


def try_recipe(data, setting, recipe):
    """Return accuracy on validation: the best epoch's where that is chosen, else the last one's."""
    task, method = data.of(recipe), method_of(setting["change"])
    if is_tuned(setting):
        return search_recipes(task, method, [recipe], build=build_ablation_model)
    model = train_model(task, method, recipe, seed=SEARCH_SEED, build=build_ablation_model)
    log_p = predict_log_proba(model, task.inputs("validation", seed=0))
    scores = score_log_proba(log_p, task.targets("validation"))
    return {"validation": scores["accuracy"], "config": asdict(recipe)}


def predict_alone(data, configs, split, *, seed, words):
    """Train each modality alone; return log-probabilities by name, the truth, and parameters."""
    log_p, parameters = {}, 0
    for name, config in configs.items():
        recipe = AblationRecipe(**config)
        task = data.of(recipe)
        model = train_model(task, name, recipe, seed=seed, build=build_ablation_model)
        log_p[name] = predict_log_proba(model, task.inputs(split, seed=words))
        parameters += model.count_params()
    return log_p, task.targets(split), parameters


def run(data, setting, config, seed):
    """Train and test; a concatenation is also tested with each modality shuffled."""
    row = {}
    if setting["change"] == "late fusion":
        log_p, truth, parameters = predict_alone(
            data, config["alone"], "test", seed=seed, words=seed
        )
        log_p = late_fusion(log_p, config["weights"])
    else:
        recipe, method = AblationRecipe(**config), method_of(setting["change"])
        task = data.of(recipe)
        model = train_model(task, method, recipe, seed=seed, build=build_ablation_model)
        inputs, truth = task.inputs("test", seed=seed), task.targets("test")
        log_p, parameters = predict_log_proba(model, inputs), model.count_params()
        row["epochs"] = recipe.epochs
        for name in model.modalities if method == "concat" else ():
            wrong = predict_log_proba(model, shuffled_modality(inputs, name, seed=seed))
            row[f"{name} shuffled"] = score_log_proba(wrong, truth)["accuracy"]
    row |= {**score_log_proba(log_p, truth), "parameters": parameters}
    return [{**row, "correct": log_p.argmax(axis=1) == truth}]


def concepts(labels):
    """Return the concept of each test item; variants of one are drawn together."""
    return load_task(1, 3, False).dataset.test.targets["concept"]


def image_alone(labels, validation, names):
    """Return for each change the image alone that saw the same drawings."""
    five = ("five artists", "all together")
    return {n: "image, five artists" if n in five else "image" for n in names if n not in ALONE}


STUDIES = (
    Study(
        name="fusion/which_fusion/ablation",
        question="When does a fusion lose to its better half, and what is each cure worth?",
        grid={"base": tuple(BASES), "keywords": (1, 2), "change": EVERY},
        keep=lambda setting: setting["change"] in CHANGES[setting["base"]],
        task=lambda setting: AblationData(setting["keywords"]),
        search=search,
        needs=needs,
        run=run,
        contrasts=[
            Contrast("change", "nothing", groups=concepts, leave_out=ALONE),
            Contrast("change", image_alone, groups=concepts, leave_out=ALONE),
        ],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
