"""Draw the picture of the landing page from the shipped data and from models trained here.

Writes ``book/images/hero.webp`` and ``book/images/hero.inc``, the figure with its alternative
text, so that the words say what the picture shows. Uses the validation split: the test split
stays unread. The example was chosen because it needs both modalities; how often that is so, a
chapter measures.
"""

import io
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mmtutorial as mm
from mmtutorial._checksums import write_bytes
from mmtutorial.plots import COLOURS

IMAGES = Path(__file__).resolve().parent.parent / "book" / "images"
NAMES = {"noto": "Noto", "twemoji": "Twemoji", "openmoji": "OpenMoji", "emojione": "EmojiOne"}
NEW_ARTIST = "noto"  # these models never saw its drawings, nor those of the older Noto
OLD_ARTISTS = ("twemoji", "openmoji", "emojione")
LEARNT, ASKED = "owl", "frog"


def predict(emoji):
    """Fit one classifier for pictures and one for words; return each method's probabilities."""
    train, validation = emoji.train, emoji.validation
    see = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=500))
    read = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)),
        LogisticRegression(C=10, max_iter=1000),
    )
    shares = {}
    for name, model in {"image": see, "text": read}.items():
        model.fit(train.inputs[name], train.targets["group"])
        shares[name] = model.predict_proba(validation.inputs[name])
    both = shares["image"] * shares["text"]  # late fusion: the product of two opinions
    return shares | {"both": both / both.sum(axis=1, keepdims=True)}


def draw(emoji, shares):
    """Draw what is learnt above, and one answer below; return the WebP and its alternative text."""
    groups = [name.replace("-", " & ") for name in emoji.classes["group"]]
    row = int(np.flatnonzero(emoji.validation.info["name"] == ASKED)[0])
    word = emoji.validation.inputs["text"][row]
    truth = emoji.validation.targets["group"][row]
    answers = {name: int(share[row].argmax()) for name, share in shares.items()}
    if answers["both"] != truth or truth in (answers["image"], answers["text"]):
        raise SystemExit(f"{ASKED!r} no longer needs both modalities: choose another example")

    figure = plt.figure(figsize=(11, 5.4))
    figure.text(0.02, 0.945, "Learn from several artists' pictures and from words …", fontsize=16)
    draw_known(figure, emoji, groups)
    figure.text(0.02, 0.475, "… then say what a new thing by a new artist is", fontsize=16)
    axis = figure.add_axes((0.02, 0.085, 0.14, 0.29))
    show(axis, emoji.validation.inputs["image"][row], f"{NAMES[NEW_ARTIST]}, with the word")
    figure.text(0.09, 0.025, f"“{word}”", fontsize=15, ha="center")
    titles = {"image": "the picture alone", "text": "the word alone", "both": "both together"}
    for i, (name, title) in enumerate(titles.items()):
        axis = figure.add_axes((0.25 + 0.255 * i, 0.02, 0.22, 0.355))
        bars(axis, shares[name][row], groups, COLOURS["joint" if name == "both" else name])
        mark = "✓" if answers[name] == truth else "✗"
        axis.set_title(f"{title}  {mark}", fontsize=14, loc="left", pad=4)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=144, facecolor="white")
    packed = io.BytesIO()
    Image.open(drawn).convert("RGB").save(packed, "WEBP", quality=80, method=6)
    said = {
        name: f"{groups[best]} ({shares[name][row, best]:.0%})" for name, best in answers.items()
    }
    return packed.getvalue(), (
        f"Above, an {LEARNT} as {len(OLD_ARTISTS)} artists drew it, with its words: what a model "
        f"learns from. Below, a {ASKED} by another artist, with the word {word}. The picture "
        f"alone says {said['image']}, which is wrong; the word alone says {said['text']}, which is "
        f"wrong; both together say {said['both']}, which is right."
    )


def draw_known(figure, emoji, groups):
    """Draw one concept by all training artists, and what is known of it."""
    train = emoji.train
    rows = np.flatnonzero(train.info["name"] == LEARNT)
    for i, row in enumerate(rows):
        axis = figure.add_axes((0.02 + 0.19 * i, 0.57, 0.13, 0.29))
        artist = emoji.classes["artist"][train.targets["artist"][row]]
        show(axis, train.inputs["image"][row], NAMES[artist])
    words = train.info["keywords"][rows[0]].replace(" | ", "\n")
    figure.text(0.62, 0.72, words, fontsize=14, va="center", linespacing=1.35)
    figure.text(
        0.79, 0.70, f"→  {groups[train.targets['group'][rows[0]]]}", fontsize=15, va="center"
    )


def show(axis, picture, title):
    """Show one emoji without axes."""
    axis.imshow(picture, interpolation="lanczos")
    axis.set_title(title, fontsize=12, pad=3)
    axis.axis("off")


def bars(axis, share, groups, colour):
    """Draw the three likeliest groups."""
    for y, group in enumerate(np.argsort(share)[::-1][:3]):
        first = y == 0
        axis.barh(y + 0.3, share[group], height=0.28, color=colour if first else "#b8c0c8")
        weight = "bold" if first else "normal"
        axis.text(
            0, y, f"{groups[group]}  {share[group]:.0%}", fontsize=12, va="center", weight=weight
        )
    axis.set(xlim=(0, 1), ylim=(2.6, -0.35))
    axis.axis("off")


if __name__ == "__main__":
    options = {"artists": OLD_ARTISTS, "validation_artists": (NEW_ARTIST,), "keywords": 1}
    numbers = mm.data.load_emoji(image="features", **options)
    picture, alt = draw(mm.data.load_emoji(image="pixels", **options), predict(numbers))
    figure = f":::{{figure}} images/hero.webp\n:class: hero\n:alt: {alt}\n:::\n"
    write_bytes(IMAGES / "hero.webp", picture)  # both only when both are made
    write_bytes(IMAGES / "hero.inc", figure.encode())
    print(alt)
