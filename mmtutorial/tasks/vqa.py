"""Visual question answering: scenes of one to four emoji, and questions about them."""

from dataclasses import dataclass

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_choice, check_like, check_seed, check_whole
from mmtutorial.data._options import check_names
from mmtutorial.tasks._inputs import SPLITS, pick_split
from mmtutorial.tasks._questions import (
    KINDS,
    LANGUAGES,
    WORDS,
    all_texts,
    say_answer,
    say_caption,
    say_question,
)
from mmtutorial.tasks._scenes import CORNERS, Scenes, dominant_colours

ATTRIBUTES = ("colour", "group")


@dataclass(frozen=True, eq=False)
class Questions:
    """Some questions, each about a scene of its own.

    ``scenes`` says what stands where. ``questions``, ``answers``, ``kinds`` and ``about`` are lists
    of texts: the last says by what a thing is named, ``"colour"`` or ``"group"``, or ``""``.
    """

    scenes: Scenes
    questions: list[str]
    answers: list[str]
    kinds: list[str]
    about: list[str]

    def __len__(self):
        return len(self.questions)


class VQATask:
    """Can you answer questions about scenes of emoji? Their words do not give the answer away.

    A scene has one to four emoji, each in a corner of its own, of several sizes, on 128 x 128
    pixels. Every emoji has a clear colour. Kinds of questions: ``"what"`` is in this corner (one of
    eight groups), which ``"colour"`` is it (one of six), ``"count"``: how many are there (one to
    four), ``"where"`` is what has this colour or is of this group (one of four corners), and
    ``"presence"``: is there any such thing (yes or no). The answer is drawn first, each as often as
    another, then a scene that fits: without the picture one can only guess. The splits are those of
    the emoji: test scenes show concepts that no training scene has, by an artist who drew none.

    Parameters
    ----------
    language : ``"en"``, ``"zh"`` or ``"both"``, half of the questions each
    dataset : None, or emoji to use instead of loading them, as pictures of 64 pixels

    ``texts`` holds every word that can come up. Raises ``ValueError`` for another language. Papers:
    Antol et al. 2015, VQA: Visual Question Answering; Johnson et al. 2017, CLEVR: A Diagnostic
    Dataset for Compositional Language and Elementary Visual Reasoning.

    >>> task = VQATask()
    >>> asked = task.draw("test", 2, seed=0, kinds=("count",))
    >>> task.pictures("test", asked.scenes).shape
    (2, 128, 128, 3)
    """

    def __init__(self, *, language="en", dataset=None):
        check_choice("language", language, (*LANGUAGES, "both"))
        self.languages = LANGUAGES if language == "both" else (language,)
        dataset = data.load_emoji(size=64) if dataset is None else dataset
        self.dataset = check_like("dataset", dataset, "a Dataset", *SPLITS)
        self.texts = [text for language in self.languages for text in all_texts(language)]
        self._attributes = {name: self._describe(getattr(dataset, name)) for name in SPLITS}

    @staticmethod
    def _describe(split):
        """Return the places of colour and group in the words for each drawing; -1 is no colour."""
        colours = dominant_colours(split.inputs["image"])
        return {"colour": colours, "group": split.targets["group"]}

    def draw(self, split, count, *, seed, kinds=KINDS):
        """Draw that many `Questions` of a split, the kinds in turn.

        Raises ``ValueError`` for a kind or split that does not exist.
        """
        drawer, count, rng = self._start(split, count, seed)
        kinds, rows, asked = check_names("kinds", kinds, KINDS), [], []
        for i in range(count):
            kind = kinds[i % len(kinds)]
            language = self.languages[i // len(kinds) % len(self.languages)]
            row, words, value, about = drawer.draw(kind)
            rows.append(row)
            question = say_question(language, kind, int(rng.integers(2)), **words)
            asked.append((question, say_answer(language, kind, value), kind, about))
        return _collect(rows, asked, rng)

    def draw_captions(self, split, count, *, seed):
        """Draw `Questions` that ask for a description, of the kind ``"caption"``."""
        drawer, count, rng = self._start(split, count, seed)
        rows, asked = [], []
        for i in range(count):
            language = self.languages[i % len(self.languages)]
            row = drawer.draw("count")[0]
            rows.append(row)
            seen = [np.where(row < 0, -1, drawer.attributes[name][row]) for name in ATTRIBUTES]
            question = say_question(language, "caption", int(rng.integers(2)))
            asked.append((question, say_caption(language, *seen), "caption", ""))
        return _collect(rows, asked, rng)

    def _start(self, split, count, seed):
        pick_split(self.dataset, split)
        count, rng = check_whole("count", count, least=1), check_seed("seed", seed)
        return _Drawer(self._attributes[split], rng), count, rng

    def pictures(self, split, scenes):
        """Compose the pictures of scenes, ``(scenes, 128, 128, 3)`` of uint8."""
        drawings = pick_split(self.dataset, split).inputs["image"]
        return check_like("scenes", scenes, "Scenes", "rows", "compose").compose(drawings)


def _collect(rows, asked, rng):
    return Questions(Scenes.place(np.stack(rows), rng), *map(list, zip(*asked, strict=True)))


class _Drawer:
    """Draws scenes that fit an answer, which was drawn before."""

    def __init__(self, attributes, rng):
        self.attributes, self.rng = attributes, rng
        clear = attributes["colour"] >= 0
        self.rows = {
            name: [
                np.flatnonzero(clear & (attributes[name] == value))
                for value in range(len(WORDS["en"][name]))
            ]
            for name in ATTRIBUTES
        }

    def draw(self, kind):
        """Return the drawings in the corners, words of the question, the answer, and the attribute.

        A scene for "where" has one thing of the kind that is meant, and one for "no" has none.
        """
        number = int(self.rng.integers(1, CORNERS + 1))
        target, *others = self.rng.permutation(CORNERS)[:number].tolist()
        about = {"what": "group", "colour": "colour"}.get(kind) or self.rng.choice(ATTRIBUTES)
        value = int(self.rng.integers(len(self.rows[about])))
        absent = kind == "presence" and self.rng.random() < 0.5
        row = np.full(CORNERS, -1)
        for corner in others:
            row[corner] = self._any(about, value if kind == "where" or absent else None)
        if kind == "count" or absent:
            row[target] = self._any(about, value if absent else None)
        else:
            row[target] = self.rng.choice(self.rows[about][value])
        words, answer = {
            "what": ({"corner": target}, value),
            "colour": ({"corner": target}, value),
            "count": ({}, number - 1),
            "where": ({"thing": (about, value)}, target),
            "presence": ({"thing": (about, value)}, int(not absent)),
        }[kind]
        return row, words, answer, str(about) if "thing" in words else ""

    def _any(self, about, without):
        """Draw a drawing of any colour, each as often; it does not have the value ``without``."""
        while True:
            row = self.rng.choice(self.rows["colour"][self.rng.integers(len(self.rows["colour"]))])
            if without is None or self.attributes[about][row] != without:
                return row
