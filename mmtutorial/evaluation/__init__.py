"""How good, how sure, and which modality did the work."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "attribution": ["emap", "modality_shapley", "shapley_values"],
        "calibration": [
            "Reliability",
            "expected_calibration_error",
            "fit_temperature",
            "reliability",
        ],
        "comparison": ["average_ranks", "holm"],
        "localization": ["box_iou", "pointing_accuracy", "pointing_hits"],
        "metrics": ["accuracy", "macro_f1"],
        "retrieval": [
            "CosineSimilarity",
            "SameLabels",
            "chance_recall_at_k",
            "hits_at_k",
            "match_ranks",
            "mean_average_precision",
            "median_rank",
            "recall_at_k",
        ],
        "shuffling": ["permutation_importance", "shuffled_modality"],
        "speech": ["cer", "wer"],
        "texts": ["bleu", "chrf", "keyword_f1"],
        "transfer": ["relative_gain", "transfer_matrix"],
        "uncertainty": ["Comparison", "Interval", "interval", "paired_bootstrap", "run_seeds"],
    },
)
