"""Figures and sound with controls that work in a page without a kernel: all is made beforehand."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "attention": ["AttentionView", "attention_view"],
        "audio": ["AudioPlayer", "audio_player"],
        "maps": ["PointMap", "point_map"],
        "slider": ["FigureSlider", "figure_slider"],
    },
)
