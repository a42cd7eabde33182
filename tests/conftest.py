"""Set up every test the same way: the Keras backend, quiet libraries, one seed."""

import gc
import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # make test-backends sets it to torch
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import hypothesis
import pytest
import tolerance

pytest.register_assert_rewrite("layer_checks", "fusion_checks", "html_checks")

# The same examples in every run with one seed, and no deadline: two shared cores are slow at times.
hypothesis.settings.register_profile(
    "repeatable", derandomize=not tolerance.SEED, deadline=None, max_examples=60, database=None
)
hypothesis.settings.load_profile("repeatable")


def pytest_configure(config):
    # Keras 3.15 on NumPy 2.4, not ours to fix.
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")


def pytest_report_header():
    return f"keras backend: {os.environ['KERAS_BACKEND']}, seed: {tolerance.SEED}"


def asks_how_near(function):
    """Whether a test, or a check of ours that it calls, bounds a difference by rounding."""
    function = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    if not inspect.isfunction(function):
        return False
    codes, names = [function.__code__], set()
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += filter(inspect.iscode, code.co_consts)  # what is defined inside
    checks = [function.__globals__.get(name) for name in names if name.startswith("check_")]
    return not names.isdisjoint({"assert_close", "assert_differ"}) or any(
        asks_how_near(check) for check in checks if check is not function
    )


def pytest_collection_modifyitems(items):
    """Mark as ``numeric`` what `make test-numerics` runs: no test can be forgotten."""
    for item in items:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if any(asks_how_near(each) for each in (getattr(item, "function", None), *parameters)):
            item.add_marker("numeric")


def pytest_collection_finish(session):
    """Keep the garbage collector from looking at TensorFlow and at thousands of tests each time.

    Keras calls it, too: to quantise a layer took a quarter of a second each.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return tolerance.make_rng()


@pytest.fixture(autouse=True)
def _seed_keras(request):
    """Give the tests that touch Keras the same weights in every run, in any order."""
    if request.node.get_closest_marker("backend"):
        import keras

        keras.utils.set_random_seed(tolerance.SEED)
