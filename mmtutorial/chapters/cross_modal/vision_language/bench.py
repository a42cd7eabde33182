"""What all models train on: questions and captions, with images that are seen or described."""

from dataclasses import dataclass, replace

import numpy as np

from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.cross_modal.vision_language import split_words
from mmtutorial.tasks import VQATask
from mmtutorial.tasks._scenes import Scenes


@dataclass
class Bench:
    """What all train on: an encoder, and questions and captions with their images as tokens.

    ``described`` holds the questions and captions of other scenes, with `describe` for an image.
    """

    task: VQATask
    encoder: vl.PlacedGrid
    questions: dict
    captions: dict
    described: tuple[dict, dict]
    asked: object

    @classmethod
    def make(cls, task: VQATask, encoder: vl.PlacedGrid, seed: int, scenes: dict = vl.SCENES):
        """Draw scenes and read them once: a frozen encoder says the same each time."""
        asked = task.draw("train", scenes["questions"], seed=seed)
        told = draw_short_captions(task, scenes["captions"], seed + 1000)
        questions = encode_texts(asked) | {"image": see(encoder, task, "train", asked)}
        captions = encode_texts(told, "caption") | {"image": see(encoder, task, "train", told)}
        return cls(task, encoder, questions, captions, draw_described(task, seed + 2000), asked)

    def pictures(self):
        """Compose the pictures of the questions again, bytes."""
        return self.task.pictures("train", self.asked.scenes)

    def without_places(self):
        """Return the same with image tokens that do not say where they stand."""
        hidden = {
            name: getattr(self, name) | {"image": hide_places(getattr(self, name)["image"])}
            for name in ("questions", "captions")
        }
        return replace(self, **hidden)


def draw_short_captions(task, count, seed):
    """Draw captions of scenes of one or two things, which cost less to learn from."""
    drawn = task.draw_captions("train", 3 * count, seed=seed)
    words = [len(split_words(text)) <= vl.LENGTHS["caption"] for text in drawn.answers]
    rows = np.flatnonzero(words)[:count]
    scenes = Scenes(*(getattr(drawn.scenes, n)[rows] for n in ("rows", "sizes", "offsets")))
    texts = ([getattr(drawn, n)[row] for row in rows] for n in ("questions", "answers", "kinds"))
    return type(drawn)(scenes, *texts, [""] * len(rows))


def draw_described(task, seed, *, questions=20_000, captions=4_000) -> tuple[dict, dict]:
    """Draw questions and captions of scenes that are described in words, and never seen."""
    asked = task.draw("train", questions, seed=seed)
    told = draw_short_captions(task, captions, seed + 1)
    return tuple(
        encode_texts(drawn, kind) | {"image": describe(task, "train", drawn.scenes)}
        for drawn, kind in ((asked, "answer"), (told, "caption"))
    )


def describe(task: VQATask, split: str, scenes: Scenes) -> np.ndarray:
    """Describe scenes: which words hold for each quarter, ``(scenes, 4, 18)`` of 0 and 1.

    The words are six colours, eight groups, and the four quarters; in an empty quarter, only the
    last. Of such descriptions a decoder can learn to answer without a picture.
    """
    found = [np.broadcast_to(np.eye(4), (len(scenes), 4, 4))]
    for name, count in (("group", 8), ("colour", 6)):
        values = np.where(scenes.rows < 0, -1, task._attributes[split][name][scenes.rows])
        found.insert(0, values[..., None] == np.arange(count))
    return np.concatenate(found, axis=2).astype(np.float32)


def hide_places(tokens: np.ndarray) -> np.ndarray:
    """Return image tokens with 0 where they say in which row and column they stand.

    >>> hide_places(np.ones((1, 4, 6))).sum()
    np.float64(8.0)
    """
    tokens = tokens.copy()
    tokens[..., -4:] = 0
    return tokens


def see(encoder: vl.PlacedGrid, task: VQATask, split: str, asked) -> np.ndarray:
    """Return the tokens of the scenes of some questions, ``(scenes, 4, size)`` of float32."""
    pictures = task.pictures(split, asked.scenes)
    return vl.read_pictures(encoder, pictures)


def encode_texts(asked, kind: str = "answer") -> dict:
    """Return the ids of questions and answers, as long as any of them can be."""
    model = vl.new_model(vl.load_task())
    return {
        "question": model.encode(asked.questions, length=vl.LENGTHS["question"]),
        "answer": model.encode(asked.answers, length=vl.LENGTHS[kind]),
    }


def without_image(inputs: dict) -> dict:
    """Return the inputs with nothing to see: all numbers of the image tokens 0."""
    return {**inputs, "image": np.zeros_like(inputs["image"])}
