"""Stored results are whole, say how they were made, and are written whole or not at all."""

from xml.etree import ElementTree

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.evaluation import Interval, interval


@pytest.mark.parametrize("name", results.available())
def test_a_result_says_how_and_when_it_was_made(name):
    made = results.load(name)["made"]
    assert made["command"].startswith(("python -m mmtutorial.chapters.", "python benchmarks/"))
    assert len(made["date"]) == len("2026-01-01")
    assert {"machine", "minutes", "versions"} <= made.keys()


def test_every_method_of_the_joining_table_has_five_seeds():
    rows = results.load("fusion/joining")["rows"]
    settings = {(row["image"], row["keywords"], row["method"]) for row in rows}
    assert len(settings) == 2 * 3 * 8
    for image, keywords, method in settings:
        where = {"image": image, "keywords": keywords, "method": method}
        assert sorted(results.select(rows, "seed", **where)) == [0, 1, 2, 3, 4]
        scores = results.select(rows, "accuracy", **where)
        assert np.all((scores > 0) & (scores < 1))


def test_joining_reaches_its_target_with_its_interval():
    from mmtutorial.evaluation import interval

    rows = results.load("fusion/joining")["rows"]
    for keywords, target in ((2, 0.74), (None, 0.82)):
        best = max(
            (results.select(rows, "accuracy", image="features", keywords=keywords, method=method)
             for method in ("early", "concat", "sum", "late")),
            key=np.mean,
        )  # fmt: skip
        assert interval(best).low >= target


def test_select_refuses_what_is_not_there():
    with pytest.raises(ValueError, match="no row has"):
        results.select([{"method": "sum", "accuracy": 1.0}], "accuracy", method="gate")


ROWS = [
    {"image": image, "method": method, "seed": seed, "accuracy": 0.1 * seed + (image == "pixels")}
    for image in ("features", "pixels")
    for method in ("sum", "late")
    for seed in range(3)
]


def test_intervals_are_of_the_rows_that_match():
    found = results.intervals(iter(ROWS), image="pixels")
    assert list(found) == ["sum", "late"]
    assert found["sum"].mean == pytest.approx(1.1)


def test_intervals_never_pool_two_settings():
    message = r"several rows per seed for 'sum': name the setting, got {"
    with pytest.raises(ValueError, match=message):
        results.intervals(ROWS)
    stored = results.load("fusion/joining")["rows"]
    with pytest.raises(ValueError, match=r"several rows per seed .*got {'image': 'features'}"):
        results.intervals(stored, image="features")


def test_an_unknown_key_is_named_with_the_known_ones():
    known = r"known are \['image', 'method', 'seed', 'accuracy'\]"
    with pytest.raises(ValueError, match=f"no row has a key 'acuracy'; {known}"):
        results.select(ROWS, "acuracy", method="sum")
    with pytest.raises(ValueError, match=f"no row has a key 'keyword'; {known}"):
        results.select(ROWS, "accuracy", keyword=1)
    with pytest.raises(ValueError, match=f"no row has a key 'keyword'; {known}"):
        results.intervals(ROWS, keyword=1)
    with pytest.raises(ValueError, match="no row has a key 'method'"):
        results.intervals([{"size": 1, "accuracy": 0.5}])


def test_a_missing_value_is_no_number():
    rows = [{"method": "late", "seconds": None}, {"method": "late", "seconds": 3.0}]
    with pytest.raises(ValueError, match=r"1 of 2 rows with {'method': 'late'} have no 'seconds'"):
        results.select(rows, "seconds", method="late")
    with pytest.raises(ValueError, match=r"1 of 2 rows with {} have no 'minutes'"):
        results.select([{"minutes": 1}, {}], "minutes")


def test_a_table_has_the_same_rows_in_all_columns():
    table = results.Table({"a": {"sum": 1, "late": 2}, "b": {"late": 4, "sum": 3}}, "T")
    assert repr(table).splitlines()[-2:] == ["| sum | 1 | 3 |", "| late | 2 | 4 |"]
    message = r"same rows, got \['sum'\] in 'a' and \['sum', 'late'\] in 'b'"
    with pytest.raises(ValueError, match=message):
        results.Table({"a": {"sum": 1}, "b": {"sum": 1, "late": 2}})
    with pytest.raises(ValueError, match="columns must hold at least one column"):
        results.Table({})


def test_a_table_is_a_table_on_a_page():
    table = results.Table({"a < b": {"sum": 0.5}, "c": {"sum": 1}}, "Title")
    page = ElementTree.fromstring(table._repr_html_())
    assert page.find("caption").text == "Title"
    assert [cell.text for cell in page.iter("th")] == ["a < b", "c", "sum"]
    assert [cell.text for cell in page.find("tbody").iter("td")] == ["0.5", "1"]


def test_differences_are_taken_seed_by_seed():
    rows = [
        dict(method=method, seed=seed, side=side, accuracy=seed + (side == "b") * (1 + 0.1 * seed))
        for side, seeds in (("a", (0, 1, 2)), ("b", (2, 0, 1)))
        for seed in seeds
        for method in ("one", "two")
    ]
    found = results.differences(rows, of={"side": "b"}, minus={"side": "a"})
    assert list(found) == ["one", "two"]
    expected = interval([1.0, 1.1, 1.2])
    np.testing.assert_allclose(found["one"], expected)
    with pytest.raises(ValueError, match="'one' must have the same seeds in both"):
        results.differences(rows[2:], of={"side": "b"}, minus={"side": "a"})


# Rows that do not tell the setting

POOLED = [
    dict(method="sum", seed=seed, keywords=k, leak=leak, accuracy=(0.1 if k == 1 else 0.3) * leak)
    for seed in range(3)
    for k in (1, 2)
    for leak in (0, 1)
]


def test_two_settings_are_never_taken_for_one():
    setting = {"of": {"leak": 1}, "minus": {"leak": 0}}
    for ask in (
        lambda: results.differences(POOLED, **setting),
        lambda: results.differences(POOLED, of={"leak": 1}, minus={"leak": 0, "keywords": 1}),
        lambda: results.intervals(POOLED, leak=1),
        lambda: results.select(POOLED, "accuracy", method="sum", leak=1),
        lambda: results.by_seed(POOLED, leak=1),
    ):
        with pytest.raises(ValueError, match=r"several rows per seed.*: name the setting"):
            ask()
    found = results.differences(iter(POOLED), **setting, keywords=1)
    assert found["sum"].mean == pytest.approx(0.1)
    with pytest.raises(ValueError, match="of must name a setting"):
        results.differences(POOLED, of={}, minus={"leak": 0})
    with pytest.raises(ValueError, match="several rows per seed"):
        results.by_seed([dict(POOLED[0], method=method) for method in ("sum", "late")])


def test_rows_are_a_list_of_dicts():
    whole = {"made": {}, "rows": POOLED}
    with pytest.raises(TypeError, match=r"such as result\['rows'\], got a whole result"):
        results.select(whole, "accuracy")
    with pytest.raises(TypeError, match="rows must be a list of dicts, got 3 in it"):
        results.select([3], "accuracy")


def test_rows_by_a_key_are_one_each():
    rows = [{"method": "sum", "against": "image"}, {"method": "sum", "against": "text"}]
    assert list(results.index_rows(rows, "method", "against")) == [
        ("sum", "image"),
        ("sum", "text"),
    ]
    with pytest.raises(ValueError, match="several rows of method 'sum'"):
        results.index_rows(rows, "method")


# Tables


def test_a_bar_in_a_table_ends_no_cell():
    table = results.Table({"a | b": {"cat | dog": "x | y"}})
    assert repr(table).splitlines() == [
        "| | a \\| b |",
        "|:--|:--|",
        "| cat \\| dog | x \\| y |",
    ]


def test_numbers_may_name_rows_and_columns():
    page = results.Table({1: {2: 0.5}}, "3")._repr_html_()
    assert ">1</th>" in page
    assert ">2</th>" in page
    for wrong in ([1], {"a": [1]}, {"a": 1}):
        with pytest.raises(TypeError, match=r"columns.* must be a dict such as"):
            results.Table(wrong)
    with pytest.raises(TypeError, match="title must be a text, got None"):
        results.Table({"a": {"sum": 1}}, None)


def columns_of(**spans):
    return {row: Interval(sum(ends) / 2, *ends) for row, ends in spans.items()}


def bold_in(table, column):
    """Return the rows whose cell is bold, on a page and in Markdown alike."""
    page = ElementTree.fromstring(table._repr_html_())
    place = [cell.text for cell in page.find("thead").iter("th")].index(column)
    rows = [(row.find("th").text, row.findall("td")[place]) for row in page.find("tbody")]
    found = [name for name, cell in rows if cell.find("strong") is not None]
    lines = [line.split(" | ") for line in repr(table).splitlines() if line.startswith("| ")][1:]
    assert [cells[0][2:] for cells in lines if cells[place + 1].startswith("**")] == found
    return found


def test_the_best_and_what_its_interval_overlaps_are_bold():
    columns = {
        "right": columns_of(image=(0.60, 0.70), late=(0.75, 0.81), sum=(0.80, 0.90)),
        "bits": columns_of(image=(2.0, 2.2), late=(0.9, 1.1), sum=(1.2, 1.4)),
        "weights": {"image": "1,000", "late": 5, "sum": "3.2"},
    }
    table = results.Table(columns, "T", best={"right": "max", "bits": "min"}, baselines=["image"])
    assert bold_in(table, "right") == ["late", "sum"]
    assert bold_in(table, "bits") == ["late"]
    assert bold_in(table, "weights") == []
    note = "bold: the best of its column, grey rows aside, and what its interval overlaps"
    assert note in repr(table)
    assert note in table._repr_html_()
    whole = results.Table(columns, best="max")
    assert bold_in(whole, "bits") == ["image"]
    assert "best of its column, and" in repr(whole)
    plain = results.Table(columns)
    assert bold_in(plain, "right") == []
    assert "bold" not in repr(plain) + plain._repr_html_()


def test_an_interval_counts_as_it_is_printed_and_an_empty_cell_does_not():
    cells = {"a": "0.812 ± 0.010", "b": "0.795 ± 0.008 ▲", "c": "", "d": "0.750 ± 0.001"}
    assert bold_in(results.Table({"right": cells}, best="max"), "right") == ["a", "b"]
    sure = results.Table({"right": cells | {"e": "0.9"}}, best="max")  # it has no interval
    assert bold_in(sure, "right") == ["e"]


def test_a_baseline_is_never_the_best_but_may_be_as_good():
    spans = columns_of(oracle=(0.99, 1.0), text=(0.7, 0.82), late=(0.8, 0.9), sum=(0.6, 0.7))
    table = results.Table({"right": spans}, best="max", baselines=("oracle", "text"))
    assert bold_in(table, "right") == ["text", "late"]


def test_a_baseline_is_grey():
    table = results.Table({"a": {"chance": 0.1, "sum": 0.5}}, baselines=["chance"])
    rows = ElementTree.fromstring(table._repr_html_()).find("tbody")
    assert [row.get("class") for row in rows] == ["baseline", None]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"best": "most"}, "best must be"),
        ({"best": {"right": "up"}}, r"best\['right'\] must be"),
        ({"best": {"cost": "min"}}, r"columns of intervals, of \['right'\], got {'cost': 'min'}"),
        ({"best": {}}, "columns of intervals"),
        ({"baselines": ["chance"]}, r"rows \['a', 'b'\], got \['chance'\]"),
    ],
)
def test_a_best_or_a_baseline_that_is_none_is_refused(options, message):
    columns = {"right": columns_of(a=(0, 1), b=(0, 2)), "cost": {"a": 1, "b": 2}}
    with pytest.raises(ValueError, match=message):
        results.Table(columns, **options)
    with pytest.raises(ValueError, match="columns of intervals, of"):
        results.Table({"cost": {"a": 1}}, best="max")


def test_words_stand_to_the_left_and_numbers_to_the_right():
    columns = {
        "says": {"a": "a cat", "b": "a dog", "c": ""},
        "numbers": {"a": "−.020 (p < .001)", "b": "", "c": "—"},
        "shares": {"a": "44%", "b": "< 1 %", "c": "5 of 30"},
    }
    table = results.Table(columns)
    assert repr(table).splitlines()[1] == "|:--|:--|--:|--:|"
    page = ElementTree.fromstring(table._repr_html_())
    for cells in [page.find("thead").findall(".//th"), *(r.findall("td") for r in page[1])]:
        assert [cell.get("style") for cell in cells] == ["text-align:left", None, None]


def test_of_several_tables_a_page_shows_the_first_and_folds_the_others_behind_their_titles():
    scores = {"right": columns_of(sum=(0.4, 0.5), late=(0.6, 0.7))}
    one, two = results.Table(scores), results.Table(scores, "a < b", best="max")
    shown = results.show_tables(table for table in (one, two))
    page = ElementTree.fromstring(f"<div>{shown._repr_html_()}</div>")
    assert [part.tag for part in page] == ["table", "details"]
    summary, folded = page.find("details")
    assert (page[1].get("open"), summary.tag, summary.text) == (None, "summary", "a < b")
    assert page[1].get("class") == "results"
    assert folded.find("caption/small").text.startswith("bold")
    assert "".join(folded.find("caption").itertext()).count("a < b") == 0, "it is said once"
    assert [cell.text for cell in folded.iter("strong")] == [str(scores["right"]["late"])]
    assert repr(shown) == f"{one!r}\n\n{two!r}"


@pytest.mark.parametrize(
    ("tables", "error", "message"),
    [
        ([], ValueError, r"tables must be a list of mm.results.Table, at least one, got 0"),
        ([results.Table({"a": {"b": 1}})] * 2, ValueError, r"tables\[1\] must have a title"),
        ([{"a": {"b": 1}}], TypeError, r"tables\[0\] must be an mm.results.Table, got {'a'"),
        (results.Table({"a": {"b": 1}}), TypeError, "tables must be a list of mm.results.Table"),
    ],
)
def test_what_is_no_table_or_has_no_title_is_not_folded(tables, error, message):
    with pytest.raises(error, match=message):
        results.show_tables(tables)


def test_an_identifier_is_written_as_prose_does_and_a_path_or_a_call_is_not():
    rows = {"cross_attention, text shuffled": "low_rank", "a/no_bird.py": "clip_loss(a)"}
    table = results.Table({"its_name": rows})
    for text in (repr(table), table._repr_html_()):
        assert "cross-attention, text shuffled" in text
        assert "low-rank" in text
        assert "its-name" in text
        assert "a/no_bird.py" in text
        assert "clip_loss(a)" in text


# Rows that are none

KEPT = [{"method": "sum", "seed": seed, "leak": leak, "accuracy": seed} for seed in (0, 1)
        for leak in (0, 1)]  # fmt: skip


@pytest.mark.parametrize("rows", [None, 1, "rows", ["row"], {"rows": []}])
def test_what_is_no_list_of_dicts_is_refused(rows):
    for call in (
        lambda: results.select(rows, "accuracy"),
        lambda: results.intervals(rows),
        lambda: results.index_rows(rows, "method"),
        lambda: results.differences(rows, of={"leak": 1}, minus={"leak": 0}),
    ):
        with pytest.raises(TypeError, match="rows must be a list of dicts"):
            call()


def test_a_key_that_cannot_be_meant_is_named():
    with pytest.raises(ValueError, match=r"no row has a key \['accuracy'\]; known are"):
        results.select(KEPT, ["accuracy"])
    with pytest.raises(ValueError, match="a row has no key 'methd', only"):
        results.index_rows(KEPT, "methd")
    with pytest.raises(ValueError, match="keys must name at least one"):
        results.index_rows(KEPT)
    for label in (np.nan, ["sum"]):
        with pytest.raises(ValueError, match="must have a text or a number as its 'method'"):
            results.index_rows([{"method": label}], "method")
    with pytest.raises(ValueError, match="a row has no key 'method', only"):
        results.intervals([*KEPT, {"accuracy": 1}])
    with pytest.raises(ValueError, match="'mean' must have rows of at least two seeds, got 1"):
        results.intervals([{"method": "mean", "accuracy": 1}])


def test_settings_to_compare_are_named_by_texts():
    assert results.differences(KEPT, of={"leak": 1}, minus={"leak": 0})["sum"].mean == 0
    for wrong in ({}, {1: 0}, {"method": "sum"}):
        with pytest.raises(ValueError, match="of must name a setting"):
            results.differences(KEPT, of=wrong, minus={"leak": 0})
