"""``find FILE DESCRIPTION``: where is the described thing in a picture, or in a clip?"""

import argparse
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

from mmtutorial.command.answer import Answer

HELP = "point at what a description names, in a picture or a clip"
ABOUT = """
Point at what a description names ("the red fruit", "a brown rooster", "公鸡") in a picture (JPEG,
PNG, WebP, ...), or follow it through a clip: an animated GIF, WebP, PNG or AVIF, or an .npz file
with an array "frames", (frames, height, width, 3) of uint8, whose times are numbers of frames. In a
picture it always points somewhere; the score tells how well the words fit there. Of a thing that
appears in a clip it also says, from 0 to 1, how sure it is that it goes to the right ("direction"),
is fast ("speed"), and comes first ("order").
"""
ANSWERS = {"direction": "goes to the right", "speed": "is fast", "order": "comes first"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only this command takes."""
    parser.add_argument("file", metavar="FILE", help="a picture or a clip")
    parser.add_argument("description", metavar="DESCRIPTION", help="what to look for, in quotes")


def run(options: argparse.Namespace) -> Answer:
    """Find the described thing in one file."""
    if not options.description.strip():
        raise ValueError("DESCRIPTION must say what to look for, got an empty text")
    told = {"file": options.file, "description": options.description}
    if Path(options.file).suffix.lower() == ".npz":
        return _in_clip(_read_frames(options.file), "frames", told)
    from mmtutorial.preprocessing import read_clip

    frames = read_clip(options.file).frames
    if len(frames) == 1:
        return _in_picture(frames[0], told)
    return _in_clip(options.file, "seconds", told)


def _read_frames(file):
    """Return the frames in an .npz file, if they are of the right shape and not too many."""
    from numpy.lib import format as npy

    shape, dtype = _read_npz(file, _shape_and_type)
    if len(shape) != 4 or shape[-1] != 3 or dtype != "uint8" or 0 in shape:
        raise ValueError(
            f'{file}: "frames" must be (frames, height, width, 3) of uint8, got {dtype} of shape '
            f"{shape}"
        )
    pixels, most = math.prod(shape[:3]), _most_pixels()
    if pixels > most:
        raise ValueError(
            f"{file}: its {shape[0]:,} frames must have at most {most:,} pixels together, got "
            f"{pixels:,}: take fewer or smaller ones"
        )
    return _read_npz(file, lambda stored: npy.read_array(stored, allow_pickle=False))


def _read_npz(file, read):
    """Return what ``read`` takes from the array "frames" in an .npz file."""
    try:
        with zipfile.ZipFile(file) as folder, folder.open("frames.npy") as stored:
            return read(stored)
    except (
        ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error
    ) as error:  # fmt: skip
        raise ValueError(f'{file} must be a whole .npz file with an array "frames"') from error


def _shape_and_type(stored):
    """Return what the head of an array says that follows."""
    from numpy.lib import format as npy

    heads = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    shape, _, dtype = heads[npy.read_magic(stored)](stored)
    return shape, dtype


def _most_pixels():
    """Return how many pixels a clip may have, as in the files of pictures."""
    from PIL import Image

    from mmtutorial.preprocessing.picture_files import MAX_CLIP_PICTURES

    return MAX_CLIP_PICTURES * (Image.MAX_IMAGE_PIXELS or math.inf)


def _in_picture(picture, told):
    from mmtutorial.applications.grounding import find

    found = find(picture, told["description"])
    (row, column), (top, left, bottom, right) = found.point, found.box
    lines = [
        f"point: row {row}, column {column}",
        f"box: rows {top} to {bottom}, columns {left} to {right}",
        f"score: {found.score:.2f}",
        *_not_read(found),
    ]
    data = {
        "kind": "picture",
        "point": list(map(int, found.point)),
        "box": list(map(int, found.box)),
        "score": round(float(found.score), 4),
        "unknown": list(found.unknown),
    }
    return Answer(lines, told | data, True)


def _in_clip(clip: Any, unit: str, told: dict):
    from mmtutorial.applications.video import find

    found = find(clip, told["description"])
    moments = [{"time": round(time, 3), "box": list(map(int, box))} for time, box in found.moments]
    data = {
        "kind": "clip",
        "appears": bool(found.appears),
        "score": round(float(found.score), 4),
        "unit": unit,
        "spans": [[round(float(edge), 3) for edge in span] for span in found.spans],
        "moments": moments,
        "answers": {name: round(float(sure), 4) for name, sure in found.answers.items()},
        "unknown": list(found.unknown),
    }
    lines = [f"appears: {'yes' if found.appears else 'no'}, score {found.score:.2f}"]
    lines += [f"seen: {start:g} to {end:g} {unit}" for start, end in data["spans"]]
    for moment in moments:
        top, left, bottom, right = moment["box"]
        where = f"rows {top} to {bottom}, columns {left} to {right}"
        lines.append(f"at {moment['time']:g}: {where}")
    if found.appears:
        lines += [f"{ANSWERS[name]}: {sure:.2f}" for name, sure in data["answers"].items()]
    return Answer([*lines, *_not_read(found)], told | data, bool(found.appears))


def _not_read(found):
    return [f"not read: {', '.join(found.unknown)}"] if found.unknown else []
