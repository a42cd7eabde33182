"""What a search and its scores are given, and what they must give."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called, made

SCORES = np.array([[0.9, 0.1, 0.3], [0.2, 0.4, 0.4], [0.1, 0.2, 0.5]])
RIGHT = np.array([[True, False, True], [False, True, False], [True, True, False]])
QUERIES = np.random.default_rng(0).normal(size=(4, 3))
CANDIDATES = np.random.default_rng(1).normal(size=(5, 3))
FOLDER = TemporaryDirectory(prefix="mmtutorial-fuzz-")
TEXTS = "unicode, misspelt, word, one less, first: unicode, first: misspelt, first: word"


def table(name, sane, **more):
    """Return the entry of a score of a table."""
    return Entry(
        f"evaluation.{name}",
        lambda: {"similarity": SCORES, **more, "matches": RIGHT},
        sane,
        allows={"similarity": "-inf inside"},
        aliases={"similarity": ("matches", "candidates"), "matches": ("similarity",)},
        also={"matches": {"no match": np.zeros((3, 3), bool), "numbers": np.ones((3, 3))}},
    )


def filled(index):
    """Return an index of five vectors."""
    index.add(CANDIDATES, np.arange(5))
    return index


def new_folder():
    """Return a folder that does not exist yet."""
    return Path(FOLDER.name) / f"shards-{len(list(Path(FOLDER.name).iterdir()))}"


@cache
def whole():
    """Return an index in memory, saved as well."""
    index = filled(mm.cross_modal.RetrievalIndex(3, kind="hnsw"))
    index.save(f"{FOLDER.name}/whole.index")
    return index


@cache
def shards():
    """Return an index on disk."""
    return filled(mm.cross_modal.ShardedIndex(new_folder(), 3, shard_size=2))


def searched(result, queries, k):
    """Say whether a search gave ids and scores of the right shape, best first."""
    ids, scores = result
    return (
        ids.shape == scores.shape == (len(queries), k)
        and np.abs(scores).max() <= 1
        and np.all(np.diff(scores, axis=1) <= 0)
    )


def of_index(name, make):
    """Return the entries of what an index does."""
    other_ids = {"ids": "far inside, negative inside, as texts"}
    rows = {"vectors": ("ids",), "ids": ("vectors",)}
    return [
        Entry(f"cross_modal.{name}.add", lambda: {"vectors": QUERIES, "ids": np.arange(4)},
              lambda result, **_: result is None, allows=other_ids, aliases=rows,
              also={"vectors": {"zeros": np.zeros((4, 3)), "wider": np.ones((4, 4))}},
              target=lambda: make().add),
        Entry(f"cross_modal.{name}.search", lambda: {"queries": QUERIES, "k": 2}, searched,
              allows={"queries": "row more, row less", "k": "1"},
              also={"queries": {"zeros": np.zeros((4, 3)), "wider": np.ones((4, 4))},
                    "k": {"too many": 6}},
              target=lambda: {"RetrievalIndex": whole, "ShardedIndex": shards}[name]().search),
    ]  # fmt: skip


PROMPTS = {"dog": np.array([[3.0, 4.0], [4.0, 3.0]]), "cat": np.array([[-1.0, 0.5]])}
IMAGES = np.array([[1.0, 1.0], [-2.0, 1.0]])
READ = {
    "query": np.random.default_rng(2).normal(size=(3, 2, 4)).astype("float32"),
    "candidate": np.random.default_rng(3).normal(size=(5, 3, 2)).astype("float32"),
}
PAIRS = {side: tokens[:2] for side, tokens in READ.items()}
SCORED = np.random.default_rng(4).random((3, 5))


def first_of(rows, columns):
    """Score pairs: the first candidate is the best."""
    return -np.asarray(columns, float)


@cache
def reranker():
    """Return a re-ranker that has read a pair."""
    model = mm.cross_modal.CrossAttentionReranker(4, num_layers=1, heads=2)
    model(PAIRS)
    return model


CARD = {"model": "a test", "seed": "0"}
CARDS = "key missing, key more, key misspelt, key in unicode, value: misspelt, value: word, " \
        "value: empty text, value: unicode, empty"  # fmt: skip
ENTRIES = [
    Entry(
        "cross_modal.RetrievalIndex",
        lambda: {"dim": 3, "kind": "hnsw", "m": 4, "ef_construction": 9, "ef_search": 7,
                 "threads": 2, "card": CARD},
        lambda result, dim, **_: len(result) == 0 and result.dim == dim,
        allows={"card": CARDS, "threads": "None"},
    ),
    *of_index("RetrievalIndex", lambda: mm.cross_modal.RetrievalIndex(3)),
    Entry(
        "cross_modal.RetrievalIndex.save",
        lambda: {"path": f"{FOLDER.name}/again.index"},
        lambda result, path: Path(path).exists(),
        skip=("path",),  # it would write files of any name
        drawn=False,
        target=lambda: whole().save,
    ),
    Entry(
        "cross_modal.RetrievalIndex.load",
        lambda: {"path": (whole(), f"{FOLDER.name}/whole.index")[1], "threads": 1},
        lambda result, **_: len(result) == 5,
        allows={"threads": "None"},
    ),
    Entry(
        "cross_modal.ShardedIndex",
        lambda: {"folder": new_folder(), "dim": 3, "shard_size": 2, "threads": 1, "card": CARD},
        lambda result, dim, **_: len(result) == 0 and result.dim == dim,
        allows={"card": CARDS, "threads": "None", "shard_size": "huge"},
        skip=("folder",),  # it would make folders of any name
    ),
    *of_index("ShardedIndex", lambda: mm.cross_modal.ShardedIndex(new_folder(), 3)),
    Entry(
        "cross_modal.ShardedIndex.load",
        lambda: {"folder": shards().folder, "verify": False, "threads": 1},
        lambda result, **_: len(result) == 5,
        allows={"threads": "None"},
    ),
    Entry(
        "cross_modal.ensemble_prompts",
        lambda: {"prompts": PROMPTS},
        lambda result, prompts: np.allclose(np.linalg.norm(result, axis=1), 1),
        allows={"prompts": "key missing, key more, key misspelt, key in unicode, key a number, "
                           "value: row more, value: row less"},
        also={"prompts": {"an array": np.ones((2, 3))}},
    ),
    Entry(
        "cross_modal.zero_shot_classify",
        lambda: {"embeddings": IMAGES, "prompts": PROMPTS, "logit_scale": 5.0},
        lambda result, embeddings, **_: (
            len(result) == len(embeddings) and np.allclose(np.exp(result).sum(axis=1), 1)
        ),
        allows={
            "embeddings": "row more, row less",
            "prompts": "key missing, key more, key misspelt, key in unicode, key a number, "
                       "value: row more, value: row less",
            "logit_scale": "1",
        },
        aliases={"prompts": ("embeddings",)},
    ),
    Entry(
        "cross_modal.rerank",
        lambda: {"similarity": SCORES, "score_pairs": first_of, "k": 2},
        lambda result, similarity, **_: (
            result.shape == np.shape(similarity) and not np.isnan(result).any()
        ),
        allows={"similarity": "-inf inside, row more, row less", "k": "1"},
        aliases={"similarity": ("k",)},
        nan=True,
        also={
            "score_pairs": {
                "returns None": lambda rows, columns: None,
                "returns NaN": lambda rows, columns: rows * np.nan,
                "returns too few": lambda rows, columns: rows[1:],
                "returns texts": lambda rows, columns: ["a"] * len(rows),
            }
        },
    ),
    Entry(
        "cross_modal.hard_negatives",
        lambda: {"similarity": SCORES, "count": 1, "logit_scale": 5.0, "matches": RIGHT, "seed": 0},
        lambda result, similarity, count, **_: result.shape == (len(similarity), count),
        allows={"similarity": "-inf inside", "count": "1", "logit_scale": "1, zero",
                "seed": "seed"},
        aliases={"similarity": ("matches", "count"), "matches": ("similarity", "count")},
    ),
    Entry(
        "cross_modal.matching_pairs",
        lambda: {
            "inputs": READ,
            "negatives": np.array([[1, 2], [0, 4], [3, 0]]),
            "positives": np.array([0, 1, 2]),
        },
        lambda result, inputs, **_: (
            len(result[0]["query"]) == len(result[1]) and 0 < result[1].mean() < 1
        ),
        allows={"inputs": "value: nan inside, value: inf inside, value: -inf inside, "
                          "value: rank-1", "positives": "None"},
        aliases={"inputs": ("query", "candidate", "negatives", "positives")},
        nan=True,
    ),
    made("cross_modal.CrossAttentionReranker",
         lambda: {"units": 4, "num_layers": 1, "heads": 2, "hidden": 8, "dropout": 0.1},
         allows={name: "1, huge" for name in ("num_layers", "heads", "hidden")},
         skip=("num_layers",), aliases={"units": ("heads",), "heads": ("units",)}),
    called("cross_modal.CrossAttentionReranker", lambda: {"inputs": PAIRS}, reranker,
           lambda result, inputs: tuple(result.shape) == (len(inputs["query"]), 1),
           allows={"inputs": "value: nan inside, value: inf inside, value: -inf inside, "
                             "value: rank-1, value: empty axis 0"},
           aliases={"inputs": ("query", "candidate")}),
    Entry(
        "cross_modal.CrossAttentionReranker.rerank",
        lambda: {"similarity": SCORED, "inputs": READ, "k": 2, "batch_size": 4},
        lambda result, similarity, **_: (
            result.shape == np.shape(similarity) and not np.isnan(result).any()
        ),
        allows={"similarity": "-inf inside", "k": "1", "batch_size": "1, huge",
                "inputs": "value: rank-1"},
        aliases={"inputs": ("query", "candidate", "similarity"), "similarity": ("k",)},
        nan=True,
        target=lambda: reranker().rerank,
    ),
    table("match_ranks", lambda result, similarity, **_: (
        result.min() >= 1 and len(result) == len(similarity))),
    table("hits_at_k", lambda result, similarity, **_: (
        result.dtype == bool and len(result) == len(similarity)), k=2),
    table("recall_at_k", lambda result, **_: 0 <= result <= 1, k=2),
    table("median_rank", lambda result, **_: result >= 1),
    table("mean_average_precision", lambda result, **_: 0 < result <= 1),
    Entry(
        "evaluation.chance_recall_at_k",
        lambda: {"k": 2, "candidates": 5, "matches": np.array([1, 2])},
        lambda result, **_: 0 < result <= 1,
        allows={"k": "1", "candidates": "huge, 1", "matches": "1, row more, row less, rank-1"},
        omits={"candidates": "huge"},
        aliases={"candidates": ("k", "matches")},
    ),
    Entry(
        "evaluation.CosineSimilarity",
        lambda: {"queries": QUERIES, "candidates": CANDIDATES},
        lambda result, queries, candidates: (
            np.abs(result[0 : len(queries)]).max() < 1.001
            and result.shape == (len(queries), len(candidates))
        ),
        allows={"queries": "row more, row less", "candidates": "row more, row less"},
        aliases={"queries": ("candidates",)},
        also={"queries": {"zeros": np.zeros((4, 3))}, "candidates": {"zeros": np.zeros((5, 3))}},
    ),
    Entry(
        "evaluation.SameLabels",
        lambda: {"queries": np.array([0, 1, 1]), "candidates": np.array([1, 2])},
        lambda result, queries, candidates: (
            result[0 : len(queries)].shape == result.shape == (len(queries), len(candidates))
        ),
        allows={
            name: "row more, row less, far inside, negative inside"
            for name in ("queries", "candidates")
        },
    ),
    Entry(
        "evaluation.keyword_f1",
        lambda: {
            "predicted": [["cat", "red"], ["dog"]],
            "reference": [["cat"], ["dog", "big"]],
            "average": False,
        },
        lambda result, **_: np.min(result) >= 0 and np.max(result) <= 1,
        allows={
            "predicted": "first: texts, first: empty, first: empty list, first: one more, "
            "first: one less, first: first: *",
            "reference": "first: texts, first: one more, first: one less, first: first: *",
        },
        also={"predicted": {"plain text inside": ["cat", "dog"]}},
    ),
    Entry(
        "evaluation.bleu",
        lambda: {
            "predicted": ["a cat runs", "two dogs"],
            "references": ["a cat sleeps", "two dogs"],
            "language": "en",
            "max_order": 2,
        },
        lambda result, **_: 0 <= result <= 100 + 1e-9,
        allows={
            "predicted": f"texts, empty text, first: empty text, {TEXTS}",
            "references": f"texts, first: texts, {TEXTS}",
            "max_order": "1",
        },
        also={"references": {"blank": ["", " "]}},
    ),
    Entry(
        "evaluation.chrf",
        lambda: {
            "predicted": ["a cat runs", "two dogs"],
            "references": [["a cat sleeps"], ["two dogs", "dogs"]],
        },
        lambda result, **_: 0 <= result <= 100 + 1e-9,
        allows={
            "predicted": f"texts, empty text, first: empty text, {TEXTS}",
            "references": "texts, first: texts, first: word, first: unicode, first: misspelt, "
            "first: plain text, first: one more, first: first: *, one less",
        },
    ),
]  # fmt: skip

MADE = {}
