"""The fusions of English words that a reader can train, too: their recipes and their score."""

from mmtutorial import results
from mmtutorial.tasks.training import Recipe, predict_log_proba, score_log_proba

METHODS = ("concat", "sum", "gated", "tensor", "low_rank", "multiplicative")
KEYWORDS = {"1": 1, "2": 2, "all": None}


def recipe_of(stored, keywords, method):
    """Return the recipe that the search chose for a fusion of an image and so many words."""
    where = {"language": "en", "keywords": keywords, "method": method}
    (config,) = results.select(stored["choices"], "config", **where)
    return Recipe(**config)


def score(model, task, split, *, seed):
    """Return the accuracy on a split, whose words ``seed`` draws."""
    log_p = predict_log_proba(model, task.inputs(split, seed=seed))
    return score_log_proba(log_p, task.targets(split))["accuracy"]
