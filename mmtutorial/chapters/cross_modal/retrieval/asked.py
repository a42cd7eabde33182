"""What a model of images and words is asked, once it is trained: five questions, and the scores."""

from typing import Any

import numpy as np

from mmtutorial import cross_modal, data, evaluation
from mmtutorial._checks import check_choice, check_like
from mmtutorial.chapters.cross_modal.retrieval.experiment import draw_shots
from mmtutorial.tasks import Linear, fit_linear, score_pairs, score_search
from mmtutorial.tasks.emoji_pairs import LANGUAGES

PROMPTS = {"the name": 1, "six sentences": None}  # how many of the prompts of a class are taken
SHOTS = ("1", "2", "4", "8", "16", "32", "all")  # labelled concepts of a class


def group_prompts(pairs: Any, *, language: str, count: int | None = None) -> dict:
    """Return what a model takes of the prompts of each group: ``{group: (prompts, dim)}``.

    ``pairs`` is an `EmojiPairs` with frozen word vectors; ``count`` says how many prompts of a
    group are taken, the first of which is its name.
    """
    check_choice("language", language, LANGUAGES)
    groups = pairs.datasets["en"].classes["group"]
    prompts = data.load_word_vectors().prompts(groups, language=language)
    return {
        name: pairs.encode(list(texts[:count]), language=language)
        for name, texts in prompts.items()
    }


def ask_groups(model: Any, pairs: Any, *, language: str, count: int | None = None) -> np.ndarray:
    """Name the group of each test drawing by words alone: log-probabilities ``(rows, groups)``."""
    check_like("model", model, "a DualEncoder", "encode")
    prompts = group_prompts(pairs, language=language, count=count)
    vectors = {name: model.encode({"text": rows})["text"] for name, rows in prompts.items()}
    images = model.encode({"image": pairs.images("test")})["image"]
    return cross_modal.zero_shot_classify(images, vectors)


def ask_names(model: Any, pairs: Any, *, language: str) -> dict[str, float]:
    """Search the test drawings by the name of each emoji alone; return the scores."""
    split = pairs.datasets[language].test
    _, first = np.unique(split.info["hexcode"], return_index=True)
    names, ids = split.info["name"][np.sort(first)], pairs.ids("test")
    inputs = {"image": pairs.images("test"), "text": pairs.encode(names, language=language)}
    found = model.encode(inputs)
    return score_search(found["text"] @ found["image"].T, ids[np.sort(first)], ids)


def ask_drawings(vectors: np.ndarray, concepts: np.ndarray, artists: np.ndarray) -> float:
    """Find the same thing drawn by another hand: R@1 of image to image over all pairs of artists.

    ``vectors`` ``(rows, dim)`` are compared by cosine; ``concepts`` and ``artists`` are
    ``(rows,)``. Each drawing is a query to all drawings of each other artist who drew its concept.

    >>> ask_drawings(np.eye(2)[[0, 1, 0, 1]], np.array([3, 4, 3, 4]), np.array([0, 0, 1, 1]))
    1.0
    """
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    hits = []
    for one in np.unique(artists):
        for other in set(artists) - {one}:
            queries, found = np.flatnonzero(artists == one), np.flatnonzero(artists == other)
            matches = concepts[queries][:, None] == concepts[found]
            there = matches.any(axis=1)
            similarity = vectors[queries[there]] @ vectors[found].T
            hits.append(evaluation.hits_at_k(similarity, 1, matches=matches[there]))
    return float(np.concatenate(hits).mean())


def read_captions(language: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features and captions of all stamps that have both, ``(rows, 256)`` and ``(rows,)``.

    The features go through the PCA of the emoji, so that a model of emoji can be asked.
    """
    stamps = data.load_stamps(image="emoji-features", language=language)
    images, texts = [], []
    for split in (stamps.train, stamps.validation, stamps.test):
        there = split.presence["image"] & split.presence["text"]
        images.append(split.inputs["image"][there])
        texts.append(split.inputs["text"][there])
    return np.concatenate(images), np.concatenate(texts)


def count_captions(language: str) -> int:
    """Say how many different captions the stamps have in a language.

    >>> count_captions("en") < len(read_captions("en")[1])
    True
    """
    return len(np.unique(read_captions(language)[1]))


def ask_photographs(model: Any, pairs: Any, *, language: str) -> dict[str, dict]:
    """Search the photographs of all stamps by their captions, and the captions by photographs.

    Training saw no photograph. Several stamps may have one caption; each of them is right. Returns
    the scores in both directions, as `score_pairs` does.
    """
    images, texts = read_captions(language)
    captions, ids = np.unique(texts, return_inverse=True)
    inputs = {
        "image": (images / pairs.image_scale).astype(np.float32),
        "text": pairs.encode(captions, language=language),
    }
    found = model.encode(inputs)
    similarity = found["image"] @ found["text"].T
    return {
        "image_to_text": score_search(similarity, ids, np.arange(len(captions))),
        "text_to_image": score_search(similarity.T, np.arange(len(captions)), ids),
    }


def ask_everything(model: Any, pairs: Any) -> list[dict]:
    """Ask a model all questions in both languages; return a row of scores for each.

    A row says by ``"question"`` what was asked, by ``"asked"`` in which language.
    """
    rows, truth = [], pairs.datasets["en"].test.targets["group"]
    for language in LANGUAGES:
        for question, scores in {
            "search": score_pairs(model, pairs, "test", language=language),
            "photographs": ask_photographs(model, pairs, language=language),
            "names": {"text_to_image": ask_names(model, pairs, language=language)},
        }.items():
            for direction, found in scores.items():
                rows.append(
                    {"question": question, "asked": language, "direction": direction, **found}
                )
        for prompts, count in PROMPTS.items():
            said = ask_groups(model, pairs, language=language, count=count).argmax(axis=1)
            right = float(np.mean(said == truth))
            rows.append(
                {"question": "groups", "asked": language, "prompts": prompts, "accuracy": right}
            )
    split = pairs.datasets["en"].validation.targets
    vectors = model.encode({"image": pairs.images("validation")})["image"]
    alike = ask_drawings(vectors, split["concept"], split["artist"])
    return [*rows, {"question": "drawings", "recall_at_1": alike}]


def fit_probe(pairs: Any, shots: str, *, penalty: float, seed: int) -> tuple[Linear, int]:
    """Fit a linear probe of the groups on frozen image features; return it and how many labels.

    ``shots`` is one of `SHOTS`: how many concepts of each group are labelled, a drawing of each, or
    ``"all"``, all drawings of all. The L2 ``penalty`` is that of `fit_linear`.
    """
    check_choice("shots", shots, SHOTS)
    train = pairs.datasets["en"].train.targets
    count = None if shots == "all" else int(shots)
    rows = draw_shots(train["group"], train["concept"], count, seed=seed)
    classes = len(pairs.datasets["en"].classes["group"])
    images = pairs.images("train")[rows]
    return fit_linear(images, train["group"][rows], classes=classes, penalty=penalty), len(rows)
