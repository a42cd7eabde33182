"""What each way of looking over time costs: multiplications, weights, and measured time."""

import time
from functools import cache

import numpy as np

from mmtutorial.applications.video import FrameGrounder, VideoGrounder
from mmtutorial.applications.video.grounder import KNOWN
from mmtutorial.chapters.applications.video.experiment import GRID, METHODS, UNITS
from mmtutorial.tasks import video as task


def count_multiplications(model: VideoGrounder, time_steps: int) -> int:
    """Count the multiplications of one clip, from the shapes of the weights.

    Each weight of a layer is used once per place: once per cell, once per frame, or once per clip.
    Attention also multiplies each frame with each: twice, for the weights and for the average.
    """
    cells, total = GRID * GRID * time_steps, UNITS * GRID * GRID * time_steps
    per_cell = (*model.convolutions, model.to_map)
    per_frame = [model.read, model.place]
    if model.temporal == "average":
        per_frame.append(model.over_time)
    total += cells * sum(_size(layer) for layer in per_cell)
    total += time_steps * sum(_size(layer) for layer in (*per_frame, *model.blocks))
    total += sum(_size(layer) for layer in (model.decide, model.to_answers))
    return total + len(model.blocks) * 2 * time_steps**2 * model.hidden


def count_frame(model: FrameGrounder, size: int = task.SIZE) -> int:
    """Count the multiplications with which the network of frames looks at one frame."""
    total = 0
    for convolution in model.convolutions:
        size = -(-size // convolution.strides[0])
        total += size**2 * _size(convolution)
    return total + size**2 * (_size(model.features) + _size(model.shapes))


def _size(layer):
    """Count the weights of a layer's matrices."""
    return sum(int(np.prod(each.shape)) for each in layer.weights if len(each.shape) > 1)


@cache
def count(method: str, *, clips: int = 32, tries: int = 5) -> dict[str, str]:
    """Return, as texts, what one clip costs: counted, and measured as the fastest try."""
    steps = 1 if method == "single frame" else task.FRAMES
    model = VideoGrounder(**METHODS[method])
    shown = np.zeros((clips, steps, GRID, GRID, KNOWN), np.float32)
    spent = []
    for _ in range(tries):
        start = time.perf_counter()
        np.asarray(model(shown)["map"])
        spent.append(time.perf_counter() - start)
    return {
        "multiplications": f"{count_multiplications(model, steps) / 1e6:.1f} million",
        "weights": f"{model.count_params():,}",
        "ms per clip": f"{1000 * min(spent) / clips:.1f}",
    }
