"""Type a description, choose a word, and see its map; on a scene, or a picture of your own."""

import html

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice
from mmtutorial._optional import load_optional
from mmtutorial.preprocessing import read_image
from mmtutorial.widgets._html import beside_picture

OWN, WHOLE = "my own picture", "(all words)"
LONGEST = 480  # pixels of an upload that are kept


class Pointer:
    """Scenes by name, and a finder that points in them."""

    def __init__(self, finder, pictures):
        self.finder, self.own = finder, None
        self.pictures = {f"scene {place}": each for place, each in enumerate(pictures, start=1)}

    def picture(self, name: str) -> np.ndarray:
        """Return the picture of a name. Raises ``ValueError`` before a file was chosen."""
        check_choice("picture", name, (*self.pictures, OWN))
        if name != OWN:
            return self.pictures[name]
        if self.own is None:
            raise ValueError("Choose a file first: it is read here, and goes nowhere else.")
        return self.own

    def take(self, content: bytes) -> None:
        """Read a file of the reader's own."""
        image = read_image(content)
        step = -(-max(image.shape[:2]) // LONGEST)
        self.own = np.ascontiguousarray(image[::step, ::step])

    def frame(self, picture: str, text: str, word: str = "", own=()):
        """Return HTML: the picture with a cross, dimmed by the map of a word, and what was read.

        ``word`` is one of the description's; another, or none, shows the map of all of them.
        ``own`` is what `ipywidgets.FileUpload` holds: the reader's own file, or nothing.
        """
        if own and picture == OWN:
            self.take(bytes(own[0]["content"]))
        image = self.picture(picture)
        found = self.finder.find(image, text)
        shown = found.words.get(word.strip(), found.map)
        name = word.strip() if word.strip() in found.words else "all words"
        lit = _dim(image, shown)
        _cross(lit, found.point)
        words = ", ".join(html.escape(each) for each in found.words)
        rows = [f"<p>read: <b>{words}</b>; map of <b>{html.escape(name)}</b></p>"]
        if found.unknown:
            rows.append(f"<p>not known: {html.escape(', '.join(found.unknown))}</p>")
        row, column = found.point
        rows.append(f"<p>points to row {row}, column {column}; cosine {found.score:.2f}</p>")
        return beside_picture(lit, f"{text}: row {row}, column {column}", "".join(rows))


def _dim(image, cosines):
    """Return a picture that is as bright as a map is high."""
    low, high = np.quantile(cosines, 0.3), cosines.max()
    weights = np.clip((cosines - low) / max(high - low, 1e-6), 0.15, 1)[..., None]
    return (image * weights).astype(np.uint8)


def _cross(image, point):
    """Paint a cross, white on black, in place."""
    arm = max(3, min(image.shape[:2]) // 20)
    for wide, shade in ((1, 0), (0, 255)):
        row, column = point
        top, left = max(row - wide, 0), max(column - wide, 0)
        image[top : row + wide + 1, max(column - arm, 0) : column + arm + 1] = shade
        image[max(row - arm, 0) : row + arm + 1, left : column + wide + 1] = shade


def point_view(pointer: Pointer, twin, text: str):
    """Let the reader choose a scene or a file, type, and choose a word; an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    names = [*pointer.pictures, OWN]
    controls = {
        "picture": ipywidgets.Dropdown(options=names, description="Picture"),
        "text": ipywidgets.Text(text, description="Description"),
        "word": ipywidgets.Text("", description="Map of the word", placeholder=WHOLE),
        "own": ipywidgets.FileUpload(accept="image/*", description="My own picture"),
    }
    return widgets.live(pointer.frame, controls, twin)
