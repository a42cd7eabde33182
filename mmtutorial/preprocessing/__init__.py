"""From raw samples to arrays: images, text, sound and moving pictures."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "audio": ["pad_audio", "read_audio", "resample_audio"],
        "audio_features": ["log_mel_segments", "log_mel_statistics"],
        "audio_stream": ["AudioStream"],
        "image": [
            "augment_image",
            "crop_image",
            "flip_image",
            "resize_image",
            "rotate_image",
            "scale_image",
        ],
        "picture_files": ["Clip", "read_clip", "read_image"],
        "spectrogram": ["log_mel", "mel_filters", "power_spectrogram"],
        "tags": ["tag_sequence"],
        "text": ["normalize_text", "tokenize"],
        "video": ["sample_frames"],
        "vocabulary": ["Vocabulary", "pad_sequences"],
    },
)
