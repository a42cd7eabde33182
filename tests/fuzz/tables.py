"""All tables together, and what in the package must have an entry."""

import inspect
from collections import Counter
from functools import reduce

import mmtutorial as mm
from fuzz import (
    table_arrays,
    table_captions,
    table_contrast,
    table_correlation,
    table_data,
    table_encoders,
    table_evaluation,
    table_fusion,
    table_grounding,
    table_images,
    table_multi_task,
    table_plots,
    table_preprocessing,
    table_results,
    table_retrieval,
    table_room_arrays,
    table_speech,
    table_tasks,
    table_video,
    table_widgets,
)
from mmtutorial._packages import find_rooms

TABLES = (
    table_data,
    table_encoders,
    table_evaluation,
    table_arrays,
    table_captions,
    table_contrast,
    table_correlation,
    table_fusion,
    table_grounding,
    table_images,
    table_multi_task,
    table_plots,
    table_preprocessing,
    table_results,
    table_retrieval,
    table_room_arrays,
    table_speech,
    table_tasks,
    table_video,
    table_widgets,
)
PACKAGES = (
    "applications.grounding",
    "applications.speech",
    "applications.video",
    "data",
    "preprocessing",
    "cross_modal",
    "encoders",
    "evaluation",
    "fusion",
    "multi_task",
    "tasks",
    "plots",
    "results",
    "widgets",
)
# What Keras calls, and what a fusion of one's own overrides; readers call the layer instead.
PROTOCOL = {
    "build", "call", "compute_loss", "compute_mask", "compute_output_shape", "compute_output_spec",
    "compute_metrics", "from_config", "get_config", "fuse", "build_weights", "mean_tokens",
    "project", "prepare", "pool_decisions", "log_proba", "make_block", "draw_epoch",
    "without_test", "on_epoch_begin", "result_size", "embed",
    "check_type", "check_shape", "check_values",
    "weigh", "update_weights", "end_epoch", "add_numbers",
    "build_sharing", "build_encoders", "share", "get_build_config", "build_from_config",
}  # fmt: skip
# The doors of Keras' training, which the tests of each model try one by one.
DOORS = {
    "compile", "compile_from_config", "get_build_config", "build_from_config", "fit", "evaluate",
    "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "export",
    "get_compile_config", "train_step",
}  # fmt: skip


def entries():
    """Return ``{identity: entry}``; two entries of one function are told apart by a number."""
    found, seen = {}, Counter()
    for table in TABLES:
        for entry in table.ENTRIES:
            seen[entry.name] += 1
            number = f"-{seen[entry.name]}" if seen[entry.name] > 1 else ""
            found[entry.name + number] = entry
    return found


def made():
    """Return the names of what functions make, and no reader makes by hand."""
    return {name for table in TABLES for name in table.MADE}


def public():
    """Return the names of all public functions, classes, calls of layers, and methods."""
    return sorted(name for package in (*PACKAGES, *rooms()) for name in _of_package(package))


def rooms():
    """Return the paths of the chapters' rooms below `mmtutorial`."""
    return [f"chapters.{room.replace('/', '.')}" for room in find_rooms()]


def _of_package(package):
    module = reduce(getattr, package.split("."), mm)
    for name in getattr(module, "__all__", None) or dir(module):
        thing = getattr(module, name)
        ours = getattr(thing, "__module__", "").startswith(f"mmtutorial.{package}")
        if name.startswith("_") or not callable(thing) or not ours:
            continue
        yield f"{package}.{name}"
        if inspect.isclass(thing):
            yield from (f"{package}.{name}.{method}" for method in _methods(thing))


def _methods(kind):
    for name in dir(kind):
        of = next(each for each in kind.__mro__ if name in vars(each))
        thing = inspect.getattr_static(kind, name)
        function = getattr(thing, "__func__", thing)
        ours = of.__module__.startswith("mmtutorial") and inspect.isfunction(function)
        inner = PROTOCOL | DOORS if hasattr(kind, "compute_loss") else PROTOCOL
        if ours and not name.startswith("_") and name not in inner:
            yield name
    if hasattr(kind, "compute_output_shape"):
        yield "__call__"
