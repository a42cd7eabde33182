"""The live figures of the part on multi-task learning in a real JupyterLab."""

import pytest

from .lab import move, shown

pytestmark = pytest.mark.browser


def test_the_reader_sorts_the_transfer_matrix(browser, lab):
    cells = ["sharing-02", "sharing-04", "sharing-08", "sharing-12", "sharing-37", "sharing-44",
             "sharing-46"]  # fmt: skip
    tab, figure = lab.run(browser, "multi_task/1_sharing", cells)
    names = figure.locator("tbody th")
    assert names.first.inner_text() == "artist"
    figure.get_by_label("Rows sorted by", exact=True).select_option(label="subgroup")
    figure.locator("tbody tr:first-child th", has_text="subgroup").wait_for()
    rows = names.all_inner_texts()
    figure.get_by_label("Show", exact=True).select_option(label="affinity by look-ahead")
    shown(figure, "affinity by look-ahead, per cent")
    assert sorted(names.all_inner_texts()) == sorted(rows)
    tab.close()


def test_the_reader_sets_the_unit_and_the_noise_of_a_task(browser, lab):
    tab, figure = lab.run(browser, "multi_task/2_balancing", ["balancing-02", "balancing-58"])
    weight = figure.locator("tbody tr", has_text="inverse").locator("td").nth(1)
    before = float(weight.inner_text())
    move(figure, "Labels of B times", "End")
    assert float(weight.inner_text()) < before / 10
    move(figure, "Noise of B", "End")
    assert figure.get_by_role("alert").count() == 0
    tab.close()


def test_the_reader_chooses_where_the_paths_begin(browser, lab):
    tab, figure = lab.run(browser, "multi_task/3_conflict", ["conflict-02", "conflict-65"])

    def ends(method):
        row = figure.locator("tbody tr", has_text=method)
        return row.locator("td").last.inner_text()

    assert ends("IMTL-G") == "below the valleys"
    move(figure, "Rate", "Home")
    assert ends("sum") == "in a valley"
    move(figure, "Start, first weight", "End")
    move(figure, "Start, second weight", "Home")
    assert ends("sum") == "below the valleys"
    tab.close()
