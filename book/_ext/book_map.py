"""The map of the book: all chapters, part by part, and which one builds on which.

``{book-map}`` draws it from ``_toc.yml`` and from what each chapter's card says you need, so that
it cannot leave one out. A chapter leads to its page. What a needed one needs itself is left out.
"""

import json
import re
from pathlib import Path
from posixpath import dirname, normpath
from textwrap import fill
from xml.etree import ElementTree

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

NEEDS = re.compile(r"\*\*You need\*\*(.*)")
CHAPTER = re.compile(r"\]\(([\w./]+)\.ipynb\)|\{doc\}`[^`<]*<([\w./]+)>`")
TITLE = "The chapters, and which one builds on which"
KINDS = ("chance", "joint", "accent")  # in turn; blue is the image, orange the text
WIDTH, HEIGHT = 1.31, 0.46  # inches, of a chapter
BETWEEN, BELOW = 0.38, 0.27  # from one to the next, across and down
LANE, EDGE, APART = 0.075, 0.09, 0.1  # between two lines, from a box to the first, between ends
LETTERS = 19  # that fit into a line of a box
PHONE, LINE = 3.5, 0.16  # inches, of the narrow drawing: how wide it is, and how high a line
LONG = 36  # letters of its lines
SVG = "{http://www.w3.org/2000/svg}"
ID = re.compile(r'(\bid="|\bhref="#|url\(#)')  # or both layouts would have the same ids


def read_chapters(source, toc):
    """Return ``{page: (title, needed pages)}`` for each numbered part, by its name."""
    parts = {}
    for part in (part for part in toc["parts"] if part.get("numbered")):
        chapters = parts[part["caption"]] = {}
        for page in (chapter["file"] for chapter in part["chapters"]):
            notebook = json.loads((Path(source) / f"{page}.ipynb").read_text(encoding="utf-8"))
            card = "".join(notebook["cells"][0]["source"])
            chapters[page] = card.splitlines()[0].removeprefix("# "), find_needed(page, card)
    return parts


def find_needed(page, card):
    """Return the chapters that a card says you need.

    >>> card = "**You need** [A](../b/1_a.ipynb), {doc}`C <1_c>`; sums"
    >>> find_needed("d/2_e", card)
    ['b/1_a', 'd/1_c']
    """
    links = (one or two for one, two in CHAPTER.findall(NEEDS.search(card)[1]))
    return [normpath(f"{dirname(page)}/{link}") for link in links]


def drop_implied(needs):
    """Leave out what a needed chapter needs itself.

    >>> drop_implied({"a": [], "b": ["a"], "c": ["a", "b"]})
    {'a': [], 'b': ['a'], 'c': ['b']}
    """

    def all_needed(page):
        return {page}.union(*map(all_needed, needs[page]))

    return {
        page: [one for one in needed if not any(one in all_needed(o) for o in needed if o != one)]
        for page, needed in needs.items()
    }


class Plan:
    """Where each chapter stands on the wide map, and which way its lines go."""

    def __init__(self, parts):
        self.titles = {page: title for part in parts.values() for page, (title, _) in part.items()}
        self.numbers = {page: i for i, page in enumerate(self.titles, start=1)}
        self.needs = drop_implied(
            {p: needed for part in parts.values() for p, (_, needed) in part.items()}
        )
        self.place = {
            page: (column, row)
            for column, part in enumerate(parts.values())
            for row, page in enumerate(part)
        }
        self.rows = max(map(len, parts.values()))
        self.height = self.rows * (HEIGHT + BELOW) + 0.42
        self._lanes = {}

    def left(self, column):
        """Return the left edge of a column."""
        return 0.03 + column * (WIDTH + BETWEEN)

    def middle(self, row):
        """Return the height of a row's middle."""
        return self.height - 0.62 - row * (HEIGHT + BELOW) - HEIGHT / 2

    def take_lane(self, where, start, end, owner):
        """Return the number of the first lane that is free between two places."""
        start, end = sorted((start, end))
        lane = 0
        while any(
            lane == other and start < stop + LANE and begin < end + LANE and who != owner
            for other, begin, stop, who in self._lanes.get(where, [])
        ):
            lane += 1
        self._lanes.setdefault(where, []).append((lane, start, end, owner))
        return lane

    def routes(self):
        """Yield a chapter, one that builds on it, and the corners of the line between them."""
        arrivals = {page: [n for n in self.needs[page] if self.place[n][0] < self.place[page][0]]
                    for page in self.needs}  # fmt: skip
        for source, (column, row) in self.place.items():
            later = [page for page, needed in self.needs.items() if source in needed]
            far = [page for page in later if self.place[page][0] > column + 1]
            near = [page for page in later if page not in far]
            exit_y = self.middle(row) + APART
            ends = {}
            for page in later:
                on, (to_column, to_row) = arrivals[page], self.place[page]
                if to_column < column or (to_column == column and to_row <= row):
                    raise ValueError(f"{page} needs {source}, which comes later in _toc.yml")
                spread = on.index(source) - (len(on) - 1) / 2 if source in on else -1
                ends[page] = self.middle(to_row) - APART * spread * (1 if source in on else -1)
            below = [page for page in near if self.place[page] == (column, row + 1)]
            aside = [ends[page] for page in near if page not in below]
            channel = self.middle(row) - (HEIGHT + BELOW) / 2
            if far:
                last = max(self.place[page][0] for page in far)
                lane = self.take_lane(("row", row), self.left(column), self.left(last), source)
                channel += LANE * (lane - 0.5)
            span = [exit_y, *aside, *([channel] if far else [])]
            x = self.lane_x(column, min(span), max(span), source) if aside or far else 0
            start = (self.left(column) + WIDTH, exit_y)
            for page in later:
                to_column, to_row = self.place[page]
                if page in below:
                    centre = self.left(column) + WIDTH / 2
                    yield source, page, [(centre, self.middle(row) - HEIGHT / 2),
                                         (centre, self.middle(to_row) + HEIGHT / 2)]  # fmt: skip
                elif page in near:
                    edge = self.left(to_column) + (WIDTH if to_column == column else 0)
                    yield source, page, [start, (x, exit_y), (x, ends[page]), (edge, ends[page])]
                else:
                    there = [ends[p] for p in far if self.place[p][0] == to_column] + [channel]
                    across = self.lane_x(to_column - 1, min(there), max(there), source)
                    yield source, page, [start, (x, exit_y), (x, channel), (across, channel),
                                         (across, ends[page]),
                                         (self.left(to_column), ends[page])]  # fmt: skip

    def lane_x(self, column, low, high, source):
        """Return where a line runs up or down to the right of a column."""
        lane = self.take_lane(("column", column), low, high, source)
        return self.left(column) + WIDTH + EDGE + LANE * lane


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
            text = fill(
                f"{plan.numbers[page]}. {plan.titles[page]}", LETTERS, break_on_hyphens=False
            )
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


class BookMap(SphinxDirective):
    """The map of the book."""

    def run(self):
        """Return the map."""
        source = Path(self.env.srcdir)
        toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
        parts = read_chapters(source, toc)
        for page in (page for part in parts.values() for page in part):
            self.env.note_dependency(str(source / f"{page}.ipynb"))
        up = "../" * self.env.docname.count("/")
        return [nodes.raw("", draw_map(parts, lambda page: f"{up}{page}.html"), format="html")]


def setup(app):
    """Register the directive."""
    app.add_directive("book-map", BookMap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
