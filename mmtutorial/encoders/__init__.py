"""From arrays to feature vectors: one encoder for each kind of data.

All modules load at once, so that Keras knows every class and can load a model that holds it.
"""

from mmtutorial.encoders.audio import AudioConvRNN
from mmtutorial.encoders.audio_blocks import AudioSeparableRNN
from mmtutorial.encoders.features import DenseEncoder
from mmtutorial.encoders.grid import GridCNN
from mmtutorial.encoders.image import ImageCNN
from mmtutorial.encoders.text import TextBag, TextRNN
from mmtutorial.encoders.transformer import TextTransformer
from mmtutorial.encoders.video import VideoEncoder
from mmtutorial.encoders.words import WordBags

__all__ = [
    "AudioConvRNN",
    "AudioSeparableRNN",
    "DenseEncoder",
    "GridCNN",
    "ImageCNN",
    "TextBag",
    "TextRNN",
    "TextTransformer",
    "VideoEncoder",
    "WordBags",
]
