"""How long does a training step of each encoder take, and how many numbers does it train?

    python benchmarks/encoder_steps.py
    python benchmarks/encoder_steps.py --steps 50 --only AudioConvRNN

Batches of 32 random samples of the sizes that the book uses, Adam, one dense layer behind. It
prints the quickest of all steps, which other programs on the machine disturb least.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from tqdm import tqdm

from mmtutorial import encoders

BATCH = 32
RNG = np.random.default_rng(0)


def ids(tokens):
    """Draw a batch of texts."""
    return RNG.integers(1, 1000, (BATCH, tokens)).astype("int32")


def numbers(*shape):
    """Draw a batch of arrays."""
    return RNG.random((BATCH, *shape), dtype="float32")


SMALL = {"frame_encoder": lambda: encoders.ImageCNN(64, filters=(8, 16, 32))}
CASES = [
    # encoder, its options (a function makes a layer), what it takes, a batch of it
    ("TextBag", {}, "32 tokens", lambda: ids(32)),
    ("TextRNN", {}, "32 tokens", lambda: ids(32)),
    ("TextTransformer", {}, "32 tokens", lambda: ids(32)),
    ("AudioConvRNN", {}, "300 x 64 log-mel", lambda: numbers(300, 64)),
    ("AudioConvRNN", {"sequence": True}, "300 x 64 log-mel", lambda: numbers(300, 64)),
    ("AudioConvRNN", {"kernel_size": 5}, "300 x 64 log-mel", lambda: numbers(300, 64)),
    ("AudioConvRNN", {"filters": (16, 16)}, "300 x 64 log-mel", lambda: numbers(300, 64)),
    ("ImageCNN", {}, "48 x 48 pixels", lambda: numbers(48, 48, 3)),
    ("VideoEncoder", {}, "16 of 48 x 48", lambda: numbers(16, 48, 48, 3)),
    ("VideoEncoder", SMALL, "16 of 48 x 48", lambda: numbers(16, 48, 48, 3)),
    ("VideoEncoder", {"temporal": "conv", **SMALL}, "16 of 48 x 48",
     lambda: numbers(16, 48, 48, 3)),
    ("VideoEncoder", {"temporal": "gru", **SMALL}, "16 of 48 x 48",
     lambda: numbers(16, 48, 48, 3)),
]  # fmt: skip


def make_encoder(name, options):
    """Make the encoder, and what stands in a table for how it was made."""
    options = {key: value() if callable(value) else value for key, value in options.items()}
    written = []
    for key, value in options.items():
        if isinstance(value, encoders.ImageCNN):
            value = f"ImageCNN({value.units}, filters={value.filters})"
        written.append(f"{key}={value}")
    if name.startswith("Text"):
        options["vocabulary_size"] = 1000
    return getattr(encoders, name)(**options), f"{name}({', '.join(written)})"


def measure(name, options, batch, steps):
    """Return what is measured, its trained numbers, and the quickest step in milliseconds."""
    keras.utils.set_random_seed(0)
    encoder, written = make_encoder(name, options)
    model = keras.Sequential([encoder, keras.layers.Dense(8)])
    model.compile("adam", "mse", jit_compile=False)
    targets = np.zeros((BATCH, *model.compute_output_shape(batch.shape)[1:]), "float32")
    seconds = []
    for _ in range(steps + 2):  # the first ones trace the graph
        start = time.perf_counter()
        model.train_on_batch(batch, targets)
        seconds.append(time.perf_counter() - start)
    trained = sum(int(np.prod(weight.shape)) for weight in encoder.trainable_weights)
    return written, trained, 1000 * min(seconds[2:])


def main():
    """Measure each case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--only", choices=sorted({case[0] for case in CASES}))
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in (None, case[0])]
    rows = []
    for name, settings, sizes, draw in tqdm(cases, unit="encoder"):
        written, trained, milliseconds = measure(name, settings, draw(), options.steps)
        rows.append(f"| `{written}` | {sizes} | {trained:,} | {milliseconds:.0f} |")
    print(f"Keras {keras.__version__} on {keras.backend.backend()}, {os.cpu_count()} cores, "
          f"batches of {BATCH}")  # fmt: skip
    print("\n| encoder | a sample | parameters | ms per step |\n|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
