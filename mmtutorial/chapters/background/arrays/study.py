"""What does a wrong array cost a classifier of names, clips or voices? Five seeds each.

    python -m mmtutorial.chapters.background.arrays.study

Nothing is tuned: one recipe for all rows of a table. Names are cut into tokens in four ways in two
languages. Clips run forwards or backwards; a seed parts them anew. Voices are heard at a quarter of
the sample rate; a seed draws the lines anew.
"""

from functools import cache

import numpy as np

from mmtutorial.chapters.background.arrays.clips import CLIP_VIEWS, grey_frames, predict_direction
from mmtutorial.chapters.background.arrays.names import UNITS, name_arrays, train_names
from mmtutorial.chapters.background.arrays.voices import (
    TRAININGS,
    describe_voices,
    load_voices,
    predict_voices,
)
from mmtutorial.data import load_animated_emoji
from mmtutorial.evaluation import accuracy, macro_f1
from mmtutorial.studies import Study, main
from mmtutorial.tasks import score_log_proba


@cache
def load_names(language, unit):
    """Load names as token ids, once for each way to cut them."""
    return name_arrays(language=language, unit=unit)


def run_names(task, setting, config, seed):
    """Train on names; test on unseen ones, also with tokens that are unknown left out."""
    model = train_names(task, seed=seed)
    ids, groups = task["test"]
    logits, known = (
        model.predict(given, batch_size=512, verbose=0)
        for given in (ids, np.where(ids == 1, 0, ids))  # unknown tokens become padding
    )
    train, _ = task["train"]
    row = {
        **score_log_proba(logits, groups),
        "left_out": score_log_proba(known, groups)["accuracy"],
        "parameters": model.count_params(),
        "vocabulary": len(task["vocabulary"]),
        "unknown": task["unknown"],
        "tokens": float(np.sum(train != 0, axis=1).mean()),
    }
    return [row]


@cache
def load_frames():
    """Load all clips as small grey frames, once."""
    clips = load_animated_emoji()
    splits = (clips.train, clips.validation, clips.test)
    return np.concatenate([grey_frames(split.inputs["video"].array()) for split in splits])


def run_clips(task, setting, config, seed):
    """Learn the direction of time from three quarters of the clips; test on the others."""
    order = np.random.default_rng(seed).permutation(len(task))
    test, train = np.split(order, [len(order) // 4])
    truth, said = predict_direction(task[train], task[test], CLIP_VIEWS[setting["method"]])
    return [score(truth, said)]


@cache
def load_heard(seed):
    """Draw lines of both fish; return them as heard in each way, and who speaks."""
    voices = load_voices(seed=seed)
    return describe_voices(voices), {side: roles for side, (_, roles) in voices.items()}


def run_voices(task, setting, config, seed):
    """Learn who speaks from lines heard in one way; test on lines of other levels, in each way."""
    heard, roles = task(seed)
    said = predict_voices(heard, roles["train"], setting["training"])
    return [
        {"method": name, **score(roles["test"], answers), "big": float(answers.mean())}
        for name, answers in said.items()
    ]


def score(truth, said):
    """Return accuracy and macro F1 of answers ``(items,)``."""
    return {"accuracy": accuracy(truth, said), "macro_f1": macro_f1(truth, said)}


STUDIES = (
    Study(
        name="background/arrays/clips",
        question="Which way does a clip run, seen in four ways?",
        grid={"method": tuple(CLIP_VIEWS)},
        task=lambda setting: load_frames(),
        run=run_clips,
    ),
    Study(
        name="background/arrays/voices",
        question="What does a wrong sample rate cost a classifier of voices?",
        grid={"training": TRAININGS},
        task=lambda setting: load_heard,
        run=run_voices,
    ),
    Study(
        name="background/arrays/names",
        question="Which group has an emoji, told by its name, cut into tokens in four ways?",
        grid={"language": ("en", "zh"), "method": UNITS},
        task=lambda setting: load_names(setting["language"], setting["method"]),
        run=run_names,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
