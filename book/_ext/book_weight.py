"""What makes pages light: no idle rule, no idle script, and a picture only once it is seen.

Of Bootstrap and the theme, a book shows a quarter. A rule stays if every class and id that it names
stands on some page or in some script, which may set it later; a variable stays if anybody reads it.
Pictures that stand in a page, such as the frames of a slider, become files that a browser loads
when it comes to them.
"""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import tinycss2
from book_icons import find_icons, link_icons, put_icons
from PIL import Image

NAME = re.compile(r"[A-Za-z_][\w-]*")
READ = re.compile(r"--[A-Za-z][\w-]*(?![\w-]|\s*:)")  # a variable, not where it is set
SELECTED = re.compile(r"[.#]([A-Za-z_][\w-]*)")
ALTERNATIVES = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
NESTED = {"media", "supports"}
# Files that a page needs only if it holds some mark. The theme loads the index of the search on
# each page; but for the page of the search, _static/search_live.js loads it when somebody types.
NEEDED = {
    "searchindex": 'id="search-results"',
    "searchtools": 'id="search-results"',
    "language_data": 'id="search-results"',
    "design-tabs": "sd-tab-set",
    "togglebutton": 'admonition"',
    "clipboard": "<pre>",
    "copybutton": "<pre>",
    "mystnb": 'class="cell ',
}
LOADED = r'\s*<(?:script|link)\b[^>]* (?:src|href)="(?:[^"]*/)?%s\.[^"]*"[^>]*>(?:</script>)?'
LOGO = re.compile(r'<img (?=[^>]*src="[^"]*_static/images/)(?![^>]*loading=)')  # of folded menus
PICTURE = re.compile(r'<img src="data:image/(\w+);base64,([A-Za-z0-9+/=]{2000,})"([^>]*)>')
WIDTH = re.compile(r' width="(\d+)"')


class NamesOfHTML(HTMLParser):
    """The classes and ids of a page, and every word of its scripts.

    >>> sorted(NamesOfHTML('<p class="a b" id="c">d</p><script>e.add("f")</script>').names)
    ['a', 'add', 'b', 'c', 'e', 'f']
    """

    def __init__(self, html):
        super().__init__()
        self.names, self._script = set(), False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Take the classes and the id."""
        self._script = tag == "script"
        for name, value in attributes:
            if name in ("class", "id"):
                self.names.update((value or "").split())

    def handle_data(self, data):
        """Take the words of a script."""
        if self._script:
            self.names.update(NAME.findall(data))

    def handle_endtag(self, tag):
        """Leave a script."""
        self._script = False


def split_selectors(text):
    """Split a list of selectors at its commas, not at those in brackets.

    >>> split_selectors("a, b:is(c, d), [e='f']")
    ['a', 'b:is(c, d)', "[e='f']"]
    """
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def prune(css, names, read=None):
    """Return a style sheet with those rules alone whose classes and ids are among ``names``.

    Of variables those stay that are among ``read``, or all.

    >>> prune(".a, .b { top: 0 } .b:hover { top: 1 } @media print { .b { top: 2 } }", {"a"})
    '.a{top:0}'
    >>> prune("p { --c: 1; --d: 2; top: var(--d) }", set(), {"--d"})
    'p{--d:2;top:var(--d)}'
    """
    return "".join(_kept(tinycss2.parse_stylesheet(css, True, True), names, read))


def _kept(rules, names, read):
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = split_selectors(tinycss2.serialize(rule.prelude))
            used = [each for each in selectors if _fits(each, names)]
            declared = used and _declared(rule.content, read)
            if declared:
                yield f"{','.join(used)}{{{declared}}}"
        elif rule.type == "at-rule" and rule.at_keyword in NESTED:
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, True, True), names, read))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude).rstrip()}{{{inner}}}"
        elif rule.type == "at-rule" and "fontawesome" not in rule.serialize():  # see book_icons
            yield rule.serialize()


def _declared(content, read):
    """Write the declarations of a rule, without the variables that nobody reads."""
    return ";".join(
        f"{one.name}:{tinycss2.serialize(one.value).strip()}{' !important' * one.important}"
        for one in tinycss2.parse_declaration_list(content, True, True)
        if one.type == "declaration" and (read is None or one.name[:2] != "--" or one.name in read)
    )


def _fits(selector, names):
    return set(SELECTED.findall(ALTERNATIVES.sub("", selector))) <= names


def put_aside(html, folder, root):
    """Write the larger pictures of a page into files of a folder; return the page without them.

    ``root`` leads from the page to the folder above ``folder``.
    """

    def replace(found):
        content = base64.b64decode(found[2])
        path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.{found[1]}"
        path.write_bytes(content)
        rest = found[3]
        if width := WIDTH.search(rest):  # then its room can be kept until it is there
            wide, high = Image.open(path).size
            rest += f' height="{round(int(width[1]) * high / wide)}" loading="lazy"'
        return f'<img src="{root}{folder.name}/{path.name}"{rest}>'

    return PICTURE.sub(replace, html)


def drop_idle(html):
    """Return a page without the scripts and style sheets that it does not need.

    >>> drop_idle('<link href="a/mystnb.12.css" /> <script src="x/searchindex.js?v=1"></script><p>')
    '<p>'
    """
    for name, mark in NEEDED.items():
        if mark not in html:
            html = re.sub(LOADED % name, "", html)
    return html


def lighten(app, exception):
    """Prune all style sheets, put the icons, and take off all pages what they do not need."""
    if exception or app.builder.format != "html":
        return
    folder, icons, names, read = Path(app.outdir), set(), set(), set()
    for path in folder.rglob("*.html"):
        root = "../" * (len(path.relative_to(folder).parts) - 1)
        html = drop_idle(link_icons(path.read_text("utf-8"), root))
        icons |= find_icons(html)
        names |= NamesOfHTML(html).names
        read.update(READ.findall(html))
        html = LOGO.sub('<img loading="lazy" ', put_aside(html, folder / "_images", root))
        path.write_text(html, "utf-8")
    put_icons(folder / "_static", icons)
    for path in folder.rglob("*.js"):
        script = path.read_text("utf-8")
        names.update(NAME.findall(script))
        read.update(READ.findall(script))
    paths = list((folder / "_static").rglob("*.css"))
    sheets = [prune(path.read_text("utf-8"), names) for path in paths]
    for _ in range(2):  # what only an unread variable reads is unread, too
        by_sheets = {name for css in sheets for name in READ.findall(css)}
        sheets = [prune(css, names, read | by_sheets) for css in sheets]
    for path, css in zip(paths, sheets, strict=True):
        path.write_text(css, "utf-8")
    for path in (folder / "_static").rglob("*.map"):
        path.unlink()


def setup(app):
    """Register the step, behind all that writes pages."""
    app.connect("build-finished", lighten, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
