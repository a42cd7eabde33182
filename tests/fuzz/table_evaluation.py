"""What `mm.evaluation` is given, and what it must give."""

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

TRUTH, PREDICTED = np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2])
SURE = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
ITEMS = {"a": np.array([[0.5], [1.0], [2.0]]), "b": np.array([[1.0], [3.0], [0.5]])}
ASK = {"a": np.eye(4), "b": np.ones((4, 4))}
PAIR = {"a": np.array([1.0, 0.5, 0.25] * 5), "b": np.array([0.5, 0.5, 0.0] * 5)}


ANSWER = {"inputs": ("predict",), "background": ("predict",)}


def add(inputs):
    """Predict two classes from two modalities."""
    first, second = inputs.values()
    with np.errstate(invalid="ignore"):  # infinity times 0
        return np.hstack([first, first * second])


def add_squares(inputs):
    """Predict four classes."""
    return sum(inputs.values())


def answers(rows=3, columns=2):
    """Return models that answer what cannot be."""

    def full(value, less=0):
        return lambda inputs: np.full((len(next(iter(inputs.values()))) - less, columns), value)

    return {
        "answers None": lambda inputs: None,
        "answers text": lambda inputs: ["a"] * rows,
        "answers NaN": full(np.nan),
        "answers infinity": full(-np.inf),
        "answers too few": full(1.0, less=1),
        "answers one number": lambda inputs: 1.0,
    }


CLASSES = {"probabilities": ("y_true",), "logits": ("y_true",)}  # too few for the labels
ENTRIES = [
    Entry(
        "evaluation.accuracy",
        lambda: {"y_true": TRUTH, "y_pred": PREDICTED},
        lambda result, **_: 0 <= result <= 1,
        allows={name: "far inside, negative inside" for name in ("y_true", "y_pred")},
    ),
    Entry(
        "evaluation.macro_f1",
        lambda: {"y_true": TRUTH, "y_pred": PREDICTED},
        lambda result, **_: 0 <= result <= 1,
        allows={name: "far inside, negative inside" for name in ("y_true", "y_pred")},
    ),
    Entry(
        "evaluation.reliability",
        lambda: {"y_true": TRUTH, "probabilities": SURE, "bins": 5},
        lambda result, y_true, **_: result.count.sum() == len(y_true),
        aliases=CLASSES,
        nan=True,
    ),
    Entry(
        "evaluation.expected_calibration_error",
        lambda: {"y_true": TRUTH, "probabilities": SURE, "bins": 5},
        lambda result, **_: 0 <= result <= 1,
        aliases=CLASSES,
    ),
    Entry(
        "evaluation.fit_temperature",
        lambda: {"logits": np.log(SURE), "y_true": PREDICTED},
        lambda result, **_: 0.01 <= result <= 100,
        aliases=CLASSES,
    ),
    Entry(
        "evaluation.interval",
        lambda: {"values": np.array([0.8, 0.82, 0.81]), "confidence": 0.9},
        lambda result, **_: result.low <= result.mean <= result.high,
        allows={"values": "row more, row less"},
    ),
    Entry(
        "evaluation.holm",
        lambda: {"p_values": np.array([0.01, 0.5, 0.03])},
        lambda result, p_values: np.all(result >= np.asarray(p_values, float)),
        allows={"p_values": "any rows"},
    ),
    Entry(
        "evaluation.average_ranks",
        lambda: {"scores": np.array([[0.9, 0.8], [0.7, 0.8], [0.6, 0.1]])},
        lambda result, scores: np.isclose(result.mean(), (len(scores) + 1) / 2),
        allows={"scores": "row more, row less"},
    ),
    Entry(
        "evaluation.paired_bootstrap",
        lambda: {**PAIR, "groups": np.arange(15), "samples": 50, "confidence": 0.9, "seed": 0},
        lambda result, **_: result.low <= result.high and 0 < result.p_value <= 1,
        allows={"groups": "as texts, far inside, negative inside", "seed": "seed"},
        omits={"samples": "huge"},
    ),
    Entry(
        "evaluation.run_seeds",
        lambda: {"function": lambda seed: {"score": seed / 10}, "seeds": [1, 2], "progress": False},
        lambda result, seeds, **_: result["score"].shape == (len(seeds),),
        allows={
            "seeds": "one more, one less, negative, generator, set, dict, ragged, texts, "
            "None inside, object inside, 1, True, word, bytes, class, nan, inf, "
            "-inf, fraction, complex, text of it, list of it, first: set, empty list"
        },
        aliases={"seeds": ("function",)},  # it makes numbers of them
        nan=True,
        also={
            "function": {
                "returns None": lambda seed: None,
                "returns a number": lambda seed: 1.0,
                "returns a text": lambda seed: {"score": "good"},
                "returns an array": lambda seed: {"score": np.ones(3)},
                "returns other keys": lambda seed: {str(seed): 1.0},
                "returns nothing": lambda seed: {},
            },
        },
    ),
    Entry(
        "evaluation.shapley_values",
        lambda: {"value": lambda team: len(team) / 2, "players": ["a", "b"]},
        lambda result, **_: len(result) >= 1,
        allows={
            "players": "one less, texts, generator, set, unicode, misspelt, word, 1, True, dict, "
            "None inside, object inside, bytes, class, nan, empty text, bytes of it"
        },
        also={
            "value": {
                "returns None": lambda team: None,
                "returns NaN": lambda team: np.nan,
                "returns a text": lambda team: "good",
                "returns other shapes": lambda team: np.ones(len(team)),
            },
            "players": {"seven": list("abcdefg"), "a list inside": [["a"], "b"]},
        },
    ),
    Entry(
        "evaluation.emap",
        lambda: {"predict": add, "inputs": ITEMS, "batch_size": 4, "progress": False},
        lambda result, inputs, **_: result.ndim == 2 and len(result) == 3,
        allows={"inputs": "key a number, as texts"},
        aliases=ANSWER,
        also={"predict": answers()},
    ),
    Entry(
        "evaluation.modality_shapley",
        lambda: {
            "predict": add,
            "inputs": ITEMS,
            "background": {"a": np.zeros((2, 1)), "b": np.zeros((2, 1))},
        },
        lambda result, inputs, **_: all(len(result[name]) == 3 for name in inputs),
        allows={"background": "row more, row less"},
        aliases=ANSWER,
        also={"predict": answers()},
    ),
    Entry(
        "evaluation.shuffled_modality",
        lambda: {"inputs": ASK, "modality": "a", "seed": 0},
        lambda result, inputs, modality, **_: (
            sorted(map(str, result[modality])) == sorted(map(str, inputs[modality]))
        ),
        allows={
            "inputs": "any value inside, as texts, as objects, rank-1, empty axis 1, complex",
            "seed": "seed",
        },
        nan=True,
    ),
    Entry(
        "evaluation.permutation_importance",
        lambda: {
            "predict": add_squares,
            "inputs": ASK,
            "y_true": np.arange(4),
            "metric": mm.evaluation.accuracy,
            "seeds": [0, 1],
        },
        lambda result, inputs, seeds, **_: all(result[m].shape == (len(seeds),) for m in inputs),
        allows={"seeds": "one more, one less, set, generator, dict, seed, 1", "inputs": "rank-1"},
        aliases={"seeds": ("seed",), **ANSWER},
        also={
            "predict": answers(4, 4),
            "metric": {
                "returns None": lambda y_true, y_pred: None,
                "returns NaN": lambda y_true, y_pred: np.nan,
                "returns a text": lambda y_true, y_pred: "good",
                "returns an array": lambda y_true, y_pred: np.ones(2),
            },
        },
    ),
    Entry(
        "evaluation.relative_gain",
        lambda: {
            "joint": {"group": [0.9, 0.8], "error": [0.2, 0.1]},
            "single": {"group": [0.8, 0.8], "error": [0.2, 0.3]},
            "lower_is_better": ["error"],
            "confidence": 0.9,
        },
        lambda result, **_: result.low <= result.mean <= result.high,
        allows={
            "joint": "value: first: *, 1, negative, zero, huge",
            "single": "value: first: *, 1, huge",
            "lower_is_better": "empty, one more, one less, empty list",
        },
        aliases={
            "joint": ("joint", "single", "lower_is_better"),
            "single": ("single", "joint", "lower_is_better"),
        },
    ),
    Entry(
        "evaluation.transfer_matrix",
        lambda: {
            "pairs": {("group", "hue"): {"group": 0.9, "hue": 0.4}},
            "single": {"group": 0.8, "hue": 0.5},
            "lower_is_better": ["hue"],
        },
        lambda result, single, **_: result.shape == (len(single), len(single)),
        allows={
            "pairs": "1, negative, zero, huge, value: list of it, value: value: list of it",
            "single": "1, huge, value: list of it",
            "lower_is_better": "empty, one more, one less, empty list",
        },
        aliases={
            "pairs": ("pairs", "single"),
            "single": ("single", "pairs", "lower_is_better"),
        },
    ),
]

MADE = {  # what functions return, and nobody makes by hand
    "evaluation.Comparison": "paired_bootstrap",
    "evaluation.Interval": "interval",
    "evaluation.Reliability": "reliability",
}
