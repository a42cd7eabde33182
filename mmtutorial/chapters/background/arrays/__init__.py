"""The chapter "From raw samples to arrays": what does a wrong array cost?"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["live", "neighbours"],
    submod_attrs={
        "clips": [
            "CLIP_VIEWS",
            "CONTROLS",
            "grey_frames",
            "motion",
            "tell_direction",
            "classify_direction",
        ],
        "figures": ["sampled_tone", "spectrograms"],
        "names": ["UNITS", "split_name", "name_arrays", "train_names"],
        "pictures": ["PREPROCESSING_ERRORS", "load_pictures", "score", "train_pictures"],
        "voices": ["SAMPLE_RATE_ERRORS", "load_voices", "classify_voices", "voice_features"],
    },
)
