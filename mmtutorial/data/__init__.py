"""Loaders of the data sets that ship inside the package.

>>> import mmtutorial as mm
>>> mm.data.load_emoji(size=32).test.inputs["image"].shape[1:]
(32, 32, 3)
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "animated": ["load_animated_emoji"],
        "clips": ["AudioClips"],
        "dialogues": ["load_dialogues"],
        "digits": ["load_digits"],
        "emoji": ["load_emoji"],
        "keywords": ["draw_keywords"],
        "dataset": ["Card", "DataError", "Dataset", "Split"],
        "stamps": ["load_stamps"],
        "video_clips": ["VideoClips"],
        "word_vectors": ["WordVectors", "load_word_vectors"],
    },
)
