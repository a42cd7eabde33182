"""Terms of the glossary: which are Chinese, and what a link to one says of it.

``_static/term_card.js`` shows what a link says on a card.
"""

import re
from textwrap import shorten

from docutils import nodes
from sphinx import addnodes
from sphinx.addnodes import pending_xref

GLOSSARY = "appendix/glossary"
MOST = 240  # letters of an explanation beside a link
CHINESE = re.compile(r"([\u3400-\u9fff（）]+)")
SIGNS = {r"\mid": "|", r"\odot": "⊙", r"\log": "log", "_2": "₂", r"\,": " ", "{": "(", "}": ")"}


def mark_chinese(app, doctree, docname):
    """Say which glossary terms are Chinese, for the right glyphs and the right voice."""
    for term in doctree.findall(nodes.term):
        if CHINESE.search(term.astext()):
            term["classes"].append("chinese")
            marked = CHINESE.sub(r'<span lang="zh-Hans">\1</span>', term.astext())
            text = next(iter(term.findall(nodes.Text)))
            text.parent.replace(text, nodes.raw("", marked, format="html"))


def write_formula(tex):
    r"""Write a short formula without TeX.

    >>> write_formula(r"-\log_2 p(y \mid x)"), write_formula("n^{1/T}")
    ('-log₂ p(y | x)', 'n^(1/T)')
    """
    for name, sign in SIGNS.items():
        tex = tex.replace(name, sign)
    return re.sub(r" +", " ", tex)


def write_definition(definition):
    """Return the text of a definition, without its citations and without TeX."""
    copy = definition.deepcopy()
    for link in list(copy.findall(pending_xref)):
        if link["refdomain"] == "cite":
            link.parent.remove(link)
    for formula in copy.findall(nodes.math):
        formula.children = [nodes.Text(write_formula(formula.astext()))]
    text = re.sub(r"\s+([.,;)])", r"\1", copy.astext())
    return shorten(text, MOST, placeholder=" …")


def explain_terms(app, doctree, docname):
    """Let a link to the glossary say what it leads to."""
    links = [
        link
        for link in doctree.findall(nodes.reference)
        if any("std-term" in each["classes"] for each in link.findall(nodes.inline))
    ]
    if not links:
        return
    said = {}
    for item in app.env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        terms = list(item.findall(nodes.term))
        text = f"{terms[0].astext()}: {write_definition(next(item.findall(nodes.definition)))}"
        said |= {name: text for term in terms for name in term["ids"]}
    for link in links:
        name = link.get("refid") or link["refuri"].partition("#")[2]
        link["reftitle"] = said[name]


def write_letters(first):
    """Return links to the first term of each letter, as HTML: ``{letter: its id}``.

    >>> write_letters({"A": "term-accuracy"}).partition("<li>")[2]
    '<a href="#term-accuracy">A</a></li></ul></nav>'
    """
    links = (f'<li><a href="#{name}">{letter}</a></li>' for letter, name in first.items())
    return f'<nav class="glossary-letters" aria-label="Letters"><ul>{"".join(links)}</ul></nav>'


def add_letters(app, doctree, docname):
    """Put links to the letters above the glossary."""
    for glossary in list(doctree.findall(addnodes.glossary)):
        first = {}
        for item in glossary.findall(nodes.definition_list_item):
            term = next(iter(item.findall(nodes.term)))
            first.setdefault(term.astext()[0].upper(), term["ids"][0])
        letters = nodes.raw("", write_letters(first), format="html")
        glossary.parent.insert(glossary.parent.index(glossary), letters)


def setup(app):
    """Mark Chinese terms, explain the links, and lead to each letter."""
    app.connect("doctree-resolved", add_letters)
    app.connect("doctree-resolved", mark_chinese)
    app.connect("doctree-resolved", explain_terms)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
