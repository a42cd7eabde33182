"""Which weights should the losses of several tasks have, at one cost for all methods?

    python -m mmtutorial.chapters.multi_task.balancing.study

Who drew this emoji (of the picture), what does it show (best of both), and how light is it: three
tasks, one model of hard sharing that reads picture and words. ``situation`` is what may disturb
the balance: nothing; lightness counted in per cent in place of standard deviations; or the groups
of half of the training drawings shuffled. Every method has a search of the same cost, six
trainings: the same six learning rates and dropouts, and six values of each option of its own, in a
Latin hypercube; the epoch is chosen by watching. Judged is the mean over the tasks of their
validation scores. ``fixed`` is scalarization: three trainings choose the recipe, with each loss
divided by that of a constant answer, three more the weights. ``uncertainty, begun well`` has its
first weights from the same losses. ``alone`` is a model for each task that together have as many
weights as the one for all, each with a search of its own.

Test drawings are of concepts, and by an artist, that training never saw; whether the artist is
recognised is tested on other concepts by known artists. ``accuracy`` of lightness is the share of
its variance that is explained; that of the task ``mean`` is the mean over the three.
"""

from functools import cache

import keras
import numpy as np

from mmtutorial.chapters.multi_task.balancing.comparison import compare_seeds
from mmtutorial.chapters.multi_task.balancing.experiment import (
    BEGUN,
    EPOCHS,
    PER_CENT,
    TASKS,
    WEIGHTINGS,
    NoisyTasks,
    history_of,
    predict,
    propose,
    train,
)
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks.emoji_tasks import MODALITIES

SITUATIONS = {
    "as it is": {},
    "in per cent": {"scale": PER_CENT},
    "half shuffled": {"noise": 0.5},
}
CHANGED = {"as it is": TASKS, "in per cent": ("lightness",), "half shuffled": ("group",)}
ONE_MODALITY = {"group of image": "image", "group of text": "text"}  # main task, one modality
SHUFFLED = "equal, words shuffled"
METHODS = ("alone", *ONE_MODALITY, *WEIGHTINGS, BEGUN)
LEFT_OUT = ("alone", *ONE_MODALITY, SHUFFLED)  # of the comparisons
ALONE_UNITS = 23  # three models of this size have as many weights as one of 64 units for all
LOOKS = range(3, EPOCHS + 1, 3)  # after these epochs, the search looks at validation


@cache
def load_tasks(situation, tasks=TASKS, modalities=MODALITIES):
    """Load some tasks in a situation, once."""
    return NoisyTasks(tasks, modalities=modalities, **SITUATIONS[situation])


def models(situation, method):
    """Return the models of a method: ``{name: (task, weighting, what train needs besides)}``.

    Alone are those tasks that the situation changes.
    """
    if method == "alone":
        alone = {"units": ALONE_UNITS}
        names = CHANGED[situation]
        return {name: (load_tasks(situation, (name,)), "equal", alone) for name in names}
    if method in ONE_MODALITY:
        task = load_tasks(situation, ("group",), (ONE_MODALITY[method],))
        return {"group": (task, "equal", {})}
    return {"all": (load_tasks(situation), method, {})}


def search_epochs(task, weighting, **options):
    """Return the best of six choices and of five epochs by the mean validation score."""
    tried = []
    inputs = task.inputs("validation")
    for config in propose(weighting, task, tried):

        def look(epoch, model, config=config):
            if epoch + 1 in LOOKS:
                scores = task.score(predict(model, inputs), "validation")
                tried.append((np.mean(list(scores.values())), {**config, "epochs": epoch + 1}))

        train(task, weighting, config, seed=0, on_epoch=look, **options)
        keras.utils.clear_session()  # or the graphs of all models stay in memory
    return max(tried, key=lambda each: each[0])


def search(task, setting, choices):
    """Search each model of a method."""
    found = {
        name: search_epochs(here.without_test(), weighting, **options)
        for name, (here, weighting, options) in models(**setting).items()
    }
    config = {name: choice for name, (_, choice) in found.items()}
    return {"validation": float(np.mean([value for value, _ in found.values()])), "config": config}


def run(task, setting, config, seed):
    """Train and test; equal weighting is also tested with the words of other drawings."""
    rows = []
    for name, (here, weighting, options) in models(**setting).items():
        model = train(here, weighting, config[name], seed=seed, **options)
        inputs = here.inputs("test", seed=seed)
        rows += score_tasks(here, model, inputs)
    scores = [row["accuracy"] for row in rows]
    if len(scores) == len(TASKS):
        rows.append({"task": "mean", "accuracy": float(np.mean(scores))})
    if setting["method"] == "equal":
        wrong = predict(model, shuffled_modality(inputs, "text", seed=seed))
        rows += [{"method": SHUFFLED, "task": name, "accuracy": score}
                 for name, score in here.score(wrong, "test").items()]  # fmt: skip
    return rows


def score_tasks(task, model, inputs):
    """Return a row for each task: score, last loss and weight in training, what is right."""
    outputs, labels = predict(model, inputs), task.labels("test")
    losses, weights = history_of(model, "loss"), history_of(model, "weight")
    rows = []
    for name, score in task.score(outputs, "test").items():
        row = {"task": name, "accuracy": score, "loss": float(losses[name][-1])}
        row |= {"weight": float(weights[name][-1]), "parameters": model.count_params()}
        if outputs[name].shape[1] > 1 and name != "sound":  # whose score is a mean by class
            known = labels[name] >= 0
            row["correct"] = outputs[name].argmax(axis=1)[known] == labels[name][known]
        rows.append(row)
    return rows


def concepts_of(labels):
    """Return the concept of each test drawing that has a label of this task."""
    task = load_tasks(labels["situation"])
    known = task.labels("test")[labels["task"]] >= 0
    return task.splits["test"].targets["concept"][known]


STUDIES = [
    Study(
        name="multi_task/balancing",
        question="Which weights should the losses of several tasks have?",
        grid={"situation": tuple(SITUATIONS), "method": METHODS},
        task=lambda setting: load_tasks(setting["situation"]),
        search=search,
        run=run,
        keep=lambda setting: (
            setting["method"] not in ONE_MODALITY or setting["situation"] == "as it is"
        ),
        contrasts=[Contrast("method", "fixed", groups=concepts_of, leave_out=LEFT_OUT)],
        tables=lambda result: compare_seeds(result, ("situation",)),
    )
]

if __name__ == "__main__":
    main(STUDIES)
