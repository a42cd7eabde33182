"""Recognise the format of a sound file, and whether it is whole, by its first bytes and chunks."""

from mmap import mmap

# What people hand over, that libsndfile does not read: (where, which bytes, what it is).
_OTHERS = (
    (4, b"ftyp3g", "3GP"),
    (4, b"ftypqt", "QuickTime"),
    (4, b"ftyp", "MP4 or M4A (AAC)"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (WMA)"),
    (0, b"#!AMR", "AMR"),
    (0, b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"ADIF", "AAC"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"MThd", "MIDI, which holds notes and no sound"),
    (8, b"AVI ", "AVI"),
    (0, b"FLV", "Flash video"),
)
# The sizes that a program writes which cannot go back to fill them in: ffmpeg, browsers, SoX.
_UNKNOWN = {0, 0x7FFFF000, 0x7FFFFFFF, *range(2**32 - 256, 2**32)}


def other_format(content: bytes | mmap) -> str:
    """Name the format of a file that holds sound, but cannot be read; "" for all others."""
    return next((name for at, begin, name in _OTHERS if content[at : at + len(begin)] == begin), "")


def breaks_off(content: bytes | mmap) -> bool:
    """Say whether a WAV or AIFF has less sound than it says, or an Ogg lacks its last page.

    The size of the sound decides, not that of the file around it: recorders in browsers get the
    latter wrong by a few bytes, and to cut off the notes at the end does the sound no harm.
    """
    if content[:4] == b"OggS":
        page = content[content.rfind(b"OggS") :]  # byte 5: flags, 4 is "the last page"; then sizes
        pieces = page[27 : 27 + page[26]] if len(page) > 26 else b""
        return len(page) < 28 or len(page) < 27 + len(pieces) + sum(pieces) or not page[5] & 4
    sound = _find_sound(content)
    return sound is not None and sound[1] not in _UNKNOWN and len(content) < sum(sound)


def repair_stream(content: bytes | mmap) -> bytes | mmap:
    """Let a WAV whose sizes are all 0, as some write it into a pipe, be read to its end."""
    sound = _find_sound(content)
    if sound is None or sound[1] != 0 or content[4:8] not in (b"\0" * 4, b"\xff" * 4):
        return content
    return content[: sound[0] - 4] + b"\xff" * 4 + content[sound[0] :]


def _find_sound(content: bytes | mmap) -> tuple[int, int] | None:
    """Return where the sound of a WAV or AIFF begins, and its bytes; None if it is not found."""
    if content[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and content[8:12] == b"WAVE":
        wanted = b"data"
    elif content[:4] == b"FORM" and content[8:11] == b"AIF":
        wanted = b"SSND"
    else:
        return None
    order = "big" if content[:4] in (b"RIFX", b"FORM") else "little"
    at, long_size = 12, None
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], order)
        if name == b"ds64":  # sizes of 64 bits: of the file, then of the sound
            long_size = int.from_bytes(content[at + 16 : at + 24], "little")
        if name == wanted:
            return at + 8, size if size != 2**32 - 1 or long_size is None else long_size
        at += 8 + size + size % 2  # a chunk of odd size is followed by a byte that fills up
    return None
