"""Few clips, two tasks: do what a clip shows and how it is played help each other?

    python -m mmtutorial.chapters.multi_task.sharing.study_clips

``both`` has as many weights as the two networks alone together; the search is that of the other
studies, with more epochs, because there are few clips.
"""

from mmtutorial.chapters.multi_task.sharing.clips import TASKS, WIDTH, ClipTasks
from mmtutorial.chapters.multi_task.sharing.experiment import (
    count_weights,
    find_width,
    predict,
    search,
    train,
)
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import Recipe

MODELS = {"direction alone": ("direction",), "group alone": ("group",), "both": TASKS}


def search_model(task, setting, choices):
    """Choose among the candidates."""
    share = sum(count_weights(ClipTasks([one]), WIDTH) for one in task.tasks)
    return search(task, find_width(task, share))


def run(task, setting, config, seed):
    """Train, and score each task on the test split."""
    trained = train(task, Recipe(**config), seed=seed)
    outputs, weights = predict(trained, task, "test"), trained.count_params()
    rows = []
    for name, labels in task.labels("test").items():
        right = outputs[name].argmax(axis=1) == labels
        row = {"task": name, "accuracy": float(right.mean()), "weights": weights}
        rows.append({**row, "correct": right})
    return rows


def alone(labels, validation, names):
    """Return the network alone for a task."""
    return f"{labels['task']} alone"


STUDIES = [
    Study(
        name="multi_task/sharing/clips",
        question="Do what a clip shows and how it is played help each other?",
        grid={"model": tuple(MODELS)},
        task=lambda setting: ClipTasks(MODELS[setting["model"]]),
        search=search_model,
        run=run,
        seeds=range(10),
        contrasts=[Contrast("model", alone, groups=lambda labels: ClipTasks().concepts("test"))],
    )
]

if __name__ == "__main__":
    main(STUDIES)
