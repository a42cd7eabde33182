"""Who hides what is drawn as asked, and what is absent has no say."""

import keras
import numpy as np
import pytest
from tolerance import assert_close, count_steps

from mmtutorial.chapters.fusion.missing_modalities import experiment
from mmtutorial.chapters.fusion.missing_modalities.expected import (
    expected_correct,
    presence_patterns,
)
from mmtutorial.chapters.fusion.missing_modalities.experiment import (
    MISSING_RATE_BY_CLASS,
    SoundPresenceTask,
    predict_by_pattern,
    robustness_curve,
    train_method,
)
from mmtutorial.fusion.experts import product_of_experts
from mmtutorial.fusion.masking import mask_by_class, mask_completely_at_random
from mmtutorial.tasks.linear import log_frequencies, product_rule
from mmtutorial.tasks.stamps import StampTask

PAIR = ("image", "text")


@pytest.fixture(scope="module")
def task():
    return StampTask(modalities=PAIR)


@pytest.fixture(scope="module")
def votes():
    rng = np.random.default_rng(0)
    return {name: np.log(rng.dirichlet(np.ones(4), 6)) for name in PAIR}


def test_modalities_are_hidden_as_often_as_asked_and_never_all():
    presence = mask_completely_at_random(np.ones((20_000, 2), bool), 0.3, seed=0)
    assert presence.any(axis=1).all()
    # a draw that hides both hides none: 0.3 - 0.3^2
    error = np.sqrt(0.21 * 0.79 / 20_000)
    np.testing.assert_allclose((~presence).mean(axis=0), 0.21, atol=5 * error)


def test_what_is_missing_already_stays_missing():
    given = np.array([[True, False], [False, True]] * 50)
    np.testing.assert_array_equal(mask_completely_at_random(given, 1.0, seed=0), given)
    assert not (mask_completely_at_random(given, 0.5, seed=0) & ~given).any()


def test_each_class_is_hidden_as_often_as_asked_and_the_other_modality_never():
    targets = np.repeat(np.arange(10), 2000)
    presence = mask_by_class(
        np.ones((20_000, 2), bool), targets, MISSING_RATE_BY_CLASS, modality=0, seed=1
    )
    hidden = [(~presence[targets == group, 0]).mean() for group in range(10)]
    np.testing.assert_allclose(hidden, MISSING_RATE_BY_CLASS, atol=5 * np.sqrt(0.25 / 2000))
    assert presence[:, 1].all()


def test_a_gap_that_depends_on_the_class_hides_half_of_the_stamps(task):
    targets = np.concatenate([task.targets(split) for split in ("train", "validation", "test")])
    assert abs(MISSING_RATE_BY_CLASS[targets].mean() - 0.5) < 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mask_completely_at_random(np.ones((2, 2)), 0.5, seed=0),
            "presence must be boolean",
        ),
        (
            lambda: mask_completely_at_random(np.ones((2, 2), bool), 1.5, seed=0),
            "share must be at least 0 and ",
        ),
        (
            lambda: mask_by_class(np.ones((2, 1), bool), [0, 1], [0, 2], modality=0, seed=0),
            "shares must be a probability",
        ),
        (
            lambda: product_of_experts({"image": 0}, {"text": 0}, 0, np.ones((1, 1), bool)),
            r"frequencies must be of \['image'\], got \['text'\]",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unknown_method_is_refused(task):
    with pytest.raises(ValueError, match=r"method must be one of .*'concat'.* got 'magic'"):
        train_method(task, "magic", rate=0.0, seed=0)


def test_with_everyone_there_and_one_prior_it_is_the_product_rule(votes):
    prior = np.log([0.4, 0.3, 0.2, 0.1])
    joined = product_of_experts(votes, dict.fromkeys(PAIR, prior), prior, np.ones((6, 2), bool))
    np.testing.assert_allclose(joined, product_rule(list(votes.values()), prior))


def test_who_is_absent_has_no_say_even_with_garbage(votes):
    prior = np.log(np.full(4, 0.25))
    frequencies = {"image": np.log([0.7, 0.1, 0.1, 0.1]), "text": prior}
    wrong = votes | {"image": np.full((6, 4), np.nan)}
    absent = np.tile([False, True], (6, 1))
    joined = product_of_experts(wrong, frequencies, prior, absent)
    np.testing.assert_allclose(joined, votes["text"])
    nobody = product_of_experts(wrong, frequencies, prior, np.zeros((6, 2), bool))
    np.testing.assert_allclose(nobody, np.tile(prior, (6, 1)))


def test_an_expert_who_only_knows_its_own_frequencies_brings_no_news(votes):
    prior, own = np.log([0.1, 0.2, 0.3, 0.4]), np.log([0.7, 0.1, 0.1, 0.1])
    known = votes | {"image": np.tile(own, (6, 1))}
    frequencies = {"image": own, "text": prior}
    joined = product_of_experts(known, frequencies, prior, np.ones((6, 2), bool))
    np.testing.assert_allclose(joined, votes["text"])


def test_frequencies_count_once_more_than_they_occur():
    np.testing.assert_allclose(np.exp(log_frequencies([1, 1, 2], 3)), np.array([1, 3, 2]) / 6)


def test_the_expected_share_is_the_mean_over_many_draws():
    rng = np.random.default_rng(0)
    right = {pattern: rng.integers(0, 2, 5).astype(float) for pattern in presence_patterns(PAIR)}
    shares = [rng.random(5), 0.3]
    drawn = rng.random((50_000, 2, 5)) >= np.array([shares[0], np.full(5, 0.3)])
    met = sum(
        (drawn == np.array(pattern)[None, :, None]).all(axis=1) * right[pattern]
        for pattern in right
    )
    np.testing.assert_allclose(expected_correct(right, shares), met.mean(axis=0), atol=0.01)


def test_every_pattern_is_asked_and_hides_what_it_says(task):
    model = train_method(task, "concat + tokens", rate=0.3, seed=0, epochs=1)
    votes = predict_by_pattern(task, model, "test")
    rows = task.inputs("test")
    assert list(votes) == presence_patterns(PAIR)
    for pattern in presence_patterns(PAIR):
        given = task.inputs("test", presence=np.tile(pattern, (len(rows["presence"]), 1)))
        alone = keras.ops.log_softmax(model(given, training=False))
        assert_close(votes[pattern], alone, steps=count_steps(model, given))
    nothing = votes[False, False]  # says the same of every row
    same = np.repeat(nothing[:1], len(nothing), axis=0)
    assert_close(nothing, same, steps=count_steps(model, rows))


def test_a_modality_alone_learns_from_the_rows_that_have_it(task, monkeypatch):
    presence = task.presence("train").copy()
    presence[:, 0] = task.targets("train") == 0
    monkeypatch.setattr(experiment, "fit", lambda build, draw, *a, **k: draw(0))
    given = {"rate": 0.0, "seed": 0, "presence": presence}
    for method, rows in {"image": presence[:, 0], "concat": presence[:, 1]}.items():
        inputs, targets = train_method(task, method, **given)
        np.testing.assert_array_equal(targets, task.targets("train")[rows])
        assert all(len(array) == rows.sum() for array in inputs.values())


def test_of_a_sound_only_its_being_there_is_told():
    inputs = SoundPresenceTask(modalities=("image", "sound")).inputs("test")
    np.testing.assert_array_equal(inputs["sound"][:, 0], inputs["presence"][:, 1])


def test_a_robustness_curve_ends_where_its_rows_do_and_bends_if_both_may_vanish():
    ends = {"nothing": 0.8, "photograph": 0.5, "caption": 0.6, "both": 0.2}
    rows = [
        {"method": "m", "masked": masked, "seed": seed, "accuracy": end + 0.01 * seed}
        for masked, end in ends.items()
        for seed in (-1, 0, 1)
    ]
    shares = np.array([0, 0.5, 1])
    for masked, middle in {"photograph": 0.65, "caption": 0.7, "each": 0.525}.items():
        _, mean, low, high = robustness_curve(rows, shares, masked=masked, method="m")
        last = ends["both" if masked == "each" else masked]
        np.testing.assert_allclose(mean, [0.8, middle, last])
        assert (low < mean).all()
        assert (mean < high).all()


THERE, FAIR = np.ones((2, 2), bool), np.log([0.5, 0.5])
VOTES = {"image": np.log([[0.8, 0.2]] * 2), "text": np.log([[0.5, 0.5]] * 2)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mask_by_class(THERE, [0, -1], [0, 1], modality=0, seed=0), "targets must hold"),
        (lambda: mask_by_class(THERE, [0, 2], [0, 1], modality=0, seed=0), "targets must hold"),
        (lambda: mask_by_class(THERE, [0], [0, 1], modality=0, seed=0), "one for each of 2 rows"),
        (
            lambda: mask_by_class(THERE, [0, 1], [0, 1], modality=-1, seed=0),
            "modality must be at least 0, got -1",
        ),
        (lambda: mask_completely_at_random(THERE, np.nan, seed=0), "share must be"),
        (lambda: log_frequencies([0, 5], 2), "targets must hold whole numbers from 0 to 1"),
        (lambda: expected_correct({(True,): [1], (False,): [0]}, [2.0]), "shares must lie in 0..1"),
        (lambda: expected_correct({(True,): [1]}, [0.5]), "right must hold all patterns of 1"),
        (lambda: expected_correct({(True,): [1], (False,): [0]}, [0.5, 0.5]), "all patterns of 2"),
        (
            lambda: product_of_experts(VOTES, dict.fromkeys(PAIR, FAIR), [-0.5], THERE),
            r"must be \(2, 1\)",
        ),
        (
            lambda: product_of_experts(VOTES, dict.fromkeys(PAIR, FAIR), FAIR, THERE[:1]),
            r"must be \(1, 2\)",
        ),
        (
            lambda: product_of_experts(VOTES, dict.fromkeys(PAIR, FAIR), FAIR, THERE[:, :1]),
            "presence must have a column for each",
        ),
        (
            lambda: product_of_experts(
                VOTES, {"image": FAIR, "text": np.array([0, -np.inf])}, FAIR, THERE
            ),
            r"frequencies\['text'\] must know every class, but 1 never occurred",
        ),
        (lambda: robustness_curve([], [1.5], masked="each"), "shares must lie in 0..1"),
    ],
)
def test_what_is_out_of_range_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_curve_pairs_its_ends_by_seed():
    rows = [
        {"masked": masked, "seed": seed, "accuracy": seed / 10 + (masked == "nothing") / 2}
        for masked, seeds in (("nothing", (0, 1, 2)), ("caption", (2, 0, 1)))
        for seed in seeds
    ]
    # Every seed loses a half of a half: a mean that varies as the seeds do, and not less.
    _, mean, low, high = robustness_curve(rows, [0.5], masked="caption")
    assert mean == pytest.approx(0.35)
    assert high - low == pytest.approx(2 * 0.1 / np.sqrt(3) * 4.302653)
    with pytest.raises(ValueError, match="rows must have seeds"):
        robustness_curve(rows[:-1], [0.5], masked="caption")
    with pytest.raises(ValueError, match="several rows per seed"):
        robustness_curve(rows + rows, [0.5], masked="caption")
