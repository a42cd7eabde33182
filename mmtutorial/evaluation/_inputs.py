"""Check what a model is given and what it returns."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_callable, check_dict, check_finite, check_text
from mmtutorial._presence import stack_columns


def is_lazy(rows: Any) -> bool:
    """Whether rows are clips, each decoded when it is indexed."""
    return hasattr(rows, "encoded")


def check_rows(argument: str, inputs: dict, *, lazy: bool = False) -> dict:
    """Return inputs as arrays, all with the same number of rows, at least one.

    Clips stay as they are where ``lazy`` allows them, and so does presence by modality.
    """
    checked, counts = {}, {}
    for name, rows in check_dict(argument, inputs, '{"image": images, "text": ids}').items():
        check_text(f"the keys of {argument}", name)
        if lazy and name == "presence" and isinstance(rows, dict):
            modalities = sorted(inputs.keys() - {"presence"})
            counts[name], checked[name] = len(stack_columns(rows, modalities)), rows
        elif not is_lazy(rows):
            array = check_array(f"{argument}[{name!r}]", rows, kinds="biufOUS", finite=False)
            checked[name] = array
        elif lazy:
            checked[name] = rows
        else:
            advice = "turn them into arrays first, such as log_mel and pad_audio"
            raise TypeError(f"{argument}[{name!r}] holds clips; {advice}")
    for name, rows in checked.items():
        counts.setdefault(name, len(rows) if is_lazy(rows) or np.ndim(rows) else 0)
    if not counts or len(set(counts.values())) > 1 or not min(counts.values()):
        raise ValueError(
            f"{argument} must hold one row per item for every modality, and at least one, "
            f"got rows {counts}"
        )
    return checked


def check_seeds(seeds: Iterable) -> list:
    """Return the seeds as a list, of at least one."""
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, Iterable):
        raise TypeError(f"seeds must be several, such as range(5), got {seeds!r}")
    seeds = list(seeds)
    if not seeds:
        raise ValueError("seeds must hold at least one seed, got none")
    return seeds


def check_outputs(predict: Callable) -> Callable:
    """Return the model, made to raise if it returns anything but one finite output for each row.

    All its outputs must have one shape behind the rows: the same classes.
    """
    check_callable("predict", predict)
    known = []

    def call(inputs):
        outputs = check_array("what predict returns", predict(inputs), finite=False)
        rows = len(next((rows for rows in inputs.values() if not isinstance(rows, dict)), ()))
        if outputs.shape[:1] != (rows,) or not outputs.size:
            raise ValueError(
                f"predict must return a row for each of the {rows} rows it is given, of at least "
                f"one number, got shape {outputs.shape}"
            )
        known.append(outputs.shape[1:])
        if known[0] != known[-1]:
            raise ValueError(
                f"predict must return rows of one shape, got {known[-1]} after {known[0]}"
            )
        return check_finite("what predict returns", outputs).astype(float)

    return call
