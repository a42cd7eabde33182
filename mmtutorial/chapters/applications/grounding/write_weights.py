"""Train and store what ships: the frozen encoder, and the model of `applications.grounding`.

    python -m mmtutorial.chapters.applications.grounding.write_weights [encoder | start | model]

The model is "places" of the study with seed 0, trained for longer, and "start" is
with what it begins. Without an argument, all are written in turn.
"""

import sys

from mmtutorial.applications import _weights
from mmtutorial.applications.grounding.weights import save_weights
from mmtutorial.chapters.applications.grounding import encoder, experiment, training

EPOCHS = 12  # over the scenes; the study takes fewer


def main(what: str = "all", seed: int = 0) -> None:
    """Write one of them, or all."""
    if what not in ("all", "encoder", "start", "model"):
        raise SystemExit(f"what to write must be encoder, start or model, got {what!r}")
    if what in ("all", "encoder"):
        encoder.save_encoder(encoder.pretrain(seed))
        encoder.load_encoder.cache_clear()
    if what in ("all", "start"):
        model = experiment.new_model(seed)
        model.set_weights(training.begin(seed, type(model)))
        _weights.save_weights(training.START, model)
    if what in ("all", "model"):
        model = training.trained("places", seed, epochs=EPOCHS)
        save_weights(experiment.join(model), experiment.load_task().words)


if __name__ == "__main__":
    main(*sys.argv[1:2])
