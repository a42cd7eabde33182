"""A data set and a question, ready for a model; and the one way in which models are trained."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "alone": ["train_alone"],
        "emoji": ["FUSIONS", "METHODS", "TOKEN_FUSIONS", "EmojiTask", "build_model"],
        "emoji_pairs": ["Captions", "EmojiPairs"],
        "emoji_tasks": ["EmojiTasks", "build_emoji_tasks"],
        "grounding": ["Descriptions", "GroundingTask"],
        "late": ["choose_weights", "late_fusion", "search_late", "train_chosen"],
        "linear": ["Linear", "fit_linear", "log_frequencies", "product_rule", "surprisal_bits"],
        "pairs": [
            "PairRecipe",
            "build_dual_encoder",
            "score_pairs",
            "score_search",
            "train_pairs",
        ],
        "recognition": ["SpeechRecipe", "build_recognizer", "shipped_recipe", "train_recognizer"],
        "ridge": ["RidgeMap", "fit_ridge_map"],
        "search": ["best_epoch", "emoji_candidates", "search_recipes", "vary"],
        "speech": ["SpeechTask", "spell"],
        "stamps": ["StampRecipe", "StampTask", "build_stamp_model"],
        "training": [
            "EpochData",
            "Recipe",
            "fit",
            "predict_log_proba",
            "score_log_proba",
            "train_model",
        ],
        "vqa": ["VQATask"],
    },
)
