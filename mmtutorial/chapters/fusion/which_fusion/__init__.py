"""The chapter "Which fusion, and is it worth it?"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["experiment", "live", "tables"],
    submod_attrs={"figures": ["accuracy_against_cost", "method_dots", "pareto_front", "rank_dots"]},
)
