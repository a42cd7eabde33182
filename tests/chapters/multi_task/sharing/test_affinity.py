"""A step for a task lowers its own loss, and affinity is measured after each epoch."""

import numpy as np

from mmtutorial.chapters.multi_task.sharing import affinity, experiment
from mmtutorial.multi_task import MultiTaskModel
from mmtutorial.tasks import EmojiTasks, Recipe


def test_affinity_is_measured_after_each_epoch_and_a_step_helps_its_own_task():
    task = EmojiTasks(["artist", "group"])
    measure = affinity.MeasureAffinity(task, seed=0)
    model = experiment.train(task, Recipe(units=8, hidden=(8,), epochs=2), on_epoch=measure)
    assert isinstance(model, MultiTaskModel)
    found = np.array(measure.values)
    assert found.shape == (2, 2, 2)
    assert (found[:, [0, 1], [0, 1]] > 0).all()
