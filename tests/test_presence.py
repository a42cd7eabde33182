"""Presence by modality, as a split has it, is taken wherever presence is; it means its columns."""

import numpy as np
import pytest

from mmtutorial import evaluation, fusion, tasks
from mmtutorial._presence import check_presence, stack_columns
from mmtutorial.encoders import DenseEncoder, TextBag

RNG = np.random.default_rng(0)
BY_NAME = {"text": np.arange(8) > 3, "image": np.arange(8) != 5}
COLUMNS = np.stack([BY_NAME["image"], BY_NAME["text"]], axis=1)
INPUTS = {"image": RNG.random((8, 4), dtype="float32"), "text": RNG.integers(2, 9, (8, 5))}
LABELS = np.arange(8) % 2
VOTES = {name: np.log(RNG.dirichlet([1, 1], 8)) for name in BY_NAME}
FAIR = np.log([0.5, 0.5])
MODEL = fusion.FusionClassifier({"image": DenseEncoder(4), "text": TextBag(10, 4)}, "concat", 2)


def train(there):
    def build():
        parts = {"image": DenseEncoder(4), "text": TextBag(10, 4)}
        return fusion.FusionClassifier(parts, "concat", 2)

    recipe = tasks.Recipe(epochs=1, batch_size=4)
    model = tasks.fit(build, lambda e: ({**INPUTS, "presence": there}, LABELS), recipe, seed=0)
    return np.concatenate([weights.ravel() for weights in model.get_weights()])


def importance(there):
    def predict(inputs):
        return np.asarray(MODEL(inputs))

    inputs = {"presence": there, **INPUTS}
    return evaluation.permutation_importance(predict, inputs, LABELS, seeds=range(2))["text"]


def shuffle(there):
    moved = evaluation.shuffled_modality({**INPUTS, "presence": there}, "text", seed=0)["presence"]
    assert isinstance(moved, dict) == isinstance(there, dict)
    return stack_columns(moved)


WEIGHTS = {"image": 0.5, "text": 0.5}
TAKES = {
    "predict_log_proba": lambda p: tasks.predict_log_proba(MODEL, {**INPUTS, "presence": p}),
    "fit": train,
    "shuffled_modality": shuffle,
    "permutation_importance": importance,
    "late_fusion": lambda p: tasks.late_fusion(VOTES, WEIGHTS, presence=p),
    "choose_weights": lambda p: tasks.choose_weights(VOTES, LABELS, presence=p)[1],
    "product_of_experts": lambda p: fusion.product_of_experts(
        VOTES, {"image": FAIR, "text": FAIR}, FAIR, p
    ),
    "dropout": lambda p: fusion.ModalityDropout(0.5, seed=1)(p, training=True),
    "at_random": lambda p: stack_columns(fusion.mask_completely_at_random(p, 0.5, seed=0)),
    "by_class": lambda p: stack_columns(
        fusion.mask_by_class(p, LABELS, [0.2, 0.8], modality=1, seed=0)
        if p is COLUMNS
        else fusion.mask_by_class(p, LABELS, [0.2, 0.8], modality="text", seed=0)
    ),
}


@pytest.mark.parametrize("take", TAKES)
def test_by_modality_means_its_columns(take):
    np.testing.assert_array_equal(TAKES[take](BY_NAME), TAKES[take](COLUMNS))


@pytest.mark.parametrize("take", TAKES)
def test_what_does_not_fit_is_named(take):
    ragged = {**BY_NAME, "text": BY_NAME["text"][:3]}
    with pytest.raises(ValueError, match=r"presence must hold|as many rows"):
        TAKES[take](ragged)
    with pytest.raises((TypeError, ValueError), match="presence"):
        TAKES[take]({"image": None, "text": None})
    if take not in ("dropout", "at_random", "by_class"):  # which take any modalities
        with pytest.raises(ValueError, match=r"presence must be of .*got \['image'\]"):
            TAKES[take]({"image": BY_NAME["image"]})


def test_what_is_there_in_part_is_refused():
    for wrong in (COLUMNS * 0.3, {**BY_NAME, "text": np.full(8, 0.3)}, COLUMNS[:, 0], {}):
        with pytest.raises((ValueError, TypeError), match="presence must be"):
            check_presence(wrong)
    with pytest.raises(TypeError, match=r"presence must be named by modality, got \[1\]"):
        check_presence({1: BY_NAME["text"]})


def test_a_masked_presence_comes_as_it_was_given():
    found = fusion.mask_completely_at_random(BY_NAME, 0.5, seed=0)
    assert isinstance(found, dict)
    assert found.keys() == BY_NAME.keys()
    with pytest.raises(ValueError, match="modality must be at least 0, got -1"):
        fusion.mask_by_class(COLUMNS, LABELS, [0.2, 0.8], modality=-1, seed=0)
    with pytest.raises(ValueError, match="modality must be at most 1, got 2"):
        fusion.mask_by_class(COLUMNS, LABELS, [0.2, 0.8], modality=2, seed=0)
    with pytest.raises(ValueError, match=r"modality must be one of \('image', 'text'\), got 'x'"):
        fusion.mask_by_class(BY_NAME, LABELS, [0.2, 0.8], modality="x", seed=0)
