"""How long does a training step of each fusion take, and how much memory? Ours and PyTorch.

    python benchmarks/fusion_steps.py --with-torch
    python benchmarks/fusion_steps.py --only gated tensor --epochs 20

The same sizes, weights and batches for both: 2 modalities, vectors of 128 numbers (logits of 10
classes for late fusion and experts; 49 and 16 tokens of 128 for attention between tokens), a linear
head of 10 classes, cross-entropy, Adam. First it checks that both give the same numbers. Then each
is trained in a process of its own, ours by ``fit``, twenty steps at a call; the time is that of the
quickest epoch, which other programs on the machine disturb least, the memory what the process grew
by at most while it trained, its libraries and the data loaded. An epoch has 200 steps, of tokens
20, so that what ``fit`` does once per epoch, some 60 ms, counts for as little as in real training.

What a step costs before any fusion, such as fetching the batch, starting the graph and updating
the head, is measured by an empty step: the head on the first vector (or token) alone. The last
column leaves it out on both sides, where the rest is more than a tenth of it.

PyTorch is an extra: ``--with-torch`` installs it, ``--alone`` measures ours without it. Run it on a
quiet machine, PyTorch slows down most beside other work. TensorFlow multiplies matrices by oneDNN
on processors made for neural networks (AVX-512 VNNI and later) and by Eigen on others;
``TF_ENABLE_ONEDNN_OPTS=0`` shows the latter anywhere.
"""

import argparse
import json
import os
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _measure import (
    add_torch_options,
    forget_peak,
    has_torch,
    memory,
    provide_torch,
    run_alone,
)
from tqdm import tqdm

BATCH, CLASSES, AT_ONCE = 128, 10, 20
BATCHES = {"vectors": 200, "votes": 200, "tokens": 20}  # an epoch; tokens take much memory
SHAPES = {
    "vectors": {"image": (128,), "text": (128,)},
    "votes": {"image": (CLASSES,), "text": (CLASSES,)},
    "tokens": {"image": (49, 128), "text": (16, 128)},
}
CASES = {
    # name of ours: its options, what it takes, the function in _fusion_torch.py
    "concat": ({}, "vectors", "concat"),
    "sum": ({"units": 128}, "vectors", "add"),
    "late": ({}, "votes", "late"),
    "gated": ({"units": 128}, "vectors", "gated"),
    "attention": ({"units": 128}, "vectors", "attention"),
    "tensor": ({}, "vectors", "tensor"),
    "low_rank": ({"units": 128, "rank": 8}, "vectors", "low_rank"),
    "multiplicative": ({"units": 128}, "vectors", "multiplicative"),
    "mixture": ({}, "votes", "mixture"),
    "product": ({}, "votes", "product"),
    "cross_attention": ({"units": 64}, "tokens", "cross_attention"),
    "bottleneck": ({"units": 64}, "tokens", "bottleneck"),
}
SIDES = ("ours", "torch")
EMPTY = {f"empty, {kind}": kind for kind in SHAPES}
CASES |= {name: ({}, kind, "empty") for name, kind in EMPTY.items()}


def draw(kind):
    """Draw the batches of an epoch, and the classes."""
    rng = np.random.default_rng(0)
    rows = BATCH * BATCHES[kind]
    inputs = {
        name: rng.normal(size=(rows, *shape)).astype("float32")
        for name, shape in SHAPES[kind].items()
    }
    return inputs, rng.integers(0, CLASSES, rows)


def our_model(name):
    """Make the layer with a linear head behind it; return both."""
    import keras

    from mmtutorial.fusion._names import fusion_by_name

    keras.utils.set_random_seed(0)
    options, kind, _ = CASES[name]
    entrances = {key: keras.Input(shape, name=key) for key, shape in SHAPES[kind].items()}
    if name in EMPTY:
        layer = keras.layers.Lambda(lambda x: x["image"][:, 0] if kind == "tokens" else x["image"])
    else:
        layer = fusion_by_name(name, **options)
    head = keras.layers.Dense(CLASSES)
    return layer, head, keras.Model(entrances, head(layer(entrances)))


def torch_model(name, weights):
    """Make the function of the same weights; return it and what Adam shall train."""
    import _fusion_torch
    import torch

    fuse = getattr(_fusion_torch, CASES[name][2])
    weights = [torch.nn.Parameter(torch.tensor(weight)) for weight in weights]
    *inside, kernel, bias = weights

    def logits(inputs):
        return _fusion_torch.dense(fuse(inside, inputs), kernel, bias)

    return logits, weights


def train_ours(name, epochs, weights, inputs, classes):
    """Train ours; yield the seconds of each epoch."""
    import keras

    layer, head, model = our_model(name)
    layer.set_weights(weights[:-2])
    head.set_weights(weights[-2:])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss, jit_compile=False, steps_per_execution=AT_ONCE)
    for _ in range(epochs):
        start = time.perf_counter()
        model.fit(inputs, classes, batch_size=BATCH, shuffle=False, verbose=0)
        yield time.perf_counter() - start


def train_torch(name, epochs, weights, inputs, classes):
    """Train the PyTorch version; yield the seconds of each epoch."""
    import torch

    logits, weights = torch_model(name, weights)
    optimizer = torch.optim.Adam(weights)
    inputs = [torch.from_numpy(inputs[key]) for key in sorted(inputs)]
    classes = torch.from_numpy(classes)
    for _ in range(epochs):
        start = time.perf_counter()
        for first in range(0, len(classes), BATCH):
            rows = slice(first, first + BATCH)
            optimizer.zero_grad()
            result = logits([array[rows] for array in inputs])
            torch.nn.functional.cross_entropy(result, classes[rows]).backward()
            optimizer.step()
        yield time.perf_counter() - start


def check(name):
    """Return the weights that both start from, after a check that both give the same numbers."""
    layer, head, model = our_model(name)
    weights = [*layer.get_weights(), *head.get_weights()]
    if not has_torch():
        return weights
    import keras
    import torch

    inputs, _ = draw(CASES[name][1])
    batch = {key: array[:BATCH] for key, array in inputs.items()}
    expected = keras.ops.convert_to_numpy(model(batch))
    result = torch_model(name, weights)[0]([torch.tensor(batch[key]) for key in sorted(batch)])
    difference = np.abs(result.detach().numpy() - expected).max() / np.abs(expected).max()
    if difference > 1e-4:
        raise SystemExit(f"{name}: ours and PyTorch differ by {difference:.1e}")
    return weights


def work(side, name, epochs, file):
    """Train one side in this process; print its milliseconds per step and megabytes."""
    __import__("keras" if side == "ours" else "torch")
    with np.load(file) as arrays:
        weights = [arrays[key] for key in arrays]
    data = draw(CASES[name][1])
    before = forget_peak()
    train = train_ours if side == "ours" else train_torch
    _, *seconds = train(name, epochs + 1, weights, *data)  # the first epoch traces the graph
    steps = BATCHES[CASES[name][1]]
    print(json.dumps([1000 * min(seconds) / steps, memory("VmHWM") - before]))


def measure(side, name, epochs, file):
    """Run `work` in a fresh process; return what it prints."""
    return run_alone(__file__, side, name, epochs, file)


def read_options():
    """Read the command line; stop where PyTorch is wanted and is not there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    fusions = [name for name in CASES if name not in EMPTY]
    parser.add_argument("--only", nargs="+", choices=fusions, default=fusions)
    add_torch_options(parser)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.work:
        provide_torch(parser, options)
    return options


def measure_all(names, sides, epochs):
    """Return ``{(name, side): [milliseconds, megabytes]}`` and how many weights each has."""
    found, weights_of = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name in tqdm(names, unit="case"):
            file = os.path.join(folder, "weights.npz")
            weights = check(name)
            np.savez(file, *weights)
            weights_of[name] = sum(weight.size for weight in weights[:-2])
            for side in sides:
                found[name, side] = measure(side, name, epochs, file)
    return found, weights_of


def beyond_empty(found, name):
    """Return ours to PyTorch without what an empty step costs, or None if little is left."""
    empty = f"empty, {CASES[name][1]}"
    left = [found[name, side][0] - found[empty, side][0] for side in SIDES]
    if any(ms < 0.1 * found[empty, side][0] for ms, side in zip(left, SIDES, strict=True)):
        return None
    return left[0] / left[1]


def main():
    """Check and measure each case, and print the table."""
    options = read_options()
    if options.work:
        side, name, epochs, file = options.work
        return work(side, name, int(epochs), file)
    sides = SIDES[:1] if options.alone else SIDES
    kinds = {CASES[name][1] for name in options.only}
    names = [*options.only, *(name for name, kind in EMPTY.items() if kind in kinds)]
    found, weights_of = measure_all(names, sides, options.epochs)
    print(f"{os.cpu_count()} cores, batches of {BATCH}; milliseconds per step, megabytes\n")
    head = ["fusion", "parameters", "ours, ms", "ours, MB"]
    head += [] if options.alone else ["PyTorch, ms", "PyTorch, MB", "ratio", "beyond empty"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for name in names:
        row = [f"`{name}`", f"{weights_of[name]:,}"]
        for side in sides:
            row += [f"{found[name, side][0]:.2f}", f"{found[name, side][1]:.0f}"]
        if not options.alone:
            row.append(f"{found[name, 'ours'][0] / found[name, 'torch'][0]:.2f}")
            beyond = None if name in EMPTY else beyond_empty(found, name)
            row.append("" if beyond is None else f"{beyond:.2f}")
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
