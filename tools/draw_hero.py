"""Ask models of the chapter on joining about three pictures and three words, for the home page.

Writes ``book/images/hero.json``: the pictures, and the probabilities that the picture alone, the
word alone and both together give each group; ``book/_ext/book_hero.py`` makes the page's figure of
it. Uses the validation split: the test split stays unread. The three pairs were chosen because
each needs both modalities; how often that is so, the chapter measures.
"""

import io
import json
from pathlib import Path

import keras
import numpy as np
from PIL import Image

import mmtutorial as mm
from mmtutorial._checksums import write_bytes
from mmtutorial._html import data_url
from mmtutorial.tasks import EmojiTask, Recipe, predict_log_proba, train_model
from mmtutorial.tasks.late import late_fusion

FILE = Path(__file__).resolve().parent.parent / "book" / "images" / "hero.json"
ARTIST = "twemoji"
PAIRS = {"bear": "honey", "baby bottle": "milk", "vertical traffic light": "stop"}
WEIGHT = 0.5  # of the picture in late fusion


def train_models(task):
    """Return the model of each modality alone, trained by the recipe that its search chose."""
    recipes = {
        row["method"]: Recipe(**row["config"])
        for row in mm.results.load("fusion/joining")["choices"]
        if (row["image"], row["keywords"]) == ("features", 2) and row["method"] in ("image", "text")
    }
    return {method: train_model(task, method, recipe, seed=0) for method, recipe in recipes.items()}


def ask(task, models, row, word):
    """Return what the picture alone, the word alone and both say: probabilities ``(classes,)``."""
    inputs = {"image": task.images("validation")[[row]], "text": task.encode([word])}
    votes = {name: predict_log_proba(model, inputs) for name, model in models.items()}
    both = late_fusion(votes, {"image": WEIGHT, "text": 1 - WEIGHT})
    found = {"picture": votes["image"], "word": votes["text"], "both": both}
    return {method: np.exp(log_p[0]) for method, log_p in found.items()}


def find_rows(split, artists):
    """Return the row of each picture; raise ``SystemExit`` if its word is none of its keywords."""
    rows = {}
    for name, word in PAIRS.items():
        wanted = (split.info["name"] == name) & (
            split.targets["artist"] == list(artists).index(ARTIST)
        )
        (rows[name],) = np.flatnonzero(wanted)
        if word not in split.info["keywords"][rows[name]].split(" | "):
            raise SystemExit(f"{word!r} is no keyword of {name!r}: choose another one")
    return rows


def draw(picture):
    """Return a picture as the address of a WebP."""
    packed = io.BytesIO()
    Image.fromarray(picture).save(packed, "WEBP", quality=85, method=6)
    return data_url("image/webp", packed.getvalue())


def main():
    """Write the file; raise ``SystemExit`` if a pair no longer needs both modalities."""
    keras.utils.set_random_seed(0)
    task = EmojiTask(image="features", keywords=2)
    split, pixels = task.dataset.validation, mm.data.load_emoji().validation.inputs["image"]
    models = train_models(task)
    rows, groups = find_rows(split, task.dataset.classes["artist"]), task.dataset.classes["group"]
    said = {"picture": {}, "word": {}, "both": {}}
    for name, row in rows.items():
        for word in PAIRS.values():
            answer = ask(task, models, row, word)
            for method, place in {"picture": name, "word": word, "both": f"{name}, {word}"}.items():
                said[method][place] = [float(f"{p:.3g}") for p in answer[method]]
            if word == PAIRS[name]:
                right = [p.argmax() == split.targets["group"][row] for p in answer.values()]
                if right != [False, False, True]:
                    raise SystemExit(f"{name!r} and {word!r} no longer need both: choose others")
    pictures = {
        name: {
            "group": groups[split.targets["group"][row]],
            "artist": ARTIST,
            "address": draw(pixels[row]),
        }
        for name, row in rows.items()
    }
    stored = {"made": {"command": "python tools/draw_hero.py", "weight": WEIGHT}, "groups": groups}
    stored |= {"pairs": PAIRS, "pictures": pictures, "said": said}
    write_bytes(FILE, (json.dumps(stored, indent=1) + "\n").encode())
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
