"""The builder's parts: concepts, matching, sheets, the principal components."""

import io
import json

import _emoji_art as art
import _emoji_entries as text
import _emoji_features as features
import numpy as np
import pytest
from PIL import Image

from mmtutorial.data import _files


@pytest.mark.parametrize(
    ("hexcode", "key"),
    [
        ("1F600", "1F600"),
        ("2764-FE0F", "2764"),
        ("2764-FE0F-200D-1F525", "2764-1F525"),  # a heart on fire is no couple
        ("1F44B-1F3FD", "1F44B"),  # skin tone
        ("1F3C3-200D-2640-FE0F-200D-27A1-FE0F", "1F3C3"),  # gender and direction
        ("1F468-200D-1F33E", "1F9D1-1F33E"),  # farmer
        ("1F469-200D-1F9B0", "1F9D1"),  # hair
        ("1F478", "1F934"),
        ("1F468-200D-1F469-200D-1F467", "1F46A"),
        ("1F469-200D-2764-FE0F-200D-1F48B-200D-1F469", "1F48F"),
        ("1F469-200D-2764-FE0F-200D-1F469", "1F491"),
        ("1F567", "1F550"),
        ("27A1-FE0F", "2B06"),
        ("0023-FE0F-20E3", "23-20E3"),
        ("2640-FE0F", "2640"),  # the sign itself
        ("1F1F8-1F1EF", "1F1F3-1F1F4"),  # Svalbard flies the flag of Norway
    ],
)
def test_concept_key(hexcode, key):
    assert text.concept_key(hexcode) == key


def entry(hexcode, name, **more):
    return {"hexcode": hexcode, "name": {"en": name}, **more}


def test_by_code_point_ignores_style_marks_and_zeros():
    entries = [entry("0023-FE0F-20E3", "keycap: #"), entry("1F600", "grinning face")]
    files = {"a/23-20e3.svg": b"hash", "a/1f60.svg": b"other", "b/1f600.svg": b"elsewhere"}
    assert art.by_code_point(entries, files, r"a/([0-9a-f-]+)\.svg") == [b"hash", None]


def test_by_name_follows_drifting_names():
    """'cricket' was the game once: the insect must not get the bat."""
    icons = {
        "icons": {"cricket-game": {"body": "<g/>"}, "bear-face": {"body": "<b/>"}},
        "aliases": {"cricket": {"parent": "cricket-game"}, "bear": {"parent": "bear-face"}},
        "width": 8,
        "height": 8,
    }
    entries = [entry("1F997", "cricket"), entry("1F3CF", "cricket game"), entry("1F43B", "bear")]
    insect, game, bear = art.by_name(entries, {"icons.json": json.dumps(icons).encode()})
    assert insect is None
    assert b"<g/>" in game
    assert b"<b/>" in bear
    assert b'viewBox="0 0 8 8"' in bear


def test_drawings_are_set_on_white():
    clear = Image.new("RGBA", (128, 128), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (32, 32, 96, 96))
    buffer = io.BytesIO()
    clear.save(buffer, "PNG")
    drawn = art.draw(buffer.getvalue())
    assert drawn.shape == (64, 64, 3)
    assert drawn[0, 0].tolist() == [255, 255, 255]
    assert drawn[32, 32].tolist() == [0, 0, 255]


def test_a_sheet_is_lossless_and_repeatable(rng):
    images = {number: rng.integers(0, 256, (64, 64, 3), np.uint8) for number in (0, 45, 50)}
    packed = art.pack_sheet(images)
    assert packed == art.pack_sheet(images)
    sheet = np.asarray(Image.open(io.BytesIO(packed)))
    assert sheet.shape == (128, 44 * 64, 3)
    np.testing.assert_array_equal(sheet[64:, 64:128], images[45])
    assert (sheet[:64, 64:] == 255).all()


def test_splits_follow_concepts_not_order():
    entries = [
        {"hexcode": f"{code:X}", "key": f"{code:X}", "group": "g", "name": {"en": f"name {code}"}}
        for code in range(0x2600, 0x2664)
    ]
    text.assign_splits(entries)
    once = {entry["key"]: entry["split"] for entry in entries}
    text.assign_splits(entries[::-1])
    assert once == {entry["key"]: entry["split"] for entry in entries}
    sides = list(once.values())
    assert [sides.count(side) for side in ("train", "validation", "test")] == [59, 16, 25]


def test_a_concept_with_many_members_trains():
    names = [f"{code:X}" for code in range(0x2600, 0x2664)]
    for crowd in names[:20]:
        entries = [
            {"hexcode": name, "key": name, "group": "g", "name": {"en": name}}
            for name in names + [crowd] * 8
        ]
        text.assign_splits(entries)
        assert {entry["split"] for entry in entries if entry["key"] == crowd} == {"train"}


def test_pca_against_the_singular_values(rng, monkeypatch):
    monkeypatch.setattr(features, "OUTPUT", 3)
    rows = rng.normal(size=(200, 6)) * [9, 5, 3, 1, 0.5, 0.1]
    mean, directions, kept = features.fit_pca(rows)
    _, values, vectors = np.linalg.svd(rows - rows.mean(axis=0))
    np.testing.assert_allclose(np.abs(directions), np.abs(vectors[:3].T), atol=1e-9)
    assert kept == pytest.approx((values[:3] ** 2).sum() / (values**2).sum())
    assert (directions[np.abs(directions).argmax(axis=0), range(3)] > 0).all()
    np.testing.assert_allclose(mean, rows.mean(axis=0))


def test_every_layer_of_resnet50_has_an_old_name():
    assert features._old_name("conv1_bn") == "bn_conv1"
    assert features._old_name("conv2_block1_0_conv") == "res2a_branch1"
    assert features._old_name("conv4_block6_3_bn") == "bn4f_branch2c"


def test_the_shipped_splits_are_what_the_code_says():
    """The rule in the builder and the splits in the file cannot drift apart."""
    shipped = json.loads(_files.read_file("emoji", "emoji.json"))["entries"]
    again = [
        {key: entry[key] for key in ("hexcode", "group", "name")}
        | {"key": text.concept_key(entry["hexcode"])}
        for entry in shipped
    ]
    text.assign_splits(again)
    for entry, rebuilt in zip(shipped, again, strict=True):
        assert {key: entry[key] for key in ("key", "split", "concept")} == {
            key: rebuilt[key] for key in ("key", "split", "concept")
        }
