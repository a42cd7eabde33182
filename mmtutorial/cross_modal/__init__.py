"""One modality <-> another: correlation, contrast, retrieval, translation."""

from mmtutorial.cross_modal.index import RetrievalIndex
from mmtutorial.cross_modal.sharded import ShardedIndex

__all__ = [
    "RetrievalIndex",
    "ShardedIndex",
]
