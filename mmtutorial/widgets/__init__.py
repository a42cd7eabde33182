"""Figures and sound with controls: live in a kernel, and made beforehand for pages without one."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "attention": ["AttentionView", "attention_view"],
        "audio": ["AudioPlayer", "audio_player"],
        "clip": ["ClipPlayer", "clip_player"],
        "frames": ["frame_chooser"],
        "live": ["Live", "live"],
        "maps": ["PointMap", "point_map"],
        "probabilities": ["probability_table"],
        "slider": ["FigureSlider", "figure_slider"],
    },
)
