"""One modality <-> another: correlation, contrast, retrieval, translation."""

from mmtutorial.cross_modal.captioner import Captioner
from mmtutorial.cross_modal.correlation import (
    LinearCCA,
    canonical_correlations,
    chance_correlation,
)
from mmtutorial.cross_modal.correlation_loss import dcca_loss
from mmtutorial.cross_modal.deep_correlation import DeepCCA
from mmtutorial.cross_modal.index import RetrievalIndex
from mmtutorial.cross_modal.sharded import ShardedIndex
from mmtutorial.cross_modal.vision_language import VisionLanguageModel

__all__ = [
    "Captioner",
    "DeepCCA",
    "LinearCCA",
    "RetrievalIndex",
    "ShardedIndex",
    "VisionLanguageModel",
    "canonical_correlations",
    "chance_correlation",
    "dcca_loss",
]
