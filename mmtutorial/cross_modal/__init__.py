"""One modality <-> another: correlation, contrast, retrieval, translation."""

from mmtutorial.cross_modal.correlation import (
    LinearCCA,
    canonical_correlations,
    chance_correlation,
)
from mmtutorial.cross_modal.correlation_loss import dcca_loss
from mmtutorial.cross_modal.deep_correlation import DeepCCA
from mmtutorial.cross_modal.index import RetrievalIndex
from mmtutorial.cross_modal.sharded import ShardedIndex

__all__ = [
    "DeepCCA",
    "LinearCCA",
    "RetrievalIndex",
    "ShardedIndex",
    "canonical_correlations",
    "chance_correlation",
    "dcca_loss",
]
