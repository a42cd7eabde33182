"""What functions of arrays in tasks and chapters are given, and what they must give."""

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

BATCH = np.random.default_rng(0)
FEATURES, TARGET = BATCH.random((6, 3)), np.array([0, 1, 2, 0, 1, 2])
LOGS = np.log(BATCH.dirichlet(np.ones(3), 6))
FAIR = np.log(np.ones(3) / 3)
VOTES = {"image": LOGS, "text": LOGS[::-1].copy()}
THERE = np.array([[True, True], [True, False], [False, True]] * 2)
RIGHT = {(True,): np.array([1, 1, 0]), (False,): np.array([1, 0, 0])}
STORED = [
    {"masked": masked, "seed": seed, "accuracy": 0.5 + seed / 10}
    for masked in ("nothing", "caption")
    for seed in (0, 1)
]
WAVES = [np.sin(np.arange(1600) / 5).astype(np.float32), np.zeros(0, np.float32)]
SEED = "seed"


CLIPS = "empty list, empty, first: empty list, first: empty axis 0"


class Clips(list):
    """A sequence of waves that knows its rate, as clips do."""

    sample_rate = 16000


def probabilities(result, **_):
    """Say whether rows are logarithms of probabilities."""
    return np.allclose(np.exp(np.asarray(result)).sum(axis=-1), 1, atol=1e-4)


ENTRIES = [
    Entry(
        "tasks.fit_linear",
        lambda: {"features": FEATURES, "target": TARGET, "classes": 3, "penalty": 1.0},
        lambda result, classes, **_: result.weights.shape[1] == classes,
        allows={"penalty": "1"},
    ),
    Entry(
        "tasks.Linear.predict_log_proba",
        lambda: {"features": FEATURES},
        lambda result, features: probabilities(result),
        allows={"features": "any rows"},
        target=lambda: mm.tasks.Linear(np.ones((3, 2)), np.zeros(2)).predict_log_proba,
    ),
    Entry(
        "tasks.product_rule",
        lambda: {"log_probabilities": [LOGS, LOGS], "log_prior": FAIR},
        probabilities,
        allows={"log_probabilities": "one more, one less, first: -inf inside"},
        nan=True,
        also={"log_prior": {"a class that never occurs": np.array([-0.7, -0.7, -np.inf])}},
    ),
    Entry(
        "tasks.surprisal_bits",
        lambda: {"log_p": LOGS, "target": TARGET},
        lambda result, target, **_: result.shape == target.shape and result.min() >= 0,
        allows={"log_p": "-inf inside"},
        nan=True,
    ),
    Entry(
        "tasks.log_frequencies",
        lambda: {"targets": TARGET, "classes": 3},
        lambda result, classes, **_: result.shape == (classes,) and probabilities(result),
        allows={"targets": "any rows, empty list"},
    ),
    Entry(
        "chapters.fusion.missing_modalities.expected_correct",
        lambda: {"right": dict(RIGHT), "shares": [0.5]},
        lambda result, **_: result.shape == (3,) and 0 <= result.min() <= result.max() <= 1,
        allows={"shares": "first: 1, zero"},
        also={"shares": {"above 1": [2.0]}},
    ),
    Entry(
        "fusion.mask_completely_at_random",
        lambda: {"presence": THERE, "share": 0.5, "seed": 0},
        lambda result, presence, **_: result.shape == presence.shape and result.dtype == bool,
        allows={"presence": "row more, row less, wider axis 1, empty axis 0", "seed": SEED,
                "share": "1"},
    ),
    Entry(
        "fusion.mask_by_class",
        lambda: {"presence": THERE, "targets": TARGET, "shares": [0.1, 0.2, 0.3], "modality": 1,
                 "seed": 0},
        lambda result, presence, **_: result.shape == presence.shape,
        allows={"presence": "wider axis 1", "shares": "one more, zero, 1", "modality": "1, zero",
                "seed": SEED},
        aliases={"shares": ("targets",)},
    ),
    Entry(
        "chapters.fusion.missing_modalities.presence_patterns",
        lambda: {"modalities": ("image", "text")},
        lambda result, modalities: len(result) == 2 ** len(modalities),
        allows={"modalities": "any text, one more, one less, texts"},
    ),
    Entry(
        "fusion.product_of_experts",
        lambda: {"votes": dict(VOTES), "frequencies": {"image": FAIR, "text": FAIR},
                 "log_prior": FAIR, "presence": THERE},
        probabilities,
        allows={"votes": "-inf inside"},
        nan=True,
        also={"log_prior": {"one number": [0.5]}},
    ),
    Entry(
        "chapters.fusion.missing_modalities.robustness_curve",
        lambda: {"rows": STORED, "shares": [0.25, 0.5], "masked": "caption"},
        lambda result, shares, **_: len(result[1]) == len(shares),
        allows={"rows": "any keys", "shares": "one more, one less, zero, 1"},
        aliases={"rows": ("row", "runs", "rows with"), "masked": ("row", "{'masked'")},
    ),
    Entry(
        "tasks.late_fusion",
        lambda: {"votes": dict(VOTES), "weights": {"image": 1.0, "text": 2.0}, "presence": THERE},
        probabilities,
        allows={"votes": "-inf inside", "weights": "1, None"},
        nan=True,
        aliases={"votes": ("inputs", "modality", "modalities")},
    ),
    Entry(
        "tasks.choose_weights",
        lambda: {"votes": dict(VOTES), "truth": TARGET, "presence": THERE, "steps": 2},
        lambda result, **_: 0 <= result[1] <= 1,
        allows={"votes": "-inf inside", "steps": "1"},
        aliases={"votes": ("inputs", "modality", "modalities")},
    ),
    Entry(
        "chapters.background.features.nearest_neighbours",
        lambda: {"points": FEATURES, "concepts": TARGET, "count": 2},
        lambda result, points, count, **_: result.shape == (len(points), count),
        allows={"concepts": "as texts, far inside, negative inside", "count": "1"},
        also={"count": {"more than there are": 5}},
    ),
    Entry(
        "chapters.background.features.top_activating_patches",
        lambda: {"maps": BATCH.random((3, 4, 4, 2)), "pictures": np.zeros((3, 8, 8, 3), np.uint8),
                 "concepts": np.array([0, 1, 2]), "field": 3, "filters": 1, "count": 2},
        lambda result, field, **_: result.shape[1:] == (field, field, 3),
        allows={"concepts": "as texts, far inside, negative inside", "count": "1", "field": "1",
                "filters": "1"},
    ),
    Entry(
        "chapters.background.features.token_effects",
        lambda: {"ids": np.array([[1, 2], [2, 0]]), "states": BATCH.random((2, 2, 3)),
                 "vocabulary_size": 3, "rarest": 1},
        lambda result, states, vocabulary_size, **_: result.shape == (
            vocabulary_size, np.shape(states)[2]),
        allows={"rarest": "1, huge"},
        aliases={"vocabulary_size": ("ids",)},  # they must be below it
    ),
    Entry(
        "chapters.fusion.gates_and_tensors.make_pairs",
        lambda: {"concepts": np.array([0, 1, 1, 2]), "seed": 0},
        lambda result, concepts, **_: len(result[0]) == len(result[1]) == 2 * len(concepts),
        allows={"concepts": "as texts, row more, row less, far inside, negative inside, texts",
                "seed": SEED},
    ),
    Entry(
        "chapters.background.what_is_multimodal.sample_sizes",
        lambda: {"kinds": {"clip": (np.zeros((8, 2, 2, 3)), 25), "photo": (np.zeros((1, 4)), 0)}},
        lambda result, kinds: list(result["numbers"]) == list(kinds),
        allows={"kinds": "any keys, as texts, rank+1, rank-1, any rows, any value inside, "
                "empty axis 1, empty axis 2, empty axis 3, complex, as objects, texts"},
    ),
    Entry(
        "chapters.fusion.attention.count_scores",
        lambda: {"first": 3, "second": 2, "bottlenecks": 1},
        lambda result, **_: min(result.values()) >= 0,
        allows={name: "1, huge" for name in ("first", "second", "bottlenecks")},
    ),
    Entry(
        "chapters.fusion.attention.time_attention",
        lambda: {"counts": [2], "bottlenecks": 1, "units": 4, "batch": 1},
        lambda result, counts, **_: all(len(each) == len(counts) for each in result.values()),
        allows={"counts": "first: 1, one more", "bottlenecks": "1", "units": "1", "batch": "1"},
        every=6, drawn=False,
    ),
    Entry(
        "preprocessing.log_mel_statistics",
        lambda: {"clips": Clips(WAVES), "bands": 8, "quietest": 0.5},
        lambda result, clips, bands, **_: result.shape == (len(clips), 2 * bands),
        allows={"bands": "1", "quietest": "1", "clips": CLIPS},
    ),
    Entry(
        "preprocessing.log_mel_segments",
        lambda: {"clips": Clips(WAVES), "parts": 4, "bands": 8},
        lambda result, clips, parts, bands: result.shape == (len(clips), parts, bands),
        allows={"bands": "1", "parts": "1", "clips": CLIPS},
    ),
    Entry(
        "chapters.background.what_is_multimodal.hue_index",
        lambda: {"image": np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5},
        lambda result, image: result.shape == image.shape[:2],
        allows={"image": "any rows, wider axis 1"},
        also={"image": {"floats": np.full((4, 4, 3), 0.5), "grey": np.zeros((4, 4), np.uint8)}},
    ),
]  # fmt: skip

MADE = {"tasks.Linear": "fit_linear"}
