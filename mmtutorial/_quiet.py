"""TensorFlow without its greetings: what it says of a computer without a graphics card is no error.

In a notebook those lines fill a red box under the first import. They come from C++ by the file
descriptor of stderr, before any setting is read, so they can only be caught while it is imported.

Nor is what it says of tracing: Keras gives the functions of all models one name, by which
TensorFlow counts, so the first calls of a fifth model look like one that is traced each time.
"""

import importlib.util
import logging
import os
import re
import sys
import tempfile
from contextlib import contextmanager
from types import ModuleType

GREETING = re.compile(
    r"WARNING: All log messages before absl|[IW]\d{4} .*\.cc:\d+\]|"
    r"\d{4}-\d\d-\d\d .*: [IW] .*\.cc:\d+\]|To enable the following instructions"
)


def quiet_tensorflow() -> None:
    """Let TensorFlow start without greetings; ``TF_CPP_MIN_LOG_LEVEL``, if set, has its way."""
    logging.getLogger("tensorflow").addFilter(_tells_more_than_tracing)
    if "TF_CPP_MIN_LOG_LEVEL" not in os.environ and "tensorflow" not in sys.modules:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        sys.meta_path.insert(0, _QuietFinder())


class _QuietFinder:
    """Finds TensorFlow once, as Python does, and makes its import quiet."""

    def find_spec(self, name, path=None, target=None):
        """Return TensorFlow's spec with a quiet loader; of all other modules, none."""
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_quietly(module: ModuleType) -> None:
                with without_greetings():
                    execute(module)

            spec.loader.exec_module = execute_quietly
        return spec


def _tells_more_than_tracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in record.getMessage()


@contextmanager
def without_greetings():
    """Hold back what is written to stderr's file descriptor; then write all but the greetings."""
    try:
        stderr = os.dup(2)
    except OSError:  # there is none, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines(keepends=True):
                if not GREETING.match(line):
                    os.write(2, line.encode())
