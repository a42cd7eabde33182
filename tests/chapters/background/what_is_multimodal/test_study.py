"""What chapter "What is multimodal?" says of its tables is what the files hold."""

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.background.what_is_multimodal import study
from mmtutorial.evaluation import interval
from mmtutorial.studies.study import search_setting

MODALITIES, CO_LEARNING = study.STUDIES
FILE, FEW = results.load(MODALITIES.name), results.load(CO_LEARNING.name)
ACCURACY, BITS = (results.intervals(FILE["rows"], key) for key in ("accuracy", "bits"))


def ends(table, method, against):
    (row,) = [r for r in FILE[table] if (r["method"], r["against"]) == (method, against)]
    return row["low"], row["high"]


def test_every_stamp_is_tested_once_by_every_method():
    assert {len(runs) for runs in _by_method().values()} == {5}
    assert {sum(row["items"] for row in runs) for runs in _by_method().values()} == {
        sum(row["items"] for row in FILE["agreement"])
    }


def _by_method():
    found = {}
    for row in FILE["rows"]:
        found.setdefault(row["method"], []).append(row)
    return found


def test_joining_pays():
    for table in ("comparisons", "bits"):
        assert ends(table, "image + text", "image")[0] > 0
    assert ends("comparisons", "image + text", "text")[0] > 0


def test_captions_say_much_that_photographs_have_said():
    alone = BITS["nothing"].mean - BITS["text"].mean
    assert alone > 2 * ends("bits", "image + text", "image")[1]


@pytest.mark.parametrize(
    ("method", "against"),
    [
        ("image + text + speech + sound", "image + text"),
        ("image + text", "image + text, side by side"),
    ],
)
def test_neither_can_be_told_from_the_other(method, against):
    low, high = ends("comparisons", method, against)
    assert low < 0 < high


def test_sound_says_that_it_is_there_and_speech_what_its_pauses_say():
    assert ends("bits", "sound", "has sound")[1] < 0
    saved = {name: BITS["nothing"].mean - BITS[name].mean for name in ("speech", "pauses")}
    assert saved["pauses"] > saved["speech"] / 2 > ends("bits", "speech", "pauses")[1] > 0


def test_shuffled_captions_cost_more_than_none():
    assert ACCURACY["image + text, text shuffled"].high < ACCURACY["image"].mean


def test_photographs_teach_readers_of_captions():
    few, own, _, surest, _ = (
        results.select(FEW["rows"], "accuracy", method=method)
        for method in dict.fromkeys(row["method"] for row in FEW["rows"])
    )
    assert len(few) == 20
    assert interval(surest - few).low > 0 > interval(own - few).high


def test_agreement_counts_what_the_rows_score():
    count = sum(row["items"] for row in FILE["agreement"])
    for method, counted in (
        ("image", sum(row["items"] for row in FILE["agreement"] if row["image"])),
        ("image + text", sum(row["joint"] for row in FILE["agreement"])),
    ):
        right = sum(row["items"] * row["accuracy"] for row in _by_method()[method])
        assert right == pytest.approx(counted)
        assert counted < count


def test_a_live_cell_agrees():
    """No seed matters, but two machines may stop the descent at once or a step later."""
    (live,) = MODALITIES.run_one(speech="es", fold=0)
    (stored,) = [row for row in FILE["rows"] if row["method"] == study.SPANISH and not row["fold"]]
    assert live["accuracy"] == pytest.approx(stored["accuracy"], abs=1.5 / stored["items"])
    assert live["bits"] == pytest.approx(stored["bits"], abs=0.01)


def test_the_search_has_no_test_split_and_finds_what_is_stored():
    setting = {"speech": "es", "fold": 0}
    hidden = study.load_task(0, "es").without_test()
    assert len(hidden.targets("test")) == len(hidden.features("test", "speech")) == 0
    found = search_setting(MODALITIES, setting, None)
    (stored,) = [c for c in FILE["choices"] if (c["speech"], c["fold"]) == ("es", 0)]
    assert found["config"] == stored["config"]
    assert np.isclose(found["validation"], stored["validation"], atol=0.02)
