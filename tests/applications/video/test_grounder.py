"""What learns to find things: targets and back, what each model can see, and that it learns."""

import keras
import numpy as np
import pytest
from keras import ops

from mmtutorial.applications.video import (
    FrameGrounder,
    VideoGrounder,
    boxes_at,
    compare,
    grid_targets,
)
from mmtutorial.applications.video.frames import contrast_loss, unit
from mmtutorial.applications.video.grounder import TEMPORAL

RNG = np.random.default_rng(0)


def test_a_grid_gives_back_the_boxes_that_it_was_made_of():
    corner = RNG.uniform(0, 40, (30, 1, 2))
    boxes = np.concatenate([corner, corner + RNG.uniform(10, 24, (30, 1, 2))], axis=-1)
    cells, edges = grid_targets(boxes, np.ones((30, 1), bool), size=64, grid=8)
    for row in range(30):
        for cell in np.flatnonzero(cells[row, 0]):
            assert np.allclose(boxes_at(cell, edges[row], size=64), boxes[row, 0], atol=1e-4)
    assert not grid_targets(boxes, np.zeros((30, 1), bool), size=64, grid=8)[0].any()


@pytest.mark.parametrize("bad", [{"boxes": np.zeros((2, 3))}, {"visible": [True, True]}])
def test_boxes_that_do_not_fit_are_refused(bad):
    with pytest.raises(ValueError, match="boxes must be"):
        grid_targets(**{"boxes": np.zeros((1, 4)), "visible": [True], **bad}, size=8, grid=2)


def test_the_contrast_is_the_cross_entropy_of_both_directions():
    things, texts = (unit(RNG.normal(size=(5, 4)).astype(np.float32)) for _ in range(2))
    logits = 3 * np.asarray(things) @ np.asarray(texts).T
    log_p = [logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True)) for axis in (0, 1)]
    expected = -np.mean([np.diagonal(each) for each in log_p])
    found = contrast_loss(things, texts, np.arange(5), np.ones(5, np.float32), 3.0)
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_in_the_contrast_neither_the_same_thing_nor_an_unseen_one_counts():
    things, texts = (unit(RNG.normal(size=(4, 4)).astype(np.float32)) for _ in range(2))
    labels, seen = np.array([0, 1, 1, 2]), np.array([1, 1, 1, 0], np.float32)
    found = float(contrast_loss(things, texts, labels, seen, 3.0))
    moved = np.array(things)
    moved[3] = moved[0]
    assert float(contrast_loss(moved, texts, labels, seen, 3.0)) == pytest.approx(found, rel=1e-5)


def inputs(count=4, time=6):
    return RNG.normal(size=(count, time, 4, 4, 3)).astype(np.float32)


def test_cells_are_compared_with_words_by_their_cosine_and_share_a_frame():
    grids, texts = RNG.normal(size=(2, 3, 4, 4, 13)), RNG.normal(size=(2, 8))
    likeness, thing, share = np.moveaxis(compare(grids, texts), -1, 0)
    one = grids[1, 2, 3, 0]
    assert likeness[1, 2, 3, 0] == pytest.approx(5 * one[:8] @ texts[1], rel=1e-4)
    assert thing[1, 2, 3, 0] == pytest.approx(np.tanh(one[8] / 3), rel=1e-4)
    assert np.allclose(share.sum(axis=(2, 3)), 8, rtol=1e-4)
    both = 2 * likeness - np.log1p(np.exp(-grids[..., 8]))
    assert np.array_equal(both.reshape(6, 16).argmax(1), share.reshape(6, 16).argmax(1))
    with pytest.raises(ValueError, match="grids must be"):
        compare(grids, texts[:1])


@pytest.mark.parametrize("temporal", TEMPORAL)
def test_what_forgets_the_order_gives_the_same_answer_whatever_the_order(temporal):
    keras.utils.set_random_seed(0)
    model, given = VideoGrounder(temporal=temporal, hidden=16), inputs()
    forwards = model(given)
    back = model(given[:, ::-1])
    same_answers = np.allclose(forwards["answers"], back["answers"], atol=1e-4)
    same_maps = np.allclose(forwards["map"], back["map"][:, ::-1], atol=1e-4)
    assert same_answers == same_maps == (temporal in ("frame", "average"))


@pytest.mark.parametrize("temporal", TEMPORAL)
def test_what_a_frame_learns_of_the_others(temporal):
    keras.utils.set_random_seed(0)
    model, given = VideoGrounder(temporal=temporal, hidden=16), inputs()
    changed = given.copy()
    changed[:, 0] += 1
    before, after = (np.asarray(model(each)["map"]) for each in (given, changed))
    moved = np.abs(before - after).max(axis=(0, 2, 3)) > 1e-4
    reach = {"frame": 1, "conv": 3}.get(temporal, 6)  # two convolutions see two frames on
    assert moved.tolist() == [place < reach for place in range(6)]


@pytest.mark.parametrize("temporal", TEMPORAL)
def test_it_learns_to_point_at_what_fits_the_words(temporal):
    keras.utils.set_random_seed(0)
    maps = RNG.uniform(0, 0.5, (64, 3, 4, 4, 3)).astype(np.float32)
    target = (RNG.random((64, 3, 4, 4)) < 0.2).astype(np.float32)
    maps[..., 0] += 3 * target
    model = VideoGrounder(temporal=temporal, hidden=16)
    model.compile(keras.optimizers.Adam(1e-2))
    wanted = {"map": target, "answers": -np.ones((64, 3))}
    model.fit(maps, wanted, epochs=12, batch_size=16, verbose=0)
    found = np.asarray(model(maps)["map"])
    assert np.median(found[target == 1]) > np.max(found[target == 0])


def test_a_frame_grounder_learns_which_cell_fits_the_words_and_gives_units_of_length_one():
    keras.utils.set_random_seed(0)
    colours = np.eye(3, dtype=np.float32)
    shown, spot = RNG.integers(0, 3, 96), RNG.integers(0, 4, 96)
    images = np.full((96, 16, 16, 3), 0.5, np.float32)
    boxes = np.zeros((96, 1, 4))
    for row, (kind, place) in enumerate(zip(shown, spot, strict=True)):
        top, left = 8 * (place // 2), 8 * (place % 2)
        images[row, top : top + 8, left : left + 8] = colours[kind]
        boxes[row, 0] = top, left, top + 8, left + 8
    cells, edges = grid_targets(boxes, np.ones((96, 1), bool), size=16, grid=4)
    model = FrameGrounder(8, filters=(8, 8), depth=1)
    model.compile(keras.optimizers.Adam(1e-2))
    given = {"image": images, "text": colours[shown][:, None]}
    targets = {"cells": cells, "boxes": edges, "labels": shown[:, None]}
    model.fit(given, targets, epochs=40, batch_size=16, verbose=0)
    out = model(given)
    assert np.allclose(np.linalg.norm(out["text"], axis=-1), 1, atol=1e-3)
    likeness = np.einsum("bhwd,bod->bhw", out["grid"][..., :8], out["text"])
    best = likeness.reshape(96, -1).argmax(axis=1)
    assert np.mean(cells.reshape(96, -1)[np.arange(96), best]) > 0.9
    same = model.describe((255 * images[:2, None]).round().astype(np.uint8))
    assert np.allclose(same[:, 0], out["grid"][:2], atol=0.2)


def test_inputs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="maps must have shape"):
        VideoGrounder()(inputs()[..., :2])
    with pytest.raises(ValueError, match="maps must have shape"):
        VideoGrounder()(inputs()[:, 0])
    with pytest.raises(ValueError, match="temporal must be one of"):
        VideoGrounder(temporal="gru")
    with pytest.raises(ValueError, match="inputs must hold image"):
        FrameGrounder(8)({"image": ops.ones((2, 16, 16, 3)), "text": ops.ones((2, 6))})
