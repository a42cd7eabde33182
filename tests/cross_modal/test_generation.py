"""Greedy search, beam search and sampling against all sequences of a small vocabulary."""

import itertools

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.cross_modal.generation import METHODS, beam_search, draw_token, top, write_tokens

VOCABULARY, END, LENGTH = 5, 4, 4  # 0 is padding and never written; 1 begins


def make_step(seed, rows=3, sharpness=2.0):
    """A decoder whose choice depends on all that it has read, by a table of random numbers."""
    rng = make_rng(seed)
    table = rng.normal(size=(rows, *[VOCABULARY] * LENGTH, VOCABULARY)) * sharpness

    def score(row, history):
        """Return the log-probabilities of what follows a history, ``(vocabulary,)``."""
        logits = table[(row, *history, *[0] * (LENGTH - len(history)))].copy()
        logits[:2] = -np.inf
        return logits - np.log(np.exp(logits).sum())

    def step(tokens, state):
        row, history = map(np.asarray, state)
        history = np.concatenate([history, tokens[:, None]], axis=1)
        cut = [list(each[1:]) for each in history]  # without the begin token
        log_p = np.stack([score(r, h[:LENGTH]) for r, h in zip(row, cut, strict=True)])
        return log_p, (row, history)

    return step, score, (np.arange(rows), np.zeros((rows, 0), int))


def write(method, decoder=0, rows=3, **options):
    step, score, state = make_step(decoder, rows)
    start = np.ones(rows, int)
    return write_tokens(step, start, state, END, LENGTH, method=method, **options), score


def all_texts():
    """Every text: some words and the end, or as many words as there may be."""
    words = (2, 3)
    for length in range(LENGTH):
        yield from ((*text, END) for text in itertools.product(words, repeat=length))
    yield from itertools.product(words, repeat=LENGTH)


def log_p_of(score, row, text):
    return sum(score(row, text[:place])[token] for place, token in enumerate(text))


def cut_end(ids):
    return tuple(token for token in ids if token)


@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_beam_wide_enough_finds_the_best_of_all_texts(seed, length_penalty):
    found, score = write("beam", seed, beam_size=40, length_penalty=length_penalty)
    for row in range(3):
        every = {text: log_p_of(score, row, text) for text in all_texts()}
        assert np.isclose(np.exp(list(every.values())).sum(), 1)
        best = max(every, key=lambda text: every[text] / ((5 + len(text)) / 6) ** length_penalty)
        assert cut_end(found.ids[row]) == tuple(token for token in best if token != END)
        assert np.isclose(found.log_p[row], every[best])


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_one_beam_is_greedy(seed, length_penalty):
    greedy, _ = write("greedy", seed)
    beam, _ = write("beam", seed, beam_size=1, length_penalty=length_penalty)
    np.testing.assert_array_equal(beam.ids, greedy.ids)
    np.testing.assert_allclose(beam.log_p, greedy.log_p)


def test_greedy_takes_the_most_probable_token_each_time():
    found, score = write("greedy", 1)
    for row in range(3):
        text = ()
        while len(text) < LENGTH and END not in text:
            text += (int(score(row, text).argmax()),)
        assert cut_end(found.ids[row]) == tuple(token for token in text if token != END)
        assert np.isclose(found.log_p[row], log_p_of(score, row, text))


def test_no_beam_beats_all_texts_and_a_greater_length_penalty_never_shortens_one():
    widest, _ = write("beam", 2, beam_size=40, length_penalty=0.0)
    for beam_size in (1, 2, 3):
        found, _ = write("beam", 2, beam_size=beam_size, length_penalty=0.0)
        assert (found.log_p <= widest.log_p + 1e-9).all()
    lengths = [
        (write("beam", 2, beam_size=40, length_penalty=penalty)[0].ids > 0).sum(axis=1)
        for penalty in (0.0, 0.5, 1.0, 2.0, 100.0)
    ]
    assert (np.diff(lengths, axis=0) >= 0).all()
    assert (lengths[-1] == LENGTH).all()


@pytest.mark.parametrize("method", METHODS)
def test_each_row_is_written_as_if_it_were_alone(method):
    together, _ = write(method, 3, rows=3)
    step, _, state = make_step(3)
    for row in range(3 if method != "sample" else 1):
        alone = tuple(each[row : row + 1] for each in state)
        found = write_tokens(step, np.ones(1, int), alone, END, LENGTH, method=method)
        np.testing.assert_array_equal(found.ids[0], together.ids[row])


# --- sampling


def test_sampled_texts_are_as_frequent_as_they_are_probable():
    rows = 4000
    step, score, (_, history) = make_step(4, 1, sharpness=1.0)
    state = (np.zeros(rows, int), np.repeat(history, rows, axis=0))
    found = write_tokens(step, np.ones(rows, int), state, END, LENGTH, method="sample", seed=1)
    for text in all_texts():
        p = np.exp(log_p_of(score, 0, text))
        written = tuple(token for token in text if token != END)
        count = sum(cut_end(ids) == written for ids in found.ids)
        assert abs(count - rows * p) < 5 * np.sqrt(rows * p * (1 - p)) + 1, text
        if count:
            row = next(i for i, ids in enumerate(found.ids) if cut_end(ids) == written)
            assert np.isclose(found.log_p[row], np.log(p))


def test_a_seed_draws_the_same_and_another_draws_others():
    first, again, other = (write("sample", 5, seed=seed)[0].ids for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("options", [{"temperature": 1e-6}, {"top_p": 1e-9}])
def test_no_temperature_and_no_choice_are_greedy(options):
    sampled, _ = write("sample", 6, **options)
    np.testing.assert_array_equal(sampled.ids, write("greedy", 6)[0].ids)


def test_top_p_keeps_the_fewest_tokens_that_reach_it():
    log_p = np.log(np.array([0.05, 0.4, 0.25, 0.3]))
    chance = np.linspace(0, 1, 101)[:-1]
    for top_p, kept in ((0.3, {1}), (0.5, {1, 3}), (0.71, {1, 3, 2}), (1.0, {0, 1, 2, 3})):
        drawn = draw_token(np.tile(log_p, (100, 1)), chance, top_p=top_p)
        assert set(drawn) == kept, top_p
        shares = np.exp(log_p[sorted(kept)])
        counts = [(drawn == token).mean() for token in sorted(kept)]
        np.testing.assert_allclose(counts, shares / shares.sum(), atol=0.011)


def test_temperature_divides_the_log_probabilities():
    log_p = np.log(np.array([0.2, 0.8]))
    for temperature in (0.5, 2.0):
        expected = 0.8 ** (1 / temperature) / (0.2 ** (1 / temperature) + 0.8 ** (1 / temperature))
        chance = np.linspace(0, 1, 1001)[:-1]
        drawn = draw_token(np.tile(log_p, (1000, 1)), chance, temperature=temperature)
        assert abs((drawn == 1).mean() - expected) < 2e-3


def test_what_cannot_be_is_never_drawn():
    log_p = np.array([[-np.inf, 0.0, -np.inf]])
    for chance in (0.0, 0.5, 1.0):
        assert draw_token(log_p, np.array([chance]))[0] == 1


def test_top_is_a_sort(rng):
    scores = rng.normal(size=(5, 30))
    np.testing.assert_array_equal(top(scores, 7), np.argsort(-scores, axis=1)[:, :7])


def test_a_beam_returns_its_best_first():
    step, _, state = make_step(7)
    start = np.ones(3, int)
    found = beam_search(step, start, state, END, LENGTH, beam_size=3, length_penalty=1.0)
    assert found.ids.shape == (3, LENGTH)
    assert found.log_p.shape == (3,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "best"}, "method must be one of"),
        ({"beam_size": 0}, "beam_size must be at least 1"),
        ({"length_penalty": -1.0}, "length_penalty must be at least 0"),
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"top_p": 1.5}, "top_p must be above 0 and at most 1"),
        ({"seed": -1}, "seed must be at least 0"),
    ],
)
def test_it_says_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        write(**{"method": "greedy", **options})
