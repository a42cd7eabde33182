"""Who hides what is drawn as asked, and what is absent has no say."""

import keras
import numpy as np
import pytest

from mmtutorial.experiments import StampFusionTask, missing, product_rule
from mmtutorial.experiments.missing import (
    OFTEN,
    SoundlessTask,
    believe,
    expected_right,
    hide_at_random,
    hide_by_class,
    log_frequencies,
    patterns,
    product_of_present,
    robustness_curve,
    train_with_gaps,
)

PAIR = ("image", "text")


@pytest.fixture(scope="module")
def task():
    return StampFusionTask(modalities=PAIR)


@pytest.fixture(scope="module")
def votes():
    rng = np.random.default_rng(0)
    return {name: np.log(rng.dirichlet(np.ones(4), 6)) for name in PAIR}


def test_modalities_are_hidden_as_often_as_asked_and_never_all():
    presence = hide_at_random(np.ones((20_000, 2), bool), 0.3, seed=0)
    assert presence.any(axis=1).all()
    # a draw that hides both hides none: 0.3 - 0.3^2
    np.testing.assert_allclose((~presence).mean(axis=0), 0.21, atol=0.01)


def test_what_is_missing_already_stays_missing():
    given = np.array([[True, False], [False, True]] * 50)
    np.testing.assert_array_equal(hide_at_random(given, 1.0, seed=0), given)
    assert not (hide_at_random(given, 0.5, seed=0) & ~given).any()


def test_each_class_is_hidden_as_often_as_asked_and_the_other_modality_never():
    targets = np.repeat(np.arange(10), 2000)
    presence = hide_by_class(np.ones((20_000, 2), bool), targets, OFTEN, modality=0, seed=1)
    hidden = [(~presence[targets == group, 0]).mean() for group in range(10)]
    np.testing.assert_allclose(hidden, OFTEN, atol=0.03)
    assert presence[:, 1].all()


def test_a_gap_that_depends_on_the_class_hides_half_of_the_stamps(task):
    targets = np.concatenate([task.targets(split) for split in ("train", "validation", "test")])
    assert abs(OFTEN[targets].mean() - 0.5) < 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hide_at_random(np.ones((2, 2)), 0.5, seed=0), "presence must be boolean"),
        (lambda: hide_at_random(np.ones((2, 2), bool), 1.5, seed=0), "share must lie in 0..1"),
        (
            lambda: hide_by_class(np.ones((2, 1), bool), [0, 1], [0, 2], modality=0, seed=0),
            "shares must be a probability",
        ),
        (
            lambda: product_of_present({"image": 0}, {"text": 0}, 0, np.ones((1, 1), bool)),
            r"frequencies must be of \['image'\], got \['text'\]",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unknown_method_is_refused(task):
    with pytest.raises(ValueError, match=r"method must be one of .*'concat'.* got 'magic'"):
        train_with_gaps(task, "magic", rate=0.0, seed=0)


def test_with_everyone_there_and_one_prior_it_is_the_product_rule(votes):
    prior = np.log([0.4, 0.3, 0.2, 0.1])
    joined = product_of_present(votes, dict.fromkeys(PAIR, prior), prior, np.ones((6, 2), bool))
    np.testing.assert_allclose(joined, product_rule(list(votes.values()), prior))


def test_who_is_absent_has_no_say_even_with_garbage(votes):
    prior = np.log(np.full(4, 0.25))
    frequencies = {"image": np.log([0.7, 0.1, 0.1, 0.1]), "text": prior}
    wrong = votes | {"image": np.full((6, 4), np.nan)}
    absent = np.tile([False, True], (6, 1))
    joined = product_of_present(wrong, frequencies, prior, absent)
    np.testing.assert_allclose(joined, votes["text"])
    nobody = product_of_present(wrong, frequencies, prior, np.zeros((6, 2), bool))
    np.testing.assert_allclose(nobody, np.tile(prior, (6, 1)))


def test_an_expert_who_only_knows_its_own_frequencies_brings_no_news(votes):
    prior, own = np.log([0.1, 0.2, 0.3, 0.4]), np.log([0.7, 0.1, 0.1, 0.1])
    known = votes | {"image": np.tile(own, (6, 1))}
    frequencies = {"image": own, "text": prior}
    joined = product_of_present(known, frequencies, prior, np.ones((6, 2), bool))
    np.testing.assert_allclose(joined, votes["text"])


def test_frequencies_count_once_more_than_they_occur():
    np.testing.assert_allclose(np.exp(log_frequencies([1, 1, 2], 3)), np.array([1, 3, 2]) / 6)


def test_the_expected_share_is_the_mean_over_many_draws():
    rng = np.random.default_rng(0)
    right = {pattern: rng.integers(0, 2, 5).astype(float) for pattern in patterns(PAIR)}
    shares = [rng.random(5), 0.3]
    drawn = rng.random((50_000, 2, 5)) >= np.array([shares[0], np.full(5, 0.3)])
    met = sum(
        (drawn == np.array(pattern)[None, :, None]).all(axis=1) * right[pattern]
        for pattern in right
    )
    np.testing.assert_allclose(expected_right(right, shares), met.mean(axis=0), atol=0.01)


def test_every_pattern_is_asked_and_hides_what_it_says(task):
    model = train_with_gaps(task, "concat + tokens", rate=0.3, seed=0, epochs=1)
    votes = believe(task, model, "test")
    rows = task.inputs("test")
    assert list(votes) == patterns(PAIR)
    for pattern in patterns(PAIR):
        given = task.inputs("test", presence=np.tile(pattern, (len(rows["presence"]), 1)))
        alone = keras.ops.log_softmax(model(given, training=False))
        np.testing.assert_allclose(votes[pattern], alone, atol=1e-5)
    assert len(np.unique(votes[False, False].round(5), axis=0)) == 1


def test_a_modality_alone_learns_from_the_rows_that_have_it(task, monkeypatch):
    presence = task.presence("train").copy()
    presence[:, 0] = task.targets("train") == 0
    monkeypatch.setattr(missing, "fit_model", lambda build, draw, targets, *a, **k: (draw, targets))
    given = {"rate": 0.0, "seed": 0, "presence": presence}
    for method, rows in {"image": presence[:, 0], "concat": presence[:, 1]}.items():
        draw, targets = train_with_gaps(task, method, **given)
        np.testing.assert_array_equal(targets, task.targets("train")[rows])
        assert all(len(array) == rows.sum() for array in draw(0).values())


def test_of_a_sound_only_its_being_there_is_told():
    inputs = SoundlessTask(modalities=("image", "sound")).inputs("test")
    np.testing.assert_array_equal(inputs["sound"][:, 0], inputs["presence"][:, 1])


def test_a_robustness_curve_ends_where_its_rows_do_and_bends_if_both_may_vanish():
    ends = {"nothing": 0.8, "photograph": 0.5, "caption": 0.6, "both": 0.2}
    rows = [
        {"method": "m", "hidden": hidden, "seed": seed, "accuracy": end + 0.01 * seed}
        for hidden, end in ends.items()
        for seed in (-1, 0, 1)
    ]
    shares = np.array([0, 0.5, 1])
    for hidden, middle in {"photograph": 0.65, "caption": 0.7, "each": 0.525}.items():
        _, mean, low, high = robustness_curve(rows, shares, hidden=hidden, method="m")
        last = ends["both" if hidden == "each" else hidden]
        np.testing.assert_allclose(mean, [0.8, middle, last])
        assert (low < mean).all()
        assert (mean < high).all()
