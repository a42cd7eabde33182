"""The figures that `mm.plots.show` put into the outputs of cells, as figures of the page.

They get a number. A chart stands in the page itself, so that it has the page's font and follows its
dark mode; pictures become files. A style sheet chooses between a wide and a narrow layout.
"""

import base64
import hashlib
import os
import re
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.transforms import SphinxTransform

MARK = '<figure class="mm-figure"'


def find_output(raw):
    """Return the node that holds all forms of a cell's output, of which this HTML is one."""
    node = raw
    while node.get("nb_element") != "mime_bundle":
        node = node.parent
    return node


def inline_svg(svg, prefix, alt, layout):
    """Return an SVG to stand in a page: with its alternative text, and ids that no other one has.

    >>> inline_svg('<svg><path id="a"/><use href="#a"/></svg>', "x", "<", "mm-wide")
    '<svg role="img" aria-label="&lt;" class="mm-wide"><path id="x-a"/><use href="#x-a"/></svg>'
    """
    svg = re.sub(r'(\bid="|\bhref="#|url\(#)', rf"\1{prefix}-", svg)
    said = f'role="img" aria-label="{escape(alt)}" class="{layout}"'
    return svg.replace("<svg", f"<svg {said}", 1)


def read_caption(element):
    """Return the nodes of a caption: text with emphasis, and who made the pictures."""
    yield nodes.Text(element.text or "")
    for child in element:
        if child.tag == "small":
            yield nodes.inline("", child.text, classes=["mm-credit"])
        else:
            yield nodes.emphasis("", child.text)
        yield nodes.Text(child.tail or "")


class Figures(SphinxTransform):
    """Turn what `mm.plots.show` wrote into figures, before Sphinx counts them."""

    default_priority = 200

    def apply(self, **options):
        """Replace each such output of this page."""
        for raw in list(self.document.findall(nodes.raw)):
            if raw.astext().startswith(MARK):
                find_output(raw).replace_self(
                    self.make_figure(ElementTree.fromstring(raw.astext()))
                )

    def make_figure(self, shown):
        """Return the figure that a piece of HTML describes."""
        image, caption = shown.find("img"), shown.find("figcaption")
        figure = nodes.figure("", classes=["mm-figure"])
        layouts = {"mm-wide": image.get("src"), "mm-narrow": shown.get("data-narrow")}
        if not layouts["mm-narrow"]:
            layouts = {"mm-only": image.get("src")}
        box = '<div class="mm-picture"'
        if least := shown.get("data-least"):  # narrower, its letters could not be read: it scrolls
            box += f' style="--least:{least}px"'
        figure += nodes.raw("", f"{box}>", format="html")
        for layout, address in layouts.items():
            figure += self.make_picture(address, layout, image.get("alt"), image.get("width"))
        figure += nodes.raw("", "</div>", format="html")
        figure += nodes.caption("", "", *read_caption(caption))
        if name := shown.get("id"):
            figure["names"].append(nodes.fully_normalize_name(name))
            self.document.note_explicit_target(figure, figure)
        return figure

    def make_picture(self, address, layout, alt, width):
        """Return one layout of a figure: an SVG in the page, or a file."""
        kind, code = re.fullmatch(r"data:image/([\w+]+);base64,(.*)", address).groups()
        content = base64.b64decode(code)
        name = hashlib.sha256(content).hexdigest()[:16]
        if kind == "svg+xml":
            return nodes.raw(
                "", inline_svg(content.decode(), f"f{name[:8]}", alt, layout), format="html"
            )
        folder = Path(self.app.doctreedir) / "figures"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.{kind}"
        path.write_bytes(content)
        page = Path(self.env.doc2path(self.env.docname)).parent
        uri, size = os.path.relpath(path, page), {} if layout == "mm-narrow" else {"width": width}
        return nodes.image(
            "", uri=uri, alt=alt, loading="lazy", classes=[layout, "no-scaled-link"], **size
        )


def setup(app):
    """Register the step."""
    app.add_transform(Figures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
