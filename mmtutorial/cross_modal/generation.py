"""One token after the other: the best one, several candidates side by side, or by chance.

A decoder is a function here, ``step(tokens, state) -> (log_p, state)``: it reads the last token of
each row, ``(rows,)`` of int, and returns the log-probability of each next token, ``(rows,
vocabulary)``, and what it has to remember, tensors of as many rows.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_choice, check_number, check_whole
from mmtutorial.preprocessing.vocabulary import PADDING

METHODS = ("greedy", "beam", "sample")


class Generated(NamedTuple):
    """What was written, and how probable the decoder found it."""

    ids: np.ndarray  # (rows, length) of int32; from the end token on, 0
    log_p: np.ndarray  # (rows,), the sum over all tokens, with the end if it was reached


def write_tokens(
    step: Callable,
    tokens: np.ndarray,
    state: Any,
    end: int,
    max_length: int,
    *,
    method: str = "greedy",
    beam_size: int = 4,
    length_penalty: float = 1.0,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
) -> Generated:
    """Write until the token ``end``, or ``max_length`` tokens, behind the first ``tokens``.

    ``"greedy"`` takes the most probable token each time, ``"beam"`` is `beam_search`, ``"sample"``
    draws by `draw_token`. Raises ``ValueError`` for another method, or an option out of range.
    """
    check_choice("method", method, METHODS)
    check_whole("beam_size", beam_size, least=1)
    check_number("length_penalty", length_penalty, least=0, most=100)
    check_number("temperature", temperature, above=0)
    check_number("top_p", top_p, above=0, most=1)
    rng = np.random.default_rng(check_whole("seed", seed, least=0))
    if method == "beam":
        return beam_search(step, tokens, state, end, max_length, beam_size=beam_size,
                           length_penalty=length_penalty)  # fmt: skip

    def draw(log_p):
        chance = rng.random(len(log_p))
        return draw_token(log_p, chance, temperature=temperature, top_p=top_p)

    def take_best(log_p):
        return log_p.argmax(axis=1)

    choose = draw if method == "sample" else take_best
    return write_rows(step, tokens, state, end, max_length, choose=choose)


def write_rows(
    step: Callable, tokens: np.ndarray, state: Any, end: int, max_length: int, *, choose: Callable
) -> Generated:
    """Write each row by itself: ``choose(log_p)`` returns the next token of each, ``(rows,)``."""
    rows = np.arange(len(tokens))
    ids = np.zeros((len(rows), max_length), np.int32)
    total, done = np.zeros(len(rows)), np.zeros(len(rows), bool)
    for place in range(max_length):
        log_p, state = step(tokens, state)
        tokens = np.where(done, PADDING, choose(log_p))
        total += np.where(done, 0, log_p[rows, tokens])
        done |= tokens == end
        ids[:, place] = np.where(done, PADDING, tokens)
        if done.all():
            break
    return Generated(ids, total)


def draw_token(
    log_p: np.ndarray, chance: np.ndarray, *, temperature: float = 1.0, top_p: float = 1.0
) -> np.ndarray:
    """Draw one token per row by its probability, from the few most probable ones.

    ``log_p`` is ``(rows, vocabulary)``, ``chance`` ``(rows,)`` of uniform numbers in 0..1.
    ``temperature`` divides the log-probabilities: below 1 the probable becomes more so. Kept are
    the fewest tokens whose probabilities reach ``top_p`` together; the rest never comes.
    Paper: Holtzman et al. 2020, The Curious Case of Neural Text Degeneration (top-p).

    >>> draw_token(np.log([[0.1, 0.6, 0.3]]), np.array([0.7]), top_p=0.9)
    array([2])
    """
    order = np.argsort(-log_p, axis=1, kind="stable")
    ranked = np.take_along_axis(log_p, order, axis=1) / temperature
    p = np.exp(ranked - ranked[:, :1])
    reached = np.cumsum(p / p.sum(axis=1, keepdims=True), axis=1)
    kept = (reached < top_p).sum(axis=1)  # tokens before the one that reaches top_p
    kept = np.minimum(kept, log_p.shape[1] - 1)
    rows = np.arange(len(order))
    place = (reached < (chance * reached[rows, kept])[:, None]).sum(axis=1)
    return order[rows, np.minimum(place, kept)]


def beam_search(
    step: Callable,
    tokens: np.ndarray,
    state: Any,
    end: int,
    max_length: int,
    *,
    beam_size: int,
    length_penalty: float,
) -> Generated:
    """Keep the ``beam_size`` best beginnings of each row, and return the best of all.

    The best has the highest log-probability over ``((5 + length) / 6) ** length_penalty``, the end
    token counted: at 0 short texts win, for each token makes a text less probable. What has ended
    stays among the candidates as it is. With one beam it is greedy search.
    Paper: Wu et al. 2016, Google's Neural Machine Translation System, section 7.
    """
    rows, beams = np.arange(len(tokens))[:, None], beam_size
    total = np.where(np.arange(beams) == 0, 0.0, -np.inf) + np.zeros((len(rows), 1))
    ids = np.zeros((len(rows), beams, max_length), np.int32)
    done, length = np.zeros((len(rows), beams), bool), np.zeros((len(rows), beams), int)
    tokens, state = np.repeat(tokens, beams), take_rows(state, np.repeat(rows[:, 0], beams))
    for place in range(max_length):
        log_p, state = step(tokens.ravel(), state)
        log_p = log_p.reshape(len(rows), beams, -1)
        log_p = np.where(done[..., None], -np.inf, log_p)
        log_p[..., PADDING] = np.where(done, 0, -np.inf)  # an ended text stays as it is
        length = length + ~done
        candidates = total[..., None] + log_p
        ranked = candidates / (((5 + length) / 6) ** length_penalty)[..., None]
        best = top(ranked.reshape(len(rows), -1), beams)
        parent, tokens = np.divmod(best, log_p.shape[-1])
        total = candidates[rows, parent, tokens]
        length, done, ids = length[rows, parent], done[rows, parent], ids[rows, parent]
        done = done | (tokens == end)
        ids[..., place] = np.where(done, PADDING, tokens)
        if done.all():
            break
        state = take_rows(state, (rows * beams + parent).ravel())
    return Generated(ids[:, 0], total[:, 0])


def top(scores: np.ndarray, count: int) -> np.ndarray:
    """Return where the ``count`` highest scores of each row stand, the highest first.

    >>> top(np.array([[1.0, 3.0, 2.0]]), 2)
    array([[1, 2]])
    """
    some = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def take_rows(state: Any, rows: np.ndarray) -> Any:
    """Return the state of some rows, in this order; a row may come several times."""
    return keras.tree.map_structure(lambda tensor: ops.take(tensor, rows, axis=0), state)
