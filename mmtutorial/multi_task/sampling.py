"""Which task comes next? Batches in which each task has the share that it should have."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from mmtutorial._checks import check_number, check_whole
from mmtutorial.multi_task._labels import known_rows
from mmtutorial.multi_task._tasks import check_tasks

LARGEST = 2**53


def temperature_sampling(
    counts: Mapping[str, int], *, temperature: float = 1.0
) -> dict[str, float]:
    """How often should a task with few labels be seen? Between as often as it has them, and evenly.

    The share of a task with ``n`` labels is proportional to ``n ** (1 / temperature)``: at 1 as the
    labels are, the larger the temperature, the more alike.

    ``counts`` is ``{task: number of labels}``, at least 1 each. Returns ``{task: share}``, which
    sum to 1, for the argument ``task_sampling`` of `MultiTaskModel.fit`. Raises ``ValueError`` for
    a task without labels and a temperature below 1. Paper: Raffel et al. 2020, Exploring the
    Limits of Transfer Learning with a Unified Text-to-Text Transformer (temperature-scaled mixing).

    >>> shares = temperature_sampling({"group": 900, "hue": 100}, temperature=2)
    >>> {task: round(share, 4) for task, share in shares.items()}
    {'group': 0.75, 'hue': 0.25}
    """
    names = check_tasks("counts", counts, of="numbers of labels")
    numbers = [check_whole(f"counts[{n!r}]", counts[n], least=1, most=LARGEST) for n in names]
    temperature = check_number("temperature", temperature, least=1)
    raised = np.array(numbers, float) ** (1 / temperature)
    return dict(zip(names, (raised / raised.sum()).tolist(), strict=True))


def check_shares(given: Any, tasks: list[str]) -> np.ndarray:
    """Return the share of each task, ``(tasks,)``, which sum to 1."""
    check_tasks("task_sampling", given, tasks, of="shares")
    shares = [check_number(f"task_sampling[{t!r}]", given[t], least=0, most=1e6) for t in tasks]
    if not sum(shares):
        raise ValueError(f"task_sampling must not be 0 for all tasks, got {given}")
    return np.array(shares) / sum(shares)


class TaskBatches(keras.utils.PyDataset):
    """Batches whose rows are drawn for a task each: first the task, then one of its labelled rows.

    The rows of a task come in a new random order, and all of them before one comes again. A row
    brings all its labels. An epoch has as many batches as plain training has.
    """

    def __init__(
        self,
        inputs: Mapping[str, np.ndarray],
        labels: Mapping[str, np.ndarray],
        shares: np.ndarray,
        batch_size: int,
        rng: np.random.Generator,
    ):
        super().__init__()
        self.inputs, self.labels, self.shares = inputs, labels, shares
        self.batch_size, self.rng = batch_size, rng
        self.rows = [np.flatnonzero(np.asarray(known_rows(y))) for y in labels.values()]
        self.count = len(next(iter(labels.values())))
        self.waiting = [np.array([], int) for _ in self.rows]
        self._draw()

    def __len__(self) -> int:
        """Return how many batches an epoch has."""
        return -(-self.count // self.batch_size)

    def __getitem__(self, number: int) -> tuple:
        """Return one batch."""
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        parts = ({n: array[rows] for n, array in part.items()} for part in
                 (self.inputs, self.labels))  # fmt: skip
        return tuple(parts)

    def on_epoch_end(self) -> None:
        """Draw the next epoch."""
        self._draw()

    def _draw(self):
        tasks = self.rng.choice(len(self.shares), size=self.count, p=self.shares)
        self.order = np.empty(self.count, int)
        for task in range(len(self.shares)):
            places = np.flatnonzero(tasks == task)
            while len(self.waiting[task]) < len(places):
                again = self.rng.permutation(self.rows[task])
                self.waiting[task] = np.concatenate([self.waiting[task], again])
            self.order[places] = self.waiting[task][: len(places)]
            self.waiting[task] = self.waiting[task][len(places) :]
