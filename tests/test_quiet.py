"""TensorFlow starts without greetings, and what goes wrong still shows."""

import os
import subprocess
import sys

import pytest

GREETINGS = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795925526.033921   14871 cudart_stub.cc:31] Could not find cuda drivers.
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.
2026-11-23 10:00:00.123: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.
"""


def run(code, path="", **environment):
    """Run Python with nothing set for TensorFlow; return what it writes to stderr."""
    kept = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    kept["PYTHONPATH"] = os.pathsep.join([str(path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True
    )
    return done.stderr


@pytest.fixture
def tensorflow(tmp_path):
    """Return a function that makes a TensorFlow which writes this and then does that."""

    def make(said, then=""):
        (tmp_path / "tensorflow.py").write_text(f"import os\nos.write(2, {said.encode()})\n{then}")
        return tmp_path

    return make


def test_the_first_import_of_keras_writes_nothing_after_that_of_the_package():
    assert run("import mmtutorial, keras; keras.ops.ones(3)", KERAS_BACKEND="tensorflow") == ""


def test_greetings_are_held_back_once_and_nothing_else(tensorflow):
    said = "E0000 00:00:1.2  3 some.cc:4] an error\nanything else\n"
    path = tensorflow(GREETINGS + said)
    assert run("import mmtutorial, tensorflow", path) == said
    code = (
        "import mmtutorial, tensorflow, os; os.write(2, b'WARNING: All log messages before absl')"
    )
    assert run(code, path) == said + "WARNING: All log messages before absl"


def test_an_import_that_fails_shows_why(tensorflow):
    said = run("import mmtutorial, tensorflow", tensorflow("loading\n", "raise OSError('broken')"))
    assert said.startswith("loading\n")
    assert said.endswith("OSError: broken\n")


def test_a_level_that_somebody_chose_has_its_way(tensorflow):
    path = tensorflow(GREETINGS)
    assert run("import mmtutorial, tensorflow", path, TF_CPP_MIN_LOG_LEVEL="0") == GREETINGS


def test_without_tensorflow_the_error_is_that_of_python():
    code = "import sys; sys.path = []; import tensorflow"
    said = run(f"import mmtutorial; {code}")
    assert said.endswith("ModuleNotFoundError: No module named 'tensorflow'\n")


def test_the_first_calls_of_many_models_are_no_retracing_and_other_warnings_show():
    code = (
        "import mmtutorial, keras, numpy as np, tensorflow as tf\n"
        "for _ in range(6):\n"
        "    model = keras.Sequential([keras.layers.Rescaling(2.0)])\n"
        "    model.predict_on_batch(np.ones((2, 3)))\n"
        "tf.get_logger().warning('another one')"
    )
    said = run(code, KERAS_BACKEND="tensorflow")
    assert said == "WARNING:tensorflow:another one\n"
