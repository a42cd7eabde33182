"""What does a weighting or a method on gradients cost in training? And beside plain PyTorch?

    python benchmarks/multi_task_steps.py --with-torch
    python benchmarks/multi_task_steps.py --alone --tasks 2 5 --seconds 1

First, a training step of `MultiTaskModel` by ``fit``, twenty steps at a call, for each weighting
and each method: its time and memory in units of those of equal weighting. The model has a body of
three hidden layers, 256, 256 and 128, on vectors of 256, and heads of 10 classes; batches of 128;
Adam. The time is that of the quickest epoch of 100 steps, the memory what the process grew by at
most while it trained, its libraries and the data loaded.

Then `pcgrad`, `mgda`, `cagrad` and `imtl_g` as functions of a matrix of gradients, beside what one
would write in PyTorch, see `_multi_task_torch.py`. First it checks that both give the same, as far
as an iterative method in PyTorch goes; ours is compiled, as in ``fit``, for a number of tasks that
it does not know. An empty function, which returns the first gradient, shows what a call costs by
itself; in ``fit`` there is one for twenty steps. The last column leaves it out.

All times are processor seconds of all threads, the least that was seen, so other programs on the
machine disturb them little; ``--threads`` says how many there are.
"""

import argparse
import json
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _measure import (
    add_torch_options,
    forget_peak,
    memory,
    provide_torch,
    quickest,
    run_alone,
)
from tqdm import tqdm

BATCH, BATCHES, AT_ONCE, EPOCHS = 128, 100, 20, 4
DIM, HIDDEN, CLASSES = 256, (256, 256, 128), 10
CHOSEN = {
    "equal": ("equal", None),
    "LinearScalarization": ("scalarization", None),
    **{name: (name, None) for name in ("random", "uncertainty", "dynamic", "gradnorm")},
    **{name: ("equal", name) for name in ("pcgrad", "mgda", "cagrad", "imtl_g")},
}
METHODS = {
    # how far PyTorch may be from ours, in units of the longest gradient
    "pcgrad": 1e-5,
    "mgda": 3e-2,  # Frank-Wolfe comes near its end slowly
    "cagrad": 1e-2,  # so does SLSQP, within its tolerance
    "imtl_g": 1e-4,
}
SIDES = ("ours", "torch")


def use_threads(side, count):
    """Let one side compute in so many threads."""
    if side == "torch":
        import torch

        return torch.set_num_threads(count)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    return tf.config.threading.set_inter_op_parallelism_threads(1)


def train(name, tasks):
    """Train a model; return the milliseconds of its quickest step, and megabytes."""
    import keras

    from mmtutorial import multi_task

    keras.utils.set_random_seed(0)
    weighting, aggregator = CHOSEN[name]
    names = [f"task{number}" for number in range(tasks)]
    if weighting == "scalarization":
        weighting = multi_task.LinearScalarization(dict.fromkeys(names, 0.5))
    body = multi_task.HardSharing(
        keras.layers.Identity(), dict.fromkeys(names, CLASSES), hidden=HIDDEN
    )
    model = multi_task.MultiTaskModel(body, weighting, aggregator)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, steps_per_execution=AT_ONCE)
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(BATCH * BATCHES, DIM)).astype("float32")
    labels = {task: rng.integers(0, CLASSES, len(inputs)) for task in names}
    before, seconds = forget_peak(), []
    for _ in range(1 + EPOCHS):  # the first traces the graph
        start = time.process_time()
        model.fit(inputs, labels, batch_size=BATCH, shuffle=False, verbose=0)
        seconds.append(time.process_time() - start)
    return 1000 * min(seconds[1:]) / BATCHES, memory("VmHWM") - before


def draw(tasks, params):
    """Draw gradients of unlike length that have directions in common, and some against another."""
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(tasks, 8)) @ rng.normal(size=(8, params))
    grads = mixed + rng.normal(size=(tasks, params)) + 2 * rng.normal(size=params)
    return (grads * np.exp(0.5 * rng.normal(size=(tasks, 1)))).astype("float32")


def prepare(side, name, grads):
    """Return one side's method on these gradients as a function without arguments."""
    if side == "torch":
        import _multi_task_torch
        import torch

        rows = torch.from_numpy(grads)
        method = getattr(_multi_task_torch, name)
        return lambda: method(rows).numpy()
    import tensorflow as tf

    from mmtutorial import multi_task

    method = (lambda rows: rows[0] + 0) if name == "empty" else getattr(multi_task, name)
    signature = [tf.TensorSpec((None, grads.shape[1]))]
    graph = tf.function(method, input_signature=signature, autograph=False)
    rows = tf.constant(grads)
    return lambda: graph(rows).numpy()


def check(name, tasks=3, params=1000):
    """Stop, if ours and PyTorch differ by more than the latter's method explains."""
    grads = draw(tasks, params)
    ours, theirs = (prepare(side, name, grads)() for side in SIDES)
    off = np.linalg.norm(ours - theirs) / np.linalg.norm(grads, axis=1).max()
    if not off < METHODS[name]:
        raise SystemExit(f"{name} of {tasks} tasks: ours and PyTorch differ by {off:.1e}")


def work(kind, side, name, tasks, params, threads, seconds):
    """Measure one case in this process, and print it."""
    use_threads(side, threads)
    if kind == "train":
        print(json.dumps(train(name, tasks)))
        return
    step = prepare(side, name, draw(tasks, params))
    step()  # the first compiles
    print(json.dumps(quickest(step, seconds)))


def print_training(options):
    """Measure and print the training steps."""
    sizes = f"{DIM} -> {' -> '.join(map(str, HIDDEN))}"
    print(
        f"A training step, {sizes}, batches of {BATCH}: milliseconds, ratio to equal, megabytes\n"
    )
    head = ["", *(f"{n} tasks, {what}" for n in options.tasks for what in ("ms", "ratio", "MB"))]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    found = {
        (name, tasks): run_alone(__file__, "train", "ours", name, tasks, 0, options.threads, 0)
        for name, tasks in tqdm([(n, t) for n in CHOSEN for t in options.tasks], unit="case")
    }
    for name in CHOSEN:
        row = [f"`{name}`"]
        for tasks in options.tasks:
            ms, megabytes = found[name, tasks]
            row += [f"{ms:.2f}", f"{ms / found['equal', tasks][0]:.2f}", f"{megabytes:.0f}"]
        print(f"| {' | '.join(row)} |")


def print_methods(options):
    """Measure and print the functions of a matrix, ours and PyTorch's."""
    sides = SIDES[:1] if options.alone else SIDES
    cases = [
        (name, tasks, params)
        for params in options.params
        for tasks in options.tasks
        for name in ("empty", *METHODS)
    ]
    found = {}
    for name, *sizes in tqdm(cases, unit="case"):
        for side in sides if name != "empty" else SIDES[:1]:
            arguments = (side, name, *sizes, options.threads, options.seconds)
            found[name, *sizes, side] = run_alone(__file__, "method", *arguments)
    print("\nMethods on a matrix of gradients, milliseconds of processor time\n")
    head = ["", "tasks", "weights", "ours"] + ["PyTorch", "ratio", "beyond empty"] * (
        len(sides) - 1
    )
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for name, tasks, params in cases:
        ours = found[name, tasks, params, "ours"]
        row = [f"`{name}`", f"{tasks}", f"{params:,}", f"{ours:.3f}"]
        if len(sides) > 1 and name != "empty":
            theirs = found[name, tasks, params, "torch"]
            beyond = max(0.0, ours - found["empty", tasks, params, "ours"]) / theirs
            row += [f"{theirs:.3f}", f"{ours / theirs:.2f}", f"{beyond:.2f}"]
        print(f"| {' | '.join(row + [''] * (len(head) - len(row)))} |")


def read_options():
    """Read the command line; stop where PyTorch is wanted and is not there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", nargs="+", type=int, default=[2, 5, 10])
    parser.add_argument("--params", nargs="+", type=int, default=[10**4, 10**5, 10**6])
    parser.add_argument("--threads", type=int, default=1, help="of TensorFlow and of PyTorch")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each function")
    add_torch_options(parser)
    parser.add_argument("--work", nargs=7, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.work:
        provide_torch(parser, options)
    return options


def main():
    """Check and measure each case, and print the tables."""
    options = read_options()
    if options.work:
        kind, side, name, *numbers, seconds = options.work
        return work(kind, side, name, *map(int, numbers), float(seconds))
    if not options.alone:
        for name in METHODS:
            for tasks in options.tasks:
                check(name, tasks)
    print(f"{os.cpu_count()} cores, {options.threads} threads used\n")
    print_training(options)
    print_methods(options)


if __name__ == "__main__":
    main()
