"""From arrays to feature vectors: one encoder for each kind of data."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "audio": ["AudioConvRNN"],
        "features": ["DenseEncoder"],
        "image": ["ImageCNN"],
        "text": ["TextBag", "TextRNN"],
        "transformer": ["TextTransformer"],
        "video": ["VideoEncoder"],
    },
)
