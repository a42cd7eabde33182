"""A gate in the reader's hand: what is spoilt, and what the figure says of it."""

import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.chapters.fusion.gates_and_tensors.corruption import (
    image_gates,
    predict_with_fixed_gate,
)
from mmtutorial.chapters.fusion.gates_and_tensors.live import HeldGate, held_gate
from mmtutorial.tasks import EmojiTask, Recipe, build_model, predict_log_proba


@pytest.fixture(scope="module")
def held():
    task = EmojiTask(keywords=2)
    model = build_model(task, "gated", Recipe(units=8))
    predict_log_proba(model, task.inputs("validation", seed=0))
    pictures = np.zeros((len(task.targets("validation")), 4, 4, 3), np.uint8)
    return HeldGate(task, model, pictures)


def test_only_what_the_reader_spoils_changes(held):
    whole = held.pick(5)
    static, other = held.pick(5, "static"), held.pick(5, words="another emoji's")
    np.testing.assert_array_equal(whole["image"], held.inputs["image"][[5]])
    np.testing.assert_array_equal(static["text"], whole["text"])
    np.testing.assert_array_equal(other["image"], whole["image"])
    assert static["image"].std() > 2
    assert (other["text"] != whole["text"]).any()
    assert all(held.names != held.names[held.other])


def test_held_at_its_own_place_a_gate_says_what_it_says_free(held):
    inputs = held.pick(5)
    own = image_gates(held.model, inputs)
    free = np.exp(predict_log_proba(held.model, inputs))
    np.testing.assert_allclose(predict_with_fixed_gate(held.model, inputs, own), free, atol=1e-5)
    text = held.frame(5, 0.25)._repr_html_()
    assert f"its own, {own.mean():.2f}" in text
    column = predict_with_fixed_gate(held.model, inputs, 0.25)[0]
    assert all(f">{p:.2f}<" in text for p in column)


def test_the_line_shows_where_the_gate_is_held_and_where_its_own_is(held):
    tags = Tags(held.frame(5, 1.0)._repr_html_())
    assert tags.open == []
    (drawing,) = tags.all("svg")
    assert drawing["aria-label"].startswith("Gate held at 1.00")
    assert tags.all("path")[0]["d"].startswith("M230.0 ")
    own = image_gates(held.model, held.pick(5)).mean()
    assert float(tags.all("line")[1]["x1"]) == pytest.approx(10 + 220 * own, abs=0.06)


def test_the_figure_begins_where_it_is_told_to(held):
    row = len(held.names) - 1
    figure = held_gate(held, "<p>twin</p>", row=row, gate=0.3)
    values = {name: control.value for name, control in figure._controls.items()}
    assert values == {"row": row, "gate": 0.3, "picture": "as it is", "words": "as they are"}


@pytest.mark.parametrize(
    ("change", "message"),
    [({"gate": 1.1}, "gate must be"), ({"picture": "x"}, "picture"), ({"words": "x"}, "words")],
)
def test_what_the_controls_do_not_offer_is_refused(held, change, message):
    with pytest.raises(ValueError, match=message):
        held.frame(**({"row": 0, "gate": 0.5} | change))
