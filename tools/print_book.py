"""Print the built book: one PDF for each page, and all in one, with bookmarks, into ``_build/pdf``.

Chromium prints the pages as they are built; the rules for paper stand in
``book/_static/custom.css``. Solutions come at the end of a chapter.
"""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import build_book
import yaml
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "pdf"
BOOK = "multimodal-learning-hands-on.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PAPER = {
    "format": "A4",
    "margin": dict.fromkeys(("top", "bottom", "left", "right"), "16mm"),
    "display_header_footer": True,
    "header_template": "<i></i>",
    "footer_template": (
        '<div style="width: 100%; text-align: center; font: 8px sans-serif; color: #555">'
        '<span class="title"></span> · <span class="pageNumber"></span></div>'
    ),
}
# Open what is folded, put the solutions at the end, and load the pictures that a screen would load
# later.
PREPARE = """async () => {
    document.documentElement.dataset.theme = 'light';
    document.querySelectorAll('.toggle-hidden').forEach(
        folded => folded.classList.remove('toggle-hidden'));
    const solutions = document.querySelectorAll('.bd-article .solution');
    if (solutions.length) {
        const title = document.createElement('h2');
        title.textContent = 'Solutions';
        document.querySelector('.bd-article').append(title, ...solutions);
    }
    const shown = [...document.images].filter(image => image.checkVisibility());
    shown.forEach(image => { image.loading = 'eager'; });
    await Promise.all(shown.map(image => image.decode().catch(() => null)));
}"""


HEADINGS = """() => [...document.querySelectorAll('h2')]
    .filter(heading => heading.checkVisibility())
    .map(heading => heading.innerText.replace(/#$/, '').replace(/\\s+/g, ' ').trim())"""


# Do two Chinese letters look alike? Then no font has them, and both are drawn as empty boxes.
NO_CHINESE = """() => {
    const draw = letter => {
        const context = document.createElement('canvas').getContext('2d');
        context.font = '20px sans-serif';
        context.fillText(letter, 2, 22);
        return context.canvas.toDataURL();
    };
    return draw('\u4e2d') === draw('\u6587');
}"""


class Printed(NamedTuple):
    """A page on paper: its title, the headings below it, and its file."""

    title: str
    headings: list[str]
    path: Path


def read_pages(root: Path = ROOT) -> list[tuple[str, list[str]]]:
    """Return the parts of the book, each a title and its pages, in reading order."""
    toc = yaml.safe_load((root / "book" / "_toc.yml").read_text(encoding="utf-8"))
    parts = [("", [toc["root"]])]
    for part in toc["parts"]:
        pages = []
        for chapter in part["chapters"]:
            pages += [chapter["file"], *(each["file"] for each in chapter.get("sections", []))]
        parts.append((part["caption"], pages))
    return parts


def print_page(tab, address: str, target: Path) -> Printed:
    """Print a page into a file."""
    tab.goto(address, wait_until="load")
    tab.emulate_media(media="print")
    tab.evaluate(PREPARE)
    target.parent.mkdir(parents=True, exist_ok=True)
    tab.pdf(path=target, **PAPER, print_background=True, tagged=True, outline=True)
    title = tab.title().split(" — ")[0]  # with the chapter's number
    return Printed(title, tab.evaluate(HEADINGS), target)


def bind(parts: list[tuple[str, list[Printed]]], target: Path) -> int:
    """Write the pages of all parts into one file; return the number of its sheets.

    A part is a bookmark above those of its pages, and these are above the headings in them.
    """
    from pypdf import PdfReader, PdfWriter

    with PdfWriter() as book:
        for caption, pages in parts:
            part = None
            if caption:
                part = book.add_outline_item(title=caption, page_number=len(book.pages))
            for title, headings, path in pages:
                reader, start = PdfReader(path), len(book.pages)
                book.append(reader, import_outline=False)
                chapter = book.add_outline_item(
                    title=title, page_number=start, parent=part, is_open=False
                )
                for name, place in zip(headings, find_headings(reader), strict=True):
                    book.add_outline_item(title=name, page_number=start + place, parent=chapter)
        fresh = target.with_suffix(".part")
        book.write(fresh)
        fresh.replace(target)
        return len(book.pages)


def find_headings(reader) -> list[int]:
    """Return on which sheets the headings below the title stand, from 0 on.

    Chromium's own names of them repeat words or lack blanks.
    """
    _, *below = reader.outline  # the title, and a list of what stands below it
    return [
        reader.get_destination_page_number(heading)
        for heading in (below[0] if below else [])
        if not isinstance(heading, list)
    ]


def main() -> None:
    """Build the book where a source changed, print all pages, and bind them."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("no Chromium found: install it (Debian: apt install chromium) to print the book")
    build_book.main()
    from playwright.sync_api import sync_playwright

    parts = read_pages()
    progress = tqdm(total=sum(len(pages) for _, pages in parts), unit="page", disable=None)
    printed = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = chromium.new_page()
        if tab.evaluate(NO_CHINESE):
            print("no Chinese font found: Chinese words are printed as empty boxes; install one "
                  "(Debian: apt install fonts-noto-cjk)", file=sys.stderr)  # fmt: skip
        for caption, pages in parts:
            printed.append((caption, []))
            for page in pages:
                address, target = (HTML / f"{page}.html").as_uri(), PDF / f"{page}.pdf"
                printed[-1][1].append(print_page(tab, address, target))
                progress.update()
        chromium.close()
    progress.close()
    count = bind(printed, PDF / BOOK)
    size = (PDF / BOOK).stat().st_size / 1e6
    print(f"{PDF / BOOK}: {count} pages, {size:.1f} MB; each chapter beside it")


if __name__ == "__main__":
    main()
