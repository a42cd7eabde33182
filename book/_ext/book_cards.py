"""A card for each chapter on the home page: a picture, its question, and what it takes.

The pictures are cut out of the chapters' own figures, as the notebooks hold them, so that a card
shows what its chapter shows.
"""

import base64
import io
import json
import re
from html import escape, unescape
from pathlib import Path

from book_pages import ChaptersDirective, read_run_times
from PIL import Image

from mmtutorial import chapters
from mmtutorial._credits import SOURCES, write_credit

# Of each chapter, a figure and where in it to cut: left, upper and right edge, in its own pixels,
# so that no subject is cut.
CUTS = {
    "background/1_what_is_multimodal": ("what-translated", (0, 33, 1094)),
    "background/2_arrays": ("arrays-turned", (0, 75, 852)),
    "background/3_features": ("features-look", (0, 35, 750)),
    "background/4_evaluation": ("evaluation-look", (0, 38, 750)),
    "fusion/1_joining": ("joining-look", (0, 38, 750)),
    "fusion/2_gates_and_tensors": ("gates-look", (0, 75, 1074)),
    "fusion/3_attention": ("attention-look", (0, 60, 1152)),
    "fusion/4_missing_modalities": ("missing-presence", (195, 43, 1425)),
    "fusion/5_which_fusion": ("which-look", (0, 42, 738)),
    "cross_modal/1_correlation": ("correlation-relation", (0, 90, 1248)),
    "cross_modal/2_contrast": ("contrast-map", (0, 95, 1347)),
    "cross_modal/3_retrieval": ("retrieval-found", (228, 40, 780)),
    "cross_modal/4_translation": ("translation-attention", (0, 334, 655)),
    "cross_modal/5_vision_language": ("vision-language-look", (0, 62, 1555)),
    "multi_task/1_sharing": ("sharing-transfer", (358, 130, 911)),
    "multi_task/2_balancing": ("balancing-look", (0, 110, 1062)),
    "multi_task/3_conflict": ("conflict-layers", (137, 98, 1514)),
    "applications/1_grounding": ("grounding-right", (0, 58, 1113)),
    "applications/2_speech": ("speech-alignment", (114, 85, 1047)),
    "applications/3_video": ("video-look", (605, 44, 1199)),
}
BOUND = "\N{NO-BREAK SPACE}"
WIDTH, HEIGHT = 318, 106  # pixels of a picture on a card
FIGURE = r'<figure class="mm-figure" id="%s".*?</figure>'
SHOWN = re.compile(r'<img src="data:image/webp;base64,([^"]+)"')
WORDS = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
CREDIT = re.compile(r"<small[^>]*>(.*?)</small>")


def read_card(notebook):
    """Return a chapter's question, minutes of reading, and how many exercises it has.

    >>> card = "# Joining\\n\\n**One or two?**\\n\\n**Reading** 35 minutes\\\\"
    >>> cells = [card, "```{exercise} Add ★\\n```", "```{exercise} Fuse ★★★\\n```"]
    >>> read_card({"cells": [{"source": cell} for cell in cells]})
    ('One or two?', 35, 2)
    """
    first, *others = ("".join(cell["source"]) for cell in notebook["cells"])
    text = re.search(r"(?m)^\*\*(.+?)\*\*$", first)[1]
    question = text[: text.rindex("?") + 1]
    minutes = re.search(r"\*\*Reading\*\* .*?(\d+) minutes", first)[1]
    return question, int(minutes), "\n".join(others).count("{exercise}")


def find_figure(notebook, name):
    """Return the HTML of a figure, of the outputs of a notebook."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if found := re.search(FIGURE % re.escape(name), html, re.DOTALL):
                return found[0]
    raise ValueError(f"no output of the notebook holds the figure {name}")


def cut(figure, edges):
    """Return a part of a figure, which is a picture, as an image that stands in a page.

    ``edges`` are its left, upper and right edge; it is three times as wide as high.
    """
    left, top, right = edges
    whole = Image.open(io.BytesIO(base64.b64decode(SHOWN.search(figure)[1]))).convert("RGB")
    box = (left, top, right, top + round((right - left) * HEIGHT / WIDTH))
    if not (0 <= left < right <= whole.width and 0 <= top < box[3] <= whole.height):
        raise ValueError(f"edges must lie in a figure of {whole.size}, got {edges}")
    file = io.BytesIO()
    whole.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box).save(file, "webp", quality=40)
    address = base64.b64encode(file.getvalue()).decode()
    words = unescape(re.sub("<[^>]+>", "", CREDIT.sub("", WORDS.search(figure)[1])))
    said = escape(f"Part of a figure: {words}")
    return f'<img src="data:image/webp;base64,{address}" alt="{said}" width="{WIDTH}">'


def find_sources(figure):
    """Return whose pictures a figure says that it shows, as keys of `SOURCES`.

    >>> find_sources("<small>Pictures: Noto (Google), Apache-2.0; EmojiOne 2, CC BY 4.0</small>")
    ['noto', 'emojione']
    """
    said = " ".join(map(unescape, CREDIT.findall(figure)))
    return [
        source
        for source, (_, credit) in SOURCES.items()
        if f": {credit}" in said or f"; {credit}" in said
    ]


def chapter_cards(source, parts):
    """Return a grid of cards for each part of the book, as Markdown."""
    times, lines, sources = read_run_times(source).get("chapters", {}), [], []
    for caption, notebooks in parts.items():
        lines += [f"```{{rubric}} {caption}", "```", ""]
        lines += [
            "::::{grid} 1 2 2 3",
            ":gutter: 2",
            ":padding: 0",
            ":class-container: chapters",
            "",
        ]
        for page, notebook in notebooks.items():
            title = "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")
            question, minutes, exercises = read_card(notebook)
            facts = [f"{minutes} min", f"{exercises} exercises"]
            if page in times:
                facts.insert(1, f"runs in {times[page]['seconds']:.0f} s")
            lines += [f":::{{grid-item-card}} {title}", f":link: /{page}", ":link-type: doc", ""]
            if page in CUTS:
                name, edges = CUTS[page]
                figure = find_figure(notebook, name)
                sources += find_sources(figure)
                lines += [cut(figure, edges), ""]
            lines += [
                question,
                "",
                ", ".join(fact.replace(" ", BOUND) for fact in facts),
                ":::",
                "",
            ]
        lines += ["::::", ""]
    return "\n".join([*lines, f'<p class="mm-credit">{write_credit(sources)}</p>', ""])


def count_facts(source, parts):
    """Return how many chapters, exercises, questions and data sets there are, and live figures.

    Exercises are those that check an answer, questions those of the quizzes.
    """
    found = dict.fromkeys(("chapters", "exercises", "questions", "figures"), 0)
    for notebooks in parts.values():
        for page, notebook in notebooks.items():
            tags = [tag for cell in notebook["cells"] for tag in cell["metadata"].get("tags", ())]
            shown = [json.dumps(cell.get("outputs", "")) for cell in notebook["cells"]]
            room = re.sub(r"/\d+_", "/", page)
            quiz = Path(chapters.__file__).parent / room / "quiz.json"
            found["chapters"] += 1
            found["exercises"] += tags.count("exercise-stub")
            found["questions"] += len(json.loads(quiz.read_text(encoding="utf-8")))
            found["figures"] += sum("mm-twin-hint" in output for output in shown)
    cards = Path(source) / "appendix" / "data_cards"
    return found | {"data sets": len(list(cards.glob("*.md")))}


def write_facts(facts):
    """Write the facts as one line, as Markdown.

    >>> write_facts({"chapters": 2, "figures": 1, "exercises": 3, "questions": 4, "data sets": 5})
    '**2** chapters · **1** live figures · **3** exercises that check your answer · **4** quiz \
questions · **5** data sets · **0** downloads'
    """
    names = {
        "chapters": "chapters",
        "figures": "live figures",
        "exercises": "exercises that check your answer",
        "questions": "quiz questions",
        "data sets": "data sets",
    }
    parts = [f"**{facts[key]}** {name}" for key, name in names.items()]
    return " · ".join([*parts, "**0** downloads"])


class ChapterCards(ChaptersDirective):
    """The cards of all chapters, part by part, and whose pictures they show."""

    def run(self):
        """Return the cards."""
        return self.parse(chapter_cards(self.env.srcdir, self.read_parts()))


class BookFacts(ChaptersDirective):
    """One line: how much of everything there is."""

    def run(self):
        """Return the line."""
        return self.parse(write_facts(count_facts(self.env.srcdir, self.read_parts())))


def setup(app):
    """Register the directives."""
    app.add_directive("chapter-cards", ChapterCards)
    app.add_directive("book-facts", BookFacts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
