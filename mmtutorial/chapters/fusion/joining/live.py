"""The reader's own words to an emoji: what the picture, the words and both together say."""

import itertools
import re

import numpy as np

from mmtutorial import results, widgets
from mmtutorial._checks import check_list, check_texts
from mmtutorial._optional import load_optional
from mmtutorial.data.keywords import SEPARATOR, read_keywords
from mmtutorial.preprocessing.vocabulary import UNKNOWN
from mmtutorial.tasks.emoji import EmojiTask
from mmtutorial.tasks.late import late_fusion
from mmtutorial.tasks.training import Recipe, predict_log_proba, train_model
from mmtutorial.widgets._html import beside_picture

_HAN = re.compile("[\u3400-\u9fff]")


class OwnWords:
    """What trained models say of an emoji of the validation split with words of one's own.

    Parameters
    ----------
    task : an `EmojiTask` with frozen features and English words
    models : by name: ``"image"``, ``"text"`` and ``"concat"``, trained on it
    pictures : what to show, ``(rows, height, width, 3)`` uint8, a row for each of the split
    """

    def __init__(self, task, models, pictures):
        self.task, self.models, self.pictures = task, models, pictures
        self.names = task.dataset.validation.info["name"]
        self.features, self.targets = task.images("validation"), task.targets("validation")
        self._chinese = None

    def log_probabilities(self, row, words, weight):
        """Return log-probabilities ``(classes,)`` by model; ``weight`` is the picture's in late.

        Words are separated by commas. The concatenation knows English only; late fusion takes the
        opinion of a Chinese model as it takes that of an English one. Raises ``ValueError`` for
        words of which no piece occurs in training.
        """
        text = SEPARATOR.join(read_keywords(words))
        if not text:
            raise ValueError("Type a word or two, such as: face, green")
        chinese = bool(_HAN.search(text))
        task, reader = self._train_chinese() if chinese else (self.task, self.models["text"])
        inputs = {"image": self.features[[row]], "text": task.encode([text])}
        if inputs["text"].max() <= UNKNOWN:
            raise ValueError(f"No piece of {words.strip()!r} occurs in training: try another word")
        votes = {
            "image": predict_log_proba(self.models["image"], inputs),
            "text": predict_log_proba(reader, inputs),
        }
        late = late_fusion(votes, {"image": weight, "text": 1 - weight})
        found = {"picture": votes["image"], "words": votes["text"], "late fusion": late}
        if not chinese:
            found["concat"] = predict_log_proba(self.models["concat"], inputs)
        return {name: log_p[0] for name, log_p in found.items()}

    def frame(self, row, words, weight):
        """Show the emoji and the probabilities, as HTML."""
        columns = self.log_probabilities(row, words, weight)
        table = widgets.probability_table(
            {name: np.exp(log_p) for name, log_p in columns.items()},
            self.task.dataset.classes["group"],
            truth=int(self.targets[row]),
        )
        caption = f"{self.names[row]}, with the words: {words}"
        return beside_picture(self.pictures[row], caption, table._repr_html_())

    def find(self, name):
        """Return the first row of an emoji; raises ``ValueError`` if the split lacks it."""
        rows = np.flatnonzero(self.names == name)
        if not len(rows):
            raise ValueError(f"emoji must be of the validation split, got {name!r}")
        return int(rows[0])

    def _train_chinese(self):
        """Return a task with Chinese words and a model of the words alone, trained once."""
        if self._chinese is None:
            task = EmojiTask(keywords=2, language="zh")
            chosen = results.load("fusion/which_fusion/methods")["choices"]
            (config,) = results.select(chosen, "config", language="zh", keywords=2, method="text")
            self._chinese = task, train_model(task, "text", Recipe(**config), seed=0)
        return self._chinese


def own_words(own, *, emoji, words, weight=0.5):
    """Let the reader type words to any emoji; without a kernel, choose one of some of each.

    Parameters
    ----------
    own : `OwnWords`
    emoji : names of emoji to choose from without a kernel; the first is shown first
    words : words to choose from without a kernel
    weight : of the picture in late fusion, at first

    Returns an `mm.widgets.Live`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    rows = [own.find(name) for name in check_list("emoji", emoji, "names of emoji")]
    words = check_texts("words", words)
    frames = [own.frame(row, text, weight) for row, text in itertools.product(rows, words)]
    _, every = np.unique(own.names, return_index=True)
    controls = {
        "row": ipywidgets.Dropdown(
            options=[(str(own.names[row]), int(row)) for row in np.sort(every)],
            value=rows[0],
            description="Emoji",
        ),
        "words": ipywidgets.Text(words[0], placeholder="face, green or 笑脸", description="Words"),
        "weight": ipywidgets.FloatSlider(
            weight, min=0, max=1, step=0.05, description="Weight of the picture", readout=False
        ),
    }
    twin = widgets.frame_chooser(frames, {"Emoji": emoji, "Words": words})
    return widgets.live(own.frame, controls, twin)
