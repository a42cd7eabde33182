"""Is a new fusion better than an old one? As in a careless draft, then repaired step by step.

    python -m mmtutorial.chapters.background.evaluation.study_gain

``draft`` trains both fusions with four rates of dropout and reads the test split after each epoch:
that is the mistake of the draft, and shows what it hides. ``gain`` makes the same choice for both
on validation, and tests over five seeds.
"""

from mmtutorial.chapters.background.evaluation.experiment import build_product
from mmtutorial.chapters.background.evaluation.recipes import is_correct, load_task, split_at_fusion
from mmtutorial.evaluation import emap
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import (
    Recipe,
    best_epoch,
    build_model,
    predict_log_proba,
    score_log_proba,
    search_recipes,
    train_model,
    vary,
)

KEYWORDS, RATES, DRAFT_SEED, EPOCHS = 2, (0.0, 0.5), 100, 20
BUILD = {"concat": build_model, "product": build_product}
REFLEX = {"image_dropout": 0.5, "text_dropout": 0.5}


def run_draft(task, setting, config, seed):
    """Train once, and read validation and test after each epoch."""
    method, rates = setting["method"], {key: setting[key] for key in REFLEX}
    inputs = {split: task.inputs(split, seed=seed) for split in ("validation", "test")}
    curves = {split: [] for split in inputs}

    def watch(epoch, model):
        for split, curve in curves.items():
            scores = score_log_proba(predict_log_proba(model, inputs[split]), task.targets(split))
            curve.append(scores["accuracy"])

    recipe = Recipe(epochs=EPOCHS, **rates)
    model = train_model(task, method, recipe, seed=seed, on_epoch=watch, build=BUILD[method])
    scores = score_log_proba(predict_log_proba(model, inputs["test"]), task.targets("test"))
    return [{**scores, "parameters": model.count_params(), **curves}]


def tabulate(result):
    """Return what the draft reports, and what it would with one repair more."""
    of = {method: [r for r in result["rows"] if r["method"] == method] for method in BUILD}
    if any(len(rows) != len(RATES) ** 2 for rows in of.values()):
        return {}  # until all are there
    peeked = {method: max(max(row["test"]) for row in rows) for method, rows in of.items()}
    picked = {method: read_at_best(rows) for method, rows in of.items()}
    (reflex,) = (row["test"][-1] for row in of["concat"] if REFLEX.items() <= row.items())
    return {
        "steps": [
            {"step": "the draft", "product": peeked["product"], "concat": reflex},
            {"step": "search for the baseline, too", **peeked},
            {"step": "choose on validation", **picked},
        ]
    }


def read_at_best(rows):
    """Return the test accuracy of the row and epoch that are best on validation."""
    found = [(*best_epoch(row["validation"]), row["test"]) for row in rows]
    _, epochs, test = max(found, key=lambda entry: entry[0])
    return test[epochs - 1]


def search(task, setting, choices):
    """Choose rates of dropout and epochs for either fusion alike."""
    candidates = vary(Recipe(epochs=EPOCHS), image_dropout=RATES, text_dropout=RATES)
    inputs = task.inputs("validation", seed=DRAFT_SEED)
    build = BUILD[setting["method"]]
    return search_recipes(task, setting["method"], candidates, inputs=inputs, build=build)


def run(task, setting, config, seed):
    """Train and test, with and without the interactions that the model has learnt."""
    method, truth, inputs = setting["method"], task.targets("test"), task.inputs("test", seed=seed)
    model = train_model(task, method, Recipe(**config), seed=seed, build=BUILD[method])
    log_p = predict_log_proba(model, inputs)
    vectors, rest = split_at_fusion(model, inputs)
    additive = score_log_proba(emap(rest, vectors), truth)["accuracy"]
    scores = {**score_log_proba(log_p, truth), "emap": additive}
    return [{**scores, "parameters": model.count_params(), "correct": is_correct(log_p, truth)}]


def concepts(labels):
    """Return the concept of each test item; variants of one are drawn together."""
    return load_task(KEYWORDS).dataset.test.targets["concept"]


STUDIES = (
    Study(
        name="background/evaluation/draft",
        question="What does a draft gain by searching and by reading the test split?",
        grid={"method": tuple(BUILD), "image_dropout": RATES, "text_dropout": RATES},
        task=lambda setting: load_task(KEYWORDS),
        run=run_draft,
        seeds=(DRAFT_SEED,),
        tables=tabulate,
    ),
    Study(
        name="background/evaluation/gain",
        question="What does a product of the two vectors gain over concatenation, tuned alike?",
        grid={"method": tuple(BUILD)},
        task=lambda setting: load_task(KEYWORDS),
        search=search,
        run=run,
        contrasts=[Contrast("method", "concat", groups=concepts)],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
