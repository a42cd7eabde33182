"""Each word is the average of its pieces, and knows whether it is there."""

import keras
import numpy as np
import pytest
from tolerance import assert_close, count_steps

from mmtutorial.encoders import TextBag
from mmtutorial.encoders.words import WordBags

IDS = np.array([[[3, 4, 0], [5, 0, 0], [0, 0, 0]], [[1, 1, 2], [0, 0, 0], [0, 0, 0]]])


def test_a_word_is_what_a_bag_makes_of_its_pieces():
    words, bag = WordBags(6, 4), TextBag(6, 4)
    tokens = words(IDS)
    bag.build((None, 3))
    bag.set_weights(words.get_weights())
    for row in range(2):
        assert_close(tokens[row], bag(IDS[row]), steps=count_steps(bag, IDS))
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(tokens._keras_mask), [[True, True, False], [True, False, False]]
    )
    assert tuple(tokens.shape) == words.compute_output_shape(IDS.shape)


def test_it_is_made_again_from_its_config():
    config = WordBags(6, 4, dropout=0.5).get_config()
    again = WordBags.from_config(config)
    assert again.get_config() == config
    assert (again.bag.units, again.bag.dropout) == (4, 0.5)


def test_rows_of_tokens_are_refused():
    with pytest.raises(ValueError, match=r"must have shape \(batch, words, pieces\), got \(2, 3\)"):
        WordBags(6, 4)(IDS[:, 0])
