"""Many encoded modalities -> one representation, or one decision.

All modules load at once, and the encoders with them, so that Keras knows every class and
``keras.models.load_model`` can load a model that holds it.
"""

from mmtutorial.fusion._base import Fusion
from mmtutorial.fusion.balance import gradient_blend
from mmtutorial.fusion.bottleneck import BottleneckFusion
from mmtutorial.fusion.classifier import FusionClassifier
from mmtutorial.fusion.cross_attention import CrossAttentionFusion
from mmtutorial.fusion.experts import MixtureOfExperts, ProductOfExperts, product_of_experts
from mmtutorial.fusion.gates import AttentionFusion, GatedFusion
from mmtutorial.fusion.guided import GuidedAttention
from mmtutorial.fusion.layers import ConcatFusion, LateFusion, SumFusion
from mmtutorial.fusion.masking import mask_by_class, mask_completely_at_random
from mmtutorial.fusion.missing import MissingTokens, ModalityDropout
from mmtutorial.fusion.reference import reference_model
from mmtutorial.fusion.tensors import LowRankTensorFusion, MultiplicativeFusion, TensorFusion
from mmtutorial.fusion.unimodal import UnimodalClassifier

__all__ = [
    "AttentionFusion",
    "BottleneckFusion",
    "ConcatFusion",
    "CrossAttentionFusion",
    "Fusion",
    "FusionClassifier",
    "GatedFusion",
    "GuidedAttention",
    "LateFusion",
    "LowRankTensorFusion",
    "MissingTokens",
    "MixtureOfExperts",
    "ModalityDropout",
    "MultiplicativeFusion",
    "ProductOfExperts",
    "SumFusion",
    "TensorFusion",
    "UnimodalClassifier",
    "gradient_blend",
    "mask_by_class",
    "mask_completely_at_random",
    "product_of_experts",
    "reference_model",
]
