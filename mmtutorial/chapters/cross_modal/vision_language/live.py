"""Compose a scene, ask about it, and see how probable each answer is."""

import html

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice, check_text
from mmtutorial._credits import recognise
from mmtutorial._optional import load_optional
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.chapters.cross_modal.vision_language.scoring import is_right, language_of
from mmtutorial.cross_modal.vision_language import split_words
from mmtutorial.plots._pictures import show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS
from mmtutorial.preprocessing.vocabulary import UNKNOWN
from mmtutorial.tasks._questions import WORDS
from mmtutorial.tasks._scenes import Scenes
from mmtutorial.widgets._html import beside_picture

CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
EMPTY = "(empty)"
SIZE, OFFSET = 56, 4  # of a drawing in the scenes that a reader composes, pixels
SHOWN = 4  # answers with a bar of their own


class Asker:
    """A model that reads pictures, the drawings of a split by name, and the answers it knows.

    >>> asker = Asker(None, vl.load_task())
    >>> asker.compose(["tomato", "", "", ""]).shape
    (128, 128, 3)
    """

    def __init__(self, model, task, split: str = "test"):
        self.model, self.task = model, task
        self.drawings = getattr(task.dataset, split).inputs["image"]
        names = getattr(task.dataset, split).info["name"]
        self.rows = {str(name): row for row, name in reversed(list(enumerate(names)))}

    def compose(self, names) -> np.ndarray:
        """Compose a scene of four names, "" or "(empty)" for none: ``(128, 128, 3)`` of uint8."""
        for name in names:
            check_choice("name", name, (*self.rows, EMPTY, ""))
        rows = np.array([[self.rows.get(name, -1) for name in names]])
        where = np.full((1, 4, 2), OFFSET)
        return Scenes(rows, np.full((1, 4), SIZE), where).compose(self.drawings)[0]

    def sources(self, names) -> list[str]:
        """Return who made the drawings of some names, each once; "" and "(empty)" are nobody's."""
        return _makers(self.drawings, [self.rows.get(name, -1) for name in names])

    def probabilities(self, picture, question) -> dict[str, float]:
        """Return how probable the model finds each answer of the question's language, best first.

        What is missing to 1 goes to texts that answer none of the five kinds of question.
        """
        check_text("question", question)
        language = language_of(question)
        answers = [a for name, of in WORDS[language].items() for a in of if name != "thing"]
        inputs = {
            "image": np.repeat(vl.to_floats(picture)[None], len(answers), axis=0),
            "question": self.model.encode([question] * len(answers)),
            "answer": self.model.encode(answers),
        }
        found = np.exp(self.model.log_likelihood(inputs))
        order = np.argsort(-found)
        return {answers[place]: float(found[place]) for place in order}

    def unknown_words(self, question) -> list[str]:
        """Return the words of a question that the model has never read."""
        words = split_words(question)
        ids = self.model.vocabulary.encode([words], length=max(1, len(words)))[0]
        return [word for word, number in zip(words, ids, strict=False) if number == UNKNOWN]

    def frame(self, question, **corners):
        """Return HTML: the scene, the answer, the most probable answers, and unknown words."""
        if not split_words(question):
            raise ValueError("Ask something, such as: which colour is it at the top left?")
        names = [corners[name] for name in CORNERS]
        picture = self.compose(names)
        room = vl.MAX_LENGTH - 4 - vl.LENGTHS["answer"] - 2
        if len(split_words(question)) > room:
            raise ValueError(f"The question is too long: {room} words at the most.")
        said = self.model.answer(
            vl.to_floats(picture)[None], [question], max_length=vl.LENGTHS["answer"] + 1
        ).texts[0]
        shares = list(self.probabilities(picture, question).items())[:SHOWN]
        rows = "".join(f"<tr><td>{html.escape(a)}</td><td>{p:.2f}</td></tr>" for a, p in shares)
        unknown = self.unknown_words(question)
        note = f"<p>It has never read: {html.escape(', '.join(unknown))}.</p>" if unknown else ""
        things = ", ".join(f"{name}" for name in names if name != EMPTY)
        answer = f"<p>It answers: <b>{html.escape(said)}</b></p>"
        table = f"<table><tr><th>answer</th><th>probability</th></tr>{rows}</table>"
        shown = answer + table + note
        return beside_picture(picture, things or "white paper", shown, self.sources(names))

    @style()
    def figure(self, picture, question, right):
        """Draw a picture, a question and its most probable answers; return also what is seen."""
        shares = list(self.probabilities(picture, question).items())[:SHOWN]
        figure, (left, axis) = plt.subplots(
            1, 2, figsize=(5.6, 2.3), gridspec_kw={"width_ratios": (1, 1.2)}
        )
        show_picture(left, picture)
        left.set(xticks=[], yticks=[])
        rows = np.arange(len(shares))
        fits = is_right([answer for answer, _ in shares], [right] * len(shares))
        colours = [COLOURS["joint" if fit else "chance"] for fit in fits]
        axis.barh(rows, [share for _, share in shares], color=colours)
        labels = [f"{a} ✓" if fit else a for (a, _), fit in zip(shares, fits, strict=True)]
        axis.set_yticks(rows, labels)
        axis.set(xlim=(0, 1.02), ylim=(len(shares) - 0.4, -0.6), xlabel="probability")
        figure.suptitle(question, fontsize=10)
        said = f"{question} It answers {shares[0][0]} with {shares[0][1]:.2f}; right is {right}."
        return figure, said


def _makers(drawings, rows):
    """Return who made some drawings, each once; row -1 is an empty corner."""
    return sorted({recognise(drawings[row]) for row in rows if row >= 0} - {None})


def question_slider(asker, pictures, asked, rows, split: str = "validation"):
    """Return a slider over questions with their pictures and answers, which needs no kernel.

    ``split`` is that of which the questions were drawn.
    """
    made = [asker.figure(pictures[r], asked.questions[r], asked.answers[r]) for r in rows]
    figures, alt = zip(*made, strict=True)
    labels = [f"{place} of {len(rows)}" for place in range(1, len(rows) + 1)]
    drawings = getattr(asker.task.dataset, split).inputs["image"]
    sources = _makers(drawings, np.unique(asked.scenes.rows[rows])) or None
    return widgets.figure_slider(figures, labels, description="Question", alt=alt, sources=sources)


def question_view(asker, twin, names, question):
    """Let the reader compose a scene and ask about it; return an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    options = [EMPTY, *sorted(asker.rows)]
    controls = {
        corner: ipywidgets.Dropdown(
            options=options, value=name or EMPTY,
            description=corner.replace("_", " ").capitalize(),
        )
        for corner, name in zip(CORNERS, names, strict=True)
    }  # fmt: skip
    controls["question"] = ipywidgets.Text(question, description="Question")
    return widgets.live(asker.frame, controls, twin)
