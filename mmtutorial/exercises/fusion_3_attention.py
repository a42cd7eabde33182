"""The checks of the chapter "Attention and bottlenecks"."""

from copy import deepcopy

import numpy as np

from mmtutorial.exercises._answers import CHANGED, is_number, is_numbers, same, say


def _count_scores(answer):
    for image, text, shared in ((4, 2, 1), (196, 20, 4), (512, 512, 4), (3, 3, 3)):
        right = (image + shared) ** 2 + (text + shared) ** 2
        given = f"{image} patches, {text} words and {shared} shared tokens"
        got = answer(image, text, shared)
        if not is_number(got):
            return f"You returned {say(got)} for {given}; asked for is one number."
        if got == (image + text + shared) ** 2:
            return f"For {given} you let words look at patches: here they meet shared tokens only."
        if got == image**2 + text**2:
            return f"For {given} you left out the shared tokens: they look, and are looked at."
        if got == 2 * right:
            return f"For {given} you counted each score twice: one is one token looking at one."
        if got != right:
            return (
                f"You returned {got} for {given}. In each modality's block its own tokens and the "
                "shared ones look at all of these, themselves included."
            )
    return ""


def _shares(scores):
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _masked_attention(answer):
    rng = np.random.default_rng(0)
    queries, keys, values = (rng.normal(size=shape) for shape in ((3, 4), (5, 4), (5, 2)))
    real = np.array([True, True, False, True, False])
    given = queries, keys, values, real
    kept = deepcopy(given)
    got = answer(*given)
    if not same(given, kept):
        return CHANGED
    if not is_numbers(got) or np.shape(got) != (3, 2):
        return f"You returned {say(got)}; one row a query, one column a number makes it (3, 2)."
    scores = queries @ keys.T / 2
    right = _shares(scores[:, real]) @ values[real]
    mistakes = {
        "Padding is looked at: its score must not count.": _shares(scores) @ values,
        "The shares of what is real do not add up to 1: take padding out before the softmax, "
        "not after it.": (_shares(scores) * real) @ values,
        "A score of 0 is no mask: e to the power of 0 is 1, so padding still gets a "
        "share.": _shares(np.where(real, scores, 0)) @ values,
        "The scores are not divided by the root of the number of columns.": _shares(
            2 * scores[:, real]
        )
        @ values[real],
    }
    for message, wrong in mistakes.items():
        if np.allclose(got, wrong):
            return message
    if not np.allclose(got, right):
        return "Your numbers are not those of scaled dot-product attention over what is real."
    wild = values.copy()
    wild[~real] = np.nan
    if not np.allclose(answer(queries, keys, wild, real), right):
        return "With NaN as padding the result is NaN: 0 times NaN is NaN, so drop the rows."
    return ""


def _exchange(answer):
    rng = np.random.default_rng(0)
    image, text, shared = (rng.normal(size=(count, 3)) for count in (4, 2, 2))

    def block_of(matrix):
        def block(tokens):
            tokens = np.asarray(tokens)
            return np.tanh(tokens @ matrix) + tokens.mean(axis=0)

        return block

    blocks = [block_of(rng.normal(size=(3, 3))) for _ in range(2)]
    heard = [
        block(np.concatenate([own, shared]))
        for block, own in zip(blocks, (image, text), strict=True)
    ]
    right = heard[0][:4], heard[1][:2], (heard[0][4:] + heard[1][2:]) / 2
    given = image.copy(), text.copy(), shared.copy()
    got = answer(*given, *blocks)
    if not same(given, (image, text, shared)):
        return CHANGED
    if not isinstance(got, tuple | list) or len(got) != 3:
        return f"You returned {say(got)}; asked for are three arrays: image, text, shared."
    for name, one, wanted in zip(("image", "text", "shared"), got, right, strict=True):
        if not is_numbers(one) or np.shape(one) != wanted.shape:
            return f"Your {name} is {say(one)}; it keeps its shape, {wanted.shape}."
    if np.allclose(got[2], heard[0][4:]) or np.allclose(got[2], heard[1][2:]):
        return "The shared tokens that you return heard one modality only: average both."
    serial = blocks[1](np.concatenate([text, heard[0][4:]]))
    if np.allclose(got[1], serial[:2]):
        return (
            "Your words read what the picture has just written. In one round both start from "
            "the same shared tokens."
        )
    alone = blocks[0](image), blocks[1](text)
    if np.allclose(got[0], alone[0]) or np.allclose(got[1], alone[1]):
        return "A modality's tokens must see the shared ones: put them into its block together."
    if not all(np.allclose(one, wanted) for one, wanted in zip(got, right, strict=True)):
        return "The numbers are not those of the equation of the bottleneck."
    return ""


CHECKS = {
    "count_scores": _count_scores,
    "exchange": _exchange,
    "masked_attention": _masked_attention,
}
PRAISE = {
    "count_scores": "Each block counts its own tokens and the shared ones, squared.",
    "exchange": "All that one modality knows of the other now stands in the shared tokens.",
    "masked_attention": "Padding gets no share, whatever stands in it.",
}
