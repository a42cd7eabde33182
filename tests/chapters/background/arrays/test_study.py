"""What chapter "From raw samples to arrays" says of its tables is what the files hold."""

from functools import cache

import pytest

from mmtutorial import results
from mmtutorial.chapters.background.arrays import study, study_pictures

STUDIES = {s.name.split("/")[-1]: s for s in (*study.STUDIES, *study_pictures.STUDIES)}
SCALED, BYTES = "as in training", "not scaled: 0 to 255"


@cache
def rows(name):
    return results.load(STUDIES[name].name)["rows"]


def names(language, value="accuracy"):
    return results.intervals(rows("names"), value, language=language)


def pictures(training):
    return results.intervals(rows("pictures") + rows("scales"), training=training)


def voices(training):
    return results.intervals(rows("voices"), training=training)


@pytest.mark.parametrize("name", STUDIES)
def test_all_cells_are_there_and_nothing_was_searched(name):
    found = {(row["seed"], *(row[key] for key in STUDIES[name].grid)) for row in rows(name)}
    assert len(found) == 5 * len(STUDIES[name].settings())
    assert STUDIES[name].search is None


def test_english_characters_say_least_and_chinese_ones_more_than_words():
    english, chinese = names("en"), names("zh")
    assert english["char"].high < min(english[u].low for u in ("space", "word", "subword"))
    assert abs(english["space"].mean - english["word"].mean) < 0.03
    assert min(chinese["char"].low, chinese["subword"].low) > chinese["word"].high


def test_unknown_words_scatter_the_seeds():
    with_them, without = names("zh")["word"], names("zh", "left_out")["word"]
    assert without.high - without.low < 0.01 < 0.08 < with_them.high - with_them.low


def test_the_scale_must_be_that_of_training():
    careful, both = pictures("careful"), pictures("not scaled")
    assert abs(both[BYTES].mean - careful[SCALED].mean) < 0.03
    assert max(careful[BYTES].high, both[SCALED].high) < 0.35
    plain = pictures("careful, no batch norm")
    assert abs(plain[BYTES].mean - plain[SCALED].mean) < 0.03
    assert plain[SCALED].high < careful[SCALED].low


def test_turning_everything_costs_upright_pictures():
    careful, turned = pictures("careful"), pictures("turned up to 180°")
    assert turned[SCALED].mean < careful[SCALED].low
    assert careful["turned by 90°"].mean < turned["turned by 90°"].low
    assert careful["blue for red"].high < careful["turned by 90°"].low


def test_a_voice_must_be_filtered_as_in_training():
    filtered, nth = voices("resampled"), voices("every fourth sample")
    slow = filtered["22,000 taken for 16,000"]
    assert filtered["resampled"].low > filtered["every fourth sample"].high > slow.high
    assert nth["every fourth sample"].low > filtered["every fourth sample"].high
    big = results.select(
        rows("voices"), "big", training="resampled", method="22,000 taken for 16,000"
    )
    assert slow.high < 0.75 < big.mean()


def test_mixed_frames_have_no_direction():
    ways = results.intervals(rows("clips"))
    assert set(results.select(rows("clips"), "accuracy", method="average frame")) == {0.5}
    assert ways["motion"].low > 0.6
    assert ways["motion, frames shuffled"].low < 0.5


def test_a_live_cell_agrees():
    """No seed of a descent matters, but the last step may, and with it a clip or two."""
    (live,) = STUDIES["clips"].run_one(seed=0, method="motion")
    clips = len(study.load_frames()) // 4
    stored = results.select(rows("clips"), "accuracy", method="motion", seed=0)[0]
    assert live["accuracy"] == pytest.approx(stored, abs=2 / clips)
