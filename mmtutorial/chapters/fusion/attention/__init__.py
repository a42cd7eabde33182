"""The chapter "Attention"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["figures", "live", "views"],
    submod_attrs={
        "cost": ["count_scores", "time_attention"],
        "experiment": [
            "attention_weights",
            "build_scene_model",
            "mean_attention",
            "occlusion_sensitivity",
            "scene_inputs",
            "train_scene_model",
        ],
        "scenes": ["SceneTask"],
    },
)
