"""The fusion that looks better than it is has the products that it claims to have."""

import keras
import numpy as np
import pytest

from mmtutorial.chapters.background.evaluation.experiment import ProductFusion, build_product
from mmtutorial.fusion import FusionClassifier
from mmtutorial.tasks.emoji import EmojiTask
from mmtutorial.tasks.training import Recipe


def test_the_product_stands_below_the_two_vectors():
    vectors = {"text": np.array([[1.0, 2.0]]), "image": np.array([[3.0, 5.0]])}
    joined = np.asarray(ProductFusion()(vectors))
    np.testing.assert_allclose(joined, [[3, 5, 1, 2, 3, 10]])
    shapes = {name: (None, 2) for name in vectors}
    assert ProductFusion().compute_output_shape(shapes) == (None, 6)


def test_its_head_has_a_weight_for_every_product():
    task = EmojiTask(keywords=1)
    model = build_product(task, "concat", Recipe(units=4))
    assert model.modalities == ["image", "text"]
    model(task.inputs("test", seed=0))
    assert model.heads["fused"].layers[-1].get_weights()[0].shape == (12, task.classes)


def test_it_can_learn_what_no_sum_can():
    keras.utils.set_random_seed(0)
    bits = np.random.default_rng(0).integers(2, size=(512, 2))
    inputs = {"image": bits[:, :1] * 2.0 - 1, "text": bits[:, 1:] * 2.0 - 1}
    scores = {}
    for name, fusion in (("product", ProductFusion()), ("concat", "concat")):
        plain = {key: keras.layers.Flatten() for key in inputs}
        model = FusionClassifier(plain, fusion, 2)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.05), loss)
        model.fit(inputs, bits[:, 0] ^ bits[:, 1], epochs=10, batch_size=64, verbose=0)
        scores[name] = np.mean(np.asarray(model(inputs)).argmax(1) == (bits[:, 0] ^ bits[:, 1]))
    assert scores["product"] == 1
    assert scores["concat"] < 0.8


@pytest.mark.parametrize("sizes", [(2,), (2, 2, 2), (2, 3)])
def test_a_product_takes_two_modalities_of_one_size(sizes):
    inputs = {name: np.ones((1, size), "float32") for name, size in zip("abc", sizes, strict=False)}
    with pytest.raises(ValueError, match="inputs must hold two modalities of one size"):
        ProductFusion()(inputs)
