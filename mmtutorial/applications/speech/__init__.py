"""Recognise speech: from a spectrogram to letters, without knowing when each was said."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "augment": ["change_speed", "spec_augment"],
        "beam": ["ctc_beam_decode"],
        "ctc": ["ctc_align", "ctc_greedy_decode", "ctc_loss"],
        "language_model": ["CharacterLM"],
        "recognizer": ["SpeechRecognizer"],
        "shipped": ["Recognizer", "load_recognizer"],
        "transcription": ["Piece", "Transcript", "transcribe"],
    },
)
