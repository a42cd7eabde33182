"""A figure as SVG: letters stay letters, and black is the colour of the text around it."""

import io
import itertools
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from mmtutorial.plots._style import INK, PIXELS
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
HREF = "{http://www.w3.org/1999/xlink}href"
DROPPED = {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}
GROUP = f"{{{SVG}}}g"
# Black is that of the text around; grey must be seen on white and on black.
COLOUR = {INK: "currentColor", "#000000": "currentColor", COLOURS["chance"]: "#808080"}
NUMBER = re.compile(r"-?\d+\.\d+")
CLIPPED = re.compile(r"url\(#(\w+)\)")
PLACE = ("x", "y", "href", "transform")
COORDINATES = ("d", "x", "y", "width", "height", "transform", "points")
# Of the root, which the rest inherits. A page may set another font.
ROOT = {
    "fill": "currentColor",
    "stroke-linejoin": "round",
    "font-family": "system-ui,-apple-system,'Segoe UI',Arial,sans-serif",
}


def draw_svg(figure: "Figure") -> str:
    """Return a figure as an SVG element, a CSS pixel for each 96th of an inch.

    It holds no font, no date and no ids but those that it refers to; to be drawn inside `style`.
    """
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    text = drawn.getvalue()
    root = ElementTree.fromstring(text)
    used = set(re.findall(r'(?:xlink:href="|url\()#(\w+)', text))
    for parent in list(root.iter()):
        for child in [child for child in parent if _says_nothing(child)]:
            parent.remove(child)
        _tidy(parent, used)
    _unwrap(root)
    _gather(root)
    _shorten_ids(root)
    width, height = figure.get_size_inches() * PIXELS
    root.attrib |= {"width": f"{width:.0f}", "height": f"{height:.0f}", **ROOT}
    root.attrib.pop("version", None)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _says_nothing(element):
    """Say whether an element is invisible, or meant for other programs."""
    invisible = element.get("style") == "fill: none" and "id" not in element.attrib
    empty = element.tag.endswith("}defs") and all(child.tag in DROPPED for child in element)
    return element.tag in DROPPED or invisible or empty


def _tidy(element, used):
    """Shorten the attributes of an element; leave out what it inherits and what nobody reads."""
    attributes = element.attrib
    if attributes.get("id") not in used:
        attributes.pop("id", None)
    for name in COORDINATES:
        if name in attributes:
            short = NUMBER.sub(_round, attributes[name])
            attributes[name] = re.sub(r"\s*([MLCQz])\s*", r"\1", short).strip()
    if re.fullmatch(r"rotate\(-?0[ )].*", attributes.get("transform", "")):
        del attributes["transform"]
    for part in filter(None, attributes.pop("style", "").split(";")):
        name, _, value = (text.strip() for text in part.partition(":"))
        of_the_mark = HREF in attributes and name.startswith("stroke")  # it says so itself
        if name != "font-family" and not of_the_mark:
            attributes[name] = COLOUR.get(value, value).removesuffix("px")
    if HREF in attributes:
        attributes["href"] = attributes.pop(HREF)
    element.tail = None
    if not (element.text or "").strip():
        element.text = None


def _round(number):
    """Return a coordinate to a hundredth of a point, which nobody sees."""
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _unwrap(element):
    """Put in the place of each group that says nothing what it holds."""
    for child in list(element):
        _unwrap(child)
    element[:] = [
        kept
        for child in element
        for kept in (list(child) if child.tag == GROUP and not child.attrib else [child])
    ]


def _gather(element):
    """Let marks in a row, which differ in their place alone, say together what they look like."""
    for child in element:
        _gather(child)
    kept = []
    for look, group in itertools.groupby(element, _look):
        marks = list(group)
        if look and len(marks) > 2:
            for mark in marks:
                mark.attrib = {k: v for k, v in mark.attrib.items() if k in PLACE}
            gathered = ElementTree.Element(GROUP, dict(look))
            gathered.extend(marks)
            marks = [gathered]
        kept += marks
    element[:] = kept


def _look(element):
    """Return all that a mark says besides its place, nothing for another element."""
    if not element.tag.endswith("}use"):
        return ()
    return tuple(pair for pair in element.attrib.items() if pair[0] not in PLACE)


def _shorten_ids(root):
    """Name what is referred to in the order in which it stands: a0, a1, and so on."""
    marked = [element for element in root.iter() if "id" in element.attrib]
    names = {element.attrib["id"]: f"a{place}" for place, element in enumerate(marked)}
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "href" and value.startswith("#"):  # or else it is a picture
                element.attrib[key] = "#" + names[value[1:]]
            else:
                element.attrib[key] = CLIPPED.sub(lambda found: f"url(#{names[found[1]]})", value)
    for element in marked:
        element.attrib["id"] = names[element.attrib["id"]]
