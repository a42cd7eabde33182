"""What does a wrong array cost? One small model, fed by right and by wrong preprocessing."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "clips": ["VIEWS", "grey_frames", "motion", "tell_direction", "which_way"],
        "names": ["UNITS", "cut_name", "name_arrays", "train_names"],
        "pictures": ["CARELESS", "load_pictures", "score", "train_pictures"],
        "voices": ["HEARINGS", "load_voices", "tell_voices", "voice"],
    },
)
