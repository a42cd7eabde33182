"""What the functions of text and sound in `mm.preprocessing` are given, and what they give."""

import io
from functools import cache

import numpy as np
import soundfile

import mmtutorial as mm
from fuzz.entry import Entry

WAVE = np.sin(np.arange(800) / 5)


@cache
def sound_file():
    """Return the bytes of a WAV file of a tenth of a second."""
    file = io.BytesIO()
    soundfile.write(file, WAVE, 8000, format="WAV")
    return file.getvalue()


def vocabulary():
    """Return a vocabulary of three words."""
    return mm.preprocessing.Vocabulary(("<pad>", "<unk>", "cat", "dog", "red"))


ENTRIES = [
    Entry(
        "preprocessing.normalize_text",
        lambda: {"text": "A  red Heart"},
        lambda result, text: result == result.strip() and "  " not in result,
        allows={"text": "any text"},
    ),
    *[
        Entry(
            "preprocessing.tokenize",
            lambda language=language, unit=unit: {
                "text": "红心 heart", "language": language, "unit": unit,
            },
            lambda result, **_: all(isinstance(token, str) and token.strip() for token in result),
            allows={"text": "any text"},
        )
        for language in ("en", "zh")
        for unit in ("word", "subword", "char")
    ],
    Entry(
        "preprocessing.tag_sequence",
        lambda: {"tokens": ["the", "red", "heart"], "language": "en"},
        lambda result, tokens, **_: len(result) == len(tokens),
        allows={"tokens": "one more, one less, texts, misspelt, unicode, word, empty list, empty"},
    ),
    Entry(
        "preprocessing.pad_sequences",
        lambda: {"sequences": [[5, 6], [7]], "length": 3},
        lambda result, sequences, length: result.shape == (len(sequences), length),
        allows={"sequences": "any rows, first: generator"},
        also={
            "sequences": {
                "fractions": [[1.7, 2.9]],
                "not whole in an array": [np.array([1.5])],
                "wraps round": [np.array([2**40 + 7])],
                "too large": [[2**40]],
                "flat": [1, 2, 3],
                "nested": [[[1], [2]]],
                "negative": [[-1]],
                "booleans": [[True, False]],
            }
        },
    ),
    Entry(
        "preprocessing.Vocabulary",
        lambda: {"tokens": ("<pad>", "<unk>", "cat")},
        lambda result, tokens: len(result) == len(tokens),
        allows={"tokens": "one less"},
        also={"tokens": {"twice": ("<pad>", "<unk>", "a", "a")}},
    ),
    Entry(
        "preprocessing.Vocabulary.fit",
        lambda: {"token_lists": [["red", "heart"], ["red"]], "max_size": 5, "min_count": 1},
        lambda result, max_size, **_: 2 <= len(result) <= max_size,
        allows={
            "token_lists": "any rows, any text, empty list, texts",
            "min_count": "huge",
            "max_size": "huge",
        },
        also={"token_lists": {"texts in place of lists": ["red", "heart"]}},
    ),
    Entry(
        "preprocessing.Vocabulary.encode",
        lambda: {"token_lists": [["red", "moon"], ["red"]], "length": 3},
        lambda result, token_lists, length: result.shape == (len(token_lists), length),
        allows={"token_lists": "any rows, any text, empty list, texts"},
        also={"token_lists": {"texts in place of lists": ["red", "heart"]}},
        target=lambda: vocabulary().encode,
    ),
    Entry(
        "preprocessing.Vocabulary.decode",
        lambda: {"ids": np.array([[2, 1, 0]])},
        lambda result, ids: len(result) == len(ids),
        allows={"ids": "any rows, wider axis 1, empty axis 1, empty list"},
        target=lambda: vocabulary().decode,
    ),
    Entry(
        "preprocessing.read_audio",
        lambda: {"source": sound_file(), "sample_rate": 4000},
        lambda result, **_: result.dtype == np.float32 and np.abs(result).max(initial=0) <= 1,
        allows={"sample_rate": "huge"},
        aliases={"source": ("the sound", "sound", "sound file", "mispelt")},
        also={"source": {"a file of the system": 1, "no such path": "no/such.wav", "folder": "/"}},
    ),
    Entry(
        "preprocessing.AudioStream",
        lambda: {"source": sound_file(), "sample_rate": 4000, "block": 0.5},
        lambda result, **_: result.seconds > 0,
        allows={"sample_rate": "huge", "block": "1"},
        aliases={"source": ("the sound", "sound", "sound file", "mispelt")},
        also={"source": {"a file of the system": 1, "no such path": "no/such.wav", "folder": "/"}},
    ),
    Entry(
        "preprocessing.resample_audio",
        lambda: {"wave": WAVE, "rate": 8000, "to": 6000},
        lambda result, wave, rate, to: len(result) == -(-len(wave) * to // rate),
        allows={"wave": "any rows"},
        also={"wave": {"of bytes": (WAVE * 100).astype(np.int16)}},
    ),
    Entry(
        "preprocessing.pad_audio",
        lambda: {"waves": [WAVE, WAVE[:10]], "length": 900},
        lambda result, waves, length: result[0].shape[0] == len(waves),
        allows={"waves": "any rows, ragged"},
    ),
    Entry(
        "preprocessing.power_spectrogram",
        lambda: {"wave": WAVE, "sample_rate": 8000, "window": 0.02, "step": 0.01},
        lambda result, **_: result.ndim == 2 and result.min(initial=0) >= 0,
        allows={"wave": "any rows", "window": "1", "step": "1"},
    ),
    Entry(
        "preprocessing.mel_filters",
        lambda: {"sample_rate": 8000, "bands": 10, "fft_length": 256, "low": 50.0, "high": 4000.0},
        lambda result, bands, fft_length, **_: result.shape == (fft_length // 2 + 1, bands),
        allows={"low": "1, zero", "high": "1"},
        aliases={name: ("low", "high", "bands", "sample_rate", "fft_length") for name in
                 ("sample_rate", "bands", "fft_length", "low", "high")},
    ),
    Entry(
        "preprocessing.log_mel",
        lambda: {"wave": WAVE, "sample_rate": 8000, "bands": 10, "window": 0.03, "step": 0.01,
                 "low": 50.0, "high": 4000.0},
        lambda result, bands, **_: result.shape[1] == bands,
        allows={"wave": "any rows", "window": "1", "step": "1", "low": "1, zero", "high": "1"},
        aliases={name: ("low", "high", "bands", "sample_rate", "fft_length") for name in
                 ("sample_rate", "bands", "window", "low", "high")},
    ),
]  # fmt: skip

MADE = {}
