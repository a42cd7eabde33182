"""Few labels for one task: does another task on the same drawings make up for them?

    python -m mmtutorial.chapters.multi_task.sharing.study_labels

Some training drawings, drawn by the seed, keep their group; the labels of the other task are all
there. Every model has the same number of weights, two shares, the network alone too, and the same
search; its steps have as many rows, of which half, or all, have a group.
"""

from typing import NamedTuple

from mmtutorial.chapters.multi_task.sharing.experiment import (
    SEED,
    draw_shuffled,
    draw_with_few,
    find_width,
    make_task,
    predict,
    say_right,
    search,
    share,
    train,
)
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import Recipe

LABELS = (32, 128, 512, 4360)
MAIN = "group"


class Model(NamedTuple):
    """The task beside the group, and whether its labels are those of other concepts."""

    beside: str | None = None
    shuffled: bool = False


MODELS = {
    "group alone": Model(),
    "group + subgroup": Model("subgroup"),
    "group + subgroup, shuffled": Model("subgroup", shuffled=True),
    "group + lightness": Model("lightness"),
}


class FewLabels:
    """The data of a setting: the seed of a run draws which labels are there."""

    def __init__(self, setting, *, with_test=True):
        self.setting, self.with_test = setting, with_test

    def of(self, seed):
        """Return the tasks with the labels that a seed draws."""
        tasks = [MAIN, *filter(None, [MODELS[self.setting["model"]].beside])]
        task = make_task(tasks, labelled={MAIN: self.setting["labels"]}, seed=seed)
        return task if self.with_test else task.without_test()

    def without_test(self):
        """Return the same with empty test splits, for a search."""
        return FewLabels(self.setting, with_test=False)


def draw_of(model, task, seed):
    """Return how an epoch is drawn."""
    draw = draw_shuffled(task, model.beside, seed=seed) if model.shuffled else task.draw_epoch
    return draw_with_few(draw, MAIN)


def search_model(data, setting, choices):
    """Choose among the candidates by the group."""
    model, task = MODELS[setting["model"]], data.of(SEED)
    width = find_width(task, share(MAIN, "subgroup"))
    return search(task, width, draw=draw_of(model, task, SEED), of=MAIN)


def run(data, setting, config, seed):
    """Train, and score the group on the test split."""
    model, task = MODELS[setting["model"]], data.of(seed)
    trained = train(task, Recipe(**config), seed=seed, draw=draw_of(model, task, seed))
    correct = say_right(task, predict(trained, task, "test"), "test")[MAIN]
    weights = trained.count_params()
    return [{"accuracy": float(correct.mean()), "weights": weights, "correct": correct}]


def concepts_of(labels):
    """Return the concept of each test drawing that has a group."""
    task = make_task([MAIN])
    return task.splits["test"].targets["concept"][task.labels("test")[MAIN] >= 0]


STUDIES = [
    Study(
        name="multi_task/sharing/labels",
        question="Few labels for one task: does another task make up for them?",
        grid={"labels": LABELS, "model": tuple(MODELS)},
        task=FewLabels,
        search=search_model,
        run=run,
        contrasts=[Contrast("model", "group alone", groups=concepts_of)],
    )
]

if __name__ == "__main__":
    main(STUDIES)
