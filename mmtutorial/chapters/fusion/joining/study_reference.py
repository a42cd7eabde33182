"""How long does a training step of the reference model take, at three image sizes?

    python -m mmtutorial.chapters.fusion.joining.study_reference

Batches of 32 of random numbers; the mean of three steps, wall clock, on all threads.
"""

import time

import numpy as np

from mmtutorial.fusion import reference_model
from mmtutorial.studies import Study, main

STEPS, BATCH = 3, 32


def run(task, setting, config, seed):
    """Time some steps."""
    rng, size = np.random.default_rng(seed), setting["size"]
    model = reference_model(image_size=size)
    batch = {
        "image": rng.random((BATCH, size, size, 3), dtype=np.float32),
        "text": rng.integers(0, 10_000, (BATCH, 100)).astype(np.int32),
    }
    answer = rng.integers(0, 2, BATCH).astype(np.float32)
    model.train_on_batch(batch, answer)
    start = time.perf_counter()
    for _ in range(STEPS):
        model.train_on_batch(batch, answer)
    milliseconds = round(1000 * (time.perf_counter() - start) / STEPS)
    return [{"parameters": model.count_params(), "milliseconds": milliseconds}]


STUDIES = (
    Study(
        name="fusion/joining/reference",
        question="How long does a training step of the reference model take?",
        grid={"size": (224, 64, 32)},
        task=lambda setting: None,
        run=run,
        seeds=(0,),
    ),
)

if __name__ == "__main__":
    main(STUDIES)
