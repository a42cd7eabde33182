"""Draw every artist's emoji at 64 x 64 pixels, in colour, on white."""

import io
import json
import re
import unicodedata

import numpy as np
from PIL import Image

SIZE = 64
COLUMNS = 44


def by_code_point(entries, files, pattern):
    """Match entries to files named by code points; ``pattern`` has one group: the code points."""
    named = {}
    for name, content in files.items():
        if found := re.fullmatch(pattern, name):
            named[_bare(found[1])] = content
    return [named.get(_bare(entry["hexcode"])) for entry in entries]


def by_name(entries, files):
    """Match entries to an Iconify collection, whose icons carry names and no code points.

    Names drift (a cricket was once the game, now it is the insect), so a drawing goes to the
    first taker in this order: its present CLDR name, the character's immutable Unicode name, an
    alias of the collection.
    """
    collection = json.loads(files["icons.json"])
    icons = collection["icons"]
    aliases = {name: alias["parent"] for name, alias in collection.get("aliases", {}).items()}
    matched = [None] * len(entries)
    taken = set()
    for rename, slug in [({}, _label_slug), ({}, _character_slug), (aliases, _label_slug)]:
        for row, entry in enumerate(entries):
            name = rename.get(slug(entry), slug(entry))
            if matched[row] is None and name in icons and name not in taken:
                matched[row] = name
                taken.add(name)
    return [name and _svg(icons[name], collection) for name in matched]


def draw(content):
    """Turn the bytes of one SVG, PNG or WebP file into a (64, 64, 3) array of uint8."""
    if content.lstrip()[:1] == b"<":
        import resvg_py

        content = bytes(
            resvg_py.svg_to_bytes(
                svg_string=content.decode(),
                width=SIZE,
                height=SIZE,
                background="#ffffff",
                skip_system_fonts=True,
            )
        )
    image = Image.open(io.BytesIO(content)).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(white, image).convert("RGB")
    if image.size != (SIZE, SIZE):
        image = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def pack_sheet(images):
    """Lay ``{entry number: image}`` out on one lossless WebP sheet, tile by entry number."""
    rows = -(-(max(images) + 1) // COLUMNS)
    sheet = np.full((rows, SIZE, COLUMNS, SIZE, 3), 255, np.uint8)
    for number, image in images.items():
        sheet[number // COLUMNS, :, number % COLUMNS] = image
    buffer = io.BytesIO()
    picture = Image.fromarray(sheet.reshape(rows * SIZE, COLUMNS * SIZE, 3))
    picture.save(buffer, "WEBP", lossless=True, quality=100, method=5)
    return buffer.getvalue()


def _bare(codes):
    parts = [part.lstrip("0") for part in codes.upper().replace("_", "-").split("-")]
    return "-".join(part for part in parts if part not in ("FE0F", "FE0E"))


def _slug(name):
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def _label_slug(entry):
    return _slug(entry["name"]["en"])


def _character_slug(entry):
    codes = _bare(entry["hexcode"]).split("-")
    return _slug(unicodedata.name(chr(int(codes[0], 16)), "")) if len(codes) == 1 else ""


def _svg(icon, collection):
    width = icon.get("width", collection.get("width", 16))
    height = icon.get("height", collection.get("height", 16))
    box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{head} viewBox="{box}">{icon["body"]}</svg>'.encode()
