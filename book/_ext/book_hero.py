"""The home page's figure that answers: three pictures, three words, and what models make of them.

``{hero}`` shows what ``tools/draw_hero.py`` stored. Two rows of radio buttons choose, and a style
sheet shows the answer: no script, no kernel.
"""

import json
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mmtutorial._credits import write_credit

SHOWN = 3  # groups of each answer, the likeliest first
HEADS = {"picture": "Picture alone", "word": "Word alone", "both": "Both together"}
STYLE = Path(__file__).with_suffix(".css")


def write_name(group):
    """Write the name of a group as prose does.

    >>> write_name("animals-nature")
    'animals & nature'
    """
    return group.replace("-", " & ")


def list_frames(stored):
    """Yield a picture, a word, and what each method gives each group, for all nine choices."""
    for picture in stored["pairs"]:
        for word in stored["pairs"].values():
            places = {"picture": picture, "word": word, "both": f"{picture}, {word}"}
            yield picture, word, {how: stored["said"][how][place] for how, place in places.items()}


def write_answer(how, shares, groups, truth):
    """Write what a method says: the likeliest groups as bars, and whether the first is right.

    >>> write_answer("word", [0.2, 0.7], ["a-b", "c"], "c").partition("<ol>")[0]
    '<div class="mm-hero-word"><p>Word alone <b class="right">✓ right</b></p>'
    """
    order = sorted(range(len(groups)), key=lambda place: -shares[place])[:SHOWN]
    right = groups[order[0]] == truth
    mark = '<b class="right">✓ right</b>' if right else '<b class="wrong">✗ wrong</b>'
    rows = "".join(
        f"<li{' class=top' if place == order[0] else ''}>{escape(write_name(groups[place]))} "
        f'<span>{shares[place]:.0%}</span><i style="width:{shares[place]:.1%}"></i></li>'
        for place in order
    )
    return f'<div class="mm-hero-{how}"><p>{HEADS[how]} {mark}</p><ol>{rows}</ol></div>'


def write_choice(legend, name, labels):
    """Write a row of radio buttons, of which the first is chosen."""
    buttons = "".join(
        f'<label><input type="radio" name="hero-{name}" value="{name[0]}{i}" autocomplete="off"'
        f"{'' if i else ' checked'}>{label}</label>"
        for i, label in enumerate(labels)
    )
    return f"<fieldset><legend>{legend}</legend>{buttons}</fieldset>"


def write_hero(stored):
    """Return the figure as HTML."""
    pictures, groups = stored["pictures"], stored["groups"]
    said = {name: write_name(picture["group"]) for name, picture in pictures.items()}
    frames = []
    for i, (name, word, shares) in enumerate(list_frames(stored)):
        truth = pictures[name]["group"]
        answers = "".join(write_answer(how, p, groups, truth) for how, p in shares.items())
        at = "p{} w{}".format(*divmod(i, len(stored["pairs"])))
        frames.append(
            f'<div class="mm-hero-frame {at}"><p>The picture shows a {escape(name)} '
            f"({escape(said[name])}); the word is “{escape(word)}”.</p>"
            f'<div class="mm-hero-answers">{answers}</div></div>'
        )
    images = [
        f'<img src="{picture["address"]}" alt="{escape(name)}" width="64" height="64">'
        for name, picture in pictures.items()
    ]
    words = [f"<span>{escape(word)}</span>" for word in stored["pairs"].values()]
    return (
        '<div class="mm-hero" role="group" aria-label="Choose a picture and a word: what models '
        f'make of them"><style>{STYLE.read_text("utf-8")}</style>'
        f"{write_choice('Choose a picture', 'picture', images)}"
        f"{write_choice('Choose a word', 'word', words)}"
        f'<div aria-live="polite">{"".join(frames)}</div>'
        f"<small>{write_credit(one['artist'] for one in pictures.values())}</small></div>"
    )


class Hero(SphinxDirective):
    """The figure of the home page, from the numbers that are stored beside it."""

    def run(self):
        """Return the figure."""
        path = Path(self.env.srcdir) / "images" / "hero.json"
        self.env.note_dependency(str(path))
        stored = json.loads(path.read_text(encoding="utf-8"))
        return [nodes.raw("", write_hero(stored), format="html")]


def setup(app):
    """Register the directive."""
    app.add_directive("hero", Hero)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
