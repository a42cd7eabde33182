from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tolerance import assert_close

import mmtutorial as mm
from mmtutorial.evaluation import emap, modality_shapley, shapley_values

# Shapley values

NAMES = "abcdef"
TEAMS = st.integers(1, 5).flatmap(
    lambda n: st.tuples(st.just([*NAMES[:n]]), st.integers(0, 2**32 - 1))
)


def game(players, seed):
    """Draw what every team gets, an array of three."""
    rng = np.random.default_rng(seed)
    worth = {}
    for size in range(len(players) + 1):
        for team in combinations(players, size):
            worth[frozenset(team)] = rng.normal(size=3)
    return worth


def by_orders(worth, players):
    """Average each player's gain over all orders in which they may arrive: the definition."""
    shares = {player: np.zeros(3) for player in players}
    orders = list(permutations(players))
    for order in orders:
        team = frozenset()
        for player in order:
            shares[player] += (worth[team | {player}] - worth[team]) / len(orders)
            team |= {player}
    return shares


@given(TEAMS)
def test_shapley_equals_the_average_over_all_orders(drawn):
    players, seed = drawn
    worth = game(players, seed)
    shares = shapley_values(worth.__getitem__, players)
    for player, expected in by_orders(worth, players).items():
        np.testing.assert_allclose(shares[player], expected, atol=1e-12)
    everything = worth[frozenset(players)] - worth[frozenset()]
    np.testing.assert_allclose(sum(shares.values()), everything, atol=1e-12)  # efficiency


@given(TEAMS, st.floats(-3, 3))
def test_shares_of_a_sum_of_games_are_sums_of_shares(drawn, factor):
    players, seed = drawn
    one, two = game(players, seed), game(players, seed + 1)
    both = shapley_values(lambda team: one[team] + factor * two[team], players)
    first, second = (shapley_values(w.__getitem__, players) for w in (one, two))
    for player in players:
        expected = first[player] + factor * second[player]
        assert_close(both[player], expected, steps=2 ** len(players), scale=32.0)


@given(TEAMS)
def test_who_adds_nothing_gets_nothing_and_equals_get_equal_shares(drawn):
    players, seed = drawn
    worth = game(players, seed)
    shares = shapley_values(lambda team: worth[team - {"none"}], (*players, "none"))
    np.testing.assert_allclose(shares["none"], 0, atol=1e-12)
    for player, share in shapley_values(worth.__getitem__, players).items():
        np.testing.assert_allclose(shares[player], share, atol=1e-12)
    sizes = np.random.default_rng(seed).normal(size=len(players) + 1)
    equal = shapley_values(lambda team: sizes[len(team)], players)
    expected = np.full(len(players), (sizes[-1] - sizes[0]) / len(players))
    steps = 2 ** len(players)
    assert_close(list(equal.values()), expected, steps=steps, scale=np.abs(sizes).max())


def test_the_glove_game():
    """One left glove, two right ones, only a pair is worth something: 4/6, 1/6, 1/6."""
    shares = shapley_values(lambda t: float("left" in t and len(t) > 1), ["left", "r1", "r2"])
    assert {name: round(float(share), 9) for name, share in shares.items()} == {
        "left": round(4 / 6, 9),
        "r1": round(1 / 6, 9),
        "r2": round(1 / 6, 9),
    }


def test_six_is_the_most_and_a_name_stands_for_one():
    assert len(shapley_values(len, list(NAMES))) == 6
    for wrong in ([*NAMES, "g"], [], ["a", "a"]):
        with pytest.raises(ValueError, match="players must be 1 to 6 different names"):
            shapley_values(len, wrong)
    for wrong in ("ab", 2, [["a"]]):
        with pytest.raises(TypeError, match="players must be"):
            shapley_values(len, wrong)
    with pytest.raises(ValueError, match=r"finite numbers, but not for \['a'\]"):
        shapley_values(lambda team: -np.inf if team == {"a"} else 0.0, ["a", "b"])
    with pytest.raises(ValueError, match="value must return one shape for all coalitions"):
        shapley_values(lambda team: np.zeros(len(team)), ["a", "b"])


def rows(rng, count, modalities=3):
    return {NAMES[m]: rng.normal(size=(count, m + 1)) for m in range(modalities)}


def product(x):
    return np.prod([part.sum(axis=1) for part in x.values()], axis=0)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_modality_shapley_explains_the_distance_from_the_background(modalities, fillers, seed):
    rng = np.random.default_rng(seed)
    inputs, background = rows(rng, 5, modalities), rows(rng, fillers, modalities)
    shares = modality_shapley(product, inputs, background=background)
    expected = product(inputs) - product(background).mean()
    np.testing.assert_allclose(sum(shares.values()), expected, atol=1e-9)


def test_an_additive_model_owes_each_modality_its_own_term(rng):
    inputs, background = rows(rng, 6), rows(rng, 4)
    terms = {name: np.tanh(part.sum(axis=1)) for name, part in inputs.items()}
    usual = {name: np.tanh(part.sum(axis=1)).mean() for name, part in background.items()}
    shares = modality_shapley(
        lambda x: sum(np.tanh(part.sum(axis=1)) for part in x.values()) + 9.0,
        inputs,
        background=background,
    )
    for name, share in shares.items():
        np.testing.assert_allclose(share, terms[name] - usual[name], atol=1e-12)


def test_absent_modalities_come_from_one_and_the_same_background_row():
    """A background in which a and b always agree must never be seen to disagree."""
    background = {"a": np.array([0.0, 1.0]), "b": np.array([0.0, 1.0]), "c": np.zeros(2)}
    inputs = {name: np.array([0.5]) for name in "abc"}
    seen = []
    modality_shapley(
        lambda x: seen.append({name: float(part[0]) for name, part in x.items()}) or x["c"],
        inputs,
        background=background,
    )
    both_absent = [s for s in seen if s["a"] != 0.5 and s["b"] != 0.5]
    assert both_absent
    assert all(s["a"] == s["b"] for s in both_absent)


def test_outputs_of_any_shape_and_inputs_that_are_words():
    inputs = {"text": np.array(["cat", "elephant"]), "image": np.zeros((2, 4, 4, 3))}
    background = {"text": np.array([""]), "image": np.ones((1, 4, 4, 3))}
    lengths = lambda x: np.array([[len(word), len(word) ** 2] for word in x["text"]], float)  # noqa: E731
    shares = modality_shapley(lengths, inputs, background=background)
    np.testing.assert_allclose(shares["text"], [[3, 9], [8, 64]])
    np.testing.assert_allclose(shares["image"], 0)


def test_modality_shapley_says_what_is_wrong():
    one = {"image": np.zeros((2, 3)), "text": np.zeros((2, 4))}
    with pytest.raises(ValueError, match=r"background must hold \['image', 'text'\]"):
        modality_shapley(product, one, background={"image": np.zeros((1, 3))})
    with pytest.raises(ValueError, match=r"'text' must have one shape, got \(4,\) in inputs"):
        modality_shapley(product, one, background={**one, "text": np.zeros((2, 5))})
    with pytest.raises(ValueError, match="inputs must hold one row per item"):
        modality_shapley(product, {**one, "text": np.zeros((3, 4))}, background=one)
    with pytest.raises(ValueError, match="background must hold one row per item"):
        modality_shapley(product, one, background={n: a[:0] for n, a in one.items()})
    many = {name: np.zeros((1, 1)) for name in "abcdefg"}
    with pytest.raises(ValueError, match="players must be 1 to 6 different names"):
        modality_shapley(product, many, background=many)


# Empirical multimodally-additive projection


def mixed(x):
    return np.stack([x["a"].sum(1) * x["b"].sum(1), np.cos(x["a"][:, 0] - x["b"][:, 1])], axis=1)


@given(st.integers(1, 12), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_emap_equals_brute_force_for_every_batch_size(count, batch_size, seed):
    rng = np.random.default_rng(seed)
    inputs = {"a": rng.normal(size=(count, 2)), "b": rng.normal(size=(count, 3))}
    table = np.array(
        [[mixed({"a": a[None], "b": b[None]})[0] for b in inputs["b"]] for a in inputs["a"]]
    )
    expected = table.mean(axis=1) + table.mean(axis=0) - table.mean(axis=(0, 1))
    np.testing.assert_allclose(emap(mixed, inputs, batch_size=batch_size), expected, atol=1e-12)


def test_emap_keeps_an_additive_model_as_it_is(rng):
    inputs = {"image": rng.normal(size=(9, 2, 2)), "text": np.array(list("abcdefghi"))}
    codes = lambda x: np.array([ord(word) for word in x["text"]], float)  # noqa: E731
    additive = lambda x: np.exp(x["image"].sum((1, 2))) + codes(x) ** 2  # noqa: E731
    np.testing.assert_allclose(emap(additive, inputs), additive(inputs))


def test_emap_is_the_closest_sum_on_all_pairs(rng):
    """Least squares on the n x n table, with a free number a row and a column, finds the same."""
    inputs = {"a": rng.normal(size=(7, 2)), "b": rng.normal(size=(7, 3))}
    pairs = {"a": np.repeat(inputs["a"], 7, axis=0), "b": np.tile(inputs["b"], (7, 1))}
    design = np.concatenate([np.repeat(np.eye(7), 7, axis=0), np.tile(np.eye(7), (7, 1))], axis=1)
    fitted = design @ np.linalg.lstsq(design, mixed(pairs), rcond=None)[0]
    np.testing.assert_allclose(emap(mixed, inputs), fitted[:: 7 + 1], atol=1e-10)


def test_emap_takes_everything_from_xor():
    bits = {"a": np.array([0, 0, 1, 1]), "b": np.array([0, 1, 0, 1])}
    xor = lambda x: np.eye(2)[x["a"] ^ x["b"]]  # noqa: E731
    np.testing.assert_allclose(emap(xor, bits), 0.5)


def test_emap_loses_what_shapley_cannot_give_to_one_modality_alone(rng):
    """With the items themselves as background, output minus EMAP is the interaction."""
    inputs = {"a": rng.normal(size=(6, 2)), "b": rng.normal(size=(6, 3))}
    alone = {
        name: np.mean(
            [
                mixed({**inputs, other: np.repeat(inputs[other][i : i + 1], 6, axis=0)})
                for i in range(6)
            ],
            axis=0,
        )
        for name, other in (("a", "b"), ("b", "a"))
    }
    table_mean = alone["a"].mean(axis=0)
    interaction = mixed(inputs) - alone["a"] - alone["b"] + table_mean
    np.testing.assert_allclose(mixed(inputs) - emap(mixed, inputs), interaction, atol=1e-12)


def test_emap_shows_a_bar_only_when_asked(capsys):
    inputs = {"a": np.ones(3), "b": np.ones(3)}
    emap(lambda x: x["a"] + x["b"], inputs)
    assert capsys.readouterr().err == ""
    emap(lambda x: x["a"] + x["b"], inputs, progress=True)
    assert "pairs" in capsys.readouterr().err


def test_emap_needs_two_modalities_of_the_same_items():
    with pytest.raises(ValueError, match="inputs must hold two modalities, got 3"):
        emap(product, {name: np.zeros((2, 1)) for name in "abc"})
    with pytest.raises(ValueError, match="inputs must hold one row per item for every modality"):
        emap(product, {"a": np.zeros(2), "b": np.zeros(3)})


# What cannot be replaced


@pytest.mark.parametrize("load", [mm.data.load_dialogues, mm.data.load_animated_emoji])
def test_clips_must_be_arrays_to_be_replaced(load):
    inputs = load().test.inputs
    name = next(key for key in ("speech", "video") if key in inputs)
    clips = inputs[name][:4]
    message = rf"\['{name}'\] holds clips; turn them into arrays first, such as log_mel and pad_aud"
    with pytest.raises(TypeError, match="inputs" + message):
        modality_shapley(len, {name: clips}, background={name: np.zeros((1, 1))})
    with pytest.raises(TypeError, match="background" + message):
        modality_shapley(len, {name: np.zeros((1, 1))}, background={name: clips})
    with pytest.raises(TypeError, match="inputs" + message):
        emap(len, {name: clips, "text": np.zeros(4)})


def test_presence_is_no_modality_to_share_out():
    inputs = {"a": np.eye(4), "b": np.eye(4), "presence": np.ones((4, 2), bool)}
    with pytest.raises(ValueError, match="inputs must hold modalities alone here, got 'presence'"):
        modality_shapley(product, inputs, background=inputs)
    with pytest.raises(ValueError, match="inputs must hold modalities alone here, got 'presence'"):
        emap(product, inputs)


ROWS = {"a": np.array([[0.0], [1.0]]), "b": np.ones((2, 1))}


def log_of_a(x):
    with np.errstate(divide="ignore"):
        return np.stack([np.log(x["a"][:, 0]), np.zeros(len(x["a"]))], 1)


@pytest.mark.parametrize(
    ("predict", "message"),
    [
        (log_of_a, "what predict returns must hold finite numbers, got -inf"),
        (lambda x: x["a"] * np.nan, "what predict returns must hold finite numbers, got nan"),
        (lambda x: np.zeros((2, 3))[: len(x["a"]) - 1], "must return a row for each of the"),
        (lambda x: 0.5, r"must return a row for each of the .* got shape \(\)"),
        (lambda x: np.zeros((len(x["a"]), 1 + (x["a"] == 0).all())), "must return rows of one sha"),
    ],
)
def test_what_a_model_returns_is_checked(predict, message):
    background = {name: np.zeros((1, 1)) for name in "ab"}
    with pytest.raises(ValueError, match=message):
        modality_shapley(predict, ROWS, background=background)
    with pytest.raises(ValueError, match=message):
        emap(predict, ROWS, batch_size=2)


@pytest.mark.parametrize("wrong", [[ROWS["a"], ROWS["b"]], None])
def test_inputs_are_a_dict(wrong):
    with pytest.raises(TypeError, match="inputs must be a dict such as"):
        emap(log_of_a, wrong)
    with pytest.raises(TypeError, match="background must be a dict such as"):
        modality_shapley(log_of_a, ROWS, background=wrong)
    with pytest.raises(TypeError, match="predict must be a function"):
        emap(wrong, ROWS)
    with pytest.raises(TypeError, match="batch_size must be a whole number"):
        emap(log_of_a, ROWS, batch_size=2.5)
