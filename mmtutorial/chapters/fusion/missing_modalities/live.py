"""Take modalities away from a stamp, and see what each way around the gap still says."""

import itertools

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice, check_list
from mmtutorial._credits import recognise
from mmtutorial._optional import load_optional
from mmtutorial.chapters.fusion.missing_modalities.listeners import HEARD, load_listeners
from mmtutorial.fusion import product_of_experts
from mmtutorial.preprocessing import resize_image
from mmtutorial.tasks import log_frequencies, predict_log_proba, surprisal_bits
from mmtutorial.widgets._html import beside_picture

NAMES = {"image": "photograph", "text": "caption", "speech": "voice", "sound": "sound"}
SPLITS = ("validation", "test")  # no model has learnt from these
EXPERTS = "product of experts"
WAYS = {"zeros": "concat", "modality dropout": "concat + dropout", EXPERTS: ""}
DEAF = "The network was trained on photograph and caption alone: voice and sound cannot reach it."
NOTHING = {
    "zeros": "Nothing is left, and no training row was like that: this is what its biases say.",
    "modality dropout": "Nothing is left, and its training never hid both: this is what its "
    "biases say.",
    EXPERTS: "Nothing is left: this is the prior, how frequent each category is in training.",
}
GONE, PIXELS = 225, 96  # the grey of a photograph that was taken away, and the side of each
LEFT = {  # in what needs no kernel
    "all but the caption": ("image", "speech", "sound"),
    "the caption alone": ("text",),
    "nothing": (),
}
IN_TWIN = (EXPERTS, "zeros")
SHARES = 7  # how many shares of hidden photographs the slider has


class TakenAway:
    """What the chapter's models say of a stamp that has lost some modalities.

    It is one of validation or test, from which no model has learnt.

    Parameters
    ----------
    task : a `StampTask` of fold 0 with ``"image"`` and ``"text"``
    models : by name: ``"image"``, ``"text"``, ``"concat"``, ``"concat + dropout"``, trained on it
    stamps : the same stamps with what is shown and played, as `load_stamps` gives them
    """

    def __init__(self, task, models, stamps):
        self.models, self.listeners = models, load_listeners()
        self.groups, splits = stamps.classes["group"], [getattr(stamps, name) for name in SPLITS]
        self._places = [(split, row) for split in splits for row in range(len(split))]
        self.captions = np.concatenate([split.inputs["text"] for split in splits])
        self.truth = np.concatenate([task.targets(name) for name in SPLITS])
        arrays = [task.inputs(name) for name in SPLITS]
        self._inputs = {
            name: np.concatenate([each[name] for each in arrays]) for name in ("image", "text")
        }
        self.prior = log_frequencies(task.targets("train"), task.classes)
        self.frequencies = {"image": self.prior, "text": self.prior}
        self.frequencies |= {name: self.listeners[name].frequencies for name in HEARD}

    def find(self, path):
        """Return the row of a stamp; raises ``ValueError`` if the splits lack it."""
        paths = [split.info["path"][at] for split, at in self._places]
        if path not in paths:
            raise ValueError(f"path must be that of a stamp of {' or '.join(SPLITS)}, got {path!r}")
        return paths.index(path)

    def has(self, row):
        """Return the names of the modalities that a stamp has by itself."""
        split, at = self._places[row]
        return [name for name in NAMES if split.presence[name][at]]

    def log_probabilities(self, row, way, left):
        """Return log-probabilities ``(classes,)`` by one of `WAYS`, of the modalities in ``left``.

        What the stamp lacks by itself stays absent. The two networks know photograph and caption;
        the product asks all four experts. Raises ``ValueError`` for another way or modality.
        """
        check_choice("way", way, WAYS)
        for name in left:
            check_choice("left", name, NAMES)
        there = np.array([name in left and name in self.has(row) for name in NAMES])
        if way == EXPERTS:
            silent = np.zeros((1, len(self.groups)))
            votes = {
                name: self._vote(name, row) if here else silent
                for name, here in zip(NAMES, there, strict=True)
            }
            presence = {name: [here] for name, here in zip(NAMES, there, strict=True)}
            return product_of_experts(votes, self.frequencies, self.prior, presence)[0]
        inputs = {name: self._inputs[name][[row]] for name in ("image", "text")}
        inputs["presence"] = there[None, :2]
        return predict_log_proba(self.models[WAYS[way]], inputs)[0]

    def _vote(self, name, row):
        """Return what the expert of one modality says, ``(1, classes)``."""
        if name in HEARD:
            split, at = self._places[row]
            return self.listeners[name].predict_log_proba(split.inputs[name][[at]])
        return predict_log_proba(self.models[name], {name: self._inputs[name][[row]]})

    def bits(self, row, way, left):
        """Return the surprise at the right category, in bits."""
        log_p = self.log_probabilities(row, way, left)
        return float(surprisal_bits(log_p[None], self.truth[[row]])[0])

    def frame(self, row, way, *, players=True, **kept):
        """Show what is left of a stamp, to see and to hear, and what is said of it, as HTML.

        ``kept`` says for each modality, by name, whether the reader has left it. Without
        ``players`` nothing can be heard, and a page is lighter.
        """
        left = [name for name in NAMES if kept.get(name)]
        there = [name for name in left if name in self.has(row)]
        both = {"all there": self.has(row), "what is left": left}
        found = {title: self.log_probabilities(row, way, names) for title, names in both.items()}
        columns = {title: np.exp(log_p) for title, log_p in found.items()}
        table = widgets.probability_table(columns, self.groups, truth=int(self.truth[row]))
        before, after = (self.bits(row, way, names) for names in both.values())
        said = (
            f"<p>Surprise at the right category: {before:.2f} bits with all there, "
            f"<b>{after:.2f} bits</b> with what is left.</p>"
        )
        split, at = self._places[row]
        whole = split.inputs["image"][at]
        picture, sources = resize_image(whole[None], PIXELS)[0], [recognise(whole)]
        if "image" not in there:
            picture, sources = np.full_like(picture, GONE), ()
        shown = [NAMES[name] if name in there else f"no {NAMES[name]}" for name in NAMES]
        if "text" in there:
            shown[1] = f"caption “{self.captions[row]}”"
        heard = [name for name in HEARD if name in there] if players else []
        played = "".join(self._player(name, row) for name in heard)
        notes = "".join(f"<p>{note}</p>" for note in self._notes(row, way, left, there))
        content = f"{played}{table._repr_html_()}{said}{notes}"
        return beside_picture(picture, ", ".join(shown), content, sources)

    def _player(self, name, row):
        split, at = self._places[row]
        clips = split.inputs[name]
        words = {"transcript": str(split.info["fr"][at]), "language": "fr"}
        return widgets.audio_player(
            clips[at],
            clips.sample_rate,
            description=NAMES[name].capitalize(),
            **(words if name == "speech" else {}),
        )._repr_html_()

    def _notes(self, row, way, left, there):
        """Say what a reader may wonder about."""
        for name in left:
            if name not in there:
                yield f"Nobody has recorded a {NAMES[name]} of this one."
        asked = there if way == EXPERTS else [name for name in there if name not in HEARD]
        if asked != there:
            yield DEAF
        if not asked:
            yield NOTHING[way]


def take_away(away, paths, *, way=EXPERTS):
    """Let the reader take modalities away; without a kernel, some from some stamps.

    Parameters
    ----------
    away : `TakenAway`
    paths : of the stamps to choose from without a kernel; the first is shown first
    way : one of `WAYS`, at first

    Returns an `mm.widgets.Live`. Raises ``ValueError`` for a stamp that is in neither split.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    rows = [away.find(path) for path in check_list("paths", paths, "paths of stamps")]
    captions = [str(away.captions[row]) for row in rows]
    frames = [
        away.frame(row, each, players=False, **dict.fromkeys(left, True))
        for row, left, each in itertools.product(rows, LEFT.values(), IN_TWIN)
    ]
    menus = {"Stamp": captions, "What is left": [*LEFT], "In the gap": IN_TWIN}
    order = sorted(range(len(away.captions)), key=lambda row: str(away.captions[row]))
    controls = {
        "row": ipywidgets.Dropdown(
            options=[(f"{away.captions[row]} ({row})", row) for row in order],
            value=rows[0],
            description="Stamp",
        ),
        "way": ipywidgets.Dropdown(options=[*WAYS], value=way, description="In the gap"),
    }
    controls |= {
        name: ipywidgets.Checkbox(value=True, description=title.capitalize())
        for name, title in NAMES.items()
    }
    return widgets.live(away.frame, controls, widgets.frame_chooser(frames, menus))


def vanishing_photos(draw, right, votes, split, groups):
    """Let the reader hide more and more photographs of the validation stamps, without a kernel.

    Parameters
    ----------
    draw : draws one share, as `missing_photos_panel` does
    right : ``{method: {pattern: (rows,)}}``, whether each answer is right, for ``"text"`` and
        the methods of ``votes``
    votes : ``{method: {pattern: (rows, classes)}}``, of the network without and of that with
        modality dropout; a pattern says whether photograph and caption are there
    split : the stamps, with pictures, captions and categories
    groups : the names of the categories

    Returns a `FigureSlider`. Six stamps are shown that both networks tell with both there.
    """
    lots, truth = np.random.default_rng(4).random(len(split)), split.targets["group"]
    shares, figures, alt = np.linspace(0, 1, SHARES), [], []
    lines = {
        name: [np.where(lots < s, each[False, True], each[True, True]).mean() for s in shares]
        for name, each in right.items()
    }
    curves = {name: (shares, line) for name, line in lines.items()}
    told = np.flatnonzero(np.all([right[name][True, True] for name in votes], axis=0))
    six = told[np.argsort(lots[told])][np.linspace(3, len(told) - 4, 6).astype(int)]
    images, captions = (split.inputs[name][six] for name in ("image", "text"))
    for place, share in enumerate(shares):
        hidden, answers = lots[six] < share, {}
        for short, each in zip(("without", "with"), votes.values(), strict=True):
            seen, gone = (each[state, True][six].argmax(axis=1) for state in (True, False))
            said = np.where(hidden, gone, seen)
            marks = zip(said, said == truth[six], strict=True)
            answers[short] = [f"{groups[a]} {'✓' if ok else '✗'}" for a, ok in marks]
        figures.append(draw(curves, share, images, hidden, captions, answers))
        before, after = (lines[name][place] for name in votes)
        alt.append(
            f"{share:.0%} of photographs hidden, {hidden.sum()} of the six shown: accuracy "
            f"{before:.2f} without modality dropout and {after:.2f} with it."
        )
    labels = [f"{share:.0%}" for share in shares]
    return widgets.figure_slider(
        figures, labels, description="Photographs hidden", alt=alt, start=3
    )
