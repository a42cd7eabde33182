"""The table of probabilities: numbers, bars of their length, and who is right."""

import re

import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.widgets import probability_table
from mmtutorial.widgets.probabilities import OTHER, RIGHT

COLUMNS = {"image": np.array([0.7, 0.2, 0.1]), "text": np.array([0.125, 0.625, 0.25])}
CLASSES = ["cat", "dog", "<b>"]


def test_every_probability_is_a_number_and_a_bar_as_long():
    text = probability_table(COLUMNS, CLASSES, truth=1)._repr_html_()
    assert Tags(text).open == []
    bars = re.findall(r"90deg,(rgba\([^)]+\)) ([\d.]+)%,transparent 0\)\">([\d.]+)<", text)
    every = np.stack([*COLUMNS.values()], axis=1).ravel()
    np.testing.assert_allclose([float(length) / 100 for _, length, _ in bars], every)
    assert [number for *_, number in bars] == [f"{p:.2f}" for p in every]
    assert [colour for colour, *_ in bars] == [OTHER, OTHER, RIGHT, RIGHT, OTHER, OTHER]


def test_the_largest_is_bold_and_the_last_row_says_who_is_right():
    tags = Tags(probability_table(COLUMNS, CLASSES, truth=1)._repr_html_())
    bold = ["font-weight:650" in cell["style"] for cell in tags.all("td") if "style" in cell]
    assert bold == [True, False, False, True, False, False, False, False]
    assert tags.words.endswith("answer✗ wrong✓ right")
    assert "✓ dog" in tags.words
    assert tags.all("b") == []


def test_without_a_truth_nothing_is_marked():
    assert not set("✓✗") & set(probability_table(COLUMNS, CLASSES)._repr_html_())


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({}, {}, "columns must hold at least one"),
        ({"a": [0.5, 0.5]}, {}, r"columns\['a'\] must hold a probability for each of 3"),
        ({"a": [0.5, 0.6, -0.1]}, {}, "which sum to 1"),
        ({"a": [0.5, 0.5, 0.5]}, {}, "which sum to 1"),
        (COLUMNS, {"truth": 3}, "truth must be at most 2"),
        (COLUMNS, {"truth": True}, "truth must be a whole number"),
    ],
)
def test_what_are_no_probabilities_is_refused(columns, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        probability_table(columns, CLASSES, **options)
