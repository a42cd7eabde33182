"""The checks of the chapter "From arrays to features"."""

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_number, is_numbers, same, say


def _conv_weights(answer):
    for size, channels, filters in ((5, 3, 16), (3, 16, 32), (1, 8, 4)):
        right = (size * size * channels + 1) * filters
        got = answer(size, channels, filters)
        given = f"{filters} filters of {size}x{size} pixels over {channels} channels"
        if not is_number(got):
            return f"You returned {say(got)} for {given}; asked for is one number."
        if got == right:
            continue
        if got == size * size * channels * filters:
            return f"For {given} you have every weight, but no filter has its bias."
        if got == (size * size + 1) * filters:
            return f"For {given} you counted one channel: a filter looks at all of them at once."
        if got == (size * channels + 1) * filters:
            return f"For {given} you counted one row of a filter: it is as high as it is wide."
        return (
            f"You returned {got} for {given}. A filter has a weight for each number under it, and "
            "a bias; the size of the picture does not matter."
        )
    return ""


def _states(vectors, inner, recurrent, bias):
    state, states = np.zeros(len(recurrent)), []
    for vector in vectors:
        state = np.tanh(vector @ inner + state @ recurrent + bias)
        states.append(state)
    return np.array(states)


def _read_states(answer):
    rng = np.random.default_rng(0)
    for tokens in (5, 1):
        given = tuple(rng.normal(size=s) for s in ((tokens, 3), (3, 4), (4, 4), 4))
        kept = tuple(array.copy() for array in given)
        right = _states(*kept)
        got = answer(*given)
        if not same(given, kept):
            return CHANGED
        if not is_numbers(got):
            return f"You returned {say(got)}; asked for is an array of states."
        got = np.asarray(got, dtype=float)
        if tokens > 1 and np.shape(got) == (4,):
            return "You returned one state; asked for is the state after each token."
        if np.shape(got) != right.shape:
            return f"You returned {say(got)} for {tokens} tokens; a state each makes {right.shape}."
        vectors, inner, _, bias = kept
        if tokens > 1 and np.allclose(got, np.tanh(vectors @ inner + bias)):
            return "No state knows the one before it: add `state @ U` inside the tanh."
        if np.abs(got).max() > 1:
            return "A state has numbers beyond 1, so the tanh is missing."
        if not np.allclose(got, right):
            return "The first state follows from a state of zeros, each later one from the last."
    return ""


def _project(answer):
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    train = 3 + rng.normal(size=(200, 6)) * [9, 5, 3, 1, 0.5, 0.2] @ turn
    test = 5 + rng.normal(size=(40, 6)) * [0.2, 0.5, 1, 3, 5, 9] @ turn
    for dims in (2, 3):
        given = train.copy(), test.copy()
        got = answer(*given, dims)
        if not same(given, (train, test)):
            return CHANGED
        if not is_numbers(got) or np.shape(got) != (40, dims):
            return f"You returned {say(got)}; asked for is an array of shape (40, {dims})."
        got = np.asarray(got, dtype=float)
        if _alike(got, _pca(train, train.mean(axis=0), test, dims)):
            continue
        if _alike(got, _pca(test, test.mean(axis=0), test, dims)):
            return "Your directions come from the test rows. The map must not know them."
        if _alike(got, _pca(train, test.mean(axis=0), test, dims)):
            return "You took the mean of the test rows away: a new row has no such mean."
        if _alike(got, _pca(train, np.zeros(6), test, dims)):
            return "Take the mean of the training rows away from the test rows, too."
        if _alike(got, _pca(train, train.mean(axis=0), test, dims, first=False)):
            return "Those are the directions in which the training rows vary least."
        return "Those are not the directions in which the training rows vary most."
    return ""


def _pca(fitted, centre, rows, dims, *, first=True):
    """Project rows on the directions of most (or least) variance of the fitted rows."""
    directions = np.linalg.svd(fitted - fitted.mean(axis=0), full_matrices=False)[2]
    chosen = directions[:dims] if first else directions[::-1][:dims]
    return (rows - centre) @ chosen.T


def _alike(got, right):
    """Whether two maps are the same, but for the sign of each direction."""
    return all(np.allclose(a, b) or np.allclose(a, -b) for a, b in zip(got.T, right.T, strict=True))


CHECKS = {
    "conv_weights": _conv_weights,
    "project": _project,
    "read_states": _read_states,
}
PRAISE = {
    "conv_weights": "And it stays that number for a picture of any size.",
    "project": "The map was made without the test rows, so what they show on it is news.",
    "read_states": "One small step, again and again, and each state knows all tokens before it.",
}
