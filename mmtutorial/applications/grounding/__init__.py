"""Find in a picture what a description names, learnt with masks, or from descriptions alone."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "compose": ["Scenes", "compose_scenes"],
        "cutouts": ["cut_out"],
        "finding": ["Found", "Finder", "find", "load_finder", "recognize"],
        "losses": ["place_loss", "scene_loss"],
        "maps": ["box_at", "enlarge_maps", "point_at"],
        "model": ["GroundingModel"],
        "phrases": ["WordTable"],
    },
)
