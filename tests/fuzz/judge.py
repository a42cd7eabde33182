"""Make one call, and say what is wrong with its outcome."""

import contextlib
import dis
import os
import re
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import mmtutorial as mm

PACKAGE = str(Path(mm.__file__).parent)
TESTS = str(Path(__file__).parent / "table_")
HONEST = (ValueError, TypeError, FileNotFoundError, IsADirectoryError, mm.data.DataError)
OF_A_FILE = (FileNotFoundError, IsADirectoryError)  # the system names the path
TOO_LARGE = "Maximum allowed"  # how NumPy says that no memory holds an array
SECONDS = 20  # of processor time; a call that takes longer hangs
NOISE = (RuntimeWarning, np.exceptions.ComplexWarning)
RAISE = dis.opmap["RAISE_VARARGS"]


class Hang(BaseException):
    """A call took too long."""


@contextlib.contextmanager
def time_limit(seconds=SECONDS):
    """Stop what takes too long, where the system has a clock that can interrupt."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_):
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def judge(entry, changes, strict):
    """Call an entry with some arguments changed; return what is wrong, or ``""``.

    ``changes`` maps an argument to ``(value, words)``: an error must name one of the words.
    """
    arguments = entry.good()
    arguments |= {name: value for name, (value, _) in changes.items()}
    before, output, outcome = frozen(arguments), keep_output(), ""
    try:
        with warnings.catch_warnings(record=True) as caught, time_limit():
            warnings.simplefilter("always")
            result = call(entry, arguments)
        if strict:
            outcome = f"is taken without a word: {brief(result)}"
        elif not entry.nan and not finite(result):
            outcome = f"gives what is not finite: {brief(result)}"
        elif entry.sane(result, **arguments) is False:
            outcome = f"gives a wrong result: {brief(result)}"
    except Hang:
        outcome = f"takes more than {SECONDS} seconds"
    except MemoryError:
        caught = []  # what needs more memory than there is, is told so
    except Exception as error:
        outcome = complaint(error, [word for _, words in changes.values() for word in words])
    noise = [w for w in caught if issubclass(w.category, NOISE)]
    if noise and not outcome:
        outcome = f"warns: {noise[0].message}"
    close_figures()
    if frozen(arguments) != before:
        outcome = outcome or "changes its arguments"
    return outcome or standard_output(output)


def call(entry, arguments):
    """Call an entry; a layer takes its first argument by place, as Keras wants it."""
    function = entry.function()
    if entry.name.endswith("__call__"):
        first, *others = arguments
        return function(arguments[first], **{name: arguments[name] for name in others})
    return function(**arguments)


def complaint(error, words):
    """Say what is wrong with an error: its type, who raised it, or its words."""
    message = re.sub(r"\x1b\[\d*m", "", str(error)).split("Arguments received by")[0]
    if where(error).startswith(TESTS) or TOO_LARGE in message or isinstance(error, OF_A_FILE):
        return ""  # a function of the caller's own may raise what it likes
    shown = f"{type(error).__name__}: {message.strip()[:160]!r}"
    if not isinstance(error, HONEST):
        return f"raises {shown}"
    if not raised_here(error):
        return f"lets another's error through: {shown}"
    if not any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", message) for word in words):
        return f"names none of {words}: {shown}"
    return ""


def innermost(error):
    """Return the innermost frame of an error, as a part of its traceback."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return trace


def where(error):
    """Return the file in which an error was raised."""
    return innermost(error).tb_frame.f_code.co_filename


def raised_here(error):
    """Say whether the error was raised by a ``raise`` in the package."""
    trace = innermost(error)
    code = trace.tb_frame.f_code
    return code.co_filename.startswith(PACKAGE) and code.co_code[trace.tb_lasti] == RAISE


def keep_output():
    """Return another handle of the standard output; an earlier call may have closed it late."""
    try:
        return os.dup(1)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def standard_output(kept):
    """Open the standard output again, if a call closed it."""
    try:
        os.fstat(1)
        return "closes the standard output" if sys.stdout.closed else ""
    except OSError:
        os.dup2(kept, 1)
        return "closes the standard output"
    finally:
        os.close(kept)


def frozen(value):
    """Return what can be compared later, to see whether a call changed it."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes() if value.dtype != object else None
    if isinstance(value, Mapping):
        return tuple((repr(key), frozen(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(frozen, value))
    return repr(value) if isinstance(value, (str, bytes, int, float, set)) else id(value)


def finite(result):
    """Say whether all numbers in a result are finite."""
    if isinstance(result, Mapping):
        return all(map(finite, result.values()))
    if isinstance(result, (list, tuple)):
        return all(map(finite, result))
    if isinstance(result, (float, np.ndarray, np.number)) or hasattr(result, "numpy"):
        array = np.asarray(result)
        return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())
    return True


def close_figures():
    """Close what a call left open, for open figures cost memory."""
    if plots := sys.modules.get("matplotlib.pyplot"):
        plots.close("all")


def brief(result):
    """Write a result in one short line."""
    return re.sub(r"\s+", " ", repr(result))[:120]
