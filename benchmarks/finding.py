"""What does it cost to find what a description names, in a picture and in a clip?

    python benchmarks/finding.py
    python benchmarks/finding.py --sides 128 512

`grounding.find` on pictures of several sizes, and `video.find` on clips of 16 frames, with the
models that ship. A first call loads the model, and is timed on its own; then the least of the calls
that fit into some seconds. Milliseconds are processor time of all threads; megabytes are what the
process grew by at most, model and TensorFlow loaded. There is no PyTorch beside it: what runs are
the layers of `encoder_steps.py`, which has one.
"""

import argparse
import json
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _measure import forget_peak, memory, quickest, run_alone
from tqdm import tqdm

FRAMES = 16
KINDS = {"picture": "the red fruit", "clip": "a dancing bear"}


def use_threads(count):
    """Let TensorFlow use so many threads."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def prepare(kind, side):
    """Return a call that finds something in noise of ``side`` pixels: it costs what others cost."""
    from mmtutorial.applications import grounding, video

    shape = (side, side, 3) if kind == "picture" else (FRAMES, side, side, 3)
    shown = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    find = (grounding if kind == "picture" else video).find
    return lambda: find(shown, KINDS[kind])


def work(kind, side, seconds, threads):
    """Measure one case in this process; print milliseconds of the first call, of one, megabytes."""
    use_threads(threads)
    step = prepare(kind, side)
    start = time.process_time()
    step()
    first = 1000 * (time.process_time() - start)
    before = forget_peak()
    least = quickest(step, seconds)
    print(json.dumps([first, least, memory("VmHWM") - before]))


def main():
    """Measure each case, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", nargs="+", type=int, default=[64, 128, 512, 2048])
    parser.add_argument("--threads", type=int, default=1, help="of TensorFlow")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each case")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        kind, side, seconds, threads = options.work
        return work(kind, int(side), float(seconds), int(threads))
    print(f"{os.cpu_count()} cores, {options.threads} threads used\n")
    print("| | pixels per side | first call, ms | a call, ms | MB |\n|---|---|---|---|---|")
    cases = [(kind, side) for kind in KINDS for side in options.sides]
    for kind, side in tqdm(cases, unit="case"):
        found = run_alone(__file__, kind, side, options.seconds, options.threads)
        numbers = " | ".join(f"{each:,.0f}" for each in found)
        print(f"| {kind} | {side:,} | {numbers} |", flush=True)
    return None


if __name__ == "__main__":
    main()
