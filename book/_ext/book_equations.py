"""Formulas, drawn by MathJax when the book is built, so that no page loads or runs MathJax.

Each is an SVG, beside MathML for screen readers; the glyphs that a page uses stand in it once.
"""

import functools
import json
import re
import subprocess
import sysconfig
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

MATHJAX = Path(__file__).parents[2] / ".cache" / "mathjax"
SCRIPT = Path(__file__).with_suffix(".js")
CLASS = "math notranslate nohighlight"
GLYPH = re.compile(r'href="#(MJX-[^"]+)"')
WRONG = re.compile(r'data-mjx-error="([^"]*)"')


class Typesetter:
    """MathJax in a process of its own, which answers one formula after the other."""

    def __init__(self):
        if not MATHJAX.is_dir():
            raise ExtensionError("MathJax is missing: run `python tools/fetch_vendor.py`")
        node = Path(sysconfig.get_path("scripts")) / "node"
        self._process = subprocess.Popen(
            [node, SCRIPT, MATHJAX], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.glyphs = {}

    @functools.cache  # noqa: B019, there is one as long as the build lasts
    def draw(self, tex, *, display):
        """Return a formula as HTML; raise ``ValueError`` for one that is wrong."""
        self._process.stdin.write(json.dumps([tex, display]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ExtensionError("MathJax does not run: its message stands above")
        html, fresh = json.loads(answer)
        if wrong := WRONG.search(html):
            raise ValueError(f"{tex!r} is no formula: {wrong[1]}")
        self.glyphs |= fresh
        return html

    def close(self):
        """End the process."""
        self._process.communicate()


@functools.cache
def start():
    """Return the one typesetter of a build."""
    return Typesetter()


def collect_glyphs(html, glyphs):
    """Return the glyphs that a page uses as a hidden SVG, nothing for a page without a formula.

    >>> collect_glyphs('<use href="#MJX-1">', {"MJX-1": "<path/>", "MJX-2": ""}).partition("><")[2]
    'defs><path/></defs></svg>'
    >>> collect_glyphs("no formula", {})
    ''
    """
    used = sorted(set(GLYPH.findall(html)))
    if not used:
        return ""
    start = '<svg width="0" height="0" style="position:absolute" aria-hidden="true">'
    return f"{start}<defs>{''.join(glyphs[name] for name in used)}</defs></svg>"


def shorten(html):
    """Leave out what says nothing to a reader of a page.

    >>> shorten('<svg xmlns="http://www.w3.org/2000/svg"><use data-c="78" xlink:href="#a"></use>')
    '<svg><use href="#a"/>'
    """
    html = re.sub(r' (?:xmlns(?::xlink)?|data-c|data-mml-node)="[^"]*"', "", html)
    return html.replace("xlink:href", "href").replace("></use>", "/>")


def write_formula(tex, *, display):
    """Return a formula as HTML, with its TeX as data."""
    html = shorten(start().draw(tex, display=display))
    return html.replace("<mjx-container ", f'<mjx-container data-tex="{escape(tex)}" ', 1)


def visit_inline(translator, node):
    """Write a formula of a sentence."""
    translator.body.append(
        translator.starttag(node, "span", "", CLASS="math notranslate nohighlight")
    )
    translator.body.append(write_formula(node.astext(), display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(translator, node):
    """Write an equation with its number; rows are aligned as Sphinx does it."""
    translator.body.append(translator.starttag(node, "div", CLASS=CLASS))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    tex = node.astext().strip()
    if r"\\" in tex and not node["nowrap"]:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    translator.body.append(write_formula(tex, display=True) + "</div>\n")
    raise nodes.SkipNode


def add_glyphs(app, pagename, templatename, context, doctree):
    """Put the glyphs of a page's formulas in front of it."""
    body = context.get("body", "")
    if "<mjx-container" in body:
        context["body"] = collect_glyphs(body, start().glyphs) + body


def stop(app, exception):
    """End MathJax with the build."""
    if start.cache_info().currsize:
        start().close()
        start.cache_clear()


def setup(app):
    """Register the renderer, which ``html_math_renderer`` chooses by its name."""
    app.add_html_math_renderer("drawn", (visit_inline, None), (visit_display, None))
    app.connect("html-page-context", add_glyphs, priority=940)
    app.connect("build-finished", stop)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
