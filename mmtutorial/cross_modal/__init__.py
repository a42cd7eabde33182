"""One modality <-> another: correlation, contrast, retrieval, translation."""

from mmtutorial.cross_modal._matching import matching_pairs
from mmtutorial.cross_modal.captioner import Captioner
from mmtutorial.cross_modal.correlation import (
    LinearCCA,
    canonical_correlations,
    chance_correlation,
)
from mmtutorial.cross_modal.correlation_loss import dcca_loss
from mmtutorial.cross_modal.deep_correlation import DeepCCA
from mmtutorial.cross_modal.index import RetrievalIndex
from mmtutorial.cross_modal.rerank import hard_negatives, rerank
from mmtutorial.cross_modal.reranker import CrossAttentionReranker
from mmtutorial.cross_modal.sharded import ShardedIndex
from mmtutorial.cross_modal.vision_language import VisionLanguageModel
from mmtutorial.cross_modal.zero_shot import ensemble_prompts, zero_shot_classify

__all__ = [
    "Captioner",
    "CrossAttentionReranker",
    "DeepCCA",
    "LinearCCA",
    "RetrievalIndex",
    "ShardedIndex",
    "VisionLanguageModel",
    "canonical_correlations",
    "chance_correlation",
    "dcca_loss",
    "ensemble_prompts",
    "hard_negatives",
    "matching_pairs",
    "rerank",
    "zero_shot_classify",
]
