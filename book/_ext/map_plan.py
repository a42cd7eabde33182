"""Where each chapter stands on the map of the book, and the lines to those that build on it."""

import re
from posixpath import dirname, normpath

NEEDS = re.compile(r"\*\*You need\*\*(.*)")
CHAPTER = re.compile(r"\]\(([\w./]+)\.ipynb\)|\{doc\}`[^`<]*<([\w./]+)>`")
WIDTH, HEIGHT = 1.31, 0.46  # inches, of a chapter
BETWEEN, BELOW = 0.38, 0.27  # from one to the next, across and down
LANE, EDGE, APART = 0.075, 0.09, 0.1  # between two lines, from a box to the first, between ends


def read_cards(parts):
    """Return ``{page: (title, needed pages)}`` for each part of the book, by its name."""
    found = {}
    for caption, notebooks in parts.items():
        chapters = found[caption] = {}
        for page, notebook in notebooks.items():
            card = "".join(notebook["cells"][0]["source"])
            chapters[page] = card.splitlines()[0].removeprefix("# "), find_needed(page, card)
    return found


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
