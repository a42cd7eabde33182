"""The scenes of the figure in which a reader chooses a word and sees where it looks."""

from mmtutorial.chapters.fusion.attention.experiment import attention_weights
from mmtutorial.chapters.fusion.attention.scenes import COLOURS
from mmtutorial.data.keywords import SEPARATOR
from mmtutorial.tasks.training import predict_log_proba

LABELS = {"train": "known", "test": "new"}


def first_scenes(task, model, *, seed, count=3):
    """Return the scenes that are drawn first of known and of new concepts, and what came of them.

    Returns the arguments of `mm.widgets.attention_view`; ``{"known": [...], "new": [...]}`` with an
    entry for each word: the word, its attention ``(places,)``, the names of the emoji, and the
    place that is meant; and by the same labels whether each answer is right.
    """
    shown = {"patches": [], "words": [], "weights": [], "titles": [], "names": [], "notes": []}
    looks, right = {label: [] for label in LABELS.values()}, {}
    for side, label in LABELS.items():
        drawn = task.draw(side, count, seed=seed)
        names = getattr(task.emoji.dataset, side).info["name"]
        votes = predict_log_proba(model, drawn.inputs).argmax(axis=1)
        right[label] = [bool(fits) for fits in votes == drawn.colour]
        for i, look in enumerate(attention_weights(model, drawn)):
            words, emoji = drawn.words[i].split(SEPARATOR), names[drawn.rows[i]]
            look, place = look[: len(words)], drawn.place[i]
            looks[label] += [(*each, emoji, place) for each in zip(words, look, strict=True)]
            judged = "right" if right[label][i] else f"it is {COLOURS[drawn.colour[i]]}"
            shown["patches"].append(task.pictures[side][drawn.rows[i]])
            shown["words"].append(words)
            shown["weights"].append(look)
            shown["titles"].append(f"{label} {i + 1}")
            shown["names"].append(list(emoji))
            shown["notes"].append(
                f"Meant is: {emoji[place]}. The model says {COLOURS[votes[i]]}: {judged}."
            )
    return shown, looks, right
