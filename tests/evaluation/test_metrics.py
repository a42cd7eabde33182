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


@pytest.mark.parametrize("score", [accuracy, macro_f1])
@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        ([0, 1, 1], [0.1, 0.8, 0.9], "y_pred must hold class labels, whole .* got 0.1"),
        ([0, np.nan, 1], [0, 1, 1], "y_true must hold class labels, whole .* got nan"),
        ([0, np.inf, 1], [0, 1, 1], "y_true must hold class labels, whole .* got inf"),
        ([0, None, 1], [0, 1, 1], "y_true must hold class labels of one kind, got"),
        (["a", np.nan], ["a", "b"], "y_true must hold class labels of one kind, got nan"),
        (["a", 1], ["a", "1"], "y_true must hold class labels of one kind, got 1"),
        (["0", "1"], [0, 1], "both be whole numbers, or both texts"),
    ],
)
def test_what_is_no_label_has_no_score(score, y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        score(y_true, y_pred)


LABELS = st.one_of(
    st.integers(-3, 3),
    st.booleans(),
    st.sampled_from(["a", "b", "0", "1"]),
    st.sampled_from([0.0, 1.0, 0.5, np.nan, np.inf]),
    st.none(),
)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=6))
def test_whatever_is_scored_is_scored_as_scikit_learn_does(items):
    """Ours refuses more (a text beside a number in one list), and never scores otherwise."""
    y_true, y_pred = map(list, zip(*items, strict=True))
    try:
        ours = accuracy(y_true, y_pred), macro_f1(y_true, y_pred)
    except ValueError:
        return
    theirs = (
        sklearn.metrics.accuracy_score(y_true, y_pred),
        sklearn.metrics.f1_score(y_true, y_pred, average="macro", zero_division=0),
    )
    assert ours == pytest.approx(theirs)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1)), min_size=1, max_size=9))
def test_booleans_are_the_labels_0_and_1(items):
    y_true, y_pred = map(list, zip(*items, strict=True))
    assert accuracy(y_true, y_pred) == accuracy([int(label) for label in y_true], y_pred)
    as_objects = np.array(y_pred, dtype=object)  # as a column of a table is
    assert macro_f1(y_true, as_objects) == macro_f1(y_true, y_pred)
