"""The map of the book: all chapters, part by part, and which one builds on which.

``{book-map}`` draws it from ``_toc.yml`` and from what each chapter's card says you need, so that
it cannot leave one out. A chapter leads to its page. What a needed one needs itself is left out.
"""

import re
from textwrap import fill
from xml.etree import ElementTree

from book_pages import ChaptersDirective
from docutils import nodes
from map_plan import BETWEEN, HEIGHT, WIDTH, Plan, read_cards

TITLE = "The chapters, and which one builds on which"
KINDS = ("chance", "joint", "accent", "violet", "olive")  # in turn; none is that of a modality
LETTERS = 19  # that fit into a line of a box
PHONE, LINE = 3.5, 0.16  # inches, of the narrow drawing: how wide it is, and how high a line
LONG = 36  # letters of its lines
SVG = "{http://www.w3.org/2000/svg}"
ID = re.compile(r'(\bid="|\bhref="#|url\(#)')  # or both layouts would have the same ids


def draw_wide(parts, link):
    """Draw a column for each part, and lines from chapters to those that build on them."""
    from mmtutorial.plots._boxes import draw_box
    from mmtutorial.plots._style import headline
    from mmtutorial.plots.colours import COLOURS

    plan = Plan(parts)
    width = plan.left(len(parts)) - BETWEEN + 0.03
    figure, axis = start_figure(width, plan.height)
    headline(figure, TITLE)
    for column, (caption, chapters) in enumerate(parts.items()):
        left, kind = plan.left(column), KINDS[column % len(KINDS)]
        axis.text(left, plan.height - 0.45, caption, fontsize=8.5, weight="bold")
        for row, page in enumerate(chapters):
            text = fill(f"{plan.numbers[page]}. {plan.titles[page]}", LETTERS)
            before = len(axis.texts)
            draw_box(axis, left, plan.middle(row) - HEIGHT / 2, WIDTH, HEIGHT, text, kind)
            for part in (axis.patches[-1], *axis.texts[before:]):
                part.set_url(link(page))
    for source, _, corners in plan.routes():
        colour = COLOURS[KINDS[plan.place[source][0] % len(KINDS)]]
        axis.plot(*zip(*corners[:-1], strict=True), color=colour, linewidth=1.2)
        arrow = {"arrowstyle": "->", "color": colour, "lw": 1.2, "shrinkA": 0, "shrinkB": 1}
        axis.annotate("", corners[-1], corners[-2], arrowprops=arrow)
    return figure


def draw_narrow(parts, link):
    """Draw the chapters one below the other, each with the numbers of those that it builds on."""
    from mmtutorial.plots._boxes import draw_box
    from mmtutorial.plots._style import headline

    plan = Plan(parts)
    lines = {
        p: fill(f"{plan.numbers[p]}. {title}", LONG, break_on_hyphens=False)
        for p, title in plan.titles.items()
    }
    heights = {page: 0.14 + LINE * len(text.splitlines()) for page, text in lines.items()}
    figure, axis = start_figure(
        PHONE, 0.35 + sum(0.06 + high for high in heights.values()) + 0.32 * len(parts)
    )
    headline(figure, TITLE)
    top = axis.get_ylim()[1] - 0.3
    for column, (caption, chapters) in enumerate(parts.items()):
        axis.text(0.03, top - 0.2, caption, fontsize=8.5, weight="bold")
        top -= 0.26
        for page in chapters:
            high, before = heights[page], len(axis.texts)
            draw_box(axis, 0.03, top - high, PHONE - 0.06, high, "", KINDS[column % len(KINDS)])
            for step, line in enumerate(lines[page].splitlines()):
                axis.text(0.1, top - 0.07 - LINE * (step + 0.5), line, fontsize=8.5, va="center")
            if needed := sorted(plan.numbers[one] for one in plan.needs[page]):
                said = f"after {', '.join(map(str, needed))}"
                axis.text(PHONE - 0.1, top - high / 2, said, fontsize=8.5, va="center", ha="right")
            for part in (axis.patches[-1], *axis.texts[before:]):
                part.set_url(link(page))
            top -= high + 0.06
        top -= 0.06
    return figure


def start_figure(width, height):
    """Return a figure, and an axis over all of it whose unit is an inch."""
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(width, height), layout="none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(0, height))
    axis.axis("off")
    return figure, axis


def gather_links(svg, said):
    """Make one link of all that leads to the same page, and let it say ``said[page]``."""
    root, first = ElementTree.fromstring(svg), {}
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag == f"{SVG}a"]:
            address = child.get("href")
            if address in first:
                first[address].extend(child)
                parent.remove(child)
            else:
                first[address] = child
                child.attrib = {"href": address, "aria-label": said[address]}
    for line in root.iter(f"{SVG}text"):
        if not line.text.endswith("-"):
            line.text += " "  # or the last word of a line and the first of the next would be one
    return ElementTree.tostring(root, encoding="unicode")


def draw_map(parts, link):
    """Return the map as HTML, in a wide and in a narrow layout; ``link(page)`` is an address."""
    from matplotlib import pyplot as plt

    from mmtutorial.plots._style import style
    from mmtutorial.plots._svg import draw_svg

    plan, layouts = Plan(parts), []
    said = {}
    for page, number in plan.numbers.items():
        needed = ", ".join(map(str, sorted(plan.numbers[one] for one in plan.needs[page])))
        after = f" after {needed}" if needed else ""
        said[link(page)] = f"{number}. {plan.titles[page]}{after}"
    for name, draw in {"wide": draw_wide, "narrow": draw_narrow}.items():
        with style():
            figure = draw(parts, link)
            svg = ID.sub(rf"\1{name}-", gather_links(draw_svg(figure), said))
        plt.close(figure)
        named = f'<svg role="group" aria-label="{TITLE}" class="mm-{name}"'
        layouts.append(svg.replace("<svg", named, 1))
    return f'<div class="mm-picture mm-book-map">{"".join(layouts)}</div>'


class BookMap(ChaptersDirective):
    """The map of the book."""

    def run(self):
        """Return the map."""
        parts = read_cards(self.read_parts())
        up = "../" * self.env.docname.count("/")
        return [nodes.raw("", draw_map(parts, lambda page: f"{up}{page}.html"), format="html")]


def setup(app):
    """Register the directive."""
    app.add_directive("book-map", BookMap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
