"""Errors are counted letter by letter, and shown where they are."""

import numpy as np
import pytest

from mmtutorial.chapters.applications.speech import errors, figures

SAID, HEARD = ["kost", "pes je", "ano"], ["kosd", "pesje", "anno"]


def test_pairs_add_up_to_all_letters_and_all_edits():
    pairs = errors.pair_letters(HEARD, SAID)
    assert sum(n for (said, _), n in pairs.items() if said) == sum(map(len, SAID))
    assert sum(n for (_, heard), n in pairs.items() if heard) == sum(map(len, HEARD))
    kinds = errors.kinds_of_errors(pairs)
    assert kinds == {"right": 11, "replaced": 1, "left out": 1, "added": 1}
    assert errors.common_confusions(pairs) == [("t", "d", 1)]
    assert errors.missed_letters(pairs)[" "] == (1, 1)
    assert errors.missed_letters(pairs)["s"] == (2, 0)


@pytest.mark.parametrize(
    ("heard", "said", "marked"),
    [
        ("kosd", "kost", "kos[d]"),
        ("pesje", "pes je", "pes-je"),
        ("ano", "ano", "ano"),
        ("", "a", "-"),
    ],
)
def test_what_is_wrong_stands_in_brackets(heard, said, marked):
    assert errors.mark(heard, said) == marked


def test_lengths_hold_every_clip_once():
    found = errors.errors_by_length(HEARD, SAID, np.array([0.5, 1.5, 1.6]), [0, 1, 2])
    assert found["0 to 1 s"] == (1, pytest.approx(0.25))
    assert found["1 to 2 s"] == (2, pytest.approx(2 / 9))


def test_a_letter_is_as_probable_as_in_its_surest_step():
    probabilities = np.array(
        [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.1, 0.8, 0.1], [0.9, 0.1, 0], [0.3, 0.3, 0.4]]
    )
    found = errors.letter_probabilities(np.log(probabilities + 1e-9))
    np.testing.assert_allclose(found, [0.8, 0.4], atol=1e-6)
    assert len(errors.letter_probabilities(np.log(probabilities[:1]))) == 0


def test_repairs_are_counted_by_how_probable_the_wrong_letter_was():
    likely = np.log([[0.02, 0.9, 0.04, 0.04], [0.1, 0.1, 0.6, 0.2], [0.2, 0.2, 0.2, 0.4]])
    found = errors.repaired_by_probability([likely], [("abc", "xqz", "xyz")], [0, 0.5, 0.8, 1])
    assert found == {"0 to 0.5": (1, 1.0), "0.5 to 0.8": (1, 0.0), "0.8 to 1": (1, 1.0)}


def test_spans_are_the_runs_of_letters():
    path = np.array([0, 3, 3, 0, 3, 1, 0])
    assert figures.spans_of(path) == [(3, 1, 3), (3, 4, 5), (1, 5, 6)]
