"""The glossary's promise: where the chapters, read in order, first use a term, they link to it.

A use is a name of the term in the text of a chapter, in singular or plural: in paragraphs, lists,
tables and boxes, but not in titles, code, mathematics and links to elsewhere. Inside of a longer
term it is a use of that one alone: an auxiliary loss is no loss. Of several names of one term, such
as RNN and recurrent neural network, a link to any will do.
"""

import json
import re

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from .conftest import BOOK, Visit, notebooks

EVERYDAY = {  # what these words mean where they come first, before they are a term
    "blank": "an empty picture; the term is a class of CTC",
    "negative": "below zero; the term is a wrong candidate",
    "rank": "a place in an order; the term is a number of outer products",
    "translation": "from one language to another; the term is from one modality to another",
}
MARKDOWN = MarkdownIt("commonmark").enable("table").use(colon_fence_plugin)
MARKDOWN = MARKDOWN.use(dollarmath_plugin).use(myst_role_plugin)
GLOSSARY = (BOOK / "appendix" / "glossary.md").read_text(encoding="utf-8")
CHINESE = re.compile(r"[\u3400-\u9fff]")
UNTRANSLATED = {"BLEU", "chrF", "InfoNCE"}  # names that Chinese texts write so, too


def read_entries():
    """Return the names of each entry, the Chinese ones among them."""
    entries = GLOSSARY.partition(":sorted:\n\n")[2].partition("\n```")[0].split("\n\n")
    return [[line for line in one.split("\n") if not line.startswith(" ")] for one in entries]


ENTRY = {name: names[0] for names in read_entries() for name in names if not CHINESE.search(name)}
NAMES = sorted(ENTRY, key=len, reverse=True)


def write_pattern(name):
    """Return what finds a name and its plural; with capitals, only as it is written."""
    singular = r"\s+".join(map(re.escape, name.split()))
    if name.endswith("y"):
        singular = f"(?:{singular}|{singular[:-1]}ie)"
    return f"{singular}(?:e?s)?" if name != name.lower() else f"(?i:{singular}(?:e?s)?)"


ANY = "|".join(f"({write_pattern(name)})" for name in NAMES)
TERM = re.compile(rf"⟦(.+?)⟧|(?<![\w-])(?:{ANY})(?![\w-])")  # a link, as `read` marks it, or a name


def read(text):
    """Return the running text of Markdown: links to terms as ⟦target⟧, what does not count as |."""
    said, before = "", None
    for token in MARKDOWN.parse(re.sub(r"(?m)^:[\w-]+:.*$", "", text)):
        if re.match(r" *\{(?!math|code)", token.info):  # a directive whose content is Markdown
            said += read(token.content)
        elif token.type == "inline" and before.type != "heading_open":
            depth = 0  # of links to elsewhere
            for child in token.children:
                depth += child.nesting if child.type.startswith("link_") else 0
                said += read_inline(child) if not depth else "|"
            said += "|"
        before = token
    return said


def read_inline(token):
    """Return what a part of a sentence says."""
    if token.type == "myst_role" and token.meta["name"] == "term":
        target = re.sub(r"(?s).*<(.+)>", r"\1", token.content)
        return f"⟦{target}⟧"
    if token.type.startswith(("em_", "strong_")):
        return ""
    return {"text": token.content, "softbreak": " "}.get(token.type, "|")


def find_late(texts):
    """Return ``{entry: where it is used before anything has linked to it}``."""
    targets, linked, late = {name.lower(): entry for name, entry in ENTRY.items()}, set(), {}
    for said in map(read, texts):
        for found in TERM.finditer(said):
            if found[1]:
                linked.add(targets[re.sub(r"\s+", " ", found[1]).lower()])
            elif (entry := ENTRY[NAMES[found.lastindex - 2]]) not in linked:
                late.setdefault(entry, said[max(0, found.start() - 60) : found.end() + 20])
    return late


def test_the_chapters_link_to_a_term_where_they_first_use_it():
    texts = []
    for path in notebooks():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(one["source"]) for one in cells if one["cell_type"] == "markdown"]
    late = find_late(texts)
    assert {entry: where for entry, where in late.items() if entry not in EVERYDAY} == {}
    assert EVERYDAY.keys() - late.keys() == set(), "these need no exception"


@pytest.mark.parametrize(
    ("text", "late"),
    [
        ("Two losses.", {"loss"}),
        ("Losses fall; {term}`loss`.", {"loss"}),
        ("{term}`Losses\n<loss>` fall; the loss.", set()),
        ("A {term}`recurrent neural\nnetwork`: an RNN.", set()),
        ("# A loss\n\nThe {term}`loss`.", set()),
        ("`loss`, $loss$, [a loss](loss.md), {doc}`loss <loss>`, glossary, loss-free", set()),
        ("```python\nloss = 1\n```\n\n```{math}\n:label: loss\n\nloss\n```", set()),
        (":::{tip} Loss\n:class: loss\nThe *loss*.\n:::", {"loss"}),
        ("| loss |\n|---|\n| a |", {"loss"}),
        ("An auxiliary **loss**.", {"auxiliary loss"}),
        ("An {term}`auxiliary loss`, a loss.", {"loss"}),
        ("Vocabularies, adam and Adam.", {"vocabulary", "Adam"}),
    ],
)
def test_what_counts_as_a_use(text, late):
    assert find_late([text]).keys() == late


def test_every_entry_is_english_and_chinese_and_no_name_has_two():
    names = [name.lower() for entry in read_entries() for name in entry]
    assert sorted(names) == sorted(set(names))
    for entry in read_entries():
        chinese = [name for name in entry if CHINESE.search(name)]
        assert len(entry) > len(chinese) == (entry[0] not in UNTRANSLATED), entry


@pytest.mark.browser
def test_letters_above_the_glossary_lead_by_keyboard_to_its_terms(browser, site):
    visit = Visit(browser, site, "appendix/glossary")
    links = visit.tab.get_by_role("navigation", name="Letters").get_by_role("link")
    letters = links.all_text_contents()
    firsts = visit.tab.locator("dl.glossary dt:first-child, dl.glossary dd + dt").evaluate_all(
        "all => all.map(one => one.textContent.trim()[0].toUpperCase())"
    )
    assert letters == sorted(set(firsts))
    links.nth(letters.index("M")).focus()
    visit.tab.keyboard.press("Enter")
    visit.tab.wait_for_function("document.querySelector('dt:target')")
    term = visit.tab.locator("dt:target")
    assert term.inner_text()[0] in "Mm"
    assert 0 <= term.bounding_box()["y"] < 300
    visit.tab.close()
