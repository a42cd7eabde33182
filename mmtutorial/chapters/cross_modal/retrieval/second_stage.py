"""Re-ranking: a second model that reads picture and words together, and how it is trained."""

from typing import Any

import keras
import numpy as np

from mmtutorial import cross_modal, data
from mmtutorial._checks import check_like, check_whole
from mmtutorial._vectors import to_unit
from mmtutorial.data.keywords import SEPARATOR

WORDS, NEGATIVES, EPOCHS = 12, 2, 8  # words read of a text, wrong texts per drawing, passes


def read_tokens(pairs: Any, split: str, *, language: str) -> tuple[dict, np.ndarray]:
    """Return what a re-ranker reads of all drawings and texts of a split, and the texts' concepts.

    A drawing is one token, its frozen features; a text is a token for each of its first `WORDS`
    words: ``{"query": (drawings, 256), "candidate": (texts, WORDS, 256), "candidate_mask": ...}``.
    """
    check_like("pairs", pairs, "an EmojiPairs", "images", "captions", "text_scales")
    captions, vectors = pairs.captions(split, language=language), data.load_word_vectors()
    mask = np.zeros((len(captions.texts), WORDS), bool)
    tokens = np.zeros((*mask.shape, captions.vectors.shape[1]), np.float32)
    for row, text in enumerate(captions.texts):
        words = text.split(SEPARATOR)[:WORDS]
        mask[row, : len(words)] = True
        tokens[row, : len(words)] = vectors.encode(words)
    tokens /= np.float32(pairs.text_scales["features"])
    inputs = {"query": pairs.images(split), "candidate": tokens, "candidate_mask": mask}
    return inputs, captions.ids


def search_first(model: Any, pairs: Any, split: str, *, language: str) -> np.ndarray:
    """Return the first stage's similarity, ``(drawings, texts)``."""
    texts = pairs.captions(split, language=language).vectors
    found = model.encode({"image": pairs.images(split), "text": texts})
    return to_unit(found["image"]) @ to_unit(found["text"]).T


def train_reranker(
    similarity: np.ndarray, pairs: Any, *, language: str, seed: int, epochs: int = EPOCHS
) -> cross_modal.CrossAttentionReranker:
    """Train a re-ranker on the training drawings, right texts, and wrong ones that come close.

    ``similarity`` is the first stage's, of all training drawings and texts. Each epoch draws one
    right text and `NEGATIVES` wrong ones for each drawing.
    """
    check_whole("epochs", epochs, least=1)
    inputs, concepts = read_tokens(pairs, "train", language=language)
    matches = pairs.ids("train")[:, None] == concepts
    keras.utils.set_random_seed(seed)
    model = cross_modal.CrossAttentionReranker(64, num_layers=1, heads=4, dropout=0.2)
    model.compile(keras.optimizers.Adam(1e-3))
    rng, rows = np.random.default_rng(seed), np.arange(len(matches))
    for _ in range(epochs):
        right = np.where(matches, rng.random(matches.shape), -1).argmax(axis=1)
        wrong = cross_modal.hard_negatives(
            similarity,
            count=NEGATIVES,
            logit_scale=10.0,
            matches=matches,
            seed=int(rng.integers(2**31)),
        )
        texts = np.concatenate([right, *wrong.T])
        drawings = np.tile(rows, 1 + NEGATIVES)
        chosen = {name: each[texts] for name, each in inputs.items() if name != "query"}
        fits = np.repeat([1, 0], [len(rows), NEGATIVES * len(rows)])
        pair = {"query": inputs["query"][drawings], **chosen}
        model.fit(pair, fits, epochs=1, batch_size=256, verbose=0)
    return model


def add_logits(
    model: Any, similarity: np.ndarray, inputs: dict, *, weight: float, k: int = 10
) -> np.ndarray:
    """Return the first ``k`` of each query in the order of cosine plus ``weight`` times logit.

    ``weight`` infinity takes the logit alone. Others stay below, as `cross_modal.rerank` does.
    """
    second = model.rerank(similarity, inputs, k=k)  # logits, lifted by a number for each query
    if np.isinf(weight):
        return second

    def add(queries, texts):
        return similarity[queries, texts] + weight * second[queries, texts]

    return cross_modal.rerank(similarity, add, k=k)
