"""The search box of the chapter on retrieval: its script and its data, beside the pages.

A page that shows the box (an element of the class ``mm-search``) gets the script, which fetches the
data when the box is first used. They are written anew with each build, from the weights in the
chapter's room.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np

FOLDER, SIDE, COLUMNS = "emoji-search", 64, 20
SCRIPT = Path(__file__).with_suffix(".js")


def to_base64(array, kind):
    """Return numbers as the base64 of their bytes, little end first.

    >>> to_base64(np.array([1, -1]), "<i1")
    'Af8='
    """
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode()


def pack_data(search):
    """Return the data of a `PictureSearch` as a script, which hands them to the box."""
    box, parts = search.box, ("words", "hidden", "pictures")
    data = {
        "words": "\n".join(box.known),
        "names": {language: names.tolist() for language, names in search.names.items()},
        "columns": COLUMNS,
        "levels": {name: to_base64(getattr(box, name).levels, "<i1") for name in parts},
        "steps": {name: to_base64(getattr(box, name).step, "<f4") for name in parts},
        "bias": to_base64(box.bias, "<f4"),
    }
    return f"mmEmojiSearch({json.dumps(data, ensure_ascii=False, separators=(',', ':'))});\n"


def pack_pictures(pictures):
    """Return ``(count, 64, 64, 3)`` uint8 pictures as one WebP, 20 a row."""
    from PIL import Image

    rows = -(-len(pictures) // COLUMNS)
    sheet = np.full((rows * COLUMNS, SIDE, SIDE, 3), 255, np.uint8)
    sheet[: len(pictures)] = pictures
    sheet = sheet.reshape(rows, COLUMNS, SIDE, SIDE, 3).swapaxes(1, 2)
    buffer = io.BytesIO()
    picture = Image.fromarray(sheet.reshape(rows * SIDE, COLUMNS * SIDE, 3))
    picture.save(buffer, "WEBP", quality=80, method=6)
    return buffer.getvalue()


def add_script(app, pagename, templatename, context, doctree):
    """Load the script on each page that shows the box."""
    if 'class="mm-search"' in context.get("body", ""):
        address = context["pathto"](f"{FOLDER}/search.js", 1)
        context["body"] += f'<script src="{address}"></script>'


def write_files(app, exception):
    """Write the script, the data and the pictures, once all pages are built."""
    if exception or app.builder.format != "html":
        return
    from mmtutorial.chapters.cross_modal import retrieval

    search = retrieval.live.PictureSearch(retrieval.box.SearchBox(retrieval.box.load_weights()))
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / "search.js").write_text(SCRIPT.read_text("utf-8"), "utf-8")
    (folder / "data.js").write_text(pack_data(search), "utf-8")
    (folder / "pictures.webp").write_bytes(pack_pictures(search.pictures))


def setup(app):
    """Register both steps."""
    app.connect("html-page-context", add_script, priority=950)
    app.connect("build-finished", write_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
