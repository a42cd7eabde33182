"""Multimodal Learning, Hands On: the small package that the book's notebooks import.

>>> import mmtutorial as mm
>>> mm.evaluation.accuracy([0, 1, 1], [0, 1, 0])
0.6666666666666666
"""

import lazy_loader as _lazy

from mmtutorial._quiet import quiet_tensorflow as _quiet_tensorflow

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "applications",
        "chapters",
        "command",
        "cross_modal",
        "data",
        "encoders",
        "evaluation",
        "exercises",
        "fusion",
        "multi_task",
        "plots",
        "preprocessing",
        "results",
        "studies",
        "tasks",
        "widgets",
    ],
    submod_attrs={"_saving": ["load_model"]},
)

_quiet_tensorflow()
