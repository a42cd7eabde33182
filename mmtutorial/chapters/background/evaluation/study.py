"""What do leaks and seeds do to an accuracy? Recipes are those that ``fusion/joining`` chose.

    python -m mmtutorial.chapters.background.evaluation.study

``designers`` swaps one training artist, another for each seed, for the designers of the test
artist. ``concepts`` holds out rows at random or whole concepts, one split for each seed, and reads
both models on their own held-out rows and on the honest test: new concepts by a new artist.
``seeds`` trains two fusions twelve times.
"""

from functools import cache

from mmtutorial.chapters.background.evaluation.leaky_splits import (
    concept_leak_splits,
    designer_leak_splits,
)
from mmtutorial.chapters.background.evaluation.recipes import (
    chosen_recipe,
    chosen_recipes,
    load_task,
)
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import (
    EmojiTask,
    Recipe,
    late_fusion,
    predict_log_proba,
    score_log_proba,
    train_model,
)

KEYWORDS, SPLITS = 2, range(5)
SIDES = ("honest", "leaking")  # in the order of what the two functions of splits return
TRAINED, POOLED = ("image", "text", "concat"), ("image", "text")
JUDGES = {"held out": "test", "honest test": "validation"}


@cache
def load_designers(side, replaced):
    """Load emoji of the usual artists, or with the test artist's designers among them."""
    data = designer_leak_splits(replaced)[SIDES.index(side)]
    return EmojiTask(keywords=KEYWORDS, dataset=data)


@cache
def load_concepts(side, split):
    """Load emoji with whole concepts held out, or rows at random."""
    data = concept_leak_splits(seed=split)[SIDES.index(side)]
    return EmojiTask(keywords=KEYWORDS, dataset=data)


def search(task, setting, choices):
    """Take over the recipe of the method."""
    return chosen_recipe(KEYWORDS, setting["method"])


def search_concepts(task, setting, choices):
    """Take over the recipes of all methods, and the weights of late fusion."""
    return chosen_recipes(KEYWORDS, *TRAINED, "late")


def run(task, setting, config, seed):
    """Train and test."""
    model = train_model(task, setting["method"], Recipe(**config), seed=seed)
    truth = task.targets("test")
    log_p = predict_log_proba(model, task.inputs("test", seed=seed))
    return [
        {
            **score_log_proba(log_p, truth),
            "parameters": model.count_params(),
            "drawings": len(task.dataset.train),
            "correct": log_p.argmax(axis=1) == truth,
        }
    ]


def run_concepts(task, setting, config, seed):
    """Train three methods, pool two of them; read all on held-out rows and on the honest test."""
    models = {n: train_model(task, n, Recipe(**config[n]), seed=seed) for n in TRAINED}
    parameters = {name: model.count_params() for name, model in models.items()}
    parameters["late"] = sum(parameters[name] for name in POOLED)
    rows = []
    for judge, split in JUDGES.items():
        inputs, truth = task.inputs(split, seed=seed), task.targets(split)
        found = {name: predict_log_proba(model, inputs) for name, model in models.items()}
        found["late"] = late_fusion({n: found[n] for n in POOLED}, config["late"]["weights"])
        for method, log_p in found.items():
            row = {"method": method, "judge": judge, **score_log_proba(log_p, truth)}
            rows.append({**row, "parameters": parameters[method]})
    return rows


def concepts(labels):
    """Return the concept of each test item; variants of one are drawn together."""
    return load_task(KEYWORDS).dataset.test.targets["concept"]


STUDIES = (
    Study(
        name="background/evaluation/designers",
        question="What is it worth to have the designers of the test artist in training?",
        grid={"side": SIDES, "replaced": ARTISTS, "method": ("image", "concat")},
        task=lambda setting: load_designers(setting["side"], setting["replaced"]),
        search=search,
        run=run,
        seeds=lambda setting: [ARTISTS.index(setting["replaced"])],
        contrasts=[Contrast("side", SIDES[0], groups=concepts, pool=("replaced",))],
    ),
    Study(
        name="background/evaluation/concepts",
        question="How far does a random split of rows overrate each method?",
        grid={"side": SIDES, "split": tuple(SPLITS)},
        task=lambda setting: load_concepts(setting["side"], setting["split"]),
        search=search_concepts,
        run=run_concepts,
        seeds=lambda setting: [setting["split"]],
    ),
    Study(
        name="background/evaluation/seeds",
        question="How far do twelve seeds of one recipe differ?",
        grid={"method": ("concat", "sum")},
        task=lambda setting: load_task(KEYWORDS),
        search=search,
        run=run,
        seeds=range(12),
    ),
)

if __name__ == "__main__":
    main(STUDIES)
