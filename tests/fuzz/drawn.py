"""Values that Hypothesis draws in the place of a good one: of its kind, of any size and range."""

from collections.abc import Mapping

import numpy as np
from hypothesis import strategies as st

# Small, for a size that is taken costs memory; what is too large, `cases` tries.
WHOLE = st.integers(-3, 9)
REAL = st.one_of(st.floats(-5, 5), st.floats(), st.sampled_from([0.0, 1.0, 0.5, -0.0]))
TEXT = st.text(max_size=6)


def drawn(good):
    """Return a strategy for values that are like a good one, or nearly so."""
    if isinstance(good, (bool, np.bool_)):
        return st.booleans()
    if isinstance(good, (int, np.integer)):
        return WHOLE
    if isinstance(good, (float, np.floating)):
        return REAL
    if isinstance(good, str):
        return TEXT
    if isinstance(good, bytes):
        return st.binary(max_size=60)
    if isinstance(good, np.ndarray):
        return array(good)
    if isinstance(good, Mapping) and good:
        return mapping(good)
    if isinstance(good, (list, tuple)) and good:
        make = list if isinstance(good, list) else tuple
        entries = st.one_of(st.sampled_from(list(good)), drawn(good[0]))
        return st.lists(entries, max_size=len(good) + 1).map(make)
    return st.just(good)


@st.composite
def array(draw, good):
    """Draw an array of about the shape of a good one, with numbers of its type in any range."""
    shape = list(good.shape)
    if shape:
        axis = draw(st.integers(0, len(shape) - 1))
        shape[axis] = draw(st.sampled_from([shape[axis], shape[axis], 0, 1, shape[axis] + 1]))
    fine = np.resize(good, shape) if good.size else np.zeros(shape, good.dtype)
    if good.dtype.kind not in "fiu" or not fine.size:
        return fine
    elements = REAL if good.dtype.kind == "f" else st.integers(-2, 12)
    if good.dtype.kind == "u":
        elements = st.integers(0, 255)
    if good.dtype.itemsize < 8 and good.dtype.kind == "f":
        elements = st.floats(width=32)
    places = draw(st.lists(st.integers(0, fine.size - 1), max_size=3))
    for place in places:
        fine.flat[place] = draw(elements)
    return fine


@st.composite
def mapping(draw, good):
    """Draw a dict of about the keys of a good one; one of its values is drawn, too."""
    keys = draw(st.permutations(list(good)))
    found = {key: good[key] for key in keys[: draw(st.sampled_from([len(keys), len(keys) - 1]))]}
    key = draw(st.one_of(st.sampled_from(keys), TEXT))
    found[key] = draw(drawn(good[keys[0]]))
    return found
