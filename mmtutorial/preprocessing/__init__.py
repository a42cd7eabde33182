"""From raw samples to arrays: images and text."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "image": ["augment_image", "flip_image", "resize_image", "rotate_image", "scale_image"],
        "text": ["Vocabulary", "normalize_text", "pad_sequences", "tokenize"],
    },
)
