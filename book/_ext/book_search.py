"""Which words does the search find? Those in tables and controls, names, and Chinese words, too.

``search_scorer.js`` says how it ranks what it finds.

Sphinx takes the tags out of HTML without a trace, so that ``<td>0.007</td><td>late</td>`` becomes
the word ``007late``. It takes each piece of a text for itself, so that ``Baltrušaitis``, whose
parts come from BibTeX, becomes three words. And a clause of Chinese, which has no blanks, is to it
one long word.

Readers ask in whole sentences, whose question words say nothing of a page, and by words that a page
does not use: these are its keywords.
"""

import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from docutils import nodes
from sphinx.search.en import SearchEnglish

CHINESE = re.compile(r"[\u3400-\u9fff]+")
ASKING = re.findall(
    r"\w+",
    "am an can could did do does have has how i me my our should us"
    " we what when where which who whose why would you your",
)
# What readers ask for by other words than those of the page, or want on this page before others.
KEYWORDS = {
    "start/install": ["install", "installation", "setup"],
    "start/how_to_use": ["PDF", "print"],
    "background/2_arrays": ["audio"],
    "background/3_features": ["vanishing gradient", "exploding gradient"],
    "fusion/1_joining": ["late"],  # fusion, that is
    "cross_modal/2_contrast": ["CLIP"],
    "cross_modal/4_translation": ["image captioning"],
    "appendix/api": ["API"],
    "appendix/may_i": ["may", "licence", "license", "copyright"],
    "appendix/run_times": ["run times"],
    "applications/2_speech": ["audio", "speech recognition", "ASR"],
    "applications/3_video": ["video clip"],
}


class TextOfHTML(HTMLParser):
    """The text of HTML: a blank for each tag, nothing of scripts and styles.

    >>> TextOfHTML("<td>0.007</td><td>late&nbsp;<b>fusion</b></td><style>p {}</style>").text.split()
    ['0.007', 'late', 'fusion']
    """

    def __init__(self, html):
        super().__init__()
        self.text, self._silent = "", False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Leave a blank, and read no code."""
        self.text += " "
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag):
        """Leave a blank."""
        self.text += " "
        self._silent = False

    def handle_data(self, data):
        """Take the text."""
        self.text += "" if self._silent else data


class SearchWords(SearchEnglish):
    """English words, and every piece of one or two characters of Chinese text.

    The search page finds a part of a word by itself only if it has three characters or more.

    >>> SearchWords({}).split("a 小狗在叫 b")
    ['a', '小狗在叫', 'b', '小', '狗', '在', '叫', '小狗', '狗在', '在叫']
    """

    stopwords = SearchEnglish.stopwords.union(ASKING)

    def split(self, text):
        """Return the words of a text."""
        words = super().split(text)
        for part in CHINESE.findall(text):
            pairs = [part[start : start + 2] for start in range(len(part) - 1)]
            words += [*part, *pairs]
        return words


def as_plain_text(doctree):
    """Return a copy with text in place of HTML, and neighbouring pieces of text as one."""
    doctree = doctree.deepcopy()
    for node in list(doctree.findall(nodes.meta)):  # Sphinx would take several words as one
        if node.get("name") == "keywords":
            node.parent.replace(node, nodes.Text(node["content"]))
    for node in list(doctree.findall(nodes.raw)):
        if "html" in node.get("format", "").split():
            node.parent.replace(node, nodes.Text(TextOfHTML(node.astext()).text))
    for parent in list(doctree.findall(nodes.Element)):
        pieces, parent.children = parent.children, []
        for are_texts, group in itertools.groupby(pieces, lambda piece: isinstance(piece, str)):
            same = list(group)
            parent += [nodes.Text("".join(same))] if are_texts else same
    return doctree


def index_plain_text(app):
    """Let the index see pages as plain text."""
    index_page = app.builder.index_page
    app.builder.index_page = lambda docname, doctree, title: index_page(
        docname, as_plain_text(doctree), title
    )


def add_keywords(app, doctree):
    """Write the keywords of a page into it."""
    if words := KEYWORDS.get(app.env.docname):
        doctree.append(nodes.meta(name="keywords", content=", ".join(words)))


def find_twins(glossary):
    """Return ``{anchor: anchor of the first}`` for names of a term that hold its first name.

    *Transformer 模型* holds *transformer*: whoever asks for one wants one hit, not two.
    """
    twins = {}
    for item in glossary.findall(nodes.definition_list_item):
        first, *others = item.findall(nodes.term)
        for other in others:
            if first.astext().lower() in other.astext().lower():
                twins[f"#{other['ids'][0]}"] = f"#{first['ids'][0]}"
    return twins


def write_scorer(app, env):
    """Rank pages as our script says, which has to know the keywords and facts of the glossary."""
    terms = [name for kind, name in env.get_domain("std").objects if kind == "term"]
    capitals = sorted(name for name in terms if name != name.lower())
    path = Path(app.doctreedir) / "search_scorer.js"
    text = Path(__file__).with_name("search_scorer.js").read_text("utf-8")
    twins = find_twins(env.get_doctree("appendix/glossary"))
    known = {"searchKeywords": KEYWORDS, "searchCapitals": capitals, "searchTwins": twins}
    lines = [
        f"const {name} = {json.dumps(value, ensure_ascii=False)};" for name, value in known.items()
    ]
    path.write_text("\n".join([*lines, text]), "utf-8")
    app.config.html_search_scorer = str(path)


def setup(app):
    """Index Chinese besides English, and pages as plain text; rank chapters first."""
    app.add_search_language(SearchWords)
    app.connect("builder-inited", index_plain_text)
    app.connect("doctree-read", add_keywords)
    app.connect("env-updated", write_scorer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
