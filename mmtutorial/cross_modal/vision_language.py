"""An image and a question -> an answer: a captioner that reads a question first."""

import re
from typing import Any

import keras
import numpy as np

from mmtutorial._checks import check_array, check_choice, check_counts, check_text, check_texts
from mmtutorial.cross_modal._prefix_model import PrefixModel
from mmtutorial.cross_modal.captioner import Captions
from mmtutorial.preprocessing import tokenize

STAGES = {  # which parts train
    "align": ("projector",),
    "instruct": ("projector", "decoder"),
    "all": ("encoder", "projector", "decoder"),
}


@keras.saving.register_keras_serializable(package="mmtutorial")
class VisionLanguageModel(PrefixModel):
    """Ask about an image, in words.

    The decoder of a `Captioner` reads image tokens, then the question, and writes the answer, which
    alone is learnt. Training goes in stages, each a ``compile(optimizer, stage=...)`` and a
    ``fit``: ``"align"`` moves the projector alone, on captions, so that image tokens come to mean
    what words mean; ``"instruct"`` moves projector and decoder, on questions and answers; ``"all"``
    moves the image encoder as well.

    Parameters
    ----------
    as those of `Captioner`; ``stage``, of which ``compile`` tells more, is ``"all"`` at first

    ``{"image": ..., "question": (batch, time), "answer": (batch, time)}`` -> logits ``(batch, time
    + 1, len(vocabulary))`` of each token of the answer and of its end. Raises ``ValueError`` for a
    missing or unexpected modality, ids that are not in the vocabulary, other shapes. Paper: Liu et
    al. 2023, Visual Instruction Tuning.

    >>> from mmtutorial.preprocessing import Vocabulary
    >>> model = VisionLanguageModel(Vocabulary.fit([["what", "is", "it", "heart"]]), 16)
    >>> words = model.encode(["What is it?", "Heart."], length=3)
    >>> model({"image": np.ones((2, 8)), "question": words, "answer": words[::-1]}).shape
    TensorShape([2, 4, 8])
    """

    modalities = ("image", "question", "answer")

    def __init__(self, vocabulary, units=128, *, stage: str = "all", **options):
        super().__init__(vocabulary, units, **options)
        self._set_stage(stage)

    def _set_stage(self, stage):
        self.stage = check_choice("stage", stage, tuple(STAGES))
        for name in STAGES["all"]:
            if (part := getattr(self, name)) is not None:
                part.trainable = name in STAGES[stage]

    def compile(self, *args, stage: str | None = None, **kwargs):
        """Choose what trains, by the stage, and compile as Keras does; None keeps the stage."""
        self._set_stage(self.stage if stage is None else stage)
        super().compile(*args, **kwargs)

    def encode(self, texts: list[str], *, length: int | None = None) -> np.ndarray:
        """Turn questions or answers into ids, ``(texts, length)``: words, or Chinese characters."""
        rows = [split_words(text) for text in check_texts("texts", texts)]
        length = max(1, *map(len, rows)) if length is None else length
        return self.vocabulary.encode(rows, length=length)

    def answer(
        self, images: Any, questions: list[str], *, max_length: int | None = None
    ) -> Captions:
        """Answer a question about each image: the most probable word each time.

        Returns texts, their log-probabilities and ids. ``max_length`` is the most tokens to write,
        None as many as the decoder has room for.
        """
        images = check_array("images", images)
        questions = check_texts("questions", questions)
        check_counts({"images": np.atleast_1d(images), "questions": questions})
        inputs = {"image": images, "question": self.encode(questions)}
        written = self._write(inputs, max_length, {})
        return Captions(self._texts(written.ids), written.log_p, written.ids)

    def ask(self, image: Any, question: str) -> str:
        """Answer one question about one image."""
        check_text("question", question)
        return self.answer(check_array("image", image)[None], [question]).texts[0]

    def get_config(self):
        """Return the arguments, so that the model survives save and reload."""
        return {**super().get_config(), "stage": self.stage}


def split_words(text: str) -> list[str]:
    """Cut a text into words, or into characters if it is Chinese.

    >>> split_words("Which colour is it?"), split_words("是什么颜色？")
    (['which', 'colour', 'is', 'it'], ['是', '什', '么', '颜', '色', '?'])
    """
    if re.search(r"[\u4e00-\u9fff]", text):
        return tokenize(text, language="zh", unit="char")
    return tokenize(text)
