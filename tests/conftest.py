"""Set up every test the same way: the Keras backend, quiet libraries, one seed."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # make test-backends sets it to torch
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import hypothesis
import numpy as np
import pytest

pytest.register_assert_rewrite("layer_checks", "fusion_checks", "exercise_checks", "html_checks")

# The same examples in every run, and no deadline: two shared cores are slow at times.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, max_examples=60, database=None
)
hypothesis.settings.load_profile("repeatable")


def pytest_configure(config):
    # Keras 3.15 on NumPy 2.4, not ours to fix.
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")


def pytest_report_header():
    return f"keras backend: {os.environ['KERAS_BACKEND']}"


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _seed_keras(request):
    """Give the tests that touch Keras the same weights in every run, in any order."""
    if request.node.get_closest_marker("backend"):
        import keras

        keras.utils.set_random_seed(0)
