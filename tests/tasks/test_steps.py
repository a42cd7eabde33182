"""A training step is traced once and keeps its memory, and the numbers stay what they were."""

import platform

import keras
import numpy as np
import pytest

from mmtutorial.encoders import ImageCNN
from mmtutorial.fusion import FusionClassifier
from mmtutorial.tasks import Recipe, _steps, fit, training

RNG = np.random.default_rng(0)
TARGETS = RNG.integers(0, 3, 64)
BOTH = {"image": RNG.normal(size=(64, 5)), "text": RNG.normal(size=(64, 4))}
BOTH = {name: array.astype("float32") for name, array in BOTH.items()}
PICTURES = RNG.random((64, 8, 8, 3), dtype="float32")
NEW_EPOCHS = Recipe(epochs=2, batch_size=16)


def fusion():
    encoders = {name: keras.layers.Dense(4) for name in BOTH}
    options = {"auxiliary": 0.3, "modality_dropout": 0.2, "hidden": (4,), "dropout": 0.2}
    return FusionClassifier(encoders, "concat", 3, **options)


def pictures():
    model = keras.Sequential([ImageCNN(4, filters=(4,), dropout=0.2), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


CASES = pytest.mark.parametrize(("build", "inputs"), [(fusion, BOTH), (pictures, PICTURES)])


@CASES
def test_numbers_are_the_same_bit_for_bit_without_it(build, inputs, monkeypatch):
    def train():
        return fit(build, lambda epoch: (inputs, TARGETS), NEW_EPOCHS, seed=3)

    model = train()
    monkeypatch.setattr(training, "make_variables", lambda *given: None)
    monkeypatch.setattr(_steps, "find_mallopt", lambda: None)
    plain = train()
    assert model.history.history == plain.history.history
    for weights, same in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, same)


@CASES
def test_a_step_is_traced_once(build, inputs):
    calls = []

    def counted():
        model = build()
        step = model.train_step
        model.train_step = lambda data: calls.append(1) or step(data)
        return model

    fit(counted, lambda epoch: (inputs, TARGETS), NEW_EPOCHS, seed=0)
    if keras.backend.backend() == "tensorflow":
        assert len(calls) == 1


def test_making_the_variables_counts_in_no_metric():
    model = pictures()
    _steps.make_variables(model, PICTURES, TARGETS)
    assert model.optimizer.built
    counted = {name: float(value) for name, value in model.get_metrics_result().items()}
    assert counted == {"accuracy": 0, "loss": 0}


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these limits")
def test_freed_memory_stays_with_the_process():
    import resource

    fit(fusion, lambda epoch: (BOTH, TARGETS), NEW_EPOCHS, seed=0)
    np.ones(2**20)  # 8 MB: from now on there is room
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(2**17)  # 1 MB is 256 pages
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 50 * 256 / 4


def test_without_glibc_nothing_is_called(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    _steps.find_mallopt.cache_clear()
    assert _steps.find_mallopt() is None
    _steps.KeepFreedMemory().on_train_batch_begin(0)
    _steps.find_mallopt.cache_clear()


@pytest.mark.parametrize(("steps", "warm"), [(100, 0.1), (7, 0.15), (1, 0.5)])
def test_the_rate_rises_and_falls_as_it_is_said(steps, warm):
    optimizer = _steps.warm_adamw(2.0, steps, warm=warm, first=0.1, last=0.25, weight_decay=0.5)
    rising = max(1, round(warm * steps))
    schedule = optimizer._learning_rate
    rates = [float(schedule(step)) for step in range(steps + 5)]
    assert rates[0] == pytest.approx(0.2)
    assert rates[rising] == max(rates) == pytest.approx(2.0)
    assert rates[-1] == pytest.approx(0.5)
    assert np.all(np.diff(rates[rising:]) <= 1e-6)
    assert optimizer.weight_decay == 0.5
