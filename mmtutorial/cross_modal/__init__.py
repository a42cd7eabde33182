"""One modality <-> another: correlation, contrast, retrieval, translation."""

from mmtutorial.cross_modal._matching import matching_pairs
from mmtutorial.cross_modal.captioner import Captioner
from mmtutorial.cross_modal.contrast import clip_loss, same_item, siglip_loss
from mmtutorial.cross_modal.correlation import (
    LinearCCA,
    canonical_correlations,
    chance_correlation,
)
from mmtutorial.cross_modal.correlation_loss import dcca_loss
from mmtutorial.cross_modal.deep_correlation import DeepCCA
from mmtutorial.cross_modal.dual_encoder import DualEncoder
from mmtutorial.cross_modal.global_batch import global_clip_loss, global_siglip_loss
from mmtutorial.cross_modal.index import RetrievalIndex
from mmtutorial.cross_modal.logit_scale import LogitScale
from mmtutorial.cross_modal.rerank import hard_negatives, rerank
from mmtutorial.cross_modal.reranker import CrossAttentionReranker
from mmtutorial.cross_modal.sharded import ShardedIndex
from mmtutorial.cross_modal.triplets import triplet_loss
from mmtutorial.cross_modal.vision_language import VisionLanguageModel
from mmtutorial.cross_modal.zero_shot import ensemble_prompts, zero_shot_classify

__all__ = [
    "Captioner",
    "CrossAttentionReranker",
    "DeepCCA",
    "DualEncoder",
    "LinearCCA",
    "LogitScale",
    "RetrievalIndex",
    "ShardedIndex",
    "VisionLanguageModel",
    "canonical_correlations",
    "chance_correlation",
    "clip_loss",
    "dcca_loss",
    "ensemble_prompts",
    "global_clip_loss",
    "global_siglip_loss",
    "hard_negatives",
    "matching_pairs",
    "rerank",
    "same_item",
    "siglip_loss",
    "triplet_loss",
    "zero_shot_classify",
]
