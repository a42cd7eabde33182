"""Splits and cards: frozen, consistent, and safe to show."""

import dataclasses
from html.parser import HTMLParser

import numpy as np
import pytest

import mmtutorial as mm
from mmtutorial.data import _files


@pytest.fixture
def card():
    return mm.data.Card(
        name="toy",
        title="Toys <b>& more",
        source=(("toys", "1.0", "MIT"),),
        licence="MIT",
        counts={"toys": 1234},
        split={"cars": {"train": 3, "test": 1}, "dolls": {"train": 4, "test": 2}},
        flaws=("one is <broken>",),
    )


def split(rows=3):
    return mm.data.Split({"image": np.zeros((rows, 2, 2, 3), np.uint8)}, {"group": np.arange(rows)})


def test_a_split_counts_its_rows():
    assert len(split(3)) == 3
    assert "3 rows" in repr(split(3))


def test_a_split_refuses_arrays_that_do_not_fit():
    with pytest.raises(ValueError, match=r"inputs\['text'\] 2, targets\['group'\] 3$"):
        mm.data.Split({"text": np.zeros(2)}, {"group": np.zeros(3)})


def test_no_part_of_a_split_hides_another_of_the_same_name():
    three, two = np.zeros(3), np.zeros(2)
    there = np.ones(3, bool)
    for parts in (
        ({"x": two}, {"x": three}),
        ({"x": three}, {"x": three}, {"x": two}),
        ({"x": two}, {"group": three}, {}, {"x": there}),
        ({"x": three}, {"group": three}, {}, {"x": there[:2]}),
    ):
        with pytest.raises(ValueError, match=r"same length, got inputs\['x'\]"):
            mm.data.Split(*parts)


def test_presence_is_boolean_and_of_an_input():
    inputs, targets = {"image": np.zeros(2), "text": np.zeros(2)}, {"group": np.zeros(2)}
    with pytest.raises(ValueError, match=r"name inputs, \['image', 'text'\], got \['group'\]"):
        mm.data.Split(inputs, targets, presence={"group": np.ones(2, bool)})
    for wrong in (np.ones(2), np.ones(2, int), np.array(["yes", "no"])):
        with pytest.raises(TypeError, match=r"presence\['text'\] must be boolean, got"):
            mm.data.Split(inputs, targets, presence={"text": wrong})


def test_a_split_without_targets_is_refused():
    with pytest.raises(ValueError, match="targets must hold at least one array, got none"):
        mm.data.Split({"text": np.zeros(2)}, {})


def test_splits_and_cards_are_frozen(card):
    with pytest.raises(dataclasses.FrozenInstanceError):
        card.name = "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        split().inputs = {}
    with pytest.raises(ValueError, match="read-only"):
        split().targets["group"][0] = 1


class Balanced(HTMLParser):
    """Note the open elements and the text of a piece of HTML."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.styles = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.styles.append(dict(attrs).get("style", ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_a_card_is_sound_html_and_escapes_what_it_shows(card):
    page = Balanced()
    page.feed(card._repr_html_())
    assert page.open == []
    text = " ".join(page.text)
    for expected in ("Toys <b>& more", "one is <broken>", "1,234", "toys", "MIT"):
        assert expected in text


def test_a_card_sums_its_splits(card):
    assert "| all | 7 | 3 |" in card._repr_markdown_()


def test_a_card_counts_classes_that_a_side_lacks():
    parts = {"train": [2, 0, 2], "test": [0]}
    splits = {side: mm.data.Split({}, {"kind": np.array(codes)}) for side, codes in parts.items()}
    assert mm.data.dataset.count_rows(splits, "kind", ("car", "doll", "ball")) == {
        "car": {"train": 1, "test": 1},
        "doll": {"train": 0, "test": 0},
        "ball": {"train": 2, "test": 0},
    }


def test_a_card_takes_the_colours_of_the_page(card):
    page = Balanced()
    page.feed(card._repr_html_())
    for style in page.styles:
        for rule in filter(None, style.split(";")):
            name, value = rule.split(":")
            if "color" in name or "background" in name:
                assert value in {"inherit", "transparent"}


def test_the_emoji_card_counts_what_is_loaded():
    data = mm.data.load_emoji(image="features")
    for side in ("train", "validation", "test"):
        part = getattr(data, side)
        for code, group in enumerate(data.classes["group"]):
            rows = int((part.targets["group"] == code).sum())
            assert data.card.split[group][side] == rows
    assert data.card.counts["emoji"] == 1914
    assert data.card.counts["groups"] == 9
    licences = {licence for _, _, licence in data.card.source}
    assert licences == {"MIT", "Apache-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "Unicode-3.0"}
    assert data.card.flaws


def test_rows_are_taken_from_every_part_of_a_split():
    split = mm.data.dataset.Split(
        {"image": np.arange(8).reshape(4, 2)},
        {"group": np.array([0, 1, 2, 3])},
        {"name": np.array(list("abcd"))},
        {"image": np.array([True, True, False, True])},
    )
    for rows in (np.array([2, 0]), np.array([True, False, True, False])):
        taken = split.take(rows)
        np.testing.assert_array_equal(taken.inputs["image"], split.inputs["image"][rows])
        np.testing.assert_array_equal(taken.targets["group"], split.targets["group"][rows])
        np.testing.assert_array_equal(taken.info["name"], split.info["name"][rows])
        np.testing.assert_array_equal(taken.presence["image"], split.presence["image"][rows])
        assert len(taken) == 2
    bare = mm.data.dataset.Split({}, {"group": np.array([0, 1])})
    assert bare.take([1]).presence is None


def test_a_split_leaves_the_arrays_of_others_as_they_are():
    mine = np.arange(3)
    parts = {"number": mine}
    split = mm.data.Split(parts, {"group": [0, 1, 2]})
    mine[0] = 7  # was it made read-only?
    parts["late"] = np.arange(2)
    assert list(split.inputs) == ["number"]
    assert split.inputs["number"][0] == 7  # a view: no memory is spent on copies
    with pytest.raises(ValueError, match="read-only"):
        split.inputs["number"][0] = 1
    assert split.targets["group"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong", [1, np.int64(1), [[0], [1]], [True], [5], [0.5], [[0], [0, 1]], "a"]
)
def test_rows_are_a_list_of_rows_that_exist(wrong):
    with pytest.raises(ValueError, match="rows must be"):
        split(3).take(wrong)
    assert len(split(3).take([1])) == len(split(3).take(slice(1, 2))) == 1


def test_a_split_is_made_of_dicts_of_arrays():
    with pytest.raises(TypeError, match=r"inputs must be a dict such as .* got list"):
        mm.data.Split([np.zeros(3)], {"group": np.zeros(3)})
    with pytest.raises(TypeError, match=r"targets\['group'\] must hold an entry for each"):
        mm.data.Split({}, {"group": 3})


def test_a_bar_in_a_card_ends_no_cell(card):
    odd = dataclasses.replace(card, counts={"cats | dogs": 1})._repr_markdown_()
    assert "| cats \\| dogs | 1 |" in odd


def sums(tmp_path, monkeypatch, content):
    folder = tmp_path / "toys"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a")
    (folder / "SHA256SUMS").write_text(content, encoding="utf-8")
    monkeypatch.setattr(_files, "FOLDER", tmp_path)


@pytest.mark.parametrize("content", ["", "0" * 64 + "  b.txt\n", "junk\n", "0" * 9 + "  a.txt\n"])
def test_a_damaged_list_of_sums_is_blamed_itself(tmp_path, monkeypatch, content):
    sums(tmp_path, monkeypatch, content)
    with pytest.raises(mm.data.DataError, match=r"SHA256SUMS is damaged: .*To repair: "):
        _files.read_file("toys", "a.txt")


def test_where_sum_and_file_differ_either_may_be_damaged(tmp_path, monkeypatch):
    sums(tmp_path, monkeypatch, "0" * 64 + "  a.txt\n")
    with pytest.raises(mm.data.DataError, match=r"a\.txt is damaged: .* SHA256SUMS .* instead"):
        _files.read_file("toys", "a.txt")
