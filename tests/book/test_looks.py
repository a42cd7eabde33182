"""What the style sheet makes of boxes and of wide tables and code, by day and by night."""

import base64
import io
import re

import book_anchors
import pytest
from fontTools.ttLib import TTFont

from mmtutorial import results

from .conftest import BOOK, Visit, notebooks

CHAPTERS = [path.relative_to(BOOK).with_suffix("").as_posix() for path in notebooks()]
CHAPTER = "fusion/2_gates_and_tensors"
BOXES = {"discuss": "\uf086", "change-one": "\uf1de"}  # an icon each
REMEMBER = re.compile(r'(?s)<section id="what-to-remember">\s*<h2>.*?</h2>\s*<(\w+)')
# For boxes that the chapter may lack: the same markup as Sphinx writes.
PUT = """() => { for (const name of ['discuss', 'change-one', 'tip'])
    document.querySelector('main section').insertAdjacentHTML('beforeend', `<div id="box-${name}"
        class="${name} admonition"><p class="admonition-title">Title</p><p>Text</p></div>`); }"""
LOOK = """name => { const box = document.getElementById('box-' + name),
    title = box.querySelector('.admonition-title'), icon = getComputedStyle(title, '::after');
    return [getComputedStyle(box).borderLeftColor, getComputedStyle(title).backgroundColor,
        icon.color, icon.content, icon.fontFamily]; }"""
WIDE = (
    '<div class="cell_output docutils container"><div class="output text_html">'
    f'<table class="table results"><thead><tr><td></td>{"<th>a column</th>" * 12}</tr></thead>'
    f'<tbody><tr class="baseline"><th scope="row">chance</th>{"<td>0.123</td>" * 12}</tr>'
    f'<tr><th scope="row">sum</th>{"<td>0.456</td>" * 12}</tr></tbody></table></div></div>'
)
FOLDED = results.show_tables(
    [results.Table({"right": {"sum": 0.5}}, title) for title in ("the first", "the second")]
)


@pytest.fixture(scope="module")
def visit(browser, site):
    visit = Visit(browser, site, CHAPTER)
    yield visit
    visit.tab.close()


@pytest.mark.parametrize("page", CHAPTERS)
def test_what_to_remember_is_a_list_which_the_style_sheet_makes_a_box(built, page):
    html = (built / f"{page}.html").read_text(encoding="utf-8")
    assert REMEMBER.findall(html) == ["ol"]


def test_the_font_has_the_icons_of_the_boxes(built):
    css = (built / "_static" / "icons.css").read_text(encoding="utf-8")
    fonts = re.findall(r"font/woff;base64,([^\"]+)", css)
    known = set().union(
        *(TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap() for data in fonts)
    )
    assert {ord(icon) for icon in BOXES.values()} <= known


@pytest.mark.browser
def test_each_box_has_its_own_icon_and_colours_in_both_modes(visit):
    visit.tab.evaluate(PUT)
    looks = {}
    for theme in ("light", "dark"):
        visit.theme(theme)
        for name in (*BOXES, "tip"):
            looks[theme, name] = visit.tab.evaluate(LOOK, name)
    visit.theme("light")
    for name, icon in BOXES.items():
        light, dark = looks["light", name], looks["dark", name]
        assert icon in light[3]
        assert icon in dark[3]
        assert "Book icons" in light[4]
        assert all(one != other for one, other in zip(light[:3], dark[:3], strict=True))
    for theme in ("light", "dark"):
        for place in (0, 1, 3):
            assert len({looks[theme, name][place] for name in (*BOXES, "tip")}) == 3


@pytest.mark.browser
def test_what_to_remember_stands_out_on_the_page_and_on_paper(visit):
    look = """() => { const box = document.querySelector('#what-to-remember > ol'),
        style = getComputedStyle(box);
        return [parseFloat(style.borderLeftWidth), style.backgroundColor,
            getComputedStyle(document.body).backgroundColor, style.printColorAdjust]; }"""
    grounds = set()
    for media, theme in (("screen", "light"), ("screen", "dark"), ("print", "light")):
        visit.tab.emulate_media(media=media)
        visit.theme(theme)
        border, ground, page, printed = visit.tab.evaluate(look)
        assert border >= 4
        assert ground not in (page, "rgba(0, 0, 0, 0)")
        assert printed == "exact"
        grounds.add(ground)
    visit.tab.emulate_media(media="screen")
    visit.theme("light")
    assert len(grounds) == 2


@pytest.mark.browser
def test_the_end_of_a_sheet_cuts_neither_code_nor_equations(visit):
    """Pixels of what is cut lie on two sheets, and no text of them: the rule is what is tested."""
    visit.tab.emulate_media(media="print")
    rules = visit.tab.evaluate(
        """() => ['div.cell_input', '.cell_input pre', 'div.math'].map(what => [what, ...new Set(
            [...document.querySelectorAll('main ' + what)].map(
                one => getComputedStyle(one).breakInside))])"""
    )
    visit.tab.emulate_media(media="screen")
    assert [rule[1:] for rule in rules] == [["avoid"]] * 3, rules


@pytest.mark.browser
def test_on_a_phone_the_first_column_stays_while_the_others_scroll(visit):
    visit.tab.set_viewport_size({"width": 375, "height": 700})
    visit.tab.evaluate(
        "html => document.querySelector('main section').insertAdjacentHTML('afterbegin', html)",
        WIDE,
    )
    places = visit.tab.evaluate(
        """() => { const table = document.querySelector('main table.results'),
            box = table.closest('.cell_output');
            let scrolls = box;
            for (const one of [box, ...box.querySelectorAll('div')])
                if (one.scrollWidth > one.clientWidth + 1) scrolls = one;
            const seen = () => ['tbody th', 'tbody td'].map(
                which => table.querySelector(which).getBoundingClientRect().x);
            const before = seen(); scrolls.scrollLeft = 120;
            const first = table.querySelector('tbody th');
            return [before, seen(), getComputedStyle(first).backgroundColor,
                getComputedStyle(document.body).backgroundColor]; }"""
    )
    (name, cell), (name_then, cell_then), ground, page = places
    assert cell_then == pytest.approx(cell - 120, abs=2)
    assert abs(name_then - name) < 12
    assert ground == page
    colours = visit.tab.evaluate(
        """() => [...document.querySelectorAll('main table.results tr')].slice(1, 3).map(
            row => getComputedStyle(row.querySelector('td')).color)"""
    )
    assert colours[0] != colours[1]
    visit.tab.evaluate("document.querySelector('main .cell_output').remove()")
    visit.tab.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.browser
@pytest.mark.parametrize("chapter", ["cross_modal/5_vision_language", "multi_task/1_sharing"])
def test_on_a_laptop_tables_of_many_columns_fit(browser, site, chapter):
    page = Visit(browser, site, chapter)
    tables = page.tab.evaluate(
        """() => [...document.querySelectorAll('main table.results')].map(table =>
            [table.rows[0].cells.length, table.offsetWidth, document.querySelector(
                'main section').clientWidth])"""
    )
    page.tab.close()
    assert max(columns for columns, _, _ in tables) > 5
    assert [each for each in tables if each[1] > each[2]] == []


@pytest.mark.browser
def test_the_second_of_two_tables_unfolds_by_a_key_and_is_open_on_paper(visit):
    visit.tab.evaluate(
        """html => document.querySelector('main section').insertAdjacentHTML('afterbegin',
            `<div class="cell_output"><div class="output text_html">${html}</div></div>`)""",
        FOLDED._repr_html_(),
    )
    title, (one, two) = visit.tab.locator("main summary", has_text="the second"), (
        visit.tab.locator("main .cell_output").first.locator("table").all()
    )  # fmt: skip
    assert (one.is_visible(), title.is_visible(), two.is_visible()) == (True, True, False)
    visit.tab.emulate_media(media="print")
    assert (one.is_visible(), title.is_visible(), two.is_visible()) == (True, True, True)
    visit.tab.emulate_media(media="screen")
    title.press("Enter")
    assert two.is_visible()
    visit.tab.evaluate("document.querySelector('main .cell_output').remove()")


@pytest.mark.browser
def test_a_link_to_a_folded_table_unfolds_it(visit):
    html, names = book_anchors.name_tables(FOLDED._repr_html_(), "cell", 1)
    visit.tab.evaluate(
        """html => document.querySelector('main section').insertAdjacentHTML('afterbegin',
            `<div class="cell_output">${html}</div>`)""",
        html,
    )
    folded = visit.tab.locator(f"details#{names[1]} table")
    assert not folded.is_visible()
    visit.tab.evaluate("name => { location.hash = name; }", names[1])
    folded.wait_for(state="visible")
    visit.tab.evaluate(
        "history.replaceState(null, '', ' '); document.querySelector('main .cell_output').remove()"
    )


@pytest.mark.browser
def test_code_that_goes_on_to_the_right_says_so(visit):
    visit.tab.set_viewport_size({"width": 375, "height": 700})
    found = visit.tab.evaluate(
        """() => [...document.querySelectorAll('main div.highlight pre')].filter(
            pre => pre.scrollWidth > pre.clientWidth + 1).map(
            pre => getComputedStyle(pre).backgroundAttachment)"""
    )
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    assert len(found) > 5
    assert all("local" in one and "scroll" in one for one in found)


def contrast(one, other):
    """Return the contrast of two colours as a browser writes them, as WCAG counts it."""

    def light(colour):
        shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            for share in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05

    return max(light(one), light(other)) / min(light(one), light(other))


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_baselines_are_legible_and_grey_beside_the_other_rows(browser, site, theme):
    page = Visit(browser, site, "multi_task/1_sharing")
    page.theme(theme)
    grey, other, ground = page.tab.evaluate(
        """() => ['table.results .baseline td', 'table.results tbody tr:not(.baseline) td'].map(
            which => getComputedStyle(document.querySelector(which)).color).concat(
            getComputedStyle(document.body).backgroundColor)"""
    )
    page.tab.close()
    assert contrast(grey, ground) >= 4.5 * 1.1, "it stands on a tint of the page"
    assert contrast(grey, other) > 1.5


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_links_have_one_colour_in_tables_and_elsewhere(browser, site, theme):
    page = Visit(browser, site, "appendix/may_i")
    page.theme(theme)
    colours = page.tab.evaluate(
        """() => ['main table a', 'main section section p > a'].map(
            which => getComputedStyle(document.querySelector(which)).color)"""
    )
    page.tab.close()
    assert colours[0] == colours[1]
