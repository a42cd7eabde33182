"""What finds a picture by words, and words by a picture, and what else can it be asked?

    python -m mmtutorial.chapters.cross_modal.retrieval.study

Each method is trained on pairs in English, in Chinese or in both, and asked in both. What is chosen
is chosen on validation: the dropout of a dual encoder of both languages, the members of an ensemble
and the penalty of ridge regression, by the mean R@10 over both directions and the languages of
training; the penalty of a linear probe for each number of labels by its accuracy. All other models
of a dual encoder's kind take that dropout.
"""

from functools import cache

import numpy as np

from mmtutorial.chapters.cross_modal.retrieval.asked import (
    SHOTS,
    ask_drawings,
    ask_everything,
    fit_probe,
)
from mmtutorial.chapters.cross_modal.retrieval.experiment import (
    RECIPE,
    Ensemble,
    RidgeSearch,
    ShuffledPairs,
    build_frozen_text,
)
from mmtutorial.evaluation import accuracy
from mmtutorial.studies import Study, main
from mmtutorial.tasks import EmojiPairs, score_pairs, train_pairs

TRAINED = {"English": ("en",), "Chinese": ("zh",), "both": ("en", "zh"), "nothing": ("en",)}
METHODS = {  # in which languages each is trained; a linear probe and the features know no words
    "dual encoder": ("English", "Chinese", "both"),
    "frozen text half": ("English", "both"),
    "ridge": ("English", "Chinese", "both"),
    "ensemble": ("both",),
    "shuffled pairs": ("both",),
    "linear probe": ("nothing",),
}
CHOSEN = {"method": "dual encoder", "trained": "both"}  # whose dropout is searched
KEYWORDS = 5  # of a training text, drawn anew for each epoch
MEMBERS = (2, 4, 8)  # models of an ensemble
DROPOUTS, PENALTIES, PROBES = (0.3, 0.4, 0.5), (10.0, 100.0, 1e3, 1e4), (1.0, 10.0, 100.0, 1e3)


@cache
def load_pairs(trained):
    """Load the pairs of each training once."""
    return EmojiPairs(languages=TRAINED[trained], keywords=KEYWORDS)


def validate(model, pairs):
    """Return the mean R@10 on validation over directions and languages of training."""
    scores = [score_pairs(model, pairs, "validation", language=each) for each in pairs.languages]
    return float(np.mean([found["recall_at_10"] for each in scores for found in each.values()]))


def needs(setting):
    """Say whose dropout is taken over."""
    own = setting == CHOSEN or setting["method"] in ("ridge", "linear probe")
    return [] if own else [CHOSEN]


def search(pairs, setting, choices):
    """Try a few values of one choice; return the best on validation."""
    method = setting["method"]
    if needs(setting):
        found = choices(**CHOSEN)
        if method == "ensemble":
            return search_ensembles(pairs, found["config"])
        return {name: found[name] for name in ("validation", "config")}
    if method == "linear probe":
        return search_probes(pairs)
    found = []
    for value in DROPOUTS if method == "dual encoder" else PENALTIES:
        if method == "ridge":
            model, name = RidgeSearch(pairs, penalty=value), "penalty"
        else:
            model, name = train_pairs(pairs, RECIPE.replace(dropout=value), seed=100), "dropout"
        found.append({"validation": validate(model, pairs), "config": {name: value}})
    return max(found, key=lambda each: each["validation"])


def search_ensembles(pairs, config):
    """Choose the number of members, by the mean R@10 on validation."""
    models = [
        train_dual_encoder("both", config["dropout"], 100 + 10 * i) for i in range(max(MEMBERS))
    ]
    found = [
        {"validation": validate(Ensemble(models[:n]), pairs), "config": {**config, "members": n}}
        for n in MEMBERS
    ]
    return max(found, key=lambda each: each["validation"])


def search_probes(pairs):
    """Choose the penalty of each number of labels, by its accuracy on validation."""
    images, truth = pairs.images("validation"), pairs.datasets["en"].validation.targets["group"]
    config, scores = {}, []
    for shots in map(str, SHOTS):
        found = []
        for penalty in PROBES:
            model, _ = fit_probe(pairs, shots, penalty=penalty, seed=100)
            said = model.predict_log_proba(images).argmax(axis=1)
            found.append((accuracy(truth, said), -penalty))
        best, penalty = max(found)
        config[shots] = -penalty
        scores.append(best)
    return {"validation": float(np.mean(scores)), "config": config}


@cache
def train_dual_encoder(trained, dropout, seed):
    """Train each model once, for an ensemble takes it again."""
    return train_pairs(load_pairs(trained), RECIPE.replace(dropout=dropout), seed=seed)


def train(pairs, setting, config, seed):
    """Train what a setting names; an ensemble's other members have seeds of their own."""
    method, trained = setting["method"], setting["trained"]
    if method == "ridge":
        return RidgeSearch(pairs, **config)
    if method == "frozen text half":
        return train_pairs(pairs, RECIPE.replace(**config), seed=seed, build=build_frozen_text)
    if method == "shuffled pairs":
        return train_pairs(ShuffledPairs(pairs), RECIPE.replace(**config), seed=seed)
    seeds = [seed + 10 * i for i in range(config.get("members", 1))]
    models = [train_dual_encoder(trained, config["dropout"], each) for each in seeds]
    return Ensemble(models)


def run(pairs, setting, config, seed):
    """Train one model, and ask it everything; or fit probes with more and more labels."""
    if setting["method"] == "linear probe":
        return run_probes(pairs, config, seed)
    return ask_everything(train(pairs, setting, config, seed), pairs)


def run_probes(pairs, config, seed):
    """Return a row for each number of labelled concepts, and one for the features as they are."""
    truth, rows = pairs.datasets["en"].test.targets["group"], []
    for shots, penalty in config.items():
        model, labels = fit_probe(pairs, shots, penalty=penalty, seed=seed)
        right = model.predict_log_proba(pairs.images("test")).argmax(axis=1) == truth
        row = {"question": "groups", "shots": shots, "labels": labels}
        rows.append({**row, "accuracy": float(np.mean(right))})
    targets = pairs.datasets["en"].validation.targets
    alike = ask_drawings(pairs.images("validation"), targets["concept"], targets["artist"])
    return [*rows, {"question": "drawings", "recall_at_1": alike}]


STUDIES = (
    Study(
        name="cross_modal/retrieval",
        question="What finds a picture by words, and what else can it be asked?",
        grid={"method": tuple(METHODS), "trained": tuple(TRAINED)},
        task=lambda setting: load_pairs(setting["trained"]),
        search=search,
        run=run,
        needs=needs,
        keep=lambda setting: setting["trained"] in METHODS[setting["method"]],
        seeds=lambda setting: [0] if setting["method"] == "ridge" else range(5),
    ),
)

if __name__ == "__main__":
    main(STUDIES)
