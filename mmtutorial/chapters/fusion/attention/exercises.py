"""The exercises of the chapter "Attention and bottlenecks"."""

import numpy as np
from scipy.special import softmax

from mmtutorial.exercises.engine import Exercise, Mistake


def _count_scores(image, text, shared):
    return (image + shared) ** 2 + (text + shared) ** 2


COUNT = Exercise(
    "count_scores",
    reference=_count_scores,
    cases=lambda: [(4, 2, 1), (196, 20, 4), (512, 512, 4), (3, 3, 3)],
    given="{image} patches, {text} words and {shared} shared tokens",
    asked="one number",
    mistakes={
        "For {given} you let words look at patches: here they meet shared tokens only.": (
            lambda image, text, shared: (image + text + shared) ** 2
        ),
        "For {given} you left out the shared tokens: they look, and are looked at.": (
            lambda image, text, shared: image**2 + text**2
        ),
        "For {given} you counted each score twice: one is one token looking at one.": (
            lambda image, text, shared: 2 * _count_scores(image, text, shared)
        ),
    },
    hint="In each modality's block its own tokens and the shared ones look at all of these, "
    "themselves included.",
    success="Each block counts its own tokens and the shared ones, squared.",
)


def _attend(queries, keys, values, real, *, scale=True):
    scores = queries @ keys[real].T / (np.sqrt(keys.shape[1]) if scale else 1)
    return softmax(scores, axis=1) @ values[real]


def _draw_tokens():
    rng = np.random.default_rng(0)
    queries, keys, values = (rng.normal(size=shape) for shape in ((3, 4), (5, 4), (5, 2)))
    real = np.array([True, True, False, True, False])
    wild = np.where(real[:, None], values, np.nan)
    return [
        (queries, keys, values, real),
        (queries, keys, wild, real),
        (queries, np.where(real[:, None], keys, np.nan), wild, real),
    ]


def _mask(queries, keys, values, real, *, before=-np.inf, after=1.0):
    scores = np.where(real, queries @ keys.T / np.sqrt(keys.shape[1]), before)
    return (softmax(scores, axis=1) * after) @ values


def _mask_by_adding(queries, keys, values, real):
    scores = queries @ keys.T / 2 + np.where(real, 0, -np.inf)
    return softmax(scores, axis=1) @ np.where(real[:, None], values, 0)


MASK = Exercise(
    "masked_attention",
    reference=_attend,
    cases=_draw_tokens,
    given="{queries.shape[0]} queries and {keys.shape[0]} keys",
    asked="one row for each query, one column for each number of a value",
    mistakes={
        "With NaN as padding the result is NaN: 0 times NaN is NaN, so drop the rows.": Mistake(
            (_mask, _mask_by_adding), seen=lambda got, *_: np.isnan(got).any()
        ),
        "Padding is looked at: its score must not count.": (
            lambda queries, keys, values, real: _attend(queries, keys, values, real | True)
        ),
        "The shares of what is real do not add up to 1: take padding out before the softmax, "
        "not after it.": lambda queries, keys, values, real: _mask(
            queries, keys, values, real | True, after=real
        ),
        "A score of 0 is no mask: e to the power of 0 is 1, so padding still gets a share.": (
            lambda *given: _mask(*given, before=0)
        ),
        "The scores are not divided by the root of the number of columns.": (
            lambda *given: _attend(*given, scale=False)
        ),
    },
    hint="They are not those of scaled dot-product attention over what is real.",
    success="Padding gets no share, whatever stands in it.",
)


def _exchange(image, text, shared, see, read):
    seen, told = _outputs(image, text, shared, see, read)
    both = (seen[len(image) :] + told[len(text) :]) / 2
    return seen[: len(image)], told[: len(text)], both


def _outputs(image, text, shared, see, read):
    return see(np.concatenate([image, shared])), read(np.concatenate([text, shared]))


def _draw_blocks():
    rng = np.random.default_rng(0)
    tokens = [rng.normal(size=(count, 3)) for count in (4, 2, 2)]
    return [(*tokens, *(_block_of(rng.normal(size=(3, 3))) for _ in range(2)))]


def _block_of(matrix):
    def block(tokens):
        tokens = np.asarray(tokens)
        return np.tanh(tokens @ matrix) + tokens.mean(axis=0)

    return block


def _only_picture(image, text, shared, see, read):
    seen, told = _outputs(image, text, shared, see, read)
    return seen[: len(image)], told[: len(text)], seen[len(image) :]


def _only_words(image, text, shared, see, read):
    told, seen, heard = _only_picture(text, image, shared, read, see)
    return seen, told, heard


def _added(image, text, shared, see, read):
    seen, told, both = _exchange(image, text, shared, see, read)
    return seen, told, 2 * both


def _picture_first(image, text, shared, see, read):
    seen = see(np.concatenate([image, shared]))
    told = read(np.concatenate([text, seen[len(image) :]]))
    return seen[: len(image)], told[: len(text)], (told[len(text) :] + seen[len(image) :]) / 2


def _words_first(image, text, shared, see, read):
    told, seen, both = _picture_first(text, image, shared, read, see)
    return seen, told, both


def _each_alone(image, text, shared, see, read):
    return see(image), read(text), _exchange(image, text, shared, see, read)[2]


def _has_part_of(*wrong):
    """Recognise a wrong answer by the first part in which it is wrong."""

    def seen(got, right, *given):
        others = [answer(*given) for answer in wrong]
        return any(
            not np.allclose(other[i], right[i]) and np.allclose(got[i], other[i])
            for other in others
            for i in range(3)
        )

    return Mistake(wrong, seen)


EXCHANGE = Exercise(
    "exchange",
    reference=_exchange,
    cases=_draw_blocks,
    given="4 patches, 2 words and 2 shared tokens",
    asked="three arrays, image, text and shared, each in the shape that it had",
    mistakes={
        "Your words read what the picture has just written. In one round both start from the same "
        "shared tokens.": _has_part_of(_picture_first),
        "Your picture sees what the words have just written. In one round both start from the "
        "same shared tokens.": _has_part_of(_words_first),
        "A modality's tokens must see the shared ones: put them into its block together.": (
            _has_part_of(_each_alone)
        ),
        "The shared tokens that you return heard one modality only: average both.": (
            _has_part_of(_only_picture, _only_words)
        ),
        "You add up what both modalities wrote into the shared tokens: average it.": (
            _has_part_of(_added)
        ),
    },
    hint="The numbers are not those of the equation of the bottleneck.",
    success="All that one modality knows of the other now stands in the shared tokens.",
)

EXERCISES = (COUNT, MASK, EXCHANGE)
