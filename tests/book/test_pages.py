"""The built pages in a real browser: what a reader sees, hears, and can do with the keyboard."""

import gzip
import re
from urllib.parse import urlsplit

import pytest
import write_addresses

from .conftest import BOOK, HTML, ROOT, Visit, notebooks, toc_pages

pytestmark = pytest.mark.browser
AXE = ROOT / ".cache" / "axe" / "axe.min.js"
PAGES = [*toc_pages(), "search"]
MEGABYTES = {"index": 0.4, "appendix/api": 1.9}  # before anything is seen or played; else 1
MEGABYTES_SEEN = {"index": 0.5, "appendix/api": 1.9}  # with every picture; else 1.4
PACKED = {".webp", ".png", ".mp3", ".woff2"}
SHIFT = 0.1  # of the layout while a page loads, up to which it is called good; most have 0.01
PAINT = 10  # seconds until something is drawn; it was 0.3 to 1.5, with four jobs for each core
EVERY_PAGE = pytest.mark.parametrize("visit", PAGES, indirect=True, scope="module")


def pages_with(mark):
    """Return the pages whose HTML holds a mark: new chapters are tested without a word here."""
    files = [(page, HTML / f"{page}.html") for page in toc_pages()]
    return [page for page, file in files if file.exists() and mark in file.read_text("utf-8")]


PARTS = []  # every mark that a test looks for


def with_part(mark):
    PARTS.append(mark)
    return pytest.mark.parametrize("visit", pages_with(mark), indirect=True, scope="module")


def test_every_part_that_a_test_looks_for_stands_on_a_page(built):
    """Or the test would run on no page, and pass whatever is wrong."""
    assert [mark for mark in PARTS if not pages_with(mark)] == []


@EVERY_PAGE
def test_page_opens_without_an_error(visit):
    assert visit.errors == []


@EVERY_PAGE
def test_page_asks_no_foreign_host(visit):
    assert visit.foreign == []


def files_loaded(visit):
    """Return the files of the book that a page has loaded so far."""
    loaded = visit.tab.evaluate("performance.getEntries().map(entry => entry.name)")
    paths = {urlsplit(name).path for name in loaded if name.startswith(visit.site)}
    files = [file for file in (HTML / path.lstrip("/") for path in paths) if file.is_file()]
    assert HTML / f"{visit.name}.html" in files
    return files


def weigh(files):
    """Return the size of each file in bytes, the largest first."""
    sizes = {file.name: file.stat().st_size for file in files}
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


@EVERY_PAGE
def test_page_is_light(visit):
    """What it loads before anything is seen or played, and packed as servers send it, half."""
    files = files_loaded(visit)
    sizes = weigh(files)
    most = 1e6 * MEGABYTES.get(visit.name, 1)
    assert sum(sizes.values()) < most, list(sizes.items())[:5]
    packed = sum(
        len(file.read_bytes() if file.suffix in PACKED else gzip.compress(file.read_bytes()))
        for file in files
    )
    assert packed < most / 2


@EVERY_PAGE
def test_layout_does_not_jump_while_a_page_loads(visit):
    shifts = visit.tab.evaluate(
        """() => new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => {
                for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(sum), 100);
        })"""
    )
    assert shifts < SHIFT


@EVERY_PAGE
def test_something_is_drawn_soon(visit, request):
    (drawn,) = visit.tab.evaluate(
        "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)"
    )
    request.node.user_properties.append(("first contentful paint, ms", round(drawn)))
    assert 0 < drawn < 1000 * PAINT


@EVERY_PAGE
def test_page_is_light_after_every_picture_was_seen(visit):
    """Pictures load when a reader comes to them."""
    visit.tab.evaluate(
        """async () => { for (const picture of document.querySelectorAll('main img'))
            if (picture.checkVisibility()) {
                picture.scrollIntoView();
                await picture.decode().catch(() => null);
            }
            scrollTo(0, 0); }"""
    )
    visit.settle()
    sizes = weigh(files_loaded(visit))
    most = 1e6 * MEGABYTES_SEEN.get(visit.name, 1.4)
    assert sum(sizes.values()) < most, list(sizes.items())[:5]


@EVERY_PAGE
def test_every_equation_is_drawn(visit):
    sizes = visit.tab.evaluate(
        """() => [...document.querySelectorAll('.math.notranslate')].map(element => {
            const svg = element.querySelector('mjx-container svg');
            const box = svg && svg.getBoundingClientRect();
            const lost = [...element.querySelectorAll('use')].filter(
                use => !document.querySelector(use.getAttribute('href')));
            return {text: element.textContent.slice(0, 60), width: box ? box.width : 0,
                    height: box ? box.height : 0, lost: lost.length};
        })"""
    )
    hidden = visit.tab.locator("details:not([open]) .math.notranslate").count()
    bad = [size for size in sizes if size["lost"] or not size["width"] or not size["height"]]
    assert len(bad) <= hidden, bad


@EVERY_PAGE
def test_no_equation_has_to_scroll_on_a_wide_page(visit):
    wide = visit.tab.evaluate(
        """() => [...document.querySelectorAll('mjx-container[display="true"]')]
            .filter(each => each.scrollWidth > each.clientWidth + 1)
            .map(each => each.dataset.tex)"""
    )
    assert not wide


def test_no_comment_that_names_a_value_is_left_on_a_page(built):
    for notebook in notebooks():
        page = notebook.relative_to(BOOK).with_suffix(".html")
        assert "<!--/-->" in notebook.read_text(encoding="utf-8")
        assert "<!--/-->" not in (built / page).read_text(encoding="utf-8"), page


@EVERY_PAGE
def test_no_table_is_left_as_pipes(visit):
    text = visit.tab.evaluate(
        """() => { const main = document.querySelector('main').cloneNode(true);
            main.querySelectorAll('pre, code').forEach(code => code.remove());
            return main.textContent; }"""
    )
    assert not re.search(r"\|:?-{1,}:?\|", text), "a Markdown table was not drawn as a table"


@EVERY_PAGE
def test_every_image_has_alternative_text_and_arrives(visit):
    images = visit.tab.evaluate(
        """() => [...document.querySelectorAll('main img')].map(image => ({
            alt: image.getAttribute('alt'), source: image.src.slice(0, 80),
            broken: image.complete && !image.naturalWidth}))"""
    )
    nameless = [i for i in images if not i["alt"] or i["alt"].endswith((".png", ".svg", ".jpg"))]
    assert nameless == []
    assert [image for image in images if image["broken"]] == []


OF_COLOURS = ["color-contrast", "link-in-text-block"]


@EVERY_PAGE
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_violation(visit, theme):
    """All of its rules by day; by night those about colours, for nothing else is different then."""
    if not AXE.exists():
        pytest.fail(f"{AXE} is missing: run `make book` first", pytrace=False)
    visit.theme(theme)
    visit.tab.add_script_tag(path=AXE)
    rules = {} if theme == "light" else {"runOnly": {"type": "rule", "values": OF_COLOURS}}
    found = visit.tab.evaluate(
        "options => axe.run(options)", {"resultTypes": ["violations"], **rules}
    )
    visit.theme("light")
    assert [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ] == []


@EVERY_PAGE
def test_dark_mode_is_dark_and_figures_stay_on_white(visit):
    visit.theme("dark")
    red, green, blue = visit.tab.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    filters = visit.tab.evaluate(
        "[...document.querySelectorAll('main img')].map(i => getComputedStyle(i).filter)"
    )
    visit.theme("light")
    assert max(red, green, blue) < 60
    assert set(filters) <= {"none"}


@EVERY_PAGE
def test_phone_never_scrolls_sideways(visit):
    visit.tab.set_viewport_size({"width": 375, "height": 700})
    visit.rest()
    width = visit.tab.evaluate("document.documentElement.scrollWidth")
    wide = visit.tab.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(element => {
            if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
            for (let up = element; up && up.id !== 'main-content'; up = up.parentElement)
                if (getComputedStyle(up).overflowX !== 'visible') return false;
            return element.getBoundingClientRect().width > 0;
        }).map(element => element.outerHTML.slice(0, 120))"""
    )
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    assert width <= 375, wide
    assert wide == []


@EVERY_PAGE
def test_what_is_wider_than_its_box_shows_that_it_goes_on(visit):
    """Tables, figures and equations; a picture must let the shadow behind it through."""
    visit.tab.set_viewport_size({"width": 375, "height": 700})
    visit.rest()
    silent = visit.tab.evaluate(
        """() => [...document.querySelectorAll('main :is(table, .mm-picture > *, .mm-slider img, ' +
            'mjx-container[display="true"] > svg)')].filter(one => {
            let box = one.tagName === 'TABLE' ? one : one.parentElement;
            while (box.id !== 'main-content' && getComputedStyle(box).overflowX === 'visible')
                box = box.parentElement;
            const {backgroundAttachment} = getComputedStyle(box);
            return one.getBoundingClientRect().width > box.clientWidth + 1 &&
                !(backgroundAttachment.includes('local') && (one.tagName !== 'IMG' ||
                    getComputedStyle(one).mixBlendMode === 'multiply'));
        }).map(one => one.outerHTML.slice(0, 120))"""
    )
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    assert silent == []


@with_part(" ± ")
def test_on_a_phone_a_number_and_its_interval_stay_on_one_line(visit):
    visit.tab.set_viewport_size({"width": 390, "height": 800})
    visit.rest()
    broken = visit.tab.evaluate(
        """() => [...document.querySelectorAll('main td')].filter(cell => {
            if (!cell.textContent.includes('±')) return false;
            const text = document.createRange();
            text.selectNodeContents(cell);
            return text.getBoundingClientRect().height > 1.8 * parseFloat(
                getComputedStyle(cell).fontSize);
        }).map(cell => cell.textContent)"""
    )
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    assert broken == []


@with_part('class="mm-slider"')
def test_slider_moves_by_keyboard_and_changes_the_figure(visit):
    for slider in visit.tab.locator(".mm-slider").all():
        control = slider.get_by_role("slider")
        picture = slider.locator("img:visible")

        def state(control=control, picture=picture):
            assert picture.count() == 1
            return picture.get_attribute("src"), control.get_attribute("aria-valuetext")

        assert control.evaluate("element => element.labels[0].innerText.trim()")
        control.focus()
        visit.tab.keyboard.press("Home")
        first = state()
        visit.tab.keyboard.press("ArrowRight")
        second = state()
        visit.tab.keyboard.press("End")
        last = state()
        visit.tab.keyboard.press("Home")
        assert first[0] != second[0] or slider.locator("img").count() < 2
        assert len({first[1], second[1], last[1]}) == min(3, slider.locator("img").count())
        assert state() == first


@with_part('class="mm-map"')
def test_map_works_by_keyboard_and_by_a_tap(visit):
    for plane in visit.tab.locator(".mm-map").all():
        slider, card = plane.get_by_role("slider"), plane.locator(".mm-map-card")
        ring = plane.locator(".mm-map-plane > b")

        def state(slider=slider, card=card, ring=ring):
            visit.rest()  # items move from one map to the other
            return slider.get_attribute("aria-valuetext"), card.inner_text(), ring.bounding_box()

        def shown(plane=plane):
            return plane.locator(".mm-map-note").evaluate_all(
                "all => all.map(one => getComputedStyle(one).display)"
            )

        assert plane.get_attribute("aria-label")
        slider.focus()
        visit.tab.keyboard.press("Home")
        first = state()
        visit.tab.keyboard.press("ArrowRight")
        second = state()
        assert first[0] != second[0]
        assert first[1] != second[1]
        assert second[0].split(",")[0] in second[1]

        # Another map: the same item, another place, another sentence.
        radios = plane.get_by_role("group", name="Map").get_by_role("radio")
        notes = [shown()]
        for _ in range(radios.count() - 1):
            radios.nth(len(notes) - 1).press("ArrowRight")
            notes.append(shown())
        moved = state()
        assert moved[:2] == second[:2]
        assert radios.count() < 2 or moved[2] != second[2]
        assert all(note.count("block") == 1 for note in notes)
        assert len({note.index("block") for note in notes}) == radios.count()

        # A group: the slider then knows its items alone.
        every = int(slider.get_attribute("max"))
        groups = plane.get_by_role("group", name="Group").get_by_role("radio")
        groups.first.focus()
        visit.tab.keyboard.press("ArrowRight")
        visit.tab.keyboard.press("ArrowRight")
        name = groups.nth(2).get_attribute("data-name")
        slider.press("End")
        assert int(slider.get_attribute("max")) < every
        assert name in state()[1]
        faded = plane.locator(".mm-map-plane > i:not(.g1)").first
        assert float(faded.evaluate("one => getComputedStyle(one).opacity")) < 0.2

        # A tap near an item of the group chooses it, and one on a faded item does not.
        item = plane.locator(".mm-map-plane > i.g1").first
        item.evaluate("one => one.scrollIntoView({block: 'center'})")
        box = item.bounding_box()
        visit.tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert name in state()[1]
        groups.first.press("Space")
        assert int(slider.get_attribute("max")) == every

        # When the window changes its size, nobody waits for items to fly in from a corner.
        visit.tab.set_viewport_size({"width": 600, "height": 900})
        spread = plane.locator(".mm-map-plane").evaluate(
            """one => { const all = [...one.querySelectorAll('i')];
                all.forEach((item, i) => { all[i] = item.getBoundingClientRect().x; });
                return (Math.max(...all) - Math.min(...all)) / one.clientWidth; }"""
        )
        visit.tab.set_viewport_size({"width": 1280, "height": 900})
        assert spread > 0.8
    assert visit.errors == []


@with_part("<audio")
def test_sound_is_named_lies_in_the_page_and_waits_for_the_reader(visit):
    for player in visit.tab.locator("main audio").all():
        assert player.get_attribute("aria-label").strip()
        assert player.get_attribute("src").startswith("data:audio/")
        player.evaluate(
            """async audio => { if (audio.readyState < 1) await new Promise((done, failed) => {
                audio.onloadedmetadata = done; audio.onerror = () => failed(audio.error.message);
                audio.load(); }) }"""
        )
        facts = player.evaluate("a => [a.controls, a.autoplay, a.paused, a.duration > 0.1]")
        assert facts == [True, False, True, True], player.get_attribute("aria-label")
    assert visit.foreign == []


@with_part("<audio")
def test_sound_plays_by_keyboard(visit):
    player = visit.tab.locator("main audio").first
    player.evaluate("audio => { audio.muted = true }")
    player.focus()
    visit.tab.keyboard.press("Space")
    visit.tab.wait_for_function("audio => audio.currentTime > 0", arg=player.element_handle())
    player.evaluate("audio => { audio.pause(); audio.currentTime = 0 }")
    assert visit.errors == []


@with_part("data-shufflequestions")
def test_quiz_answers_every_choice_by_click_and_by_keyboard(visit):
    quizzes = visit.tab.locator(".Quiz")
    assert quizzes.count() >= 3
    for quiz in quizzes.all():
        group, feedback = quiz.get_by_role("radiogroup"), quiz.get_by_role("status")
        assert group.get_attribute("aria-labelledby")
        for choice in quiz.locator(".MCButton").all():
            right = choice.get_attribute("data-correct") == "true"
            radio = choice.locator("input")
            for use, how in ((choice.click, {}), (radio.press, {"key": "Space"})):
                feedback.evaluate("element => { element.textContent = '' }")
                radio.evaluate("element => { element.checked = false }")
                use(**how)
                assert feedback.inner_text().strip(), choice.inner_text()
                assert ("correct" in feedback.get_attribute("class").split()) == right
    assert visit.errors == []


@with_part("dropdown admonition")
def test_a_button_that_folds_a_box_says_which_and_what_it_would_do(visit):
    names = []
    for box in visit.tab.locator(".dropdown.admonition").all():
        button = box.locator(".toggle-button")
        title = box.locator(".admonition-title").inner_text().strip()
        for does in ("Show", "Hide", "Show"):
            names.append(button.get_attribute("aria-label"))
            assert names[-1] == f"{does}: {title}"
            button.press("Enter")
        box.locator(".admonition-title").click(position={"x": 5, "y": 5})  # it is open: fold it
        names.append(button.get_attribute("aria-label"))
        assert names[-1] == f"Show: {title}"
    assert len(set(names)) == 2 * visit.tab.locator(".toggle-button").count()
    assert visit.errors == []


@with_part("exercise")
def test_solutions_are_folded_and_open_by_keyboard(visit):
    for folded in visit.tab.locator(
        ".solution details, details.solution, .solution.dropdown"
    ).all():
        button = folded.locator("button, summary").first
        button.focus()
        button.press("Enter")
        assert folded.locator("p, pre").first.is_visible()


def test_a_bar_over_hidden_code_has_one_of_its_two_names(browser, site):
    visit = Visit(browser, site, "fusion/3_attention")
    bar = visit.tab.locator("details.hide > summary").first
    for does in ("Show", "Hide"):
        assert bar.inner_text().strip().startswith(f"{does} code: ")
        assert len(bar.inner_text().strip().splitlines()) == 1
        bar.press("Enter")
    visit.tab.close()


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_chapter_can_be_launched_and_downloaded_as_a_plain_notebook(built, path):
    name = path.relative_to(BOOK).as_posix()
    html = (built / name).with_suffix(".html").read_text(encoding="utf-8")
    repository = write_addresses.read_project()[0].removeprefix("https://github.com/")
    assert f"colab.research.google.com/github/{repository}/blob/notebooks/{name}" in html
    assert f"mybinder.org/v2/gh/{repository}/notebooks?urlpath=lab/tree/{name}" in html
    for edition in ("notebooks", "notebooks/student"):
        assert f'href="../{edition}/{name}"' in html
        assert (built / edition / name).exists()
    assert "_sources/" not in html
