"""Draw the stamps on white, and pack their pictures and their recordings."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import soundfile
from _opus import RATE, encode_opus, read_wave
from _write import pack_zip
from PIL import Image
from tqdm import tqdm

SIZE = 128
COLUMNS = 32
QUALITY = 80
KILOBITS = {"speech": 11, "sound": 16}
#: Every recording gets the same power, unless a peak would rise above PEAK.
POWER, PEAK = 0.1, 0.7


def draw(content):
    """Turn a PNG or SVG file into a (128, 128, 3) uint8 picture: cut to what is drawn, on white.

    Returns the longer side of what is drawn, too, in the file's own pixels.
    """
    if content.lstrip()[:1] == b"<":
        import resvg_py

        content = bytes(
            resvg_py.svg_to_bytes(
                svg_string=content.decode(), width=4 * SIZE, dpi=96, skip_system_fonts=True
            )
        )
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    picture = picture.crop(picture.getchannel("A").getbbox())
    white = Image.new("RGBA", picture.size, "white")
    picture = Image.alpha_composite(white, picture).convert("RGB")
    scale = SIZE / max(picture.size)
    size = [max(1, round(side * scale)) for side in picture.size]
    square = Image.new("RGB", (SIZE, SIZE), "white")
    corner = ((SIZE - size[0]) // 2, (SIZE - size[1]) // 2)
    square.paste(picture.resize(size, Image.Resampling.LANCZOS), corner)
    return np.asarray(square), max(picture.size)


def pack_sheet(images):
    """Lay (n, 128, 128, 3) pictures out on one WebP sheet, 32 per row."""
    rows = -(-len(images) // COLUMNS)
    sheet = np.full((rows * COLUMNS, SIZE, SIZE, 3), 255, np.uint8)
    sheet[: len(images)] = images
    sheet = sheet.reshape(rows, COLUMNS, SIZE, SIZE, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    picture = Image.fromarray(sheet.reshape(rows * SIZE, COLUMNS * SIZE, 3))
    picture.save(buffer, "WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def unpack_sheet(content, count):
    """Cut a sheet into ``count`` pictures again, as the loader does."""
    sheet = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    tiles = sheet.reshape(-1, SIZE, COLUMNS, SIZE, 3).swapaxes(1, 2)
    return tiles.reshape(-1, SIZE, SIZE, 3)[:count]


def level(wave):
    """Scale a wave to a power (root mean square) of 0.1, or less where a peak would pass 0.7."""
    power, peak = np.sqrt(np.mean(np.square(wave, dtype=np.float64))), np.abs(wave).max()
    return (wave * min(POWER / power, PEAK / peak)).astype(np.float32)


def hear(content, kilobits):
    """Return what we keep of a recording: its samples' digest, seconds, opus file and facts."""
    wave = read_wave(content)
    silent = not np.any(wave)
    return {
        "digest": hashlib.sha256(wave.tobytes()).hexdigest(),
        "seconds": len(wave) / RATE,
        "opus": None if silent else encode_opus(level(wave), kilobits=kilobits),
        "rate": soundfile.info(io.BytesIO(content)).samplerate,
        "clipped": float(np.mean(np.abs(wave) >= 1)),
    }


class Recordings:
    """Collect the recordings of one archive; equal ones are kept once, silent ones not at all."""

    def __init__(self, kind, contents):
        distinct = list(dict.fromkeys(contents))
        with ThreadPoolExecutor() as pool:
            heard = pool.map(partial(hear, kilobits=KILOBITS[kind]), distinct)
            progress = tqdm(heard, desc=f"encode {kind}", total=len(distinct))
            self.heard = dict(zip(distinct, progress, strict=True))
        self.members, self.names, self.facts, self.silent = {}, {}, {}, []

    def add(self, name, content):
        """Keep a recording as ``name``; return [member, seconds], or None if it is silent."""
        heard = self.heard[content]
        if heard["opus"] is None:
            self.silent.append(name)
            return None
        member = self.names.setdefault(heard["digest"], f"{name}.opus")
        self.members.setdefault(member, heard["opus"])
        self.facts.setdefault(member, heard)
        return [member, heard["seconds"]]

    def pack(self):
        """Return the archive of what was kept."""
        return pack_zip(self.members)
