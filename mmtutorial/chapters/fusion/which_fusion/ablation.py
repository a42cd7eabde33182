"""What the ablation study tries: bases, changes, and the recipes that each change stands for."""

from functools import cache

import numpy as np

from mmtutorial.chapters.fusion.which_fusion.experiment import (
    PLAIN,
    POOR_DEFAULTS,
    AblationRecipe,
    ablation_task,
    build_ablation_model,
)
from mmtutorial.fusion import gradient_blend
from mmtutorial.tasks import predict_log_proba, train_model, vary
from mmtutorial.tasks.search import SEARCH_SEED

BASES = {"poor_defaults": POOR_DEFAULTS, "plain_plus_one": PLAIN, "tuned": PLAIN}
ALONE = ("image", "text", "image, five artists")
RATES, BLEND_AFTER = (5e-4, 1e-3, 2e-3), (2, 5, 12)  # learning rates; epochs
CURES = {
    "words drawn afresh": [{"fresh": True}],
    "modality dropout": [{"modality_dropout": rate} for rate in (0.1, 0.3, 0.6)],
    "a loss for each modality": [{"auxiliary": weight} for weight in (0.1, 0.5, 2.0)],
    "balanced gradients": [],  # weights are measured
    "dropout for each modality": [
        {"image_dropout": image, "text_dropout": text}
        for image, text in ((0.0, 0.5), (0.0, 0.8), (0.2, 0.5))
    ],
    "five artists": [{"artists": 5}],
}
UNDONE = {"stop on validation": [{}], "no hidden layer on the words": [{"deep": False}]}
POOR = {
    "hidden layer on the words": [{"deep": True}],
    "half of the words dropped": [{"text_dropout": 0.5}],
    "half of the image dropped": [{"image_dropout": 0.5}],
    "all three reflexes": [{"deep": True, "text_dropout": 0.5, "image_dropout": 0.5}],
}
TRIALS = {**CURES, **UNDONE, **POOR, "nothing": [{}], "image": [{}], "text": [{}],
          "image, five artists": [{"artists": 5}]}  # fmt: skip


@cache
def load_task(keywords, artists, fresh):
    """Load each task once."""
    return ablation_task(PLAIN.replace(artists=artists, fresh=fresh), keywords)


class AblationData:
    """The emoji as each recipe wants them: with its artists, and words drawn once or afresh."""

    def __init__(self, keywords, *, with_test=True):
        self.keywords, self.with_test = keywords, with_test

    def of(self, recipe):
        """Return the task that a recipe asks for."""
        task = load_task(self.keywords, recipe.artists, recipe.fresh)
        return task if self.with_test else task.without_test()

    def without_test(self):
        """Return the same with empty test splits, for a search."""
        return AblationData(self.keywords, with_test=False)


def method_of(change):
    """Name what is trained: a modality alone, or the concatenation."""
    return change.split(",")[0] if change in ALONE else "concat"


def is_tuned(setting):
    """Say whether learning rate and epochs are chosen, or stay as they come."""
    return setting["base"] == "tuned" or setting["change"] in ("stop on validation", "all together")


def candidates(data, setting, chosen):
    """Return the recipes that a change tries on top of its base."""
    change, start = setting["change"], BASES[setting["base"]]
    if change == "all together":
        return together(start, chosen)
    trials = TRIALS[change]
    if change == "balanced gradients":
        trials = [{"auxiliary": weights} for weights in balance(data, chosen)]
    elif len(trials) == 1 and is_tuned(setting):
        return vary(start.replace(**trials[0]), learning_rate=RATES)
    if change not in ALONE and change != "nothing":
        start = AblationRecipe(**chosen("nothing")["config"]).replace(epochs=start.epochs)
    return [start.replace(**trial) for trial in trials]


def balance(data, chosen):
    """Return weights that balance the gradients, as measured after each number of epochs.

    The image alone, the words alone and their concatenation train apart, as the base does; the
    loss of the concatenation counts once, so the weights are divided by its own. A number of
    epochs after which its validation loss has not fallen gives none.
    """
    before, after = {}, {epochs: {} for epochs in BLEND_AFTER}
    for name, change in (("image", "image"), ("text", "text"), ("fused", "nothing")):
        recipe = AblationRecipe(**chosen(change)["config"]).replace(epochs=max(BLEND_AFTER))
        task, options = data.of(recipe), {"seed": SEARCH_SEED, "build": build_ablation_model}
        untrained = train_model(task, method_of(change), recipe.replace(epochs=0), **options)
        before[name] = losses(task, untrained)

        def watch(epoch, model, task=task, name=name):
            if epoch + 1 in after:
                after[epoch + 1][name] = losses(task, model)

        train_model(task, method_of(change), recipe, on_epoch=watch, **options)
    blends = [gradient_blend(before, then) for then in after.values()]
    return [
        {name: weight / blend["fused"] for name, weight in blend.items() if name != "fused"}
        for blend in blends
        if blend["fused"]
    ]


def losses(task, model):
    """Return the loss on training and on validation."""
    found = []
    for split in ("train", "validation"):
        log_p, truth = predict_log_proba(model, task.inputs(split, seed=0)), task.targets(split)
        found.append(-float(np.mean(log_p[np.arange(len(truth)), truth])))
    return tuple(found)


def together(start, chosen):
    """Return all cures at once, each as strong as it was best alone, with three learning rates.

    Of the two that weigh losses, it is the one that did better on validation.
    """
    losses_weighed = ("a loss for each modality", "balanced gradients")
    weighed = max(losses_weighed, key=lambda change: chosen(change)["validation"])
    own = chosen("dropout for each modality")["config"]
    everything = start.replace(
        fresh=True,
        artists=5,
        deep=False,
        image_dropout=own["image_dropout"],
        text_dropout=own["text_dropout"],
        modality_dropout=chosen("modality dropout")["config"]["modality_dropout"],
        auxiliary=chosen(weighed)["config"]["auxiliary"],
    )
    return vary(everything, learning_rate=RATES)
