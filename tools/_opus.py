"""Pack speech into small Ogg Opus files, the same bytes each time."""

import io
import struct

import numpy as np
from scipy.signal import resample_poly

RATE = 16000
TAGS = b"OpusTags" + struct.pack("<I", 7) + b"libopus" + struct.pack("<I", 0)


def read_wave(content):
    """Decode a recording and turn it into one channel at 16 kHz: float32 in about [-1, 1]."""
    import soundfile

    wave, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    wave = wave.mean(axis=1)
    if rate == RATE:
        return wave
    common = np.gcd(rate, RATE)
    return resample_poly(wave, RATE // common, rate // common).astype(np.float32)


def encode_opus(wave, *, kilobits=12):
    """Encode a (samples,) wave at 16 kHz with about ``kilobits`` (6 to 256) a second.

    libsndfile marks each file with a number of its own (from the clock) and leaves 800 bytes of
    room for tags; both are replaced here, so that equal sound gives equal bytes, and small ones.
    """
    import soundfile

    buffer = io.BytesIO()
    # libsndfile turns its level back into 6 + 250 (1 - level) kilobits, rounded down.
    level = 1 - (kilobits - 6 + 0.5) / 250
    wave = np.clip(wave, -1, 1)
    soundfile.write(
        buffer, wave, RATE, format="OGG", subtype="OPUS", compression_level=min(max(level, 0), 1)
    )
    pages = list(_pages(buffer.getvalue()))
    (_, tags), *_ = pages[1:]
    if not tags.startswith(b"OpusTags"):
        raise RuntimeError("the second page of an Ogg Opus file holds its tags; this one does not")
    pages[1] = (pages[1][0][:26] + bytes([1, len(TAGS)]), TAGS)
    return b"".join(_seal(head, body) for head, body in pages)


def _pages(content):
    """Cut an Ogg file into its pages, each (head with the table of segments, body)."""
    at = 0
    while at < len(content):
        body = at + 27 + content[at + 26]
        end = body + sum(content[at + 27 : body])
        yield content[at:body], content[body:end]
        at = end


def _seal(head, body):
    """Set a page's serial number to 1, and its checksum."""
    page = head[:14] + struct.pack("<I", 1) + head[18:22] + bytes(4) + head[26:] + body
    return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


def _crc(page):
    """Return Ogg's checksum: CRC-32 with polynomial 04c11db7, neither reflected nor inverted."""
    value = 0
    for byte in page:
        value = (value << 8) & 0xFFFFFFFF ^ CRC_TABLE[value >> 24 ^ byte]
    return value


def _crc_row(value):
    value <<= 24
    for _ in range(8):
        value = (value << 1) ^ (0x104C11DB7 if value & 0x80000000 else 0)
    return value


CRC_TABLE = [_crc_row(value) for value in range(256)]
