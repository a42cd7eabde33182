"""What does each modality of a stamp say, alone and joined? Can photographs teach a reader?

    python -m mmtutorial.chapters.background.what_is_multimodal.study

Five folds, so that every stamp is tested once; the number of a fold is its seed. The penalty of
each linear classifier is chosen on the validation stamps of the fold. Nothing else depends on a
seed but the shuffled modalities, which are averaged over five shuffles. The few labels of
co-learning are drawn four times in each fold.
"""

import itertools
from functools import cache

import numpy as np

from mmtutorial.chapters.background.what_is_multimodal.experiment import (
    LinearStampTask,
    train_readers,
)
from mmtutorial.evaluation import holm, paired_bootstrap, shuffled_modality
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.studies.contrasts import read_counts
from mmtutorial.tasks import product_rule, score_log_proba, surprisal_bits

FOLDS, SHUFFLES, DRAWS = range(5), range(5), range(4)
SPANISH = "speech (Spanish)"
ALONE = ("image", "text", "speech", "pauses", "sound", "has sound")
JOINED = {
    "image + text": ("image", "text"),
    "image + text + speech": ("image", "text", "speech"),
    "image + text + speech + sound": ("image", "text", "speech", "sound"),
    "text + speech": ("text", "speech"),
}
SIDE_BY_SIDE = ("image + text", "image + text + speech + sound")
COMPARED = [  # method -> what it is compared with; one has three such
    {"image + text": "image"},
    {"image + text": "text"},
    {"image + text": "image + text, side by side"},
    {
        "image + text + speech": "image + text",
        "image + text + speech + sound": "image + text",
        "text + speech": "text",
        "sound": "has sound",
        "speech": "pauses",
    },
]
IN_BITS = {
    "image + text": "image",
    "text + speech": "text",
    "sound": "has sound",
    "speech": "pauses",
}


@cache
def load_task(fold, speech="fr"):
    """Load each fold once."""
    return LinearStampTask(fold=fold, speech=speech)


def fitted(speech):
    """Return what is fitted to the modalities of a language: ``{name: its modalities}``."""
    if speech == "es":
        return {SPANISH: ("speech",)}
    joined = {f"{name}, side by side": JOINED[name] for name in SIDE_BY_SIDE}
    return {name: (name,) for name in ALONE} | joined


def search(task, setting, choices):
    """Choose the penalty of every classifier by its cross-entropy; return the mean accuracy."""
    truth, scores, config = task.targets("validation"), [], {}
    for name, modalities in fitted(setting["speech"]).items():
        log_p = task.beliefs(*modalities)["validation"]
        scores.append(score_log_proba(log_p, truth)["accuracy"])
        config[name] = task.penalties["+".join(modalities)]
    return {"validation": float(np.mean(scores)), "config": config}


def predict(task, setting, config):
    """Return the log-probabilities of every method on the test rows of a fold."""
    found = {
        name: task.beliefs(*modalities, penalty=config[name])["test"]
        for name, modalities in fitted(setting["speech"]).items()
    }
    if setting["speech"] == "es":
        return found
    prior = task.log_prior()
    found["nothing"] = np.tile(prior, (len(task.targets("test")), 1))
    for name, parts in JOINED.items():
        found[name] = product_rule([found[part] for part in parts], prior)
    return found


def run(task, setting, config, seed):
    """Test every method; say for each stamp how many bits it saves against another method."""
    truth, found = task.targets("test"), predict(task, setting, config)
    bits = {name: surprisal_bits(log_p, truth) for name, log_p in found.items()}
    rows = []
    for name, log_p in found.items():
        row = {"method": name, "items": len(truth), "bits": float(bits[name].mean())}
        row |= {**score_log_proba(log_p, truth), "correct": log_p.argmax(axis=1) == truth}
        if name in IN_BITS:
            row["saved_bits"] = np.round(bits[IN_BITS[name]] - bits[name], 4).tolist()
        rows.append(row)
    if setting["speech"] == "fr":
        rows += [shuffle(task, found, name) for name in ("image", "text")]
    return rows


def shuffle(task, found, modality):
    """Test image and text joined, one of them that of another stamp, over five shuffles."""
    truth, alone = task.targets("test"), {name: found[name] for name in ("image", "text")}
    scores = []
    for seed in SHUFFLES:
        wrong = shuffled_modality(alone, modality, seed=seed)
        log_p = product_rule(list(wrong.values()), task.log_prior())
        bits = float(surprisal_bits(log_p, truth).mean())
        scores.append({**score_log_proba(log_p, truth), "bits": bits})
    means = {key: float(np.mean([score[key] for score in scores])) for key in scores[0]}
    return {"method": f"image + text, {modality} shuffled", "items": len(truth), **means}


def captions(labels):
    """Return the caption of each test stamp; stamps of one caption are drawn together."""
    return load_task(labels["fold"]).dataset.test.info["en"]


def tabulate(result):
    """Compare surprise in bits, and count on which stamps image and text are right."""
    groups = np.concatenate([captions({"fold": fold}) for fold in FOLDS])
    saved = {name: [] for name in IN_BITS}
    for row in result["rows"]:
        if "saved_bits" in row:
            saved[row["method"]] += row["saved_bits"]
    if any(len(values) != len(groups) for values in saved.values()):
        return {}  # until all folds are there
    tests = [paired_bootstrap(v, np.zeros(len(v)), groups=groups) for v in saved.values()]
    adjusted = holm([test.p_value for test in tests])
    bits = [
        {"method": name, "against": IN_BITS[name], **test._asdict(), "p_adjusted": float(p)}
        for name, test, p in zip(saved, tests, adjusted, strict=True)
    ]
    return {"bits": bits, "agreement": count_agreement(result["items"])}


def count_agreement(items):
    """Count the stamps that image, text, both or neither get right, and the joint answer."""
    right = {
        name: np.concatenate([read_counts(i["counts"]) for i in items if i["method"] == name]) > 0
        for name in ("image", "text", "image + text")
    }
    rows = []
    for image, text in itertools.product((True, False), repeat=2):
        here = (right["image"] == image) & (right["text"] == text)
        joint = int(right["image + text"][here].sum())
        rows.append({"image": image, "text": text, "items": int(here.sum()), "joint": joint})
    return rows


def run_co_learning(task, setting, config, seed):
    """Test each reader of captions, taught by 50 labels and by guesses for the others."""
    new, truth = task.features("test", "text"), task.targets("test")
    return [
        {"method": name, **score_log_proba(model.predict_log_proba(new), truth)}
        for name, model in train_readers(task, seed=seed).items()
    ]


STUDIES = (
    Study(
        name="background/what_is_multimodal/modalities",
        question="What does each modality of a stamp say, alone and joined?",
        grid={"speech": ("fr", "es"), "fold": tuple(FOLDS)},
        task=lambda setting: load_task(setting["fold"], setting["speech"]),
        search=search,
        run=run,
        seeds=lambda setting: [setting["fold"]],
        contrasts=[
            Contrast("method", pairs, groups=captions, pool=("fold",)) for pairs in COMPARED
        ],
        tables=tabulate,
    ),
    Study(
        name="background/what_is_multimodal/co_learning",
        question="Can photographs teach a reader of captions of which few have a label?",
        grid={"fold": tuple(FOLDS)},
        task=lambda setting: load_task(setting["fold"]),
        run=run_co_learning,
        seeds=lambda setting: [len(DRAWS) * setting["fold"] + draw for draw in DRAWS],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
