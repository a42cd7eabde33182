"""The stamps' builder: captions, what belongs together, folds, pictures and recordings."""

import io
import json
import zipfile

import _stamps_entries as text
import _stamps_media as media
import numpy as np
import pytest
import soundfile
from PIL import Image

from mmtutorial.data import _files
from mmtutorial.data._stamps_files import project_pca, read_pixels


@pytest.mark.parametrize(
    ("caption", "language", "plain"),
    [
        ("A cow.", "en", "cow"),
        ("COW!", "en", "cow"),
        ("A pair of cherries.", "en", "cherries"),
        ("A calculator. 6x7=42", "en", "calculator"),
        ("“Stop”", "en", "stop"),
        ("The Sun.", "en", "sun"),
        ("L'entrée de la cave.", "fr", "entrée de la cave"),
        ("Une vache.", "fr", "vache"),
        ("¡El pan!", "es", "pan"),
        ("Las uvas.", "es", "uvas"),
        ("一只老鼠。", "zh", "老鼠"),
        ("老鼠", "zh", "老鼠"),
        ("A", "en", "a"),  # never nothing
        ("Un.", "fr", "un"),
    ],
)
def test_plain_captions(caption, language, plain):
    assert text.plain_caption(caption, language) == plain


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("a/fox", "fox"),
        ("b/Fox-2", "fox"),
        ("b/fox_mirror", "fox"),
        ("c/grave-j", "grave"),
        ("c/asl_j", "asl_j"),  # a letter of its own
        ("d/007", ""),
    ],
)
def test_plain_names(path, plain):
    assert text.plain_name(path) == plain


def test_captions_are_our_languages_with_plain_spaces():
    lines = "A  cow. \nca.utf8=Una vaca.\nes.utf8=Una\tvaca.\nzh_TW.utf8=牛\n"
    assert text.read_captions(lines) == {"en": "A cow.", "zh": "", "fr": "", "es": "Una vaca."}


def test_entries_need_a_picture():
    names = ["b/two.txt", "b/two.svg", "a/one.txt", "a/one.png", "c/none.txt", "d/bare.png"]
    entries = text.read_entries({text.ROOT + name: b"A thing.\n" for name in names})
    assert [(entry["path"], entry["group"]) for entry in entries] == [
        ("a/one", "a"),
        ("b/two", "b"),
    ]


def test_keys_join_through_others():
    keys = [{("en", "a")}, {("en", "b")}, {("fr", "x")}, {("en", "b"), ("fr", "x")}, {("en", "")}]
    assert text.join_by_keys([*keys, {("en", "")}]) == [0, 1, 1, 1, 2, 3]
    backwards = text.join_by_keys(keys[::-1])[::-1]
    assert len({*backwards}) == 3
    assert backwards[1] == backwards[2] == backwards[3]


def stamp(path, caption, *, fr="", speech=None, sound=None):
    captions = {"en": caption, "zh": "", "fr": fr, "es": ""}
    speech = {"fr": [speech, 1.0]} if speech else {}
    sound = [sound, 1.0] if sound else None
    group = path.split("/")[0]
    return {"path": path, "group": group, "captions": captions, "speech": speech, "sound": sound}


def clusters(entries, images):
    text.assign_clusters(entries, np.stack(images))
    return [entry["cluster"] for entry in entries]


def test_what_belongs_together(rng):
    images = [np.kron(rng.integers(0, 256, (16, 16, 3)), np.ones((8, 8, 1))) for _ in range(12)]
    images = [image.astype(np.uint8) for image in images]
    images[11] = images[0][:, ::-1]
    entries = [
        stamp("a/bee", "A bee."),
        stamp("b/insect", "The bee!"),  # the caption of the first
        stamp("a/drake", "A drake.", fr="Un canard."),
        stamp("a/duck", "A duck.", fr="Un canard."),  # one in French
        stamp("a/badger", "A badger.", sound="x.opus"),
        stamp("a/beaver", "A beaver.", sound="x.opus"),  # one sound
        stamp("a/bass", "A bass guitar.", speech="y.opus"),
        stamp("a/contrabass", "An electric bass.", speech="y.opus"),  # one recording
        stamp("a/tree", "A pili nut."),
        stamp("b/tree336", "A Christmas tree."),  # one name
        stamp("a/cat", "A cat."),
        stamp("a/hoverfly", "A hoverfly."),  # the first picture, mirrored
    ]
    assert clusters(entries, images) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 0]


def test_folds_keep_clusters_whole_and_groups_even():
    entries = [
        {"path": f"g{number % 3}/{number}", "group": f"g{number % 3}", "cluster": cluster}
        for number, cluster in enumerate(np.repeat(np.arange(60), 5))
    ]
    text.assign_folds(entries)
    folds = {}
    for entry in entries:
        folds.setdefault(entry["cluster"], set()).add(entry["fold"])
    assert all(len(fold) == 1 for fold in folds.values())
    for group in ("g0", "g1", "g2"):
        counts = np.bincount([entry["fold"] for entry in entries if entry["group"] == group])
        assert counts.tolist() == pytest.approx([20] * 5, abs=2)
    once = {entry["path"]: entry["fold"] for entry in entries}
    text.assign_folds(entries[::-1])
    assert once == {entry["path"]: entry["fold"] for entry in entries}


# Pictures


def png(size, box, colour=(0, 0, 255, 255)):
    clear = Image.new("RGBA", size, (255, 0, 0, 0))
    clear.paste(colour, box)
    buffer = io.BytesIO()
    clear.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_picture_is_cut_to_what_is_drawn_and_keeps_its_shape():
    drawn, side = media.draw(png((300, 200), (100, 50, 180, 90)))
    assert (drawn.shape, drawn.dtype, side) == ((128, 128, 3), np.uint8, 80)
    blue = (drawn == [0, 0, 255]).all(axis=2)
    rows, columns = np.nonzero(blue)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (32, 95, 0, 127)
    assert (drawn[~blue] == 255).all()


def test_half_clear_colours_mix_with_white():
    drawn, _ = media.draw(png((10, 10), (0, 0, 10, 10), (0, 0, 0, 128)))
    np.testing.assert_allclose(drawn, 127, atol=1)


def test_an_svg_in_points_is_drawn():
    """Sizes in points need a resolution, without which nothing is drawn."""
    resvg = pytest.importorskip("resvg_py")
    assert resvg
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="30pt">'
        b'<rect x="10" y="10" width="20" height="10" fill="#00ff00"/></svg>'
    )
    drawn, _ = media.draw(svg)
    assert drawn[64, 64].tolist() == [0, 255, 0]
    assert drawn[10, 64].tolist() == [255, 255, 255]


def test_a_sheet_is_repeatable_and_close(rng):
    images = np.kron(rng.integers(0, 256, (33, 4, 4, 1)), np.ones((1, 32, 32, 3))).astype(np.uint8)
    packed = media.pack_sheet(images)
    assert packed == media.pack_sheet(images)
    unpacked = media.unpack_sheet(packed, 33)
    assert unpacked.shape == images.shape
    assert np.abs(unpacked.astype(int) - images).mean() < 6


# Recordings


def ogg(wave, rate=16000):
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


def tone(hertz, seconds=0.5, rate=44100):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def test_a_level_sets_the_power_and_spares_the_peaks():
    steady = media.level(0.9 * np.sin(np.arange(16000) / 5))
    assert np.sqrt(np.mean(steady**2)) == pytest.approx(0.1, rel=1e-3)
    click = np.full(1000, 1e-4)
    click[0] = 0.3
    assert np.abs(media.level(click)).max() == pytest.approx(0.7)


def test_recordings_are_kept_once_and_silence_not_at_all():
    low, high, silent = ogg(tone(440), 44100), ogg(tone(660), 44100), ogg(np.zeros(8000))
    again = ogg(tone(440), 44100)  # another file, numbered by the clock, with the same sound
    recordings = media.Recordings("speech", [low, again, high, silent])
    first = recordings.add("fr/a", low)
    assert recordings.add("fr/b", again) == first == ["fr/a.opus", 0.5]
    assert recordings.add("fr/c", high)[0] == "fr/c.opus"
    assert recordings.add("fr/d", silent) is None
    assert recordings.silent == ["fr/d"]
    packed = recordings.pack()
    assert packed == recordings.pack()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["fr/a.opus", "fr/c.opus"]
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        wave, rate = soundfile.read(io.BytesIO(archive.read("fr/a.opus")))
    assert (rate, wave.shape) == (16000, (8000,))
    spectrum = np.abs(np.fft.rfft(wave))
    assert np.fft.rfftfreq(8000, 1 / 16000)[spectrum.argmax()] == pytest.approx(440, abs=2)


def test_tones_above_the_new_range_do_not_come_back_lower():
    """10 kHz cannot be said at 16 kHz: without a filter it would sound as 6 kHz."""
    wave = tone(440) + tone(10000)
    heard, _ = soundfile.read(io.BytesIO(media.hear(ogg(wave, 44100), 11)["opus"]))
    spectrum = np.abs(np.fft.rfft(heard))
    alias = np.abs(np.fft.rfftfreq(len(heard), 1 / 16000) - 6000) < 100
    assert spectrum[alias].max() < 0.01 * spectrum.max()


# What was shipped


def test_the_shipped_folds_are_what_the_code_says():
    """The rules in the builder and the folds in the file cannot drift apart."""
    shipped = json.loads(_files.read_file("stamps", "stamps.json"))["entries"]
    again = json.loads(json.dumps(shipped))
    text.assign_folds(again)
    assert [entry["fold"] for entry in again] == [entry["fold"] for entry in shipped]
    keys = [
        {(code, text.plain_caption(said, code)) for code, said in entry["captions"].items() if said}
        | {("name", text.plain_name(entry["path"]))}
        for entry in shipped
    ]
    joined = {}
    for cluster, entry in zip(text.join_by_keys(keys), shipped, strict=True):
        joined.setdefault(cluster, set()).add(entry["cluster"])
    assert all(len(clusters) == 1 for clusters in joined.values())


def test_no_picture_has_a_near_copy_in_another_fold():
    entries = json.loads(_files.read_file("stamps", "stamps.json"))["entries"]
    fold = np.array([entry["fold"] for entry in entries])
    upright, mirrored = text.thumbnails(read_pixels()[: len(entries)])
    similar = np.maximum(upright @ upright.T, upright @ mirrored.T)
    assert similar[fold[:, None] != fold].max() < text.ALIKE + 0.01  # WebP moves pixels a little


def test_shortened_features_are_principal_components_of_the_given_rows(rng):
    from sklearn.decomposition import PCA

    features = rng.normal(size=(60, 90)).astype(np.float32) * np.linspace(3, 0.1, 90)
    features = features.astype(np.float32)
    rows = np.arange(0, 60, 2)
    found = project_pca(features, rows)
    expected = PCA(29).fit(features[rows]).transform(features)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-3)
    moved = features.copy()
    moved[1] = 1e3
    np.testing.assert_array_equal(project_pca(moved, rows)[rows], found[rows])
