"""Trainings that the reader starts and stops, beside those of the stored seeds."""

import itertools
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from mmtutorial import results, widgets
from mmtutorial._checks import check_choice, check_whole
from mmtutorial._optional import load_optional
from mmtutorial.chapters.fusion.which_fusion.drawings import draw_curves, draw_strip
from mmtutorial.chapters.fusion.which_fusion.recipes import KEYWORDS, METHODS, recipe_of, score
from mmtutorial.evaluation import interval
from mmtutorial.tasks.emoji import EmojiTask
from mmtutorial.tasks.training import Recipe, train_model
from mmtutorial.widgets._html import HtmlBlock

EPOCHS = 24  # at most
SHOWN = 8  # of the log: as many runs as the reader sees at once


@dataclass
class Run:
    """A training of the reader's: what was chosen, what came of it, and the model."""

    method: str
    keywords: str
    recipe: Recipe
    seed: int
    curve: list = field(default_factory=list)  # accuracy on validation after each epoch
    accuracy: float | None = None  # on test, once it has ended
    model: Any = None

    @property
    def part(self) -> tuple[str, str]:
        """Return what names the stored seeds beside it."""
        return self.method, self.keywords


class OwnRuns:
    """The stored seeds of some fusions, and the trainings that a reader adds, in ``runs``.

    Parameters
    ----------
    stored : the results of all methods on emoji, ``fusion/which_fusion/methods``
    curves : those of their validation, ``fusion/which_fusion/curves``
    dataset : the emoji with English words and frozen features
    """

    def __init__(self, stored, curves, dataset):
        self.dataset, self.runs, self._tasks = dataset, [], {}
        self.recipes, self.scores, self.bands = {}, {}, {}
        for method, (name, count) in itertools.product(METHODS, KEYWORDS.items()):
            part, where = (method, name), {"keywords": count, "method": method}
            self.recipes[part] = recipe_of(stored, **where)
            self.scores[part] = results.select(stored["rows"], "accuracy", language="en", **where)
            epochs = range(1, self.recipes[part].epochs + 1)
            by_epoch = [results.select(curves["rows"], "validation", epoch=e, **where)
                        for e in epochs]  # fmt: skip
            self.bands[part] = np.min(by_epoch, axis=1), np.max(by_epoch, axis=1)

    def expected(self, part):
        """Return the interval of the mean of the stored seeds."""
        return interval(self.scores[part])

    def recipe(self, method, keywords, image_dropout, text_dropout, epochs, seed):
        """Return the stored recipe with the reader's changes; refuse what cannot be."""
        check_choice("fusion", method, METHODS)
        check_choice("keywords", keywords, tuple(KEYWORDS))
        check_whole("seed", seed, least=0, most=2**32 - 1)
        check_whole("epochs", epochs, least=1, most=EPOCHS)
        changes = {"image_dropout": image_dropout, "text_dropout": text_dropout, "epochs": epochs}
        return self.recipes[method, keywords].replace(**changes)

    def train(self, step, method, keywords, image_dropout, text_dropout, epochs, seed):
        """Train with the stored recipe, but for what the reader chose, then test, as the study did.

        ``step()`` is called after each epoch. Where it returns False, the training ends there: the
        model keeps what it has learnt so far, and is tested like that. Raises ``ValueError`` for a
        choice that cannot be.
        """
        recipe = self.recipe(method, keywords, image_dropout, text_dropout, epochs, seed)
        task, run = self._task(keywords), Run(method, keywords, recipe, seed)

        def watch(epoch, model):
            run.curve.append(score(model, task, "validation", seed=0))
            if not epoch:
                self.runs.append(run)
            model.stop_training = not step()

        run.model = train_model(task, method, recipe, seed=seed, on_epoch=watch)
        run.accuracy = score(run.model, task, "test", seed=seed)

    def _task(self, keywords):
        """Return the task with so many keywords, made once."""
        if keywords not in self._tasks:
            self._tasks[keywords] = EmojiTask(keywords=KEYWORDS[keywords], dataset=self.dataset)
        return self._tasks[keywords]

    def frame(self, method, keywords, image_dropout, text_dropout, epochs, seed):
        """Show the stored seeds, the reader's runs of the same fusion, and the log, as HTML.

        Raises ``ValueError`` for a choice that cannot be, such as a seed below 0.
        """
        self.recipe(method, keywords, image_dropout, text_dropout, epochs, seed)
        numbered = list(enumerate(self.runs, 1))
        own = {n: run for n, run in numbered if run.part == (method, keywords)}
        ended = {n: run.accuracy for n, run in own.items() if run.accuracy is not None}
        shown = self._strip((method, keywords), ended) + self._curves((method, keywords), own)
        head = ("run", "fusion", "keywords", "image dropout", "text dropout", "seed", "epochs",
                "validation", "test", "stored seeds", "your run is")  # fmt: skip
        log = [self._log(n, run) for n, run in numbered[-SHOWN:]]
        shown += _table(head, log) if log else "<p>You have trained none so far.</p>"
        return HtmlBlock(shown, f"{len(self.runs)} runs")

    def _log(self, number, run):
        """Return a row of the log."""
        recipe, done = run.recipe, f"{len(run.curve)} of {run.recipe.epochs}"
        chosen = number, *run.part, recipe.image_dropout, recipe.text_dropout, run.seed, done
        ended = (
            ("", "", "") if run.accuracy is None else _judge(run.accuracy, self.expected(run.part))
        )
        return *chosen, f"{run.curve[-1]:.3f}", *ended

    def stored_frame(self, method, keywords):
        """Show the stored seeds, each beside the interval of the others, as HTML."""
        scores = self.scores[method, keywords]
        rows = [
            (seed, *_judge(accuracy, interval(np.delete(scores, seed))))
            for seed, accuracy in enumerate(scores)
        ]
        head = ("seed", "test", "the other seeds", "it is")
        part = (method, keywords)
        shown = self._strip(part, {}) + self._curves(part, {}) + _table(head, rows)
        return HtmlBlock(shown, "stored seeds")

    def _curves(self, part, own):
        """Draw the validation of some runs over the band of the stored seeds."""
        title, (low, high) = "Accuracy on validation, after each epoch", self.bands[part]
        curves = {n: run.curve for n, run in own.items()}
        most = max([len(low), *(run.recipe.epochs for run in own.values())])
        said = f"{title}; stored seeds after the last {low[-1]:.3f} to {high[-1]:.3f}"
        lines = " Lines: your runs." if own else ""
        return (
            f"{_headline(title)}{draw_curves(curves, most, (low, high), title=said)}"
            '<p style="margin:0 0 8px;font-size:.85rem">Band: from the lowest to the highest of '
            f"the stored seeds, by the recipe of the search.{lines}</p>"
        )

    def _strip(self, part, own):
        """Draw the scores on test under a title, with the stored recipe below."""
        method, keywords = part
        count = "1 keyword" if keywords == "1" else f"{keywords} keywords"
        title = f"Accuracy on test: {method.replace('_', '-')}, {count}"
        recipe, expected = self.recipes[part], self.expected(part)
        said = f"{title}; mean of the stored seeds {expected[0]:.3f}, {_range(expected)}"
        diamonds = " Diamonds: your runs." if own else ""
        return (
            f"{_headline(title)}{draw_strip(self.scores[part], expected, own, title=said)}"
            '<p style="margin:0 0 8px;font-size:.85rem">Dots: the stored seeds; band: the interval '
            f"of their mean.{diamonds} The search chose image dropout {recipe.image_dropout}, "
            f"text dropout {recipe.text_dropout}, {recipe.epochs} epochs.</p>"
        )


def _headline(title):
    return f'<p style="margin:0;font-weight:600">{title}</p>'


def _range(expected):
    return f"{expected[1]:.3f} to {expected[2]:.3f}"


def _judge(accuracy, expected):
    """Write an accuracy, an interval, and where the one lies."""
    _, low, high = expected
    where = "below it" if accuracy < low else "above it" if accuracy > high else "inside"
    return f"{accuracy:.3f}", _range(expected), where


def _table(head, rows):
    """Write a table that scrolls where it is too wide."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        '<div style="overflow-x:auto" tabindex="0"><table style="font-size:.85rem;margin:0">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def own_runs(own, *, method="concat", keywords="2", seed=5):
    """Let the reader train a fusion and stop it; without a kernel, choose among the stored seeds.

    Parameters
    ----------
    own : `OwnRuns`
    method, keywords, seed : what is chosen at first; dropout and epochs are those of the search

    Returns an `mm.widgets.Live`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    frames = [own.stored_frame(*part) for part in itertools.product(METHODS, KEYWORDS)]
    twin = widgets.frame_chooser(frames, {"Fusion": METHODS, "Keywords": list(KEYWORDS)})
    recipe, share = own.recipes[method, keywords], {"min": 0, "max": 0.9, "step": 0.1}

    def menu(options, value, name):
        return ipywidgets.Dropdown(options=options, value=value, description=name)

    def dropout(value, name):
        return ipywidgets.FloatSlider(value, description=name, readout_format=".1f", **share)

    controls = {
        "method": menu(METHODS, method, "Fusion"),
        "keywords": menu(list(KEYWORDS), keywords, "Keywords"),
        "image_dropout": dropout(recipe.image_dropout, "Image dropout"),
        "text_dropout": dropout(recipe.text_dropout, "Text dropout"),
        "epochs": ipywidgets.IntSlider(recipe.epochs, min=1, max=EPOCHS, description="Epochs"),
        "seed": ipywidgets.IntText(seed, description="Seed"),
    }
    return widgets.live(own.frame, controls, twin, work=own.train)
