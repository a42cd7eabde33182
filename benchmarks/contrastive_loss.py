"""How long does a contrastive loss take, and how much memory? Ours, ours by chunks, and PyTorch.

    python benchmarks/contrastive_loss.py --with-torch
    python benchmarks/contrastive_loss.py --only clip --batches 256 1024 --chunk-size 128

`clip_loss` and `siglip_loss` of two batches of 192 numbers per row, which are brought to length 1,
and the gradients of both, of the scale and of the bias; in PyTorch as one would write them down,
see `_contrast_torch.py`. First it checks that all give the same value and gradients, to 1e-5. Then
each case runs in a process of its own; the time is that of the quickest step, which other programs
on the machine disturb least, forward alone and with the gradients; the memory is what the process
grew by at most, its libraries and the two batches loaded. Ours is compiled, as in ``fit``.

PyTorch is an extra: ``--with-torch`` installs it, ``--alone`` measures ours without it. Run it on a
quiet machine, PyTorch slows down most beside other work.
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

DIM, SCALE, BIAS = 192, 1 / 0.07, -10.0
LOSSES = ("clip", "siglip")
SIDES = ("ours", "chunks", "torch")
CHECKED = 256  # rows of the comparison


def draw(rows):
    """Draw two related batches, and return them with scale and bias."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(rows, DIM)).astype("float32")
    b = (a + rng.normal(size=(rows, DIM))).astype("float32")
    return [a, b, np.float32(SCALE), np.float32(BIAS)]


def our_steps(name, numbers, chunk_size):
    """Return ours as two functions without arguments: the loss, and the loss with gradients."""
    import tensorflow as tf

    from mmtutorial.cross_modal import clip_loss, siglip_loss

    variables = [tf.Variable(number) for number in numbers]

    def loss():
        a, b, scale, bias = variables
        options = {"logit_scale": scale, "chunk_size": chunk_size}
        if name == "clip":
            return clip_loss(a, b, **options)
        return siglip_loss(a, b, logit_bias=bias, **options)

    @tf.function
    def forward():
        return loss()

    @tf.function
    def both():
        with tf.GradientTape() as tape:
            value = loss()
        return value, tape.gradient(value, variables, unconnected_gradients="zero")

    return lambda: forward().numpy(), lambda: keep_numpy(*both())


def torch_steps(name, numbers):
    """Return the same of plain PyTorch."""
    import _contrast_torch
    import torch

    tensors = [torch.tensor(number, requires_grad=True) for number in numbers]
    loss = getattr(_contrast_torch, name)

    def forward():
        with torch.no_grad():
            return loss(*tensors).item()

    def both():
        value = loss(*tensors)
        return keep_numpy(value.detach(), torch.autograd.grad(value, tensors, allow_unused=True))

    return forward, both


def keep_numpy(value, gradients):
    """Return a value and gradients as NumPy arrays, which share their memory."""
    return float(value), [np.float32(0) if g is None else g.numpy() for g in gradients]


def steps(side, name, rows, chunk_size):
    """Return the two functions of one side."""
    numbers = draw(rows)
    if side == "torch":
        return torch_steps(name, numbers)
    return our_steps(name, numbers, chunk_size if side == "chunks" else None)


def check(name, sides, rows=CHECKED, chunk_size=96):
    """Stop, if the sides differ in value or gradients by more than 1e-5."""
    results = {side: steps(side, name, rows, chunk_size)[1]() for side in sides}
    value, gradients = results[sides[0]]
    for side, (other, slopes) in results.items():
        off = [abs(other - value)]
        off += [np.abs(x - y).max() for x, y in zip(gradients, slopes, strict=True)]
        if not max(off) < 1e-5:
            raise SystemExit(f"{name}: {sides[0]} and {side} differ by {max(off):.1e}")


def work(side, name, rows, chunk_size, seconds):
    """Measure one case in this process; print milliseconds, forward and both, and megabytes."""
    __import__("torch" if side == "torch" else "keras")
    forward, both = steps(side, name, rows, chunk_size)
    before = forget_peak()
    forward(), both()  # the first compiles
    milliseconds = [
        quickest(step, seconds, clock=time.perf_counter, least=3) for step in (forward, both)
    ]
    print(json.dumps([*milliseconds, memory("VmHWM") - before]))


def measure(side, name, rows, chunk_size=256, seconds=2.0):
    """Run `work` in a fresh process; return what it prints."""
    return run_alone(__file__, side, name, rows, chunk_size, seconds)


def read_options():
    """Read the command line; stop where PyTorch is wanted and is not there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    batches = [256, 512, 1024, 2048, 4096, 8192]
    parser.add_argument("--batches", nargs="+", type=int, default=batches)
    parser.add_argument("--only", nargs="+", choices=LOSSES, default=LOSSES)
    parser.add_argument("--chunk-size", type=int, default=256, help="rows held at once")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each number")
    add_torch_options(parser)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.work:
        provide_torch(parser, options)
    return options


def print_table(found, options, sides):
    """Print a row for each loss and batch."""
    print(f"{os.cpu_count()} cores, {DIM} numbers per row, chunks of {options.chunk_size} rows;")
    print("milliseconds of a step, forward alone / with gradients, and megabytes\n")
    names = {"ours": "ours", "chunks": "by chunks", "torch": "PyTorch"}
    head = ["loss", "batch"]
    head += [f"{names[side]}, {what}" for side in sides for what in ("ms", "MB")]
    head += ["ratio", "by chunks"] if "torch" in sides else []
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for name in options.only:
        for rows in options.batches:
            row = [f"`{name}_loss`", f"{rows:,}"]
            for side in sides:
                forward, both, megabytes = found[name, rows, side]
                row += [f"{forward:.1f} / {both:.1f}", f"{megabytes:.0f}"]
            if "torch" in sides:
                theirs = found[name, rows, "torch"][1]
                row += [f"{found[name, rows, side][1] / theirs:.2f}" for side in SIDES[:2]]
            print(f"| {' | '.join(row)} |")


def main():
    """Check and measure each case, and print the table."""
    options = read_options()
    if options.work:
        side, name, *numbers = options.work
        return work(side, name, int(numbers[0]), int(numbers[1]), float(numbers[2]))
    sides = SIDES[:2] if options.alone else SIDES
    for name in options.only:
        check(name, sides)
    cases = [(n, rows, side) for n in options.only for rows in options.batches for side in sides]
    found = {
        (name, rows, side): measure(side, name, rows, options.chunk_size, options.seconds)
        for name, rows, side in tqdm(cases, unit="case")
    }
    print_table(found, options, sides)


if __name__ == "__main__":
    main()
