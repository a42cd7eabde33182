"""The exercises of the chapter "Correlation"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _pearson(x, y):
    return np.sum(x * y, axis=0) / np.sqrt(np.sum(x**2, axis=0) * np.sum(y**2, axis=0))


def _held_out_correlations(a, b, u, v):
    f, g = a @ u, b @ v
    return _pearson(f - f.mean(axis=0), g - g.mean(axis=0))


def _draw_directions():
    rng = np.random.default_rng(0)
    found = []
    for items, dims, components in ((40, (5, 4), 2), (25, (3, 6), 3)):
        a, b = (rng.normal(size=(items, dim)) + 2 for dim in dims)
        u, v = (rng.normal(size=(dim, components)) for dim in dims)
        found.append((a, b, u, v))
    return found


HELD_OUT = Exercise(
    "held_out_correlations",
    reference=_held_out_correlations,
    cases=_draw_directions,
    given="{a.shape[0]} items and {u.shape[1]} pairs of directions",
    asked="one correlation for each pair of directions",
    mistakes={
        "You forgot the means: take the mean of each variate away before you multiply.": (
            lambda a, b, u, v: _pearson(a @ u, b @ v)
        ),
        "That is the covariance. Divide it by both standard deviations.": (
            lambda a, b, u, v: np.mean(
                (a @ u - (a @ u).mean(axis=0)) * (b @ v - (b @ v).mean(axis=0)), axis=0
            )
        ),
        "A held-out correlation has a sign: a direction that was noise may come out negative.": (
            lambda a, b, u, v: np.abs(_held_out_correlations(a, b, u, v))
        ),
        "You have each direction of one view with each of the other; asked for is pair by pair.": (
            lambda a, b, u, v: np.corrcoef((a @ u).T, (b @ v).T)[: u.shape[1], u.shape[1] :]
        ),
    },
    hint="They are not those of Pearson's formula, column by column.",
    success="The directions are taken as they are, and new items say what they are worth.",
)


def _canonical_correlations(a, b):
    bases = [np.linalg.qr(view - view.mean(axis=0))[0] for view in (a, b)]
    return np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)


def _draw_views():
    rng = np.random.default_rng(0)
    found = []
    for items, dims in ((60, (4, 3)), (30, (3, 5))):
        a = rng.normal(size=(items, dims[0])) + 1
        b = a[:, :1] + rng.normal(size=(items, dims[1]))
        found.append((a, b))
    return found


def _of_covariance(a, b):
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return np.linalg.svd(a.T @ b / (len(a) - 1), compute_uv=False)


def _without_means(a, b):
    return np.linalg.svd(np.linalg.qr(a)[0].T @ np.linalg.qr(b)[0], compute_uv=False)


LINEAR = Exercise(
    "all_correlations",
    reference=_canonical_correlations,
    cases=_draw_views,
    given="{a.shape[0]} items of {a.shape[1]} and {b.shape[1]} numbers",
    asked="all canonical correlations, the largest first",
    mistakes={
        "You did not take the means away, so both views share the direction of their means.": (
            _without_means
        ),
        "These are the singular values of the covariance: whiten both views first, by QR.": (
            _of_covariance
        ),
        "Your numbers are squared, as eigenvalues are; take the root.": (
            lambda a, b: _canonical_correlations(a, b) ** 2
        ),
        "The smallest stands first; the largest should.": (
            lambda a, b: _canonical_correlations(a, b)[::-1]
        ),
        "That is the first one alone; asked for are all.": (
            lambda a, b: _canonical_correlations(a, b)[:1]
        ),
    },
    hint="They are not the singular values of the product of the two orthonormal bases.",
    success="Centre, QR, QR, SVD: that is all of it.",
)


def _noise_level(items, dim_x, dim_y, *, lost=1, root=np.sqrt):
    p, q = dim_x / (items - lost), dim_y / (items - lost)
    if p + q >= 1:
        return 1.0
    return root(p * (1 - q)) + root(q * (1 - p))


def _without_end(items, dim_x, dim_y):
    p, q = dim_x / (items - 1), dim_y / (items - 1)
    with np.errstate(invalid="ignore"):
        return np.sqrt(p * (1 - q)) + np.sqrt(q * (1 - p))


NOISE = Exercise(
    "noise_level",
    reference=_noise_level,
    cases=lambda: [(101, 10, 20), (1001, 100, 100), (51, 30, 30), (21, 5, 30)],
    given="{items} pairs of {dim_x} and {dim_y} numbers",
    asked="one number from 0 to 1",
    mistakes={
        "You divide by the number of items. Taking the mean away costs one: divide by one less.": (
            lambda items, dim_x, dim_y: _noise_level(items, dim_x, dim_y, lost=0)
        ),
        "Where both dimensions together reach the number of items, noise is fully correlated: "
        "return 1.": _without_end,
        "You forgot the roots.": (
            lambda items, dim_x, dim_y: _noise_level(items, dim_x, dim_y, root=lambda x: x)
        ),
        "Here p goes with 1 - q, and q with 1 - p: the other way round the result is another.": (
            lambda items, dim_x, dim_y: (
                lambda p, q: np.sqrt(p * (1 - p)) + np.sqrt(q * (1 - q)) if p + q < 1 else 1.0
            )(dim_x / (items - 1), dim_y / (items - 1))
        ),
    },
    hint="It is not that of the equation of Wachter's limit.",
    success="Now you know how far noise reaches before you fit anything.",
)


def _swap_concepts(texts, concepts, partner):
    _, first = np.unique(concepts, return_index=True)
    return texts[first[partner[concepts]]]


def _swap_back(texts, concepts, partner):
    return _swap_concepts(texts, concepts, np.argsort(partner))


def _swap_rows(texts, concepts, partner):
    return texts[partner[concepts]]


def _draw_concepts():
    rng = np.random.default_rng(0)
    found = []
    for count in (4, 6):
        words = rng.normal(size=(count, 3))
        concepts = rng.permutation(np.repeat(np.arange(count), rng.integers(1, 4, size=count)))
        partner = np.roll(rng.permutation(count), 1)
        while (partner[partner] == np.arange(count)).all():
            partner = rng.permutation(count)
        found.append((words[concepts], concepts, partner))
    return found


CONTROL = Exercise(
    "swap_concepts",
    reference=_swap_concepts,
    cases=_draw_concepts,
    given="{texts.shape[0]} rows of {partner.shape[0]} concepts",
    asked="a text for each row",
    mistakes={
        "Each concept gave its words to its partner; asked for is that it gets those of the "
        "partner.": _swap_back,
        "You took a concept's number for the number of a row: find a row that the partner has.": (
            _swap_rows
        ),
        "Nothing has changed places: every row still has its own words.": (
            lambda texts, concepts, partner: texts.copy()
        ),
        "You shuffled rows, so that the rows of one concept no longer have equal texts.": (
            lambda texts, concepts, partner: np.roll(texts, 1, axis=0)
        ),
    },
    hint="They are not the words of each row's partner.",
    success="All is as in the true pairs, but the pairing: that is what a control is for.",
)


def _loss(a, b, ridge, *, freedom=1, power=1, cross=0.0, both=True):
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    n = len(a) - freedom
    spread = [view.T @ view / n for view in (a, b)]
    spread[0] = spread[0] + ridge * np.eye(len(spread[0]))
    spread[1] = spread[1] + both * ridge * np.eye(len(spread[1]))
    left, right = (np.linalg.cholesky(each) for each in spread)
    between = a.T @ b / n
    between = between + cross * np.eye(*between.shape)
    whitened = np.linalg.solve(left, np.linalg.solve(right, between.T).T)
    return -np.sum(np.linalg.svd(whitened, compute_uv=False) ** power)


def _draw_batches():
    return [(a, b, ridge) for (a, b), ridge in zip(_draw_views(), (0.5, 2.0), strict=True)]


DEEP = Exercise(
    "deep_loss",
    reference=_loss,
    cases=_draw_batches,
    given="a batch of {a.shape[0]} and regularization {ridge}",
    asked="one number: minus the sum of the regularized canonical correlations",
    mistakes={
        "The sign: a loss falls as the correlations rise.": lambda a, b, ridge: -_loss(a, b, ridge),
        "You forgot the regularization: add it to the diagonal of both covariances.": (
            lambda a, b, ridge: _loss(a, b, 0.0)
        ),
        "The regularization went to one covariance only.": (
            lambda a, b, ridge: _loss(a, b, ridge, both=False)
        ),
        "The covariance between the views stays as it is; only the two within get regularized.": (
            lambda a, b, ridge: _loss(a, b, ridge, cross=ridge)
        ),
        "You divide by the number of items; the covariance divides by one less.": (
            lambda a, b, ridge: _loss(a, b, ridge, freedom=0)
        ),
        "You add up squares, as eigenvalues are; add the singular values themselves.": (
            lambda a, b, ridge: _loss(a, b, ridge, power=2)
        ),
    },
    hint="It is not minus the trace norm of the whitened covariance between the views.",
    success="Every network that ends in this number learns to agree with its partner.",
)

EXERCISES = (HELD_OUT, NOISE, LINEAR, CONTROL, DEEP)
