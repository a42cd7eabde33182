import numpy as np
import pytest

from mmtutorial import _checks


@pytest.mark.parametrize("given", [True, np.True_, 2.0, "2", None, [2], float("nan")])
def test_no_whole_number(given):
    with pytest.raises(TypeError, match="units must be a whole number"):
        _checks.check_whole("units", given)


@pytest.mark.parametrize("given", [2, np.int32(2), np.uint8(2)])
def test_whole_number_becomes_int(given):
    assert type(_checks.check_whole("units", given, least=2)) is int
    with pytest.raises(ValueError, match="units must be at least 3, got 2"):
        _checks.check_whole("units", given, least=3)


@pytest.mark.parametrize("given", [True, "0.5", None, [0.5], 1j])
def test_no_number(given):
    with pytest.raises(TypeError, match="rate must be a number"):
        _checks.check_number("rate", given)


@pytest.mark.parametrize("given", [float("nan"), float("inf"), -0.1, 1.0, 2])
def test_share_out_of_range(given):
    with pytest.raises(ValueError, match="dropout must be at least 0 and below 1, got"):
        _checks.check_share("dropout", given)


def test_bounds():
    assert _checks.check_number("x", 1, least=1, most=1) == 1.0
    for bound in ({"above": 1}, {"below": 1}, {"least": 2}, {"most": 0}):
        with pytest.raises(ValueError, match="x must be"):
            _checks.check_number("x", 1, **bound)
    with pytest.raises(ValueError, match="x must be finite, got nan"):
        _checks.check_number("x", np.float32("nan"))
    with pytest.raises(ValueError, match="x must be above 0 and finite, got inf"):
        _checks.check_number("x", float("inf"), above=0)


def test_choices_flags_sizes():
    assert _checks.check_choice("unit", "word", ("word", "char")) == "word"
    with pytest.raises(ValueError, match="unit must be one of"):
        _checks.check_choice("unit", "letter", ("word", "char"))
    with pytest.raises(TypeError, match="unit must be one of"):
        _checks.check_choice("unit", ["word"], ("word", "char"))
    with pytest.raises(TypeError, match="flip must be True or False, got 'no'"):
        _checks.check_flag("flip", "no")
    assert _checks.check_sizes("hidden", [3, np.int64(4)]) == (3, 4)
    for wrong in (3, np.array(3), "34", (2.5,), {3: 4}, {3, 4}):
        with pytest.raises(TypeError, match="hidden"):
            _checks.check_sizes("hidden", wrong)
    with pytest.raises(ValueError, match=r"hidden\[1\] must be at least 1"):
        _checks.check_sizes("hidden", (1, 0))
    with pytest.raises(ValueError, match="at least 1 numbers"):
        _checks.check_sizes("filters", (), least_count=1)


def test_arrays():
    with pytest.raises(ValueError, match="scores must be one array"):
        _checks.check_array("scores", [[1, 2], [3]])
    for wrong in (["a"], [None], [object()]):
        with pytest.raises(TypeError, match="scores must hold numbers"):
            _checks.check_array("scores", wrong)
    with pytest.raises(ValueError, match=r"got nan \(1 in all\)"):
        _checks.check_array("scores", [1.0, np.nan])
    assert _checks.check_array("scores", [1.0, np.nan], finite=False).shape == (2,)
    with pytest.raises(TypeError, match="inputs must be a dict such as"):
        _checks.check_dict("inputs", [1], "{'image': ...}")


def test_a_choice_of_numbers_is_no_flag():
    assert _checks.check_choice("fold", np.int64(1), (0, 1)) == 1
    with pytest.raises(ValueError, match=r"fold must be one of \(0, 1\), got True"):
        _checks.check_choice("fold", True, (0, 1))
    assert _checks.check_choice("flag", True, (False, True)) is True


def test_class_indices():
    labels = _checks.check_labels("target", [True, False], classes=2)
    assert labels.tolist() == [1, 0]  # booleans never choose rows, they are 0 and 1
    assert labels.dtype == np.intp
    assert _checks.check_labels("target", [], classes=2).shape == (0,)
    for wrong in ([-1], [2], [0.0], ["0"], [None], [[0]], 0):
        with pytest.raises(ValueError, match="target must "):
            _checks.check_labels("target", wrong, classes=2)


def test_seed():
    assert _checks.check_seed("seed", [0, 1]).random() == np.random.default_rng([0, 1]).random()
    for wrong in (-1, 2.5, "a", True, None):
        with pytest.raises((TypeError, ValueError), match="seed must be a whole number"):
            _checks.check_seed("seed", wrong)


def test_functions_and_texts():
    assert _checks.check_callable("metric", max) is max
    with pytest.raises(TypeError, match="metric must be a function, got 'max'"):
        _checks.check_callable("metric", "max")
    assert _checks.check_text("title", "") == ""
    for wrong in (None, b"a", ["a"]):
        with pytest.raises(TypeError, match="title must be a text"):
            _checks.check_text("title", wrong)


def test_a_label_of_another_kind_is_the_one_that_is_named():
    for wrong, named in (([0, None, 1], "None"), (["a", None], "None"), (["a", 1], "1")):
        with pytest.raises(ValueError, match=f"y must hold class labels of one kind, got {named}"):
            _checks.check_labels("y", wrong)


def test_rows_of_several_shapes_are_to_be_resized_first():
    with pytest.raises(ValueError, match=r"x must be one array: .*resize pictures, or pad seq"):
        _checks.check_array("x", [np.zeros((2, 2)), np.zeros((3, 3))])
