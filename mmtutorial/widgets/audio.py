"""Sound that plays in a page without a kernel and without a network."""

import base64
import html
import io
import re
from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_text
from mmtutorial._credits import credit_html
from mmtutorial.preprocessing.audio import check_rate, check_wave
from mmtutorial.widgets._html import HtmlBlock, check_filled_text, check_sources

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # all that MP3 knows


class AudioPlayer(HtmlBlock):
    """The player and its sound, as one block of HTML."""


def audio_player(
    wave: np.ndarray,
    sample_rate: int,
    *,
    description: str,
    transcript: str = "",
    language: str = "en",
    sources: Sequence[str] | None = None,
) -> AudioPlayer:
    """Let the reader hear a waveform; the sound lies in the page itself, as MP3.

    Below it stands whose it is, if a loader of `mmtutorial.data` gave it and it is whole.

    Parameters
    ----------
    wave
        `(samples,)` of float, between -1 and 1. What is louder is turned down, not clipped.
    sample_rate
        Samples a second, one of `RATES`.
    description
        What is to be heard: the visible caption, and the player's name for screen readers.
    transcript
        The words that are said, shown below the player; none where nobody speaks.
    language
        Code of the transcript's language, such as "fr": it tells a screen reader how to say it.
    sources
        Whose recording it is, where it was changed after it was loaded: "stamps_sound", say.

    Raises
    ------
    ValueError
        If `wave` has another shape, is empty or holds what is no finite number, if MP3 does not
        know the `sample_rate`, if `description` is empty, or the `language` of a transcript, or if
        a source is unknown.
    TypeError
        If `wave` does not hold floats, `sample_rate` is no whole number, or a text is none.

    Examples
    --------
    >>> beep = np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    >>> audio_player(beep, 16000, description="The note A")
    AudioPlayer 'The note A': 0.5 s at 16000 samples a second
    """
    wave, sample_rate = check_wave(wave), check_rate("sample_rate", sample_rate)
    if not len(wave):
        raise ValueError("wave must hold sound, got no samples")
    if sample_rate not in RATES:
        raise ValueError(f"sample_rate must be one of {RATES}, got {sample_rate}")
    check_filled_text("description", description, "what is to be heard")
    credit = credit_html([wave], check_sources(sources))
    wave = wave / max(1.0, float(np.abs(wave).max()))
    seconds = len(wave) / sample_rate
    sound = base64.b64encode(encode_mp3(wave, sample_rate)).decode()
    name, said = html.escape(description), ""
    if check_text("transcript", transcript):
        check_filled_text("transcript", transcript, "what is said, or be empty")
        check_filled_text(
            "language", language, 'the code of the language of the transcript, such as "fr"'
        )
        if not re.fullmatch("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", language):
            raise ValueError(f'language must be a code such as "fr" or "pt-BR", got {language!r}')
        said = f'<q class="mm-said" lang="{html.escape(language)}">{html.escape(transcript)}</q>'
    block = (
        '<figure class="mm-audio" style="margin:0 0 1em;max-width:30em">'
        '<figcaption style="text-align:left;color:inherit">'
        f"{name} <small>({seconds:.1f} s)</small></figcaption>"
        f'<audio controls preload="metadata" aria-label="{name}" style="width:100%" '
        f'src="data:audio/mpeg;base64,{sound}"></audio>{said}{credit}</figure>'
    )
    rate = f"{seconds:.1f} s at {sample_rate} samples a second"
    return AudioPlayer(block, f"AudioPlayer {description!r}: {rate}")


def encode_mp3(wave: np.ndarray, sample_rate: int) -> bytes:
    """Return a mono waveform as an MP3 file, the format that every browser plays."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, wave, sample_rate, format="MP3", subtype="MPEG_LAYER_III")
    return file.getvalue()
