"""The recipes that chapters and benchmarks share: a task as arrays, and how a model is trained.

Notebooks and benchmarks import these modules; the rest of the package does not.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "alone": ["train_alone"],
        "emoji": [
            "FUSIONS",
            "METHODS",
            "OF_TOKENS",
            "EmojiTask",
            "build_model",
            "train_model",
        ],
        "looking": [
            "GuidedAttention",
            "attended",
            "build_looker",
            "erased",
            "looker_inputs",
            "train_looker",
            "where_it_looks",
        ],
        "costs": ["count_scores", "time_attention"],
        "linear": ["Linear", "fit_linear", "product_rule", "surprise"],
        "sizes": ["sample_sizes"],
        "stamps": ["StampTask", "co_learning", "describe_parts", "describe_sound", "hues"],
        "stamp_fusion": [
            "StampFusionTask",
            "StampRecipe",
            "build_stamp_model",
            "choose_weights",
            "pool_votes",
            "train_stamp_model",
        ],
        "gain": ["ProductFusion", "build_product"],
        "inside": ["nearest", "strongest_patches", "token_effects"],
        "leaks": ["same_concepts", "same_designers"],
        "missing": [
            "believe",
            "expected_right",
            "hide_at_random",
            "hide_by_class",
            "log_frequencies",
            "patterns",
            "product_of_present",
            "robustness_curve",
            "train_with_gaps",
        ],
        "scenes": ["SceneTask"],
        "training": ["Recipe", "log_probabilities"],
        "relation": ["RelationTask", "learn_pairs", "pair_up"],
        "words": ["WordBags"],
    },
)
