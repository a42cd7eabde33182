"""The tables hold what the stored rows say."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.applications.speech import study, tables


@pytest.fixture(scope="module")
def stored():
    return results.load("applications/speech")


@pytest.fixture(scope="module")
def controls():
    return results.load("applications/speech/controls")


def mean_of(stored, value, **where):
    found = [r[value] for r in stored["rows"] if where.items() <= r.items()]
    assert found
    return pytest.approx(sum(found) / len(found))


@pytest.mark.parametrize("language", tables.NAMES)
def test_every_way_of_decoding_has_both_rates(stored, language):
    where = {"language": language, "test": "level", "minutes": None, "voices": "all"}
    for steps in (tables.FINE, tables.COARSE):
        columns = tables.decoding_columns(stored, language, steps)
        for rate, title in tables.RATES.items():
            assert list(columns[title]) == [*tables.DECODINGS, "another line"]
            for way, one in columns[title].items():
                assert one.mean == mean_of(stored, rate, decoding=way, steps=steps, **where)
    assert tables.decoding_columns(stored, language) == tables.decoding_columns(
        stored, language, tables.FINE
    )


@pytest.mark.parametrize("language", tables.NAMES)
def test_one_row_of_letters_stands_beside_its_language(stored, controls, language):
    columns = tables.decoding_columns(stored, language, controls=controls)
    plain = tables.decoding_columns(stored, language)
    for rate, title in tables.RATES.items():
        where = {"language": language, "decoding": "one row", "voices": "all"}
        assert columns[title].pop("one row").mean == mean_of(controls, rate, **where)
        assert columns[title] == plain[title]


def test_exchanged_texts_are_counted_by_decoding(controls):
    found = tables.exchanged_rates(controls)
    where = {"texts": "exchanged", "voices": "all"}
    for way in tables.DECODINGS:
        assert found[way].mean == mean_of(controls, "cer", decoding=way, **where)


def test_finer_steps_are_another_row(stored):
    fine, coarse = (tables.decoding_columns(stored, "nl", steps) for steps in (50, 25))
    assert fine != coarse
    where = {"language": "nl", "steps": 25, "voices": "all", "decoding": "greedy"}
    assert coarse[tables.RATES["cer"]]["greedy"].mean == mean_of(stored, "cer", **where)


def test_steps_are_compared_in_each_language(stored):
    columns = tables.step_columns(stored)
    assert list(columns) == [
        f"{name}, {steps} steps a second" for name in ("Czech", "Dutch") for steps in (25, 50)
    ]
    where = {"language": "cs", "minutes": None, "test": "level", "voices": "all", "steps": 50}
    found = columns["Czech, 50 steps a second"]["greedy"].mean
    assert found == mean_of(stored, "cer", decoding="greedy", **where)


def test_fewer_minutes_have_their_rows(stored):
    greedy = tables.minute_curves(stored)["greedy"]
    assert list(greedy) == [14, 28, 56]
    where = {"language": "cs", "test": "level", "decoding": "greedy", "voices": "all"}
    for minutes in (14, 28):
        assert greedy[minutes].mean == mean_of(stored, "cer", minutes=minutes, **where)
    assert greedy[56].mean == mean_of(stored, "cer", minutes=None, steps=25, **where)


def test_voices_and_splits_are_not_mixed(stored, controls):
    lm = tables.DECODINGS[2]
    for rate in tables.RATES:
        columns = tables.split_columns(stored, rate)
        assert tuple(columns) == tables.DECODINGS
        for decoding, column in columns.items():
            unseen = column["an unseen voice, after 31 minutes"].mean
            less = column["unseen levels, after 14 minutes"].mean
            where = {"decoding": decoding, "steps": 25}
            assert unseen == mean_of(stored, rate, test="speaker", voices="all", **where)
            where |= {"test": "level", "minutes": 14, "voices": "two fish"}
            assert less == mean_of(stored, rate, **where)
    for title, column in tables.voice_columns(stored, controls).items():
        voices = title.rpartition(", ")[2]
        row = mean_of(controls, "cer", voices=voices, decoding="one row", language="cs")
        assert column["one row"].mean == row
        where = {"language": "cs", "test": "level", "minutes": None, "steps": 50}
        assert column[lm].mean == mean_of(stored, "cer", voices=voices, decoding=lm, **where)


def test_a_search_stands_beside_chance(stored):
    columns = tables.search_columns(stored, {"cs": 0.03, "nl": 0.04})
    assert columns["Czech, R@10"]["chance"] == 0.03
    assert columns["Dutch, R@10"]["states"].mean == mean_of(
        stored, "recall_at_10", language="nl", search="states"
    )


@pytest.mark.parametrize("language", tables.NAMES)
def test_one_model_for_both_is_compared_in_each_language_at_equal_steps(stored, language):
    column = tables.language_columns(stored)[f"{tables.NAMES[language]}, greedy"]
    where = {"steps": 25, "decoding": "greedy", "test": "level", "minutes": None}
    alone, both = column["a model of its own"], column["one model for both"]
    assert alone.mean == mean_of(stored, "cer", language=language, voices="all", **where)
    assert both.mean == mean_of(stored, "cer", language="cs+nl", voices=language, **where)


def test_every_setting_has_all_of_its_seeds(stored):
    declared = study.STUDIES[0]
    for setting in declared.settings():
        rows = [row for row in stored["rows"] if setting.items() <= row.items()]
        assert {row["seed"] for row in rows} == set(declared.seeds_of(setting))
