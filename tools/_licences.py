"""Find the text of a licence that packages refer to but do not carry."""

import hashlib
import json
import textwrap
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "mmtutorial" / "data" / "files" / "stamps"
#: Every Debian system has it; elsewhere the copy that we ship does as well.
PLACES = (Path("/usr/share/common-licenses/GPL-2"), SHIPPED / "LICENSE-GPL-2.txt")
GPL_2_SHA256 = "8177f97513213526df2cf6184d8ff986c675afb514d4e68a404010521b880643"


def read_gpl_2(places=PLACES) -> bytes:
    """Return the text of the GNU General Public License, version 2, from where it is found.

    Raises ``RuntimeError`` where no place holds the text that we know.
    """
    for path in places:
        if path.exists():
            text = path.read_bytes()
            if hashlib.sha256(text).hexdigest() == GPL_2_SHA256:
                return text
    looked = " and ".join(map(str, places))
    raise RuntimeError(
        f"the text of version 2 of the GNU General Public License is in none of {looked}: "
        "get it from gnu.org and save it under the second name"
    )


def read_spdx(files: dict[str, bytes], name: str, holders: str = "") -> bytes:
    """Return the text of a licence from the npm package ``spdx-license-list``.

    ``holders`` stand in the place of MIT's "Copyright (c) <year> <copyright holders>". Raises
    ``RuntimeError`` where that place is not found.
    """
    text = json.loads(files[f"licenses/{name}.json"])["licenseText"]
    if holders:
        place = "Copyright (c) <year> <copyright holders>"
        if place not in text:
            raise RuntimeError(f"the text of {name} names no copyright holders")
        text = text.replace(place, holders)
    return wrap(text)


def wrap(text: str) -> bytes:
    """Return a text in lines of at most 96 letters."""
    lines = [textwrap.fill(line, 96, break_long_words=False) for line in text.splitlines()]
    return ("\n".join(lines) + "\n").encode()
