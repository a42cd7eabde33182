"""What the model was never trained for: other sizes, photographs, questions, empty corners."""

from collections import Counter

import numpy as np

from mmtutorial import data
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.chapters.cross_modal.vision_language.scoring import is_right
from mmtutorial.preprocessing import resize_image
from mmtutorial.tasks._questions import WORDS
from mmtutorial.tasks._scenes import CANVAS, CELL, CORNERS

FORMS = (
    "which colour is it at the top left?",  # as in training
    "which colour is at the top left?",
    "top left colour?",
    "at the top left, which colour do you see?",
    "what colour?",
)


def paste(parts: list[np.ndarray], places: np.ndarray) -> np.ndarray:
    """Compose one picture of drawings of any sizes, their upper left corners at ``places``.

    >>> paste([np.zeros((8, 8, 3), np.uint8)], np.array([[0, 0]]))[:9, :9, 0].min(axis=1).tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 255]
    """
    picture = np.full((CANVAS, CANVAS, 3), 255, np.uint8)
    for part, (top, left) in zip(parts, places, strict=True):
        here = picture[top : top + part.shape[0], left : left + part.shape[1]]
        np.minimum(here, part, out=here)  # paper is white, so what is darker lies on top
    return picture


def corner_places(corners, side: int) -> np.ndarray:
    """Return the places of things of this size in the middle of their corners, ``(things, 2)``."""
    return CELL * np.column_stack(np.divmod(np.asarray(corners), 2)) + (CELL - side) // 2


def count_scenes(drawings, numbers, side, rng, *, five=False):
    """Compose scenes of so many things each; ``five`` puts one more in the middle of them."""
    pictures = []
    for number in numbers:
        corners = rng.permutation(CORNERS)[: number - five]
        places = corner_places(corners, side)
        if five:
            places = np.vstack([places, [[(CANVAS - side) // 2] * 2]])
        chosen = drawings[rng.integers(len(drawings), size=number)]
        pictures.append(paste(list(resize_image(chosen, side)), places))
    return np.stack(pictures)


def counting(task, ask, *, count: int = 200, seed: int = 0) -> dict[str, float]:
    """How often is the number right, in scenes as in training and in others?

    ``ask(pictures, questions)`` returns the answers. Five things get whatever it says: it has no
    word for five, so that is the share that says four.
    """
    rng, words = np.random.default_rng(seed), WORDS["en"]["count"]
    emoji = task.dataset.test.inputs["image"]
    stamps = data.load_stamps(size=64).test
    photographs = stamps.inputs["image"][stamps.presence["image"]]
    numbers = rng.integers(1, 5, count)
    scenes = {
        "emoji, 56 pixels": count_scenes(emoji, numbers, 56, rng),
        "emoji, 24 pixels": count_scenes(emoji, numbers, 24, rng),
        "emoji, 12 pixels": count_scenes(emoji, numbers, 12, rng),
        "photographs, 56 pixels": count_scenes(photographs, numbers, 56, rng),
    }
    question = ["how many are there?"] * count
    truth = [words[number - 1] for number in numbers]
    found = {n: float(is_right(ask(p, question), truth).mean()) for n, p in scenes.items()}
    five = count_scenes(emoji, np.full(count, 5), 40, rng, five=True)
    found["five emoji, 40 pixels: says four"] = float(
        is_right(ask(five, question), ["four"] * count).mean()
    )
    return found


def other_questions(task, ask, *, count: int = 150, seed: int = 0) -> dict[str, dict]:
    """What does it answer to a question in words that it knows, put as it never read it?

    Returns ``{"right": {form: share}, "says most": {form: answer}}``, for the colour of what stands
    at the top left.
    """
    asked = task.draw("test", 10 * count, seed=seed, kinds=("colour",))
    corner = WORDS["en"]["corner"][0]
    rows = [row for row, question in enumerate(asked.questions) if corner in question][:count]
    pictures = task.pictures("test", asked.scenes)[rows]
    answers = [asked.answers[row] for row in rows]
    found = {"right": {}, "says most": {}}
    for form in FORMS:
        written = ask(pictures, [form] * len(rows))
        found["right"][form] = float(is_right(written, answers).mean())
        found["says most"][form] = Counter(written).most_common(1)[0][0]
    return found


def empty_corners(task, ask, *, count: int = 300, seed: int = 0) -> tuple[list, Counter]:
    """Ask for the colour of nothing: return the questions asked, and how often each answer comes.

    Only scenes with an empty corner are asked about, and only that corner.
    """
    asked = task.draw("test", count, seed=seed, kinds=("count",))
    empty = asked.scenes.rows < 0
    rows = np.flatnonzero(empty.any(axis=1))
    corners = [WORDS["en"]["corner"][np.flatnonzero(empty[row])[0]] for row in rows]
    questions = [f"which colour is it at the {corner}?" for corner in corners]
    written = ask(task.pictures("test", asked.scenes)[rows], questions)
    return questions, Counter(written)


def asker(encoder, model):
    """Return ``ask(pictures, questions)``, which answers questions about pictures of bytes."""

    def ask(pictures, questions):
        tokens = vl.read_pictures(encoder, np.asarray(pictures))
        most = vl.LENGTHS["answer"] + 1
        return model.answer(tokens, list(questions), max_length=most).texts

    return ask
