"""Weights in a small file: they come back, or it is said why not."""

import keras
import numpy as np
import pytest

from mmtutorial.applications._weights import load_arrays, load_weights, save_arrays, save_weights
from mmtutorial.data import DataError


def make_model():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(12), keras.layers.Dropout(0.1)])


def test_a_model_comes_back_in_half_precision_with_what_is_known_of_it(tmp_path):
    model, path = make_model(), tmp_path / "files" / "model.npz"
    save_weights(path, model, letters="aáb", score=0.25)
    weights, about = load_weights(path)
    assert about == {"letters": "aáb", "score": 0.25}
    again = make_model()
    again.set_weights(weights)
    for kept, given in zip(again.get_weights(), model.get_weights(), strict=True):
        assert kept.dtype == given.dtype
        np.testing.assert_array_equal(kept, given.astype("float16").astype(given.dtype))


def test_more_than_ten_weights_keep_their_order(tmp_path):
    class Many:
        def get_weights(self):
            return [np.full(1, i, "float32") for i in range(12)]

    save_weights(tmp_path / "many.npz", Many())
    weights, _ = load_weights(tmp_path / "many.npz")
    assert [float(each[0]) for each in weights] == list(range(12))


def test_whole_numbers_and_texts_stay_what_they_are(tmp_path):
    arrays = {"counts": np.array([1, 70_000]), "contexts": np.array(["", "á", "né"])}
    save_arrays(tmp_path / "a.npz", arrays)
    again, about = load_arrays(tmp_path / "a.npz")
    assert about == {}
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)


def test_the_same_weights_are_the_same_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        save_arrays(tmp_path / name, {"x": np.arange(5.0)}, seed=0)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("wrong", [1e6, np.nan])
def test_what_half_precision_cannot_hold_is_refused_and_nothing_written(tmp_path, wrong):
    with pytest.raises(ValueError, match="x must lie within 65504 of 0 and be finite"):
        save_arrays(tmp_path / "a.npz", {"x": np.array([wrong])})
    assert not list(tmp_path.iterdir())


def test_a_damaged_or_missing_file_says_how_to_repair_it(tmp_path):
    path = tmp_path / "files" / "a.npz"
    with pytest.raises(DataError, match="cannot be read"):
        load_weights(path)
    save_arrays(path, {"x": np.arange(5.0)})
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(DataError, match="To repair: in a clone of the book run `git checkout"):
        load_weights(path)
