"""Type a description, choose a word, see its map, and ask what is at a place; in any picture."""

import html

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice
from mmtutorial._optional import load_optional
from mmtutorial.chapters.applications.grounding.experiment import SIDE
from mmtutorial.chapters.applications.grounding.page import CROSS, DARKEST, PLACES, page_words
from mmtutorial.preprocessing import read_image
from mmtutorial.widgets._html import beside_picture

OWN, WHOLE = "my own picture", "(all words)"
BEST = 5  # words that are told of a place
LONGEST = 480  # pixels of an upload that are kept


class Pointer:
    """Scenes by name, and a finder that points in them."""

    def __init__(self, finder, pictures):
        self.finder, self.own, self.names = finder, None, page_words(finder)
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

    def words(self, text: str) -> list[str]:
        """Return what a map can be chosen for: all words of a description, and each that is read.

        A word that comes twice has one map.
        """
        return [WHOLE, *dict.fromkeys(self.finder.table.split(text)[0])]

    def frame(self, picture: str, text: str, word: str = WHOLE, at: str = CROSS, own=()):
        """Return HTML: the picture with a cross, dimmed by the map of a word, and what was read.

        ``word`` is one of the description's; another shows the map of all of them. ``at`` is one of
        `PLACES`, framed and named by the words that fit it best, or `CROSS`. ``own`` is what
        `ipywidgets.FileUpload` holds: the reader's own file, or nothing.
        """
        if own and picture == OWN:
            self.take(bytes(own[0]["content"]))
        image = self.picture(picture)
        found = self.finder.find(image, text)
        shown = found.words.get(word, found.map)
        name = word if word in found.words else "all words"
        lit, point = _dim(image, shown), _point_of(at, found, image.shape[:2])
        _cross(lit, found.point)
        if at != CROSS:
            _frame(lit, point)
        words = ", ".join(html.escape(each) for each in found.words)
        rows = [f"<p>read: <b>{words}</b>; map of <b>{html.escape(name)}</b></p>"]
        if found.unknown:
            rows.append(f"<p>not known: {html.escape(', '.join(found.unknown))}</p>")
        row, column = found.point
        rows.append(f"<p>points to row {row}, column {column}; cosine {found.score:.2f}</p>")
        best = list(self.finder.recognize(image, self.names, at=point))[:BEST]
        fit = html.escape(", ".join(best))
        rows.append(f"<p>of {len(self.names)} words, these fit best at {at}: {fit}</p>")
        return beside_picture(lit, f"{text}: row {row}, column {column}", "".join(rows))


def _dim(image, cosines):
    """Return a picture that is as bright as a map is high."""
    low, high = np.quantile(cosines, DARKEST), cosines.max()
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


def _point_of(at, found, shape):
    """Return the pixel in the middle of a place; near the edge, where a picture is no square."""
    if check_choice("at", at, (CROSS, *PLACES)) == CROSS:
        return found.point
    side = max(shape)
    places = divmod(PLACES.index(at), SIDE)
    middles = (int((place + 0.5) * side / SIDE) - (side - length) // 2
               for place, length in zip(places, shape, strict=True))  # fmt: skip
    return tuple(
        min(max(middle, 0), length - 1) for middle, length in zip(middles, shape, strict=True)
    )


def _frame(image, point):
    """Paint a white square round a place, in place."""
    half, ring = max(image.shape[:2]) // (2 * SIDE), np.zeros(image.shape[:2], bool)
    for reach, inside in ((half, True), (max(half - 2, 0), False)):
        top, left = (max(middle - reach, 0) for middle in point)
        ring[top : point[0] + reach, left : point[1] + reach] = inside
    image[ring] = 255


def point_view(pointer: Pointer, twin, text: str):
    """Let the reader choose a scene or a file, type, choose a word and a place; a `Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    names = [*pointer.pictures, OWN]
    controls = {
        "picture": ipywidgets.Dropdown(options=names, description="Picture"),
        "text": ipywidgets.Text(text, description="Description"),
        "word": ipywidgets.Dropdown(options=pointer.words(text), description="Map of the word"),
        "at": ipywidgets.Dropdown(options=[CROSS, *PLACES], description="Words that fit at"),
        "own": ipywidgets.FileUpload(accept="image/*", description="My own picture"),
    }
    controls["text"].observe(lambda change: _offer(controls["word"], pointer.words(change["new"])),
                             "value")  # fmt: skip
    return widgets.live(pointer.frame, controls, twin)


def _offer(chooser, words):
    """Let the reader choose among the words of a new description; keep the choice that is left."""
    if list(chooser.options) != words:
        kept = chooser.value if chooser.value in words else WHOLE
        chooser.options = words
        chooser.value = kept
