"""What does attention cost as sequences grow? Full attention and a bottleneck, side by side."""

import time

import numpy as np

from mmtutorial._checks import check_sizes, check_whole
from mmtutorial.encoders.transformer import TransformerBlock
from mmtutorial.fusion import BottleneckFusion


def count_scores(first, second, bottlenecks):
    """Count the scores of one round for two modalities of so many tokens each.

    Returns those of full attention, of co-attention, of a bottleneck, and how many of the last
    cross from one modality to the other, by way of the shared tokens.

    >>> count_scores(3, 2, 1)
    {'full': 25, 'co-attention': 12, 'bottleneck': 25, 'across': 10}
    """
    for name, count in (("first", first), ("second", second), ("bottlenecks", bottlenecks)):
        check_whole(name, count, least=0)
    return {
        "full": (first + second) ** 2,
        "co-attention": 2 * first * second,
        "bottleneck": (first + bottlenecks) ** 2 + (second + bottlenecks) ** 2,
        "across": 2 * bottlenecks * (first + second),
    }


def time_attention(counts, *, bottlenecks=4, units=32, batch=1):
    """Time two rounds as both modalities grow: all look at all, or through shared tokens.

    ``counts`` are numbers of tokens. Returns milliseconds of processor time, the least of three
    runs: ``{"full attention": [...], "bottleneck of 4": [...]}``.
    """
    for name, size in (("bottlenecks", bottlenecks), ("units", units), ("batch", batch)):
        check_whole(name, size, least=1)
    counts, rng = check_sizes("counts", counts, least_count=1), np.random.default_rng(0)
    blocks = [TransformerBlock(units, 1, 4 * units, 0.0) for _ in range(2)]
    narrow = BottleneckFusion(units, bottlenecks=bottlenecks, heads=1)

    def full(tokens):
        for block in blocks:
            tokens = block(tokens, np.ones(tokens.shape[:2], bool))

    taken = {"full attention": [], f"bottleneck of {bottlenecks}": []}
    for count in counts:
        image, text = rng.normal(size=(2, batch, count, units)).astype("float32")
        both = np.concatenate([image, text], axis=1)
        for times, call, inputs in zip(
            taken.values(), (full, narrow), (both, {"image": image, "text": text}), strict=True
        ):
            call(inputs)  # the first call makes the weights
            times.append(min(_milliseconds(call, inputs) for _ in range(3)))
    return taken


def _milliseconds(call, inputs):
    start = time.process_time()
    call(inputs)
    return 1000 * (time.process_time() - start)
