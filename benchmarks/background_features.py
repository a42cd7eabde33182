"""Tables of chapter background/3: what each encoder gets out of pictures, or of words, alone.

    python benchmarks/background_features.py                 everything
    python benchmarks/background_features.py --only artists  a part; the rest of the file stays
    python benchmarks/background_features.py --method CNN    one method in all parts

Every recipe was chosen by hand on the validation split. The test split is read once per seed.
Results go to mmtutorial/results/background_features.json after every part.
"""

import argparse
import datetime
import os
import time
from functools import cache

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from fusion_joining import machine
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.experiments import EmojiTask, train_alone

NAME = "background_features"
SEEDS = range(5)
SPLITS = ("train", "validation", "test")
LENGTH = 28  # the longest row of two words with their pieces has 26
RECIPES = {
    "linear on pixels": dict(epochs=8, learning_rate=5e-4, batch_size=64),
    "CNN, random filters kept": dict(epochs=6, learning_rate=3e-3, batch_size=64),
    "CNN": dict(epochs=6, learning_rate=3e-3, batch_size=64),
    "linear on frozen features": dict(epochs=10, learning_rate=2e-3, batch_size=64),
    "linear on frozen features, labels shuffled": dict(
        epochs=10, learning_rate=2e-3, batch_size=64
    ),
    "linear on ids": dict(epochs=8, learning_rate=3e-3, batch_size=64),
    "RNN": dict(epochs=4, learning_rate=5e-3, batch_size=128),
    "RNN, whole words": dict(epochs=4, learning_rate=5e-3, batch_size=128),
    "transformer": dict(epochs=4, learning_rate=3e-3, batch_size=128),
    "bag": dict(epochs=8, learning_rate=5e-3, batch_size=64),
    "bag, labels shuffled": dict(epochs=8, learning_rate=5e-3, batch_size=64),
}
PICTURES = [name for name in RECIPES if "pixels" in name or "CNN" in name or "frozen" in name]


class Pictures:
    """Pictures as pixels or as frozen features, of all artists or without one."""

    def __init__(self, image, artists=None):
        self.task = EmojiTask(image=image, artists=artists)
        self.arrays = {split: self.task.images(split) for split in ("train", "test")}
        everyone = EmojiTask(image=image)  # the same validation pictures whoever trained
        self.arrays["validation"] = everyone.images("validation")
        self.artist = everyone.dataset.validation.targets["artist"]
        self.targets = {split: self.task.targets(split) for split in ("train", "test")}
        self.targets["validation"] = everyone.targets("validation")

    def draw(self, epoch):
        """Return the training pictures of an epoch: mirrored in every second one."""
        pictures = self.arrays["train"]
        return pictures[:, :, ::-1] if pictures.ndim == 4 and epoch % 2 else pictures

    def inputs(self, split, seed):
        """Return the pictures of a split; the seed does not matter."""
        return self.arrays[split]


class Words:
    """Two keywords of each picture, in subwords or whole, drawn afresh in every epoch."""

    def __init__(self, unit="subword"):
        self.task = EmojiTask(keywords=2, length=LENGTH)
        self.unit = unit
        texts = map(self.cut, np.unique(self.task.dataset.train.info["keywords"]))
        self.vocabulary = (
            self.task.vocabulary
            if unit == "subword"
            else mm.preprocessing.Vocabulary.fit(texts, min_count=2)
        )
        self.targets = {split: self.task.targets(split) for split in SPLITS}

    def cut(self, text):
        """Cut a text into tokens."""
        return mm.preprocessing.tokenize(text, unit=self.unit)

    def inputs(self, split, seed):
        """Return rows of ids."""
        words = self.task.words(split, seed=seed)
        if self.unit == "subword":
            return self.task.encode(words)
        return self.vocabulary.encode(map(self.cut, words), length=12)

    def draw(self, epoch):
        """Return the training rows of an epoch."""
        return self.inputs("train", 1000 + epoch)


@cache
def load(source):
    """Load each source of data once: its name, and perhaps the artist to leave out."""
    kind, *left_out = source.split(" without ")
    if kind in ("subword", "word"):
        return Words(kind)
    artists = tuple(a for a in ARTISTS if a not in left_out)
    return Pictures(kind, artists if left_out else None)


def source_of(method):
    """Return the source that a method learns from."""
    if method in PICTURES:
        return "features" if "frozen" in method else "pixels"
    return "word" if "whole" in method else "subword"


def make_cnn(*, learn):
    """Make the CNN of the chapter; unless they may learn, its filters stay as drawn at first."""
    cnn = mm.encoders.ImageCNN(64, filters=(16, 32, 64), kernel_size=5, dropout=0.2)
    if not learn:
        cnn.build((None, 32, 32, 3))
        for layer in cnn.stages:
            layer.trainable = not isinstance(layer, keras.layers.Conv2D)
    return cnn


def encoder_of(method, data):
    """Return the function that makes a method's encoder."""
    if method.startswith("CNN"):
        return lambda: make_cnn(learn="kept" not in method)
    if method in PICTURES:
        return lambda: [keras.layers.Flatten()]
    if "ids" in method:
        return lambda: [keras.layers.Rescaling(1 / len(data.vocabulary))]
    size = len(data.vocabulary)
    if method.startswith("RNN"):
        return lambda: mm.encoders.TextRNN(size, 64, embedding=32, dropout=0.2)
    if method.startswith("bag"):
        return lambda: mm.encoders.TextBag(size, 64, dropout=0.2)
    return lambda: mm.encoders.TextTransformer(
        size, 64, layers=2, heads=4, dropout=0.2, max_length=LENGTH
    )


def train(method, seed, source=None):
    """Train a method on its source; return the model, the data and the seconds it took."""
    data = load(source or source_of(method))
    targets = data.targets["train"]
    if "shuffled" in method:
        targets = np.random.default_rng(seed).permutation(targets)
    start = time.perf_counter()
    model, _ = train_alone(
        encoder_of(method, data),
        data.draw,
        targets,
        classes=data.task.classes,
        seed=seed,
        **RECIPES[method],
    )
    return model, data, round(time.perf_counter() - start, 1)


def answers(model, inputs):
    """Return the class that a model says for each row."""
    return model.predict(inputs, batch_size=1024, verbose=0).argmax(axis=1)


def shuffle_pieces(ids, seed):
    """Put the tokens of each row in a random order; padding stays behind."""
    rng = np.random.default_rng(seed)
    order = np.argsort(np.where(ids > 0, rng.random(ids.shape), 2), axis=1)
    return np.take_along_axis(ids, order, axis=1)


def alone(progress, methods):
    """Train methods five times; score them on both splits, in each group, by each artist."""
    rows, by_artist, unknown, votes = [], [], [], []
    words = load("word")
    for seed in SEEDS:
        right = {}
        new = words.inputs("test", seed)
        share = (new == 1).sum(axis=1) / np.maximum((new > 0).sum(axis=1), 1)  # of words never seen
        for method in methods:
            progress.set_postfix_str(f"{method}, seed {seed}")
            model, data, seconds = train(method, seed)
            inputs = {split: data.inputs(split, seed) for split in ("validation", "test")}
            said = {split: answers(model, given) for split, given in inputs.items()}
            hits = {split: said[split] == data.targets[split] for split in said}
            right[method] = hits["test"]
            truth = data.targets["test"]
            rows.append(
                dict(
                    method=method,
                    seed=seed,
                    accuracy=hits["test"].mean(),
                    validation=hits["validation"].mean(),
                    parameters=model.count_params(),
                    seconds=seconds,
                    recall={
                        name: hits["test"][truth == code].mean()
                        for code, name in enumerate(data.task.dataset.classes["group"])
                    },
                )
            )
            if method in PICTURES and "shuffled" not in method:
                for code, artist in enumerate(ARTISTS):
                    hit = hits["validation"][data.artist == code].mean()
                    by_artist.append(
                        dict(method=method, artist=artist, seen=True, seed=seed, accuracy=hit)
                    )
            if method in ("RNN", "bag", "transformer"):
                mixed = shuffle_pieces(inputs["test"], seed)
                rows.append(
                    dict(
                        method=f"{method}, pieces shuffled",
                        seed=seed,
                        accuracy=np.mean(answers(model, mixed) == truth),
                    )
                )
            if method in ("RNN", "RNN, whole words"):
                for name, chosen in (("all seen", share == 0), ("none seen", share == 1)):
                    unknown.append(
                        dict(method=method, words=name, seed=seed, rows=int(chosen.sum()),
                             accuracy=hits["test"][chosen].mean())
                    )  # fmt: skip
            progress.update()
        for image in ("CNN", "linear on frozen features"):
            if image not in right or "RNN" not in right:
                continue
            a, b = right[image], right["RNN"]
            votes.append(
                dict(image=image, text="RNN", seed=seed, both=np.mean(a & b),
                     image_only=np.mean(a & ~b), text_only=np.mean(b & ~a),
                     neither=np.mean(~a & ~b))
            )  # fmt: skip
    return {"rows": rows, "by_artist": by_artist, "unknown_words": unknown, "votes": votes}


def artists(progress, methods):
    """Leave one artist out of training; score the concepts of validation as that artist drew them.

    The rows with ``seen`` true, from `alone`, score the same pictures.
    """
    rows = []
    for code, artist in enumerate(ARTISTS):
        for method in ("linear on pixels", "CNN", "linear on frozen features"):
            if method not in methods:
                continue
            progress.set_postfix_str(f"{method}, without {artist}")
            source = f"{source_of(method)} without {artist}"
            model, data, _ = train(method, 0, source)
            theirs = data.artist == code
            said = answers(model, data.inputs("validation", 0)[theirs])
            hit = np.mean(said == data.targets["validation"][theirs])
            rows.append(dict(method=method, artist=artist, seen=False, seed=0, accuracy=hit))
            progress.update()
    return {"unseen_artist": rows}


PARTS = {"alone": alone, "artists": artists}


def compare_artists(seen, unseen):
    """Score the same pictures with and without their artist in training, and the difference."""
    rows = []
    for row in unseen:
        same = [r for r in seen if (r["method"], r["artist"]) == (row["method"], row["artist"])]
        known = float(np.mean([r["accuracy"] for r in same]))
        rows.append(
            dict(method=row["method"], artist=row["artist"], known=known, held_out=row["accuracy"],
                 lost=known - row["accuracy"])
        )  # fmt: skip
    return plain(rows)


def merge(old, new):
    """Put new rows where rows of the same methods (or of none) stood; the others stay."""
    measured = {row.get("method") for row in new}
    return [row for row in old if row.get("method") not in measured] + new if new else old


def plain(value):
    """Turn NumPy's numbers into Python's, rounded to what the tables need."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return round(float(value), 4) if isinstance(value, (float, np.floating)) else value


def main():
    """Measure what is asked for, part by part; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--method", choices=RECIPES, action="append", help="the others' rows stay")
    options = parser.parse_args()
    only, methods = options.only or list(PARTS), options.method or list(RECIPES)
    result = mm.results.load(NAME) if NAME in mm.results.available() else {}
    minutes = result.get("made", {}).get("parts", {})
    with tqdm(unit="model") as progress:
        for part in only:
            start = time.perf_counter()
            for key, rows in plain(PARTS[part](progress, methods)).items():
                result[key] = merge(result.get(key, []), rows)
            if "unseen_artist" in result:
                pair = result["by_artist"], result["unseen_artist"]
                result["artists"] = compare_artists(*pair)
            minutes[", ".join([part, *(options.method or [])])] = round(
                (time.perf_counter() - start) / 60, 1
            )
            result["recipes"] = RECIPES
            result["made"] = {
                "command": "python benchmarks/background_features.py",
                "date": datetime.date.today().isoformat(),
                "minutes": round(sum(minutes.values()), 1),
                "parts": minutes,
                **machine(),
            }
            mm.results.save(NAME, result)


if __name__ == "__main__":
    main()
