"""Find what is described in a clip: which thing, when, and where; and what it does there."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "clips": ["Clips", "compose_clips"],
        "found": ["Finder", "Found", "find"],
        "frames": ["FrameGrounder"],
        "grounder": ["VideoGrounder", "compare"],
        "motion": ["ANSWERS"],
        "shipped": ["load_finder"],
        "targets": ["boxes_at", "grid_targets"],
    },
)
