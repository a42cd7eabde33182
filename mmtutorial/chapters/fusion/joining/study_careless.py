"""How does concatenation lose to the image alone, and which repair is worth how much?

    python -m mmtutorial.chapters.fusion.joining.study_careless

Each stage repairs one thing more. Read on the validation split, with one keyword.
"""

from functools import cache

import keras

from mmtutorial import encoders, fusion
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Study, main
from mmtutorial.tasks import EmojiTask, Recipe, predict_log_proba, score_log_proba, train_model

STAGES = {
    "by reflex": dict(deep=True, fresh=False, image_dropout=0.5, epochs=20),
    "+ words drawn afresh": dict(deep=True, fresh=True, image_dropout=0.5, epochs=20),
    "+ no hidden layer on the words": dict(deep=False, fresh=True, image_dropout=0.5, epochs=20),
    "+ no dropout on the image": dict(deep=False, fresh=True, image_dropout=0.0, epochs=20),
    "+ fewer epochs": dict(deep=False, fresh=True, image_dropout=0.0, epochs=6),
}


@cache
def load_task(fresh):
    """Load emoji with one keyword, drawn anew each epoch or once."""
    return EmojiTask(keywords=1, fresh=fresh)


def build(task, method, recipe, *, deep):
    """Build the image alone or a concatenation, with a hidden layer on the words if ``deep``."""
    image = encoders.DenseEncoder(recipe.units, dropout=recipe.image_dropout)
    text = [encoders.TextBag(len(task.vocabulary), recipe.units, dropout=0.5)]
    if deep:
        text += [keras.layers.Dense(recipe.units, "relu"), keras.layers.Dropout(0.5)]
    parts = {"image": image, "text": keras.Sequential(text)}
    parts = {name: parts[name] for name in parts if method in (name, "concat")}
    return fusion.FusionClassifier(parts, "concat", task.classes)


def run(task, setting, config, seed):
    """Train a stage, and read it on validation, with the words shuffled as well."""
    stage, method = STAGES[setting["stage"]], setting["method"]
    recipe = Recipe(epochs=stage["epochs"], image_dropout=stage["image_dropout"])
    model = train_model(task, method, recipe, seed=seed, build=build, deep=stage["deep"])
    inputs, truth = task.inputs("validation", seed=seed), task.targets("validation")
    scores = score_log_proba(predict_log_proba(model, inputs), truth)
    rows = [{**scores, "parameters": model.count_params()}]
    if method == "concat":
        wrong = predict_log_proba(model, shuffled_modality(inputs, "text", seed=seed))
        rows.append({"method": "concat, text shuffled", **score_log_proba(wrong, truth)})
    return rows


STUDIES = (
    Study(
        name="fusion/joining/careless",
        question="How does concatenation lose to the image alone, and what repairs it?",
        grid={"stage": tuple(STAGES), "method": ("image", "concat")},
        task=lambda setting: load_task(STAGES[setting["stage"]]["fresh"]),
        run=run,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
