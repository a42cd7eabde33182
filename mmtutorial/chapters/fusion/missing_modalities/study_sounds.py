"""Most stamps lack a sound: what do a sound, and the mere fact that there is one, tell a model?

    python -m mmtutorial.chapters.fusion.missing_modalities.study_sounds

Photograph, caption and sound, concatenated; the search is that of `study`, on complete stamps.
"""

import itertools
from functools import cache

import numpy as np

from mmtutorial.chapters.fusion.missing_modalities.experiment import SoundPresenceTask, train_method
from mmtutorial.chapters.fusion.missing_modalities.study import (
    EVERY,
    FOLDS,
    RATES,
)
from mmtutorial.studies import Study, main
from mmtutorial.tasks import StampTask, predict_log_proba, score_log_proba


@cache
def load_sounds(method, fold):
    """Load stamps with sounds, or with the mere fact that there is one."""
    kind = SoundPresenceTask if "has sound" in method else StampTask
    return kind(fold=fold, modalities=("image", "sound", "text"))


def search_sounds(task, setting, choices):
    """Choose dropout and epochs on complete validation stamps."""
    truth, inputs = task.targets("validation"), task.inputs("validation")
    best = (-1.0, None)
    for rate in RATES:

        def watch(epoch, model, rate=rate):
            nonlocal best
            if (epoch + 1) % EVERY == 0:
                accuracy = score_log_proba(predict_log_proba(model, inputs), truth)["accuracy"]
                found = accuracy, {"rate": rate, "epochs": epoch + 1}
                best = max(best, found, key=lambda pair: pair[0])

        train_method(task, "concat", rate=rate, seed=setting["fold"], on_epoch=watch)
    return {"validation": best[0], "config": best[1]}


def run_sounds(task, setting, config, seed):
    """Train, and test with the sounds that there are, without, and with one for each stamp."""
    model, truth = train_method(task, "concat", seed=seed, **config), task.targets("test")
    animals = task.dataset.classes["group"].index("animals")
    place = {name: task.modalities.index(name) for name in task.modalities}
    rows = []
    for masked, sounds in itertools.product(
        ("nothing", "photograph"), ("as they are", "none", "all")
    ):
        if sounds == "all" and "has sound" not in setting["method"]:
            continue  # nobody knows what Saturn sounds like
        given = {name: array.copy() for name, array in task.inputs("test").items()}
        if sounds != "as they are":
            given["presence"][:, place["sound"]] = sounds == "all"
            given["sound"][:] = sounds == "all"
        if masked == "photograph":
            given["presence"][:, place["image"]] = False
        log_p = predict_log_proba(model, given)
        row = {"masked": masked, "sounds": sounds, **score_log_proba(log_p, truth)}
        row["animals"] = float(np.mean(log_p.argmax(axis=1) == animals))
        rows.append({**row, "parameters": model.count_params()})
    return rows


STUDIES = (
    Study(
        name="fusion/missing_modalities/sounds",
        question="What do the sound, and the fact that there is one, do to a concatenation?",
        grid={"method": ("concat + sound", "concat + has sound"), "fold": tuple(FOLDS)},
        task=lambda setting: load_sounds(setting["method"], setting["fold"]),
        search=search_sounds,
        run=run_sounds,
        seeds=lambda setting: [setting["fold"]],
    ),
)

if __name__ == "__main__":
    main(STUDIES)
