"""What does each encoder get out of pictures, or of words, alone? And of an unseen artist's?

    python -m mmtutorial.chapters.background.features.study

Every recipe was chosen by hand on the validation split: nothing is searched here. ``artists``
leaves one artist out of training and tests on the validation concepts as that artist drew them;
``encoders`` has tested on the same pictures with all artists in training.
"""

import numpy as np

from mmtutorial import results
from mmtutorial.chapters.background.features.training import (
    PICTURES,
    RECIPES,
    load_source,
    source_of,
    train_encoder,
)
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.studies import Study, main
from mmtutorial.studies.contrasts import read_counts
from mmtutorial.tasks import score_log_proba

ENCODERS = "background/features/encoders"
LEFT_OUT = ("linear on pixels", "CNN", "linear on frozen features")
ORDERED = ("RNN", "bag", "transformer")  # these are tested with shuffled tokens, too
VOTES = {"image": ("CNN", "linear on frozen features"), "text": ("RNN",)}


def predict(model, inputs):
    """Return the logits of all rows."""
    return model.predict(inputs, batch_size=1024, verbose=0)


def shuffle_tokens(ids, seed):
    """Put the tokens of each row in a random order; padding stays behind."""
    rng = np.random.default_rng(seed)
    order = np.argsort(np.where(ids > 0, rng.random(ids.shape), 2), axis=1)
    return np.take_along_axis(ids, order, axis=1)


def share_unknown(seed):
    """Return which share of the words of each test row training has not seen, ``(rows,)``."""
    ids = load_source("word").inputs("test", seed)
    return (ids == 1).sum(axis=1) / np.maximum((ids > 0).sum(axis=1), 1)


def run(task, setting, config, seed):
    """Train; test on unseen concepts of an unseen artist, all together and in parts."""
    method, model = setting["method"], train_encoder(setting["method"], task, seed=seed)
    inputs, truth = task.inputs("test", seed), task.targets("test")
    logits = predict(model, inputs)
    correct = logits.argmax(axis=1) == truth
    known = predict(model, task.inputs("validation", seed)).argmax(axis=1)
    known = known == task.targets("validation")
    row = {
        **score_log_proba(logits, truth),
        "validation": float(known.mean()),
        "parameters": model.count_params(),
        "correct": correct,
        "recall": shares(correct, truth, range(task.emoji.classes)),
    }
    if method in PICTURES:
        row["by_artist"] = shares(known, task.artist, range(len(ARTISTS)))
    if method.startswith("RNN"):
        unknown = share_unknown(seed)
        row |= {
            "rows_all_seen": int((unknown == 0).sum()),
            "rows_none_seen": int((unknown == 1).sum()),
        }
        row["by_unknown"] = shares(correct, unknown, (0, 1))
    rows = [row]
    if method in ORDERED:
        mixed = predict(model, shuffle_tokens(inputs, seed))
        rows.append({"method": f"{method}, pieces shuffled", **score_log_proba(mixed, truth)})
    return rows


def shares(correct, labels, values):
    """Return the share that is right among the rows of each label."""
    return [round(float(correct[labels == value].mean()), 4) for value in values]


def tabulate(result):
    """Return accuracy where all words were seen or none, and what image and text get right."""
    rows = []
    for row in result["rows"]:
        for place, words in enumerate(("all seen", "none seen") if "by_unknown" in row else ()):
            count = row["rows_" + words.replace(" ", "_")]
            found = {"words": words, "rows": count, "accuracy": row["by_unknown"][place]}
            rows.append({"method": row["method"], "seed": row["seed"], **found})
    votes = list(count_votes(result["items"])) or result.get("votes", [])
    return {"unknown_words": rows, "votes": votes}


def count_votes(items):
    """Yield how often image, text, both or neither are right, over all pairs of seeds."""
    right = {item["method"]: read_counts(item["counts"]) / item["seeds"] for item in items}
    for image in VOTES["image"]:
        for text in VOTES["text"]:
            if image in right and text in right:
                a, b = right[image], right[text]
                shares = {"both": a * b, "image_only": a * (1 - b), "text_only": b * (1 - a)}
                shares["neither"] = (1 - a) * (1 - b)
                means = {name: float(share.mean()) for name, share in shares.items()}
                yield {"image": image, "text": text, **means}


def run_artists(task, setting, config, seed):
    """Train without an artist; test on validation concepts as that artist drew them."""
    model = train_encoder(setting["method"], task, seed=seed)
    theirs = task.artist == ARTISTS.index(setting["artist"])
    logits = predict(model, task.inputs("validation", seed)[theirs])
    scores = score_log_proba(logits, task.targets("validation")[theirs])
    return [{**scores, "parameters": model.count_params()}]


def compare_artists(result):
    """Compare with the mean accuracy on the same pictures when their artist is in training."""
    rows = results.load(ENCODERS)["rows"] if ENCODERS in results.available() else []
    found = []
    for row in result["rows"]:
        place = ARTISTS.index(row["artist"])
        seen = [r["by_artist"][place] for r in rows if r["method"] == row["method"]]
        if seen:
            known, held_out = float(np.mean(seen)), row["accuracy"]
            pair = {"known": known, "held_out": held_out, "lost": known - held_out}
            found.append({"method": row["method"], "artist": row["artist"], **pair})
    return {"artists": found}


STUDIES = (
    Study(
        name=ENCODERS,
        question="What does each encoder get out of pictures, or of words, alone?",
        grid={"method": tuple(RECIPES)},
        task=lambda setting: load_source(source_of(setting["method"])),
        run=run,
        tables=tabulate,
    ),
    Study(
        name="background/features/artists",
        question="What is lost on the pictures of an artist whom training has not seen?",
        grid={"artist": ARTISTS, "method": LEFT_OUT},
        task=lambda setting: load_source(source_of(setting["method"]), setting["artist"]),
        run=run_artists,
        seeds=(0,),
        tables=compare_artists,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
