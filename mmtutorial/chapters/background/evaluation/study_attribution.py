"""Which modality did the work, and is a sum of two answers enough?

    python -m mmtutorial.chapters.background.evaluation.study_attribution

``attribution`` asks two fusions with some numbers of keywords, whose recipes ``fusion/joining``
chose; ``matching`` asks a model that must relate picture and words, with a recipe made by hand.
Three questions: a modality shuffled, the additive part alone (EMAP), and Shapley values.
"""

import numpy as np

from mmtutorial import encoders, fusion
from mmtutorial.chapters.background.evaluation.recipes import (
    chosen_recipe,
    load_task,
    split_at_fusion,
)
from mmtutorial.evaluation import emap, modality_shapley, permutation_importance
from mmtutorial.studies import Study, main
from mmtutorial.tasks import Recipe, fit, score_log_proba, train_model

ASKED = {
    "concat, 1 keyword": (1, "concat"),
    "concat, 2 keywords": (2, "concat"),
    "concat, all keywords": (None, "concat"),
    "early, all keywords": (None, "early"),
}
BACKGROUND, PAIRS = 32, 4096  # rows that stand in for a missing modality; pairs of an epoch
MATCHING = Recipe(
    hidden=(128,), dropout=0.1, image_dropout=0.1, text_dropout=0.1, learning_rate=5e-3, epochs=12
)


def attribute(model, inputs, background, truth, seed):
    """Ask one model the three questions."""
    vectors, rest = split_at_fusion(model, inputs)
    usual, _ = split_at_fusion(model, background)
    whole, additive = rest(vectors), emap(rest, vectors)
    said = whole.argmax(axis=1)
    drops = permutation_importance(rest, vectors, truth, seeds=[seed])
    values = modality_shapley(lambda x: np.exp(rest(x)), vectors, background=usual)
    moved = {n: np.abs(v[np.arange(len(said)), said]).mean() for n, v in values.items()}
    return {
        **score_log_proba(whole, truth),
        "emap": score_log_proba(additive, truth)["accuracy"],
        "changed": float(np.mean(additive.argmax(axis=1) != said)),
        **{f"drop_{name}": float(drop[0]) for name, drop in drops.items()},
        **{f"share_{name}": float(part / sum(moved.values())) for name, part in moved.items()},
        "parameters": model.count_params(),
    }


def search(task, setting, choices):
    """Take over the recipe of the method with this number of keywords."""
    return chosen_recipe(*ASKED[setting["method"]])


def run(task, setting, config, seed):
    """Train and ask; random training rows stand in for a missing modality."""
    _, method = ASKED[setting["method"]]
    rows = len(task.targets("train"))
    some = np.random.default_rng(seed).choice(rows, BACKGROUND, replace=False)
    background = {n: array[some] for n, array in task.inputs("train", seed=seed).items()}
    model = train_model(task, method, Recipe(**config), seed=seed)
    inputs = task.inputs("test", seed=seed)
    return [attribute(model, inputs, background, task.targets("test"), seed)]


def draw_pairs(task, split, count, seed):
    """Draw pictures, half with their own words and half with another's; 1 where they match."""
    concept = getattr(task.dataset, split).targets["concept"]
    picture, words = np.random.default_rng(seed).integers(len(concept), size=(2, count))
    words = np.where(np.arange(count) % 2 == 0, picture, words)
    inputs = task.inputs(split, seed=0)
    match = (concept[picture] == concept[words]).astype(int)
    return {"image": inputs["image"][picture], "text": inputs["text"][words]}, match


def build_matching(task):
    """Build a concatenation whose hidden layer can relate the two modalities."""
    parts = {
        "image": encoders.DenseEncoder(MATCHING.units, dropout=MATCHING.image_dropout),
        "text": encoders.TextBag(
            len(task.vocabulary), MATCHING.units, dropout=MATCHING.text_dropout
        ),
    }
    head = {"hidden": MATCHING.hidden, "dropout": MATCHING.dropout}
    return fusion.FusionClassifier(parts, "concat", 2, **head)


def run_matching(task, setting, config, seed):
    """Train on pairs, new ones for each epoch, and ask about test pairs."""
    model = fit(
        lambda: build_matching(task),
        lambda epoch: draw_pairs(task, "train", PAIRS, seed=100 * seed + epoch),
        MATCHING,
        seed=seed,
    )
    inputs, truth = draw_pairs(task, "test", len(task.targets("test")), seed)
    background, _ = draw_pairs(task, "train", BACKGROUND, seed)
    return [attribute(model, inputs, background, truth, seed)]


STUDIES = (
    Study(
        name="background/evaluation/attribution",
        question="Which modality does the work of a fusion, and does it need interactions?",
        grid={"method": tuple(ASKED)},
        task=lambda setting: load_task(ASKED[setting["method"]][0]),
        search=search,
        run=run,
    ),
    Study(
        name="background/evaluation/matching",
        question="What do the same questions say of a model that must relate both modalities?",
        grid={"method": ("does it belong?",)},
        task=lambda setting: load_task(None),
        run=run_matching,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
