"""The methods of the study: what each model begins with, and what it learns from then."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from mmtutorial.applications._weights import load_weights
from mmtutorial.applications.grounding import GroundingModel
from mmtutorial.chapters.applications.grounding import experiment

METHODS = {"scenes": "scenes", "places": "places", "boxes": "places", "both": "both",
           "mean of places": "scenes"}  # fmt: skip
BEFORE, WINDOWS = "before", "windows"  # which see no scene while they learn

START = Path(__file__).with_name("weights_start.npz")


@cache
def begin(seed: int, kind: type):
    """Return the weights with which all models of a seed begin."""
    return experiment.start(experiment.load_alone(), seed, kind).get_weights()


def trained(method: str, seed: int, *, epochs: int = experiment.EPOCHS):
    """Train one method: a model of pictures of one thing, which then sees scenes."""
    kind = experiment.MeanOfPlaces if method == "mean of places" else GroundingModel
    model = experiment.new_model(seed, kind=kind)
    model.set_weights(begin(seed, kind))
    if method not in (BEFORE, WINDOWS):
        bench = experiment.load_bench()
        if method == "boxes":
            bench = replace(bench, seen=experiment.cover_boxes(experiment.load_scenes()))
        experiment.train(model, bench, METHODS[method], seed=seed, epochs=epochs)
    return model


def load_started(path: Path = START) -> GroundingModel:
    """Return a model as all of seed 0 begin: it has seen pictures of one thing, and no scene.

    Raises ``DataError`` for a file that is missing or damaged.
    """
    model = experiment.new_model(0)
    model.set_weights(load_weights(path)[0])
    return model
