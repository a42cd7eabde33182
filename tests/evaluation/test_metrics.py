import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.evaluation import accuracy, macro_f1

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=40)


@given(pairs)
def test_scores_agree_with_scikit_learn(items):
    y_true, y_pred = map(list, zip(*items, strict=True))
    assert accuracy(y_true, y_pred) == pytest.approx(sklearn.metrics.accuracy_score(y_true, y_pred))
    expected = sklearn.metrics.f1_score(y_true, y_pred, average="macro", zero_division=0)
    assert macro_f1(y_true, y_pred) == pytest.approx(expected)


@given(pairs)
def test_scores_do_not_depend_on_names_or_order(items):
    y_true, y_pred = map(np.array, zip(*items, strict=True))
    names = np.array(["smileys", "people", "animals", "food", "travel", "objects"])
    for score in (accuracy, macro_f1):
        expected = score(y_true, y_pred)
        assert score(names[y_true], names[y_pred]) == pytest.approx(expected)
        assert score(y_true[::-1], y_pred[::-1]) == pytest.approx(expected)
        assert score(y_true, y_true) == 1.0
        assert isinstance(expected, float)


def test_macro_f1_counts_a_rare_class_as_much_as_a_frequent_one():
    y_true = [0] * 98 + [1] * 2
    assert accuracy(y_true, [0] * 100) == 0.98
    # Precision 0.98 and recall 1 for the one, nothing for the other.
    assert macro_f1(y_true, [0] * 100) == pytest.approx((2 * 0.98 / 1.98 + 0) / 2)


@pytest.mark.parametrize("score", [accuracy, macro_f1])
def test_scores_say_what_is_wrong(score):
    with pytest.raises(
        ValueError, match=r"y_true and y_pred must be of one shape .*\(3,\) and \(2"
    ):
        score([0, 1, 2], [0, 1])
    with pytest.raises(ValueError, match=r"y_true and y_pred must be of one shape \(items,\)"):
        score([[0, 1]], [[0, 1]])  # one-hot rows, or logits
    with pytest.raises(ValueError, match="y_true is empty"):
        score([], [])
