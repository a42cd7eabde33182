"""The exercises of the chapter "From arrays to features"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise, Mistake


def _conv_weights(size, channels, filters):
    return (size * size * channels + 1) * filters


WEIGHTS = Exercise(
    "conv_weights",
    reference=_conv_weights,
    cases=lambda: [(5, 3, 16), (3, 16, 32), (1, 8, 4)],
    given="{filters} filters of {size}x{size} pixels over {channels} channels",
    asked="one number",
    mistakes={
        "For {given} you have every weight, but no filter has its bias.": (
            lambda size, channels, filters: size * size * channels * filters
        ),
        "For {given} you counted one bias: each filter has its own.": (
            lambda size, channels, filters: size * size * channels * filters + 1
        ),
        "For {given} you counted one channel: a filter looks at all of them at once.": (
            lambda size, channels, filters: (size * size + 1) * filters
        ),
        "For {given} you counted one row of a filter: it is as high as it is wide.": (
            lambda size, channels, filters: (size * channels + 1) * filters
        ),
    },
    hint="A filter has a weight for each number under it, and a bias; the size of the picture "
    "does not matter.",
    success="And it stays that number for a picture of any size.",
)


def _read_states(vectors, W, U, b, *, bend=np.tanh):
    state, states = np.zeros(len(U)), []
    for x in vectors:
        state = bend(x @ W + state @ U + b)
        states.append(state)
    return np.array(states)


def _draw_texts():
    rng = np.random.default_rng(0)
    sizes = [((tokens, 3), (3, 4), (4, 4), 4) for tokens in (5, 1)]
    return [tuple(rng.normal(size=size) for size in each) for each in sizes]


def _without_tanh(vectors, W, U, b):
    return _read_states(vectors, W, U, b, bend=lambda x: x)


READ = Exercise(
    "read_states",
    reference=_read_states,
    cases=_draw_texts,
    given="{vectors.shape[0]} tokens",
    asked="the state after each token",
    mistakes={
        "You returned one state; asked for is the state after each token.": (
            lambda vectors, W, U, b: _read_states(vectors, W, U, b)[-1]
        ),
        "No state knows the one before it: add `state @ U` inside the tanh.": (
            lambda vectors, W, U, b: np.tanh(vectors @ W + b)
        ),
        "Your `U @ state` is right for columns, as in the equation. In code a sample is a row, "
        "and so U stands behind it: `state @ U`.": (
            lambda vectors, W, U, b: _read_states(vectors, W, U.T, b)
        ),
        "`W @ x` does not fit: in code a sample is a row, and so W stands behind it: `x @ W`. "
        "NumPy says: {error}": (
            lambda vectors, W, U, b: W @ vectors[0],
            lambda vectors, W, U, b: W @ vectors,
        ),
        "You put the tanh on all states at the end: it belongs into every step, so that the next "
        "step starts from a state that was bent.": (
            lambda vectors, W, U, b: np.tanh(_without_tanh(vectors, W, U, b))
        ),
        "A state has numbers beyond 1, so the tanh is missing.": Mistake(
            (_without_tanh,), seen=lambda got, *_: np.abs(got).max() > 1
        ),
    },
    hint="The first state follows from a state of zeros, each later one from the last.",
    success="One small step, again and again, and each state knows all tokens before it.",
)


def _project(train, test, dims):
    return (test - train.mean(axis=0)) @ _directions(train)[:dims].T


def _directions(rows, *, centre=True):
    """Return the directions of these rows as rows, the one of most variance first."""
    return np.linalg.svd(rows - rows.mean(axis=0) * centre, full_matrices=False)[2]


def _draw_rows():
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    train = 3 + rng.normal(size=(200, 6)) * [9, 5, 3, 1, 0.5, 0.2] @ turn
    test = 5 + rng.normal(size=(40, 6)) * [0.2, 0.5, 1, 3, 5, 9] @ turn
    return [(train, test, 2), (train, test, 3)]


def _is_same_map(got, right, *given):
    """Whether two maps are the same, but for the sign of each direction."""
    return all(np.allclose(a, b) or np.allclose(a, -b) for a, b in zip(got.T, right.T, strict=True))


def _together(train, test, dims):
    both = np.concatenate([train, test])
    return (test - both.mean(axis=0)) @ _directions(both)[:dims].T


PROJECT = Exercise(
    "project",
    reference=_project,
    cases=_draw_rows,
    given="{dims} directions",
    asked="the places of the test rows",
    equal=_is_same_map,
    mistakes={
        "Your directions come from training and test rows together: that leaks. The map must not "
        "know the test rows.": (
            _together,
            lambda train, test, dims: (
                (test - train.mean(axis=0)) @ _directions(np.concatenate([train, test]))[:dims].T
            ),
        ),
        "Your directions come from the test rows. The map must not know them.": (
            lambda train, test, dims: (test - test.mean(axis=0)) @ _directions(test)[:dims].T,
            lambda train, test, dims: (test - train.mean(axis=0)) @ _directions(test)[:dims].T,
        ),
        "You took the mean of the test rows away: a new row has no such mean.": (
            lambda train, test, dims: (test - test.mean(axis=0)) @ _directions(train)[:dims].T
        ),
        "Take the mean of the training rows away from the test rows, too.": (
            lambda train, test, dims: test @ _directions(train)[:dims].T
        ),
        "Take the mean of the training rows away before you look for directions.": (
            lambda train, test, dims: test @ _directions(train, centre=False)[:dims].T,
            lambda train, test, dims: (
                (test - train.mean(axis=0)) @ _directions(train, centre=False)[:dims].T
            ),
        ),
        "Those are the directions in which the training rows vary least.": (
            lambda train, test, dims: (
                (test - train.mean(axis=0)) @ _directions(train)[::-1][:dims].T
            ),
            lambda train, test, dims: (test - train.mean(axis=0)) @ _directions(train)[-dims:].T,
        ),
        "Those are the right directions, in the wrong order: the longest comes first.": (
            lambda train, test, dims: _project(train, test, dims)[:, ::-1]
        ),
    },
    hint="Those are not the directions in which the training rows vary most.",
    success="The map was made without the test rows, so what they show on it is news.",
)

EXERCISES = (WEIGHTS, READ, PROJECT)
