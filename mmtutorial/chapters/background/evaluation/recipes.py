"""Recipes of emoji models that the study of chapter "Joining two modalities" chose, and scores."""

from functools import cache

import numpy as np
from keras import ops

from mmtutorial import results
from mmtutorial.tasks import EmojiTask

JOINING = "fusion/joining"


@cache
def load_task(keywords):
    """Load emoji with frozen features once for each number of keywords."""
    return EmojiTask(keywords=keywords)


def chosen_recipe(keywords, method):
    """Return what was chosen on validation: ``{"validation": accuracy, "config": dict}``.

    Raises ``ValueError`` for a method that was not searched.
    """
    for row in results.load(JOINING)["choices"]:
        if (row["image"], row["keywords"], row["method"]) == ("features", keywords, method):
            return {"validation": row["validation"], "config": row["config"]}
    raise ValueError(f"{JOINING} has chosen nothing for {method!r} with {keywords} keywords")


def chosen_recipes(keywords, *methods):
    """Return what was chosen for several methods: mean accuracy, and a config for each."""
    found = {method: chosen_recipe(keywords, method) for method in methods}
    return {
        "validation": float(np.mean([each["validation"] for each in found.values()])),
        "config": {method: each["config"] for method, each in found.items()},
    }


def split_at_fusion(model, inputs):
    """Encode every row once; return the vectors and the rest of the model, which is quick."""
    vectors = {name: np.asarray(model.encoders[name](inputs[name])) for name in model.modalities}

    def rest(vectors):
        logits = model.heads["fused"](model.fusion(vectors), training=False)
        return ops.convert_to_numpy(ops.log_softmax(logits))

    return vectors, rest


def is_correct(log_p, truth):
    """Say for each item whether the likeliest class is the true one."""
    return log_p.argmax(axis=1) == truth
