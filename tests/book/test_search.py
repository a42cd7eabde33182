"""The search knows the words that stand on a page, whole and none other."""

import html
import json
import re

import pytest
from sphinx.search.en import SearchEnglish


@pytest.fixture(scope="module")
def index(built):
    """Return {page: its terms}, from the file that the search page loads."""
    text = (built / "searchindex.js").read_text(encoding="utf-8")
    found = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    pages = {name: set() for name in found["docnames"]}
    for terms in (found["terms"], found["titleterms"]):
        for term, places in terms.items():
            for place in [places] if isinstance(places, int) else places:
                pages[found["docnames"][place]].add(term.lower())
    return pages


def words_on(page):
    """Return the words that a reader sees on a page, and their stems."""
    page = re.sub(r'<mjx-container data-tex="([^"]*)"', r" \1 <mjx-container", page)  # formulas
    text = re.sub(r"(?s)<(script|style).*?</\1>", " ", page)
    code = " ".join(re.findall(r"(?s)<pre.*?</pre>", text))  # whose tags only colour it
    text = re.sub(r"(?s)<[^<]+?>", " ", text) + re.sub(r"(?s)<[^<]+?>", "", code)
    stem = SearchEnglish({}).stem
    words = set(re.findall(r"\w+", html.unescape(text)))
    return {form.lower() for word in words for form in (word, stem(word))}


def test_no_term_is_made_of_two_words_or_of_half_a_word(built, index):
    for name, terms in index.items():
        words = words_on((built / f"{name}.html").read_text(encoding="utf-8"))
        chinese = "".join(filter(re.compile("[\u3400-\u9fff]").search, words))
        odd = {term for term in terms - words if term not in chinese}
        assert odd == set(), f"{name} has no such words"


@pytest.mark.parametrize(
    ("term", "page"),
    [
        ("late", "fusion/1_joining"),  # beside 0.007 in a table
        ("企鹅", "appendix/data_cards/emoji"),  # in a cell of its own
        ("梅尔", "appendix/glossary"),  # in the midst of 对数梅尔谱
        ("狗", "background/2_arrays"),  # in 小狗在大声地叫
        ("gonzález", "appendix/bibliography"),  # whose letters BibTeX writes one by one
    ],
)
def test_it_finds_a_word_wherever_it_stands(index, term, page):
    assert term in index[page]
