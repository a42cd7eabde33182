"""One model, many tasks: what they share, how their losses are balanced, which gradient wins.

All modules load at once, and the encoders with them, so that Keras knows every class and
``keras.models.load_model`` can load a model that holds it.
"""

from mmtutorial.multi_task._weighting import LossWeighting
from mmtutorial.multi_task.affinity import task_affinity, task_gradients
from mmtutorial.multi_task.experts import PLE, MMoE
from mmtutorial.multi_task.gradients import cagrad, gradient_cosine, imtl_g, mgda, pcgrad
from mmtutorial.multi_task.gradnorm import GradNorm
from mmtutorial.multi_task.model import MultiTaskModel
from mmtutorial.multi_task.sampling import temperature_sampling
from mmtutorial.multi_task.sharing import CrossStitch, HardSharing
from mmtutorial.multi_task.weighting import (
    DynamicWeightAverage,
    EqualWeighting,
    LinearScalarization,
    RandomLossWeighting,
    UncertaintyWeighting,
)

__all__ = [
    "PLE",
    "CrossStitch",
    "DynamicWeightAverage",
    "EqualWeighting",
    "GradNorm",
    "HardSharing",
    "LinearScalarization",
    "LossWeighting",
    "MMoE",
    "MultiTaskModel",
    "RandomLossWeighting",
    "UncertaintyWeighting",
    "cagrad",
    "gradient_cosine",
    "imtl_g",
    "mgda",
    "pcgrad",
    "task_affinity",
    "task_gradients",
    "temperature_sampling",
]
