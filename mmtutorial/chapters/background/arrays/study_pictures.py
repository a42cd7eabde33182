"""What does a wrong array cost a classifier of pictures? Five seeds each; nothing is tuned.

    python -m mmtutorial.chapters.background.arrays.study_pictures

A network learns from pictures prepared in one way, and is tested on the same pictures prepared in
others: in ``pictures`` carefully and with pictures turned much further, in ``scales`` with the
scaling forgotten in training, too, with and without batch normalisation.
"""

from functools import cache

from mmtutorial.chapters.background.arrays.pictures import (
    PREPROCESSING_ERRORS,
    load_pictures,
    train_pictures,
)
from mmtutorial.studies import Study, main
from mmtutorial.tasks import score_log_proba

AS_BYTES = {"scale": PREPROCESSING_ERRORS["not scaled: 0 to 255"]}
TURNS = {"careful": {}, "turned up to 180°": {"max_rotation": 180}}
SCALES = {
    "not scaled": AS_BYTES,
    "not scaled, no batch norm": {**AS_BYTES, "batch_norm": False},
    "careful, no batch norm": {"batch_norm": False},
}


@cache
def load_task():
    """Load the pictures once."""
    return load_pictures()


def run(task, setting, config, seed):
    """Train on pictures prepared in one way; test on the same ones prepared in each way."""
    options = {**TURNS, **SCALES}[setting["training"]]
    model, _ = train_pictures(task, seed=seed, **options)
    truth, rows = task.test.targets["group"], []
    for name, prepare in PREPROCESSING_ERRORS.items():
        inputs = prepare(task.test.inputs["image"])
        # Compiled: where it can see values, the encoder would refuse pictures of 0 to 255.
        scores = score_log_proba(model.predict(inputs, batch_size=512, verbose=0), truth)
        rows.append({"method": name, **scores, "parameters": model.count_params()})
    return rows


STUDIES = (
    Study(
        name="background/arrays/pictures",
        question="What does it cost to prepare pictures otherwise than in training?",
        grid={"training": tuple(TURNS)},
        task=lambda setting: load_task(),
        run=run,
    ),
    Study(
        name="background/arrays/scales",
        question="What does it cost to forget the scaling, in training, in the test, or in both?",
        grid={"training": tuple(SCALES)},
        task=lambda setting: load_task(),
        run=run,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
