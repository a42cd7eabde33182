"""What a search found, as HTML; and the search itself, live in a kernel."""

from collections.abc import Sequence
from html import escape

from mmtutorial import data, widgets
from mmtutorial._credits import credit_html
from mmtutorial._html import HtmlBlock, webp_url
from mmtutorial._optional import load_optional
from mmtutorial.chapters.cross_modal.retrieval.box import SearchBox
from mmtutorial.chapters.cross_modal.retrieval.query import CHINESE, Piece

EXAMPLE = "a hot drink"


def say_reading(pieces: Sequence[Piece]) -> str:
    """Say how a query was read: which words are known, and what stands in for the others.

    >>> say_reading([Piece("dog", "dog", True), Piece("hav", "have", False), Piece("x", "", False)])
    'Read as: dog, have. Not known: “hav”, taken for “have”; “x”, left out.'
    """
    words = [piece.word for piece in pieces if piece.word]
    said = f"Read as: {', '.join(words)}." if words else "No word of this is known."
    strange = [
        f"“{piece.typed}”, " + (f"taken for “{piece.word}”" if piece.word else "left out")
        for piece in pieces
        if not piece.exact
    ]
    return f"{said} Not known: {'; '.join(strange)}." if strange else said


class PictureSearch:
    """Answer queries with the test drawings that fit best, as HTML.

    ``box`` is a `SearchBox`.
    """

    def __init__(self, box: SearchBox):
        self.box, split = box, data.load_emoji().test
        self.pictures = split.inputs["image"]
        chinese = data.load_emoji(image="features", language="zh").test.info["name"]
        self.names = {"en": split.info["name"], "zh": chinese}

    def show(self, query: str, k: int = 10) -> HtmlBlock:
        """Return how the query was read, and the best ``k`` pictures, each with its name."""
        from PIL import Image

        pieces, rows = self.box.search(query, k)
        names = self.names["zh" if CHINESE.search(query) else "en"]
        shown = "".join(
            f'<li style="width:72px;text-align:center"><img width="64" height="64" '
            f'alt="{escape(names[row])}" '
            f'src="{webp_url(Image.fromarray(self.pictures[row]), quality=80)}" '
            f'style="background:#fff;border-radius:6px"><br>'
            f'<span aria-hidden="true" style="font-size:.75rem;line-height:1.2">'
            f"{escape(names[row])}</span></li>"
            for row in rows
        )
        said = say_reading(pieces)
        return HtmlBlock(
            f'<p role="status" style="margin:4px 0">{escape(said)}</p><ol style="display:flex;'
            f'flex-wrap:wrap;gap:6px;list-style:none;padding:0;margin:4px 0">{shown}</ol>'
            f"{credit_html(self.pictures[rows])}",
            f"{query}: {', '.join(names[row] for row in rows)}",
        )


def live_search(search: PictureSearch, *, example: str = EXAMPLE) -> widgets.Live:
    """Let the reader search by own words: live in a kernel, by JavaScript on the book's page."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    entry = ipywidgets.Text(example, description="Your words", placeholder="English or 中文")
    answer = search.show(example)
    twin = (
        f'<div class="mm-search" data-example="{escape(example)}"><p>The words: '
        f"<b>{escape(example)}</b></p>{answer._repr_html_()}</div>"
    )
    return widgets.live(lambda query: search.show(query), {"query": entry}, twin)
