"""One model, many tasks: what they share, how their losses are balanced, whose gradient wins."""

from mmtutorial.multi_task.gradients import cagrad, gradient_cosine, imtl_g, mgda, pcgrad

__all__ = [
    "cagrad",
    "gradient_cosine",
    "imtl_g",
    "mgda",
    "pcgrad",
]
