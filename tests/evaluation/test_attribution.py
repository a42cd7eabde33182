import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.evaluation import shuffled_modality


@given(st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_every_item_gets_the_row_of_another(items, seed):
    inputs = {"image": np.arange(items), "text": np.arange(2 * items).reshape(items, 2)}
    result = shuffled_modality(inputs, "image", seed=seed)
    assert sorted(result["image"]) == list(range(items))
    assert (result["image"] != np.arange(items)).all()
    assert result["text"] is inputs["text"]
    np.testing.assert_array_equal(inputs["image"], np.arange(items))
    assert list(result) == ["image", "text"]


def test_rows_move_as_a_whole_and_inputs_may_be_read_only(rng):
    inputs = {"image": rng.random((6, 4, 4, 3)), "text": np.array(list("abcdef"))}
    for array in inputs.values():
        array.flags.writeable = False
    result = shuffled_modality(inputs, "image", seed=0)["image"]
    sources = [[np.array_equal(new, old) for old in inputs["image"]].index(True) for new in result]
    assert sorted(sources) == list(range(6))
    words = shuffled_modality(inputs, "text", seed=0)["text"]
    assert sorted(words) == list("abcdef")


def test_every_other_row_is_as_likely():
    rows = {"image": np.arange(4)}
    rng = np.random.default_rng(0)
    received = np.array([shuffled_modality(rows, "image", seed=rng)["image"] for _ in range(6000)])
    shares = np.array([np.mean(received == source, axis=0) for source in range(4)])
    np.testing.assert_array_equal(np.diag(shares), 0)
    np.testing.assert_allclose(shares[~np.eye(4, dtype=bool)], 1 / 3, atol=0.025)


def test_the_seed_decides():
    inputs = {"image": np.arange(50)}
    first = shuffled_modality(inputs, "image", seed=1)["image"]
    np.testing.assert_array_equal(first, shuffled_modality(inputs, "image", seed=1)["image"])
    assert (first != shuffled_modality(inputs, "image", seed=2)["image"]).any()


def test_shuffled_modality_says_what_is_wrong():
    inputs = {"text": np.arange(3), "image": np.arange(3)}
    with pytest.raises(ValueError, match=r"modality must be one of \['image', 'text'\], got 'txt'"):
        shuffled_modality(inputs, "txt", seed=0)
    with pytest.raises(ValueError, match="inputs must hold at least two items to shuffle, got 1"):
        shuffled_modality({"text": np.arange(1)}, "text", seed=0)
