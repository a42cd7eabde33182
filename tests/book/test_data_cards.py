"""The data cards' pages: one a data set, each with a real sample that says what it shows."""

import base64
import importlib
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import mmtutorial as mm

from .conftest import BOOK, toc_pages

LOADERS = sorted(name for name in mm.data.__all__ if name.startswith("load_"))


@pytest.fixture(scope="module")
def samples():
    return importlib.import_module("data_samples")


class Tags(HTMLParser):
    """Collect elements with their attributes; a void or unclosed element stays out of ``open``."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def named(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]


def test_every_data_set_has_one_page_in_the_contents():
    shown = {}
    for page in toc_pages():
        path = BOOK / f"{page}.md"
        text = path.read_text("utf-8") if path.exists() else ""
        for loader in re.findall(r"^```\{data-card\} (\w+)$", text, re.M):
            shown.setdefault(loader, []).append(page)
    assert sorted(shown) == LOADERS
    assert all(len(pages) == 1 for pages in shown.values()), shown
    index = (BOOK / "appendix" / "data_cards.md").read_text("utf-8")
    for loader, (page,) in shown.items():
        assert f"mm.data.{loader}" in index
        assert f"({page.removeprefix('appendix/')}.md)" in index


@pytest.mark.parametrize("loader", LOADERS)
def test_a_sample_says_what_it_shows_and_needs_no_other_file(samples, loader):
    html = samples.SAMPLES[loader](getattr(mm.data, loader)())
    found = Tags(html)
    assert found.open == []
    assert found.named("img") + found.named("audio"), "nothing to see or hear"
    for image in found.named("img"):
        assert len(image["alt"]) > 10
        content = base64.b64decode(image["src"].removeprefix("data:image/webp;base64,"))
        width, height = Image.open(io.BytesIO(content)).size
        assert (image["width"], image["height"]) == (str(width), str(height))
    for sound in found.named("audio"):
        assert sound["aria-label"]
        assert sound["src"].startswith("data:audio/")
    assert "http" not in re.sub(r"base64,[\w+/=]+", "", html)
    assert len(html) < 400_000


def test_the_clip_on_the_page_is_the_clip_of_the_data_set(samples):
    data = mm.data.load_animated_emoji()
    grid, moving = Tags(samples.animated_emoji(data)).named("img")
    (row,) = np.flatnonzero(data.train.info["hexcode"] == samples.SHOWN)
    frames = data.train.inputs["video"][int(row)]

    def opened(image):
        content = base64.b64decode(image["src"].partition(",")[2])
        return Image.open(io.BytesIO(content))

    assert opened(moving).n_frames == 16
    small = np.asarray(opened(grid).convert("RGB").resize((8 * 48, 2 * 48), Image.Resampling.BOX))
    for step in range(16):
        top, left = 48 * (step // 8), 48 * (step % 8)
        shown = small[top : top + 48, left : left + 48].astype(int)
        errors = [np.abs(shown - frame).mean() for frame in frames]
        assert errors[step] <= min(errors) + 0.5


def test_a_sample_that_is_gone_is_named(samples):
    data = mm.data.load_animated_emoji()
    with pytest.raises(ValueError, match=r"animated emoji has no name 'dodo bird' to show"):
        samples._find(data, "name", "dodo bird")
