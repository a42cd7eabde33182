import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmtutorial as mm
from mmtutorial.evaluation import permutation_importance, shuffled_modality


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
    with pytest.raises(ValueError, match=r"one of \['image', 'text'\] in inputs, got 'txt'"):
        shuffled_modality(inputs, "txt", seed=0)
    with pytest.raises(ValueError, match="inputs must hold at least two items to shuffle, got 1"):
        shuffled_modality({"text": np.arange(1)}, "text", seed=0)


class Packed:
    """Clips of which none may be decoded: rows can only be chosen."""

    def __init__(self, rows):
        self.rows = np.asarray(rows)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, key):
        assert np.ndim(key) == 1, "a clip was decoded"
        return Packed(self.rows[key])

    def encoded(self, row):
        raise AssertionError("a clip was read")


def test_clips_stay_packed_and_move_as_arrays_do():
    inputs = {"speech": Packed(np.arange(9)), "text": np.arange(9)}
    moved = shuffled_modality(inputs, "speech", seed=3)["speech"]
    assert isinstance(moved, Packed)
    expected = shuffled_modality({"speech": np.arange(9)}, "speech", seed=3)["speech"]
    np.testing.assert_array_equal(moved.rows, expected)
    drop = permutation_importance(
        lambda x: np.eye(9)[x["speech"].rows], inputs, np.arange(9), seeds=[0]
    )
    assert drop["speech"][0] == 1
    assert drop["text"][0] == 0


@pytest.mark.parametrize("load", [mm.data.load_dialogues, mm.data.load_animated_emoji])
def test_shipped_clips_can_be_shuffled(load):
    inputs = load().test.inputs
    name = next(key for key in ("speech", "video") if key in inputs)
    clips = inputs[name][:4]
    moved = shuffled_modality({name: clips}, name, seed=0)[name]
    assert type(moved) is type(clips)
    files = [clips.encoded(row) for row in range(4)]
    assert sorted(moved.encoded(row) for row in range(4)) == sorted(files)
    assert all(moved.encoded(row) != files[row] for row in range(4))


@given(st.integers(2, 30), st.integers(0, 2**32 - 1))
def test_presence_moves_with_its_modality(items, seed):
    """Where b is absent its value is -1, whichever item it comes from."""
    rng = np.random.default_rng(seed)
    there = rng.random((items, 3)) < 0.5
    inputs = {"presence": there, "c": np.arange(items), "a": np.arange(items)}
    inputs["b"] = np.where(there[:, 1], np.arange(items), -1)
    before = there.copy()
    result = shuffled_modality(inputs, "b", seed=seed)
    np.testing.assert_array_equal(result["presence"][:, 1], result["b"] >= 0)
    np.testing.assert_array_equal(result["presence"][:, [0, 2]], there[:, [0, 2]])
    np.testing.assert_array_equal(there, before)


def test_presence_is_no_modality_to_shuffle():
    inputs = {"a": np.eye(4), "b": np.eye(4), "presence": np.ones((4, 2), bool)}
    drop = permutation_importance(
        lambda x: x["a"] * x["presence"][:, :1], inputs, np.arange(4), seeds=[0]
    )
    assert list(drop) == ["a", "b"]
    assert (drop["a"][0], drop["b"][0]) == (1, 0)
    with pytest.raises(ValueError, match=r"one of \['a', 'b'\] in inputs, got 'presence'"):
        shuffled_modality(inputs, "presence", seed=0)
    with pytest.raises(ValueError, match=r"shape \(4, 2\), \['a', 'b'\], got \(4, 3\)"):
        shuffled_modality({**inputs, "presence": np.ones((4, 3))}, "a", seed=0)


def test_what_a_split_lacks_stays_hidden_from_a_fusion_when_it_moves(rng):
    """Absent entries are NaN: if one reached the model, its output would be NaN too."""
    from mmtutorial.encoders import DenseEncoder
    from mmtutorial.fusion import FusionClassifier

    split = mm.data.load_stamps(size=32).test.take(np.arange(40))
    names = sorted(split.inputs)
    presence = np.stack([split.presence[m] for m in names], axis=1)
    assert not presence.all()
    inputs = {}
    for column, name in enumerate(names):
        inputs[name] = rng.normal(size=(40, 3)).astype(np.float32)
        inputs[name][~presence[:, column]] = np.nan
    model = FusionClassifier({m: DenseEncoder(4) for m in names}, "concat", 3)
    call = lambda x: np.asarray(model(x))  # noqa: E731
    whole = call({**inputs, "presence": presence})
    assert np.isfinite(whole).all()
    for name in names:
        moved = shuffled_modality({**inputs, "presence": presence}, name, seed=0)
        assert np.isfinite(call(moved)).all()
    left_behind = shuffled_modality(inputs, "sound", seed=0)
    assert np.isnan(call({**left_behind, "presence": presence})).any()
    drop = permutation_importance(
        call, {**inputs, "presence": presence}, whole.argmax(axis=1), seeds=[0]
    )
    assert list(drop) == names


# Shuffling every modality in turn


def test_only_the_modality_that_is_used_costs_anything():
    truth = np.arange(20) % 4
    inputs = {"used": np.eye(4)[truth], "ignored": np.arange(20.0)}
    drop = permutation_importance(lambda x: x["used"], inputs, truth, seeds=[0, 1, 2])
    assert list(drop) == ["used", "ignored"]
    np.testing.assert_array_equal(drop["ignored"], 0)
    assert drop["used"].shape == (3,)
    for seed, fall in enumerate(drop["used"]):
        seen = shuffled_modality(inputs, "used", seed=seed)["used"].argmax(axis=1)
        assert fall == pytest.approx(1 - np.mean(seen == truth))


def test_another_metric_may_judge():
    inputs = {"a": np.eye(3)[[0, 1, 2]]}
    drop = permutation_importance(
        lambda x: x["a"], inputs, np.arange(3), metric=lambda y, p: 7 * np.mean(y == p), seeds=[0]
    )
    assert drop["a"][0] == 7


def test_a_drop_needs_a_seed():
    with pytest.raises(ValueError, match="seeds must hold at least one seed, got none"):
        permutation_importance(lambda x: x["a"], {"a": np.eye(2)}, [0, 1], seeds=[])


def test_modalities_of_unequal_rows_are_refused():
    with pytest.raises(ValueError, match=r"one row per item for every modality.*'a': 3, 'b': 2"):
        shuffled_modality({"a": np.arange(3), "b": np.arange(2)}, "a", seed=0)
    with pytest.raises(ValueError, match="one row per item for every modality"):
        shuffled_modality({"a": 3, "b": np.arange(2)}, "b", seed=0)


def test_a_model_that_returns_nan_has_no_drop():
    inputs = {"a": np.eye(3), "b": np.eye(3)}
    for wrong in (np.nan, -np.inf):
        with pytest.raises(ValueError, match=f"predict returns must hold finite .* got {wrong}"):
            permutation_importance(
                lambda x, w=wrong: np.where(x["a"] == 1, w, 0), inputs, [0, 1, 2]
            )
    with pytest.raises(ValueError, match=r"predict must return \(rows, classes\)"):
        permutation_importance(lambda x: x["a"][:, 0], inputs, [0, 1, 2])
    with pytest.raises(ValueError, match="y_true hold a class for each row"):
        permutation_importance(lambda x: x["a"], inputs, [0, 1])
    with pytest.raises(ValueError, match="what metric returns must hold finite numbers, got nan"):
        permutation_importance(lambda x: x["a"], inputs, [0, 1, 2], metric=lambda *_: np.nan)
    for wrong in ([0, 1, 3], [0, 1, -1]):
        with pytest.raises(ValueError, match="y_true must hold whole numbers from 0 to 2"):
            permutation_importance(lambda x: x["a"], inputs, wrong)
    with pytest.raises(TypeError, match="what metric returns must hold numbers"):
        permutation_importance(lambda x: x["a"], inputs, [0, 1, 2], metric=lambda *_: "good")
    with pytest.raises(TypeError, match="metric must be a function, got None"):
        permutation_importance(lambda x: x["a"], inputs, [0, 1, 2], metric=None)
    with pytest.raises(TypeError, match="the keys of inputs must be a text, got 1"):
        permutation_importance(lambda x: x["a"], {1: np.eye(3), "a": np.eye(3)}, [0, 1, 2])
    with pytest.raises(TypeError, match="seeds must be several"):
        permutation_importance(lambda x: x["a"], inputs, [0, 1, 2], seeds=3)
