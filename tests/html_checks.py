"""Read a widget's HTML: which tags, with which attributes, which words, and all of them closed."""

from html.parser import HTMLParser

VOID = {"br", "img", "input"}  # what HTML does not close


class Tags(HTMLParser):
    """The tags of a text in their order; ``open`` is empty if all of them are closed."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.words = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "tags are nested wrongly"

    def handle_data(self, data):
        self.words += data

    def all(self, tag, **where):
        """Return the attributes of each such tag, or of those with the given values."""
        return [a for name, a in self.found if name == tag and where.items() <= a.items()]
