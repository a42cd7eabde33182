"""What the tasks of image-text pairs, their training and their scores are given."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

SMALL = {"hidden": 4, "units": 3, "epochs": 1, "batch_size": 64}
ROWS = np.random.default_rng(0)
SEARCH = {"similarity": ROWS.random((12, 15)), "query_ids": np.arange(12) % 5,
          "candidate_ids": np.arange(15) % 5}  # fmt: skip
LINES = {"inputs": ROWS.random((6, 3)), "targets": ROWS.random((6, 2)), "penalty": 0.5}
RECIPE = {"loss": "siglip", "temperature": 0.1, "hidden": 4, "units": 3, "dropout": 0.1,
          "mask_duplicates": True, "epochs": 2, "batch_size": 8, "learning_rate": 0.01}  # fmt: skip
OF_RECIPE = {"temperature": "1, huge, None", "hidden": "1, huge", "units": "1, huge",
             "epochs": "1, huge", "batch_size": "huge", "learning_rate": "1"}  # fmt: skip
TEXTS = "any text, texts, any rows, empty list"


@cache
def pairs():
    """Return pairs with one keyword each, as n-grams, which know any word."""
    return mm.tasks.EmojiPairs(text="ngrams", keywords=1)


@cache
def model():
    """Return a model that was hardly trained."""
    return mm.tasks.train_pairs(pairs(), mm.tasks.PairRecipe(**SMALL), seed=0)


def recipe():
    """Return a recipe that takes no time."""
    return mm.tasks.PairRecipe(**SMALL)


def watch(epoch, model):
    """Do nothing after an epoch."""


def same_choices(result, **arguments):
    """Say whether a recipe holds what it was given."""
    return all(getattr(result, key) == value for key, value in arguments.items())


def of_pairs(name, good, **options):
    """Return the entry of a method of `EmojiPairs`."""
    options = {"every": 2, **options}
    return Entry(f"tasks.EmojiPairs.{name}", lambda: dict(good), lambda result, **_: len(result),
                 target=lambda: getattr(pairs(), name), **options)  # fmt: skip


PAIRS = [
    Entry("tasks.EmojiPairs",
          lambda: {"image": "features", "text": "both", "languages": ("en", "zh"), "keywords": 2,
                   "names": True, "artists": ("noto",)},
          lambda result, **_: result.text_scales["ngrams"] > 0,
          allows={"keywords": "1, huge, None", "artists": "*", "languages": "one less"},
          every=11, drawn=False),
    of_pairs("images", {"split": "test", "augment": 1}, allows={"augment": "1, zero, huge"}),
    of_pairs("words", {"split": "test", "language": "en", "seed": 0}, allows={"seed": "seed"}),
    of_pairs("encode", {"texts": ["cat", "dog | red"], "language": "en"},
             allows={"texts": TEXTS}),
    of_pairs("ids", {"split": "test"}),
    of_pairs("inputs", {"split": "test", "language": "zh", "seed": 0}, allows={"seed": "seed"}),
    of_pairs("captions", {"split": "test", "language": "zh"}),
    Entry("tasks.PairRecipe", lambda: dict(RECIPE), same_choices, allows=OF_RECIPE, every=2),
    Entry("tasks.PairRecipe.replace", lambda: dict(RECIPE), same_choices, allows=OF_RECIPE,
          every=5, target=lambda: mm.tasks.PairRecipe().replace),
    Entry("tasks.build_dual_encoder", lambda: {"task": pairs(), "recipe": recipe()},
          lambda result, **_: set(result.modalities) == {"image", "text"}, every=3, drawn=False),
    Entry("tasks.train_pairs",
          lambda: {"task": pairs(), "recipe": recipe(), "seed": 0, "on_epoch": watch,
                   "build": mm.tasks.build_dual_encoder},
          lambda result, **_: result.built, every=9, drawn=False),
    Entry("tasks.score_pairs",
          lambda: {"model": model(), "task": pairs(), "split": "test", "language": "zh",
                   "hits": True},
          lambda result, **_: set(result) == {"image_to_text", "text_to_image"}, every=3,
          drawn=False),
    Entry("tasks.score_search", lambda: {**SEARCH, "hits": True},
          lambda result, **_: 0 <= result["recall_at_1"] <= result["recall_at_10"] <= 1,
          allows={"similarity": "any rows, any value inside, shuffled, bool",
                  "query_ids": "any value inside, shuffled", "candidate_ids": "any value inside"},
          aliases={"similarity": ("query_ids", "candidate_ids", "k"),
                   "query_ids": ("matches",), "candidate_ids": ("matches",)}),
    Entry("tasks.fit_ridge_map", lambda: dict(LINES),
          lambda result, **_: np.isfinite(result.weights).all(),
          allows={"penalty": "1, huge", "inputs": "wider axis 1", "targets": "wider axis 1"}),
    Entry("tasks.RidgeMap.predict", lambda: {"inputs": LINES["inputs"]},
          lambda result, inputs: result.shape == (len(inputs), 2),
          allows={"inputs": "row more, row less, empty axis 0"},
          target=lambda: mm.tasks.fit_ridge_map(**LINES).predict),
]  # fmt: skip
MADE = {"tasks.Captions": "EmojiPairs.captions", "tasks.RidgeMap": "fit_ridge_map"}
