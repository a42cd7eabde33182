"""A scene that the reader builds: where the words look, and what is left if a place is erased."""

import itertools
from html import escape

import numpy as np
from PIL import Image

from mmtutorial import widgets
from mmtutorial._checks import check_choice
from mmtutorial._credits import credit_html
from mmtutorial._optional import load_optional
from mmtutorial.chapters.fusion.attention.experiment import attention_weights, erase_place
from mmtutorial.chapters.fusion.attention.scenes import COLOURS, Scenes
from mmtutorial.data.keywords import SEPARATOR, read_keywords
from mmtutorial.preprocessing.vocabulary import UNKNOWN
from mmtutorial.tasks.training import predict_log_proba
from mmtutorial.widgets._html import HtmlBlock, webp_url

PLACES = ("top left", "top right", "bottom left", "bottom right")
EMPTY, NOTHING = "(empty)", "nothing"
SPLITS = {"train": "{}", "validation": "{}, new"}  # a new concept says so in its name
OTHERS = ("red heart", "blue book", "printer")
PREPARED = {  # what can be chosen without a kernel: words, and an emoji for each place
    "four known emoji": ("animal, desert", ("camel", *OTHERS)),
    "a new one is meant": ("animal, big", ("tiger face, new", *OTHERS)),
    "one alone": ("animal", ("deer", EMPTY, EMPTY, EMPTY)),
}
ACROSS = 48  # pixels of a drawing
_GRID = "display:grid;grid-template-columns:repeat(2,minmax(0,8.5rem));gap:8px"
_BLANK = "width:48px;height:48px;border:1px dashed currentColor;border-radius:4px"
_WORD = (
    "display:flex;justify-content:space-between;gap:6px;padding:0 4px;margin-top:2px;"
    "background:linear-gradient(90deg,rgba(213,94,0,.4) {:.1%},transparent 0)"
)


class OwnScene:
    """What a model with guided attention makes of a scene of four emoji that a reader chooses.

    Parameters
    ----------
    task : a `SceneTask` of four places
    model : a model with ``"guided"``, trained on it
    """

    def __init__(self, task, model):
        self.task, self.model = task, model
        self.rows, features, pictures = {}, [], []  # one drawing of each emoji, the first
        for split, called in SPLITS.items():
            names = getattr(task.emoji.dataset, split).info["name"]
            kept, first = np.unique(names[task.colours[split] >= 0], return_index=True)
            chosen = np.flatnonzero(task.colours[split] >= 0)[first]
            start = len(self.rows)
            self.rows |= {called.format(name): start + i for i, name in enumerate(kept)}
            features.append(task.emoji.images(split)[chosen])
            pictures.append(task.pictures[split][chosen])
        self.features, self.pictures = np.concatenate(features), np.concatenate(pictures)

    def compose(self, names, words):
        """Return one scene as `Scenes`; nothing says which place is meant: ``place`` is -1.

        ``names`` has an emoji for each of the four places, or "(empty)" for a blank; ``words`` are
        one or two, with a comma between. Raises ``ValueError`` for what is none of them, and for a
        word of which no piece occurs in training.
        """
        for name in names:
            check_choice("emoji", name, (*self.rows, EMPTY))
        texts, most = read_keywords(words), self.task.emoji.keywords
        if not texts:
            raise ValueError("Type a word or two, such as: animal, big")
        if len(texts) > most:
            raise ValueError(f"The model reads {most} words, you typed {len(texts)}")
        ids = self.task.emoji.encode([SEPARATOR.join(texts)])
        for text, pieces in zip(texts, ids[0], strict=False):
            if pieces.max() <= UNKNOWN:
                raise ValueError(f"No piece of {text!r} occurs in training: try another word")
        rows = np.array([[self.rows.get(name, -1) for name in names]])
        image = np.where(rows[..., None] < 0, np.float32(0), self.features[rows])
        unknown = np.array([-1])
        inputs = {"image": image, "text": ids}
        return Scenes(inputs, rows, unknown, unknown, np.array([SEPARATOR.join(texts)]))

    def read(self, scenes):
        """Return the probabilities ``(colours,)`` and the attention ``(words, places)`` of one."""
        probabilities = np.exp(predict_log_proba(self.model, scenes.inputs)[0])
        looks = attention_weights(self.model, scenes)[0]
        return probabilities, looks[~np.isnan(looks).any(axis=1)]

    def read_alone(self, name, words):
        """Return the probabilities if an emoji stands alone, and what its first word gives it."""
        probabilities, looks = self.read(self.compose([name, EMPTY, EMPTY, EMPTY], words))
        return probabilities, looks[0, 0]

    def frame(self, words, erase, **corners):
        """Show the scene, the attention of each word, and the answer, as HTML.

        ``erase`` is one of `PLACES`, or "nothing"; ``corners`` name the emoji, ``top_left=...``.
        """
        check_choice("erase", erase, (NOTHING, *PLACES))
        names = [corners[place.replace(" ", "_")] for place in PLACES]
        scenes = self.compose(names, words)
        before, looks = self.read(scenes)
        columns, after, sentence = {"as it is": before}, looks, ""
        if erase != NOTHING:
            place = PLACES.index(erase)
            columns[f"{erase} erased"], after = self.read(erase_place(scenes, place))
            names[place] = "erased"
            sentence = compare_answers(*columns.values())
        rows = [row for row, name in zip(scenes.rows[0], names, strict=True) if name in self.rows]
        grid = "".join(
            self._place(*parts, scenes.words[0].split(SEPARATOR), erase != NOTHING)
            for parts in zip(PLACES, names, scenes.rows[0], looks.T, after.T, strict=True)
        )
        table = widgets.probability_table(columns, COLOURS)._repr_html_()
        return HtmlBlock(
            '<div style="display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center">'
            f'<div style="{_GRID}">{grid}</div><div>{table}{sentence}</div></div>'
            f"{credit_html(self.pictures[rows])}",
            f"{', '.join(names)}: {words}",
        )

    def _place(self, place, name, row, before, after, words, changed):
        """Write one place: its drawing or a blank, and how much each word attends to it."""
        title = f"{place}: {name}"
        if name in (EMPTY, "erased"):
            picture = f'<div role="img" aria-label="{escape(title)}" style="{_BLANK}"></div>'
        else:
            image = Image.fromarray(self.pictures[row]).resize((ACROSS, ACROSS))
            address = webp_url(image, quality=60, method=6)
            picture = f'<img src="{address}" alt="{escape(title)}" width="{ACROSS}">'
        shares = "".join(
            f'<span style="{_WORD.format(now)}"><span>{escape(word)}</span>'
            f"<span>{f'{then:.0%} → ' if changed else ''}<b>{now:.0%}</b></span></span>"
            for word, then, now in zip(words, before, after, strict=True)
        )
        return (
            '<figure style="margin:0;font-size:.85rem;line-height:1.4">'
            f"{picture}<figcaption>{escape(title)}{shares}</figcaption></figure>"
        )


def compare_answers(before, after):
    """Say what erasing a place did to the answer; both are probabilities ``(colours,)``."""
    old, new = (COLOURS[p.argmax()] for p in (before, after))
    answer = f"stays {new}" if old == new else f"turns from {old} to {new}"
    moved = np.abs(after - before).sum() / 2
    return f'<p style="margin:6px 0 0">The answer {answer}; it moves by {moved:.2f}.</p>'


def own_scene(own, scenes=None):
    """Let the reader build a scene and erase a place; without a kernel, choose among some scenes.

    Parameters
    ----------
    own : `OwnScene`
    scenes : None for `PREPARED`, or others of its form; the first is shown first

    Returns an `mm.widgets.Live`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    corners = [place.replace(" ", "_") for place in PLACES]
    scenes, erased = scenes or PREPARED, (NOTHING, *PLACES)
    frames = [
        own.frame(words, erase, **dict(zip(corners, names, strict=True)))
        for (words, names), erase in itertools.product(scenes.values(), erased)
    ]
    twin = widgets.frame_chooser(frames, {"Scene": list(scenes), "Erase": erased})
    words, names = next(iter(scenes.values()))
    controls = {
        corner: ipywidgets.Dropdown(
            options=[EMPTY, *own.rows], value=name, description=place.capitalize()
        )
        for corner, place, name in zip(corners, PLACES, names, strict=True)
    }
    controls["words"] = ipywidgets.Text(words, placeholder="animal, big", description="Words")
    controls["erase"] = ipywidgets.ToggleButtons(  # two in a row, as the places stand
        options=(*PLACES, NOTHING), value=NOTHING, description="Erase",
        style={"button_width": "45%"},
    )  # fmt: skip
    return widgets.live(own.frame, controls, twin)
