"""The live figure shows the ends of the direction that was asked for, and its correlations."""

import numpy as np
import pytest

import mmtutorial as mm
from mmtutorial.chapters.cross_modal.correlation.live import (
    SHOWN,
    Directions,
    explore_directions,
)
from mmtutorial.tasks import EmojiPairs


@pytest.fixture(scope="module")
def directions():
    pictures = mm.data.load_emoji(size=32).validation.inputs["image"]
    return Directions(EmojiPairs(), pictures)


def test_ends_are_those_of_the_direction(directions):
    cca, _, held_out = directions.fit(concepts=200)
    (low, high), words = directions.ends(cca, 3)
    variates = cca.transform({"image": directions.validation["image"]})["image"][:, 2]
    assert variates[low].max() < np.quantile(variates, 0.1)
    assert variates[high].min() > np.quantile(variates, 0.9)
    assert variates[low[0]] == variates.min()
    assert variates[high[0]] == variates.max()
    assert len(set(directions.new[low])) == SHOWN == len(words[0].split(", "))
    np.testing.assert_allclose(held_out, cca.score(directions.validation))


def test_shuffled_pairs_do_not_hold_for_unseen_emoji(directions):
    _, seen, held_out = directions.fit("shuffled")
    assert seen.mean() > 0.5
    assert abs(held_out.mean()) < 0.1
    assert directions.fit("true")[2].mean() > 0.3


def test_a_frame_says_what_it_shows(directions):
    said = directions.frame(2, "true", 100, 1.6)._repr_html_()
    cca, seen, held_out = directions.fit("true", 100, 1.6)
    assert f"{seen[1]:.2f}</text>" in said
    assert f"unseen emoji: {held_out[1]:.2f}" in said
    (low, _), words = directions.ends(cca, 2)
    assert directions.names[low[0]] in said
    assert words[0] in said
    with pytest.raises(ValueError, match="direction must be at most 20, got 21"):
        directions.frame(21, "true", 100, 1.6)
    with pytest.raises(ValueError, match="pairs must be one of"):
        directions.frame(1, "false", 100, 1.6)


def test_its_controls_ask_for_what_the_twin_shows(directions):
    live = explore_directions(directions, "<b>twin</b>")
    bundle = live._repr_mimebundle_()
    assert "<b>twin</b>" in bundle["text/html"]
    assert repr(live) == "Live: Direction, Pairs, Concepts, Regularization"
