"""The search knows the words and keywords of a page, and ranks pages as a reader would."""

import html
import json
import re

import pytest
from sphinx.search.en import SearchEnglish

from .conftest import Visit


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
    page = re.sub(r'<meta content="([^"]*)" name="keywords" />', r"\1", page)
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


def ask(tab, site, query):
    """Return title and address of every hit."""
    tab.goto(f"{site}/search.html?q={query}")
    tab.wait_for_function(
        "/finished|did not match/.test(document.querySelector('.search-summary')?.innerText)"
    )
    hits = tab.locator("#search-results li a")
    return hits.evaluate_all("all => all.map(one => [one.innerText, one.getAttribute('href')])")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("query", "term", "page"),
    [
        ("how to install on windows", None, "start/install"),
        ("install windows", None, "start/install"),
        ("fusion code example", None, "fusion/1_joining"),
        ("vanishing gradient", None, "background/3_features"),
        ("conflicting gradients", None, "multi_task/3_conflict"),
        ("How do I use my own data?", None, "start/own_data"),
        ("API", None, "appendix/api"),
        ("pdf", None, "start/how_to_use"),
        ("licence", None, "appendix/may_i"),
        ("may i", None, "appendix/may_i"),
        ("run times", None, "appendix/run_times"),
        ("image captioning", None, "cross_modal/4_translation"),
        ("CLIP", "CLIP", "cross_modal/2_contrast"),
        ("clip loss", None, "cross_modal/2_contrast"),
        ("video clip", None, "applications/3_video"),
        ("cross attention", "cross-attention", "fusion/3_attention"),
        ("crossattention", None, "fusion/3_attention"),
        ("missing modality", "missing modality", "fusion/4_missing"),
        ("late fusion", "late fusion", "fusion/1_joining"),
        ("What is late fusion?", "late fusion", "fusion/1_joining"),
        ("which fusion", None, "fusion/5_which_fusion"),
        ("mel", None, "background/2_arrays"),
        ("spectrogram", "spectrogram", "background/2_arrays"),
        ("softmax", "softmax", ""),
        ("shapley", "Shapley value", "background/4_evaluation"),
        ("LSTM", "LSTM", ""),
        ("WER", "WER", ""),
        ("dropout", "dropout", ""),
        ("多模态", "多模态学习", None),
        ("注意力", "注意力", None),
        ("模态", "模态", None),
        ("梅尔", "梅尔刻度", None),
        ("狗", None, "background/2_arrays"),
    ],
)
def test_the_first_hits_are_those_that_a_reader_wants(browser, site, query, term, page):
    """First the term, if the glossary has it, titled by its name; then a page, not the API."""
    visit = Visit(browser, site, "search")
    hits = ask(visit.tab, site, query)
    visit.tab.close()
    titles = [title for title, address in hits if "glossary.html#" in address]
    pages = [address for _, address in hits if "appendix/glossary" not in address]
    assert titles[:1] == ([f"{term} (glossary)"] if term else []), hits[:5]
    assert hits[0][0] == f"{term} (glossary)" or not term
    if page is None:
        assert pages == []
    else:
        assert pages[0].startswith(page or ("background/", "fusion/", "cross_modal/", "start/"))
    assert visit.errors == []
    assert visit.foreign == []


@pytest.mark.browser
def test_a_term_is_listed_once_though_its_two_names_are_alike(browser, site):
    tab = browser.new_page()
    hits = ask(tab, site, "transformer")
    tab.close()
    assert [title for title, _ in hits if title.lower().startswith("transformer")] == [
        "transformer (glossary)"
    ]


@pytest.mark.browser
def test_audio_is_a_matter_of_two_chapters_before_the_reference(browser, site):
    tab = browser.new_page()
    pages = [address.partition(".")[0] for _, address in ask(tab, site, "audio")]
    tab.close()
    assert {"background/2_arrays", "applications/2_speech"} == set(pages[:2])


@pytest.mark.browser
def test_a_name_with_marks_is_found_in_the_bibliography(browser, site):
    tab = browser.new_page()
    assert "Bibliography" in dict(ask(tab, site, "Baltrušaitis"))
    tab.close()


@pytest.mark.browser
def test_every_term_of_the_glossary_has_its_name(browser, site):
    tab = browser.new_page()
    ask(tab, site, "fusion")
    known = tab.evaluate("Object.fromEntries(readTermNames())")
    tab.goto(f"{site}/appendix/glossary.html")
    terms = tab.locator("dl.glossary dt").evaluate_all(
        "all => all.map(one => [`#${one.id}`, one.childNodes.length && one.textContent])"
    )
    tab.close()
    plain = str.maketrans("’", "'")
    written = {anchor: text.rstrip("#").strip().translate(plain) for anchor, text in terms}
    assert len(written) > 500
    assert known == written


@pytest.mark.browser
def test_search_opens_and_finds_by_keyboard(browser, site):
    visit = Visit(browser, site, "index")
    visit.tab.keyboard.press("Control+k")
    visit.tab.keyboard.type("notation")
    visit.tab.keyboard.press("Enter")
    visit.tab.locator("#search-results li a").first.wait_for()
    visit.tab.close()
    assert visit.errors == []


@pytest.mark.browser
def test_results_come_while_one_types_and_lead_to_their_pages(browser, site):
    visit = Visit(browser, site, "fusion/3_attention")
    assert not visit.tab.evaluate("performance.getEntries().some(e => /searchindex/.test(e.name))")
    visit.tab.keyboard.press("Control+k")
    visit.tab.keyboard.type("missing modality", delay=30)
    hits = visit.tab.locator("#pst-search-dialog #search-results li a")
    hits.first.wait_for()
    assert hits.first.inner_text() == "missing modality (glossary)"
    chapter = hits.filter(has_text="Missing modalities")
    chapter.wait_for()
    assert hits.all_inner_texts().index(chapter.inner_text()) < 8
    chapter.click()
    visit.tab.wait_for_url("**/fusion/4_missing_modalities.html*")
    visit.tab.close()
    assert visit.errors == []
    assert visit.foreign == []
