"""Does a second look help a search, and can it be asked aloud?

    python -m mmtutorial.chapters.cross_modal.retrieval.study_more

Re-ranking: the ten nearest texts of each test drawing, in English, put in a new order by a
cross-attention model alone, by its logit added to the cosine, or by the cosine of ridge regression
added to it. The weight of what is added is chosen on validation, by mAP. Speech: spoken captions
search the pictures of the stamps by a linear map; each fold is its own seed, and the penalty is
chosen by the mean R@10 on validation over all folds.
"""

from functools import cache

import numpy as np

from mmtutorial.chapters.cross_modal.retrieval.experiment import RECIPE, RidgeSearch
from mmtutorial.chapters.cross_modal.retrieval.heard import (
    read_recordings,
    score_chance,
    score_speech,
)
from mmtutorial.chapters.cross_modal.retrieval.second_stage import (
    add_logits,
    read_tokens,
    search_first,
    train_reranker,
)
from mmtutorial.cross_modal import rerank
from mmtutorial.studies import Study, main
from mmtutorial.tasks import EmojiPairs, score_search, train_pairs

WEIGHTS, PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3), (10.0, 100.0, 1e3, 1e4)
RIDGE_WEIGHTS = (0.25, 0.5, 1.0, 2.0)
LANGUAGE, K = "en", 10


@cache
def load_pairs():
    """Load the pairs of both languages once."""
    return EmojiPairs(languages=("en", "zh"), keywords=5)


class Stages:
    """A trained first stage and a re-ranker, and what they make of a split."""

    def __init__(self, pairs, seed):
        self.pairs = pairs
        self.first = train_pairs(pairs, RECIPE.replace(dropout=0.3), seed=seed)
        self.ridge = RidgeSearch(pairs, penalty=1000.0)
        near = search_first(self.first, pairs, "train", language=LANGUAGE)
        self.second = train_reranker(near, pairs, language=LANGUAGE, seed=seed)

    def score(self, split, weight, ridge_weight):
        """Return the scores of each way to re-rank."""
        ids = self.pairs.ids(split)
        inputs, concepts = read_tokens(self.pairs, split, language=LANGUAGE)
        near = search_first(self.first, self.pairs, split, language=LANGUAGE)
        linear = search_first(self.ridge, self.pairs, split, language=LANGUAGE)

        def add(queries, texts):
            return near[queries, texts] + ridge_weight * linear[queries, texts]

        orders = {
            "first stage": near,
            "re-ranker alone": add_logits(self.second, near, inputs, weight=np.inf, k=K),
            "re-ranker added": add_logits(self.second, near, inputs, weight=weight, k=K),
            "ridge added": rerank(near, add, k=K),
        }
        return {name: score_search(order, ids, concepts) for name, order in orders.items()}


def search_stages(pairs, setting, choices):
    """Choose both weights, by mAP on validation."""
    stages, score = Stages(pairs, seed=100), "mean_average_precision"
    by_logit = {w: stages.score("validation", w, 1.0)["re-ranker added"][score] for w in WEIGHTS}
    by_ridge = {w: stages.score("validation", 0.1, w)["ridge added"][score] for w in RIDGE_WEIGHTS}
    weight, ridge_weight = (max(each, key=each.get) for each in (by_logit, by_ridge))
    config = {"weight": weight, "ridge_weight": ridge_weight}
    return {"validation": by_logit[weight], "config": config}


def run_stages(pairs, setting, config, seed):
    """Train both stages; return a row for each order of the first ten."""
    scores = Stages(pairs, seed).score("test", **config)
    return [{"order": name, **found} for name, found in scores.items()]


class Spoken:
    """The recordings of all folds in one language; a search gets no test splits."""

    def __init__(self, language, splits=("train", "validation", "test")):
        self.language, self.splits = language, splits

    def without_test(self):
        """Return the same task without test splits."""
        return Spoken(self.language, self.splits[:2])

    def fold(self, number):
        """Return the splits of a fold."""
        found = read_recordings(number, self.language)
        return {split: found[split] for split in self.splits}


def search_speech(spoken, setting, choices):
    """Choose the penalty, by the mean R@10 on validation over all folds."""
    scores = {}
    for penalty in PENALTIES:
        found = [score_speech(spoken.fold(n), "validation", penalty=penalty) for n in range(5)]
        scores[penalty] = float(np.mean([each["recall_at_10"] for each in found]))
    best = max(scores, key=scores.get)
    return {"validation": scores[best], "config": {"penalty": best}}


def run_speech(spoken, setting, config, seed):
    """Search the pictures of a fold by recordings; the seed is the fold."""
    found = spoken.fold(seed)
    chance = score_chance(found["test"])
    return [{**score_speech(found, "test", **config), "chance": chance}]


STUDIES = (
    Study(
        name="cross_modal/retrieval/rerank",
        question="Does a second look at the ten nearest texts help?",
        grid={"language": (LANGUAGE,)},
        task=lambda setting: load_pairs(),
        search=search_stages,
        run=run_stages,
    ),
    Study(
        name="cross_modal/retrieval/speech",
        question="Can pictures be searched by spoken captions?",
        grid={"language": ("fr", "es")},
        task=lambda setting: Spoken(setting["language"]),
        search=search_speech,
        run=run_speech,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
