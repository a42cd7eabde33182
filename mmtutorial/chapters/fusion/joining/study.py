"""Every plain way to join, against each modality alone.

    python -m mmtutorial.chapters.fusion.joining.study

Choices (sizes, modality dropout, epochs, the weight of late fusion) are made on the validation
split: concepts that training never sees. The test split is unseen concepts, drawn by an unseen
artist. From pixels a search takes long: there is one for all numbers of keywords, made with two.
The image alone does not depend on the words, so its choice is made once, too.
"""

from functools import cache

from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Contrast, Study, best_alone, main
from mmtutorial.tasks import (
    METHODS,
    EmojiTask,
    Recipe,
    emoji_candidates,
    score_log_proba,
    search_late,
    search_recipes,
    train_chosen,
    vary,
)

KEYWORDS, TUNED_AT, ALONE = (1, 2, None), 2, ("image", "text")


@cache
def load_task(image, keywords):
    """Load each task once."""
    return EmojiTask(image=image, keywords=keywords)


def candidates(image, method):
    """Return the recipes that the search tries, as many for a baseline as for a fusion."""
    if image == "features":
        return emoji_candidates(method)
    # A smaller search, one rate of dropout for all, because it takes long.
    varied = {"units": (128, 256)} if method in ALONE else {"modality_dropout": (0.0, 0.3)}
    return [
        recipe
        for rate in (0.0, 0.3)
        for recipe in vary(
            Recipe(epochs=14, dropout=rate, image_dropout=rate, text_dropout=rate), **varied
        )
    ]


def needs(setting):
    """Return the settings whose choices one reads: modalities alone, or that with two keywords."""
    if setting["method"] == "late":
        return [{**setting, "method": name} for name in ALONE]
    once = setting["image"] == "pixels" or setting["method"] == "image"
    return [{**setting, "keywords": TUNED_AT}] if once and setting["keywords"] != TUNED_AT else []


def search(task, setting, choices):
    """Choose a recipe; for late fusion the weights, in steps of 0.05."""
    if setting["method"] == "late":
        chosen = {each["method"]: choices(**each)["config"] for each in needs(setting)}
        alone = {name: Recipe(**config) for name, config in chosen.items()}
        return search_late(task, alone, steps=20)
    for needed in needs(setting):
        known = choices(**needed)
        return {"validation": known["validation"], "config": known["config"]}
    return search_recipes(task, setting["method"], candidates(setting["image"], setting["method"]))


def run(task, setting, config, seed):
    """Train and test; concatenation is also tested with a modality shuffled."""
    method, truth, inputs = setting["method"], task.targets("test"), task.inputs("test", seed=seed)
    predict, parameters = train_chosen(task, method, config, seed=seed)
    log_p = predict(inputs)
    correct = log_p.argmax(axis=1) == truth
    rows = [{**score_log_proba(log_p, truth), "parameters": parameters, "correct": correct}]
    for name in ALONE if method == "concat" else ():
        wrong = predict(shuffled_modality(inputs, name, seed=seed))
        rows.append({"method": f"concat, {name} shuffled", **score_log_proba(wrong, truth)})
    return rows


def concepts(labels):
    """Return the concept of each test item; variants of one are drawn together."""
    return load_task("features", TUNED_AT).dataset.test.targets["concept"]


FUSED = ("early", "concat", "sum", "late")
STUDIES = (
    Study(
        name="fusion/joining",
        question="Is a plain fusion better than the better modality alone?",
        grid={"image": ("pixels", "features"), "keywords": KEYWORDS, "method": (*METHODS, "late")},
        task=lambda setting: load_task(setting["image"], setting["keywords"]),
        search=search,
        needs=needs,
        run=run,
        contrasts=[
            Contrast("method", best_alone(*ALONE), groups=concepts, leave_out=ALONE),
            Contrast("method", "concat", groups=concepts, leave_out=(*ALONE, "sum")),
            Contrast("method", "sum", groups=concepts, leave_out=(*ALONE, "concat")),
        ],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
