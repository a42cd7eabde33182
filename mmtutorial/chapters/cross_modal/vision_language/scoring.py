"""What is right, by kind of question and language, and what is seen that is not there."""

import re
from collections import Counter

import numpy as np

from mmtutorial.tasks._questions import KINDS

LANGUAGES = {"en": "English", "zh": "Chinese"}
YES = {"yes", "有"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def language_of(text: str) -> str:
    """Tell in which language a question is asked.

    >>> language_of("how many are there?"), language_of("有几个东西？")
    ('en', 'zh')
    """
    return "zh" if CHINESE.search(text) else "en"


def is_right(written: list[str], answers: list[str]) -> np.ndarray:
    """Return whether each text is the answer, spaces aside, ``(questions,)`` of bool.

    >>> is_right(["top left", "左上 "], ["top left", "左上"]).tolist()
    [True, True]
    """
    return np.array([
        text.replace(" ", "") == answer.replace(" ", "")
        for text, answer in zip(written, answers, strict=True)
    ])  # fmt: skip


def score(written: list[str], asked) -> list[dict]:
    """Return a row for each kind: accuracy, in both languages and each; and what is right."""
    right = is_right(written, asked.answers)
    kinds = np.array(asked.kinds)
    languages = np.array([language_of(question) for question in asked.questions])
    rows = []
    for kind in KINDS:
        here = kinds == kind
        row = {"kind": kind, "accuracy": float(right[here].mean())}
        row |= {name: float(right[here & (languages == name)].mean()) for name in LANGUAGES}
        if kind == "presence":
            row |= count_presence(written, asked)
        rows.append({**row, "correct": right[here]})
    return rows


def count_presence(written: list[str], asked) -> dict[str, float]:
    """How often is the answer "yes" about what is absent, and "no" about what is there?

    The first is a hallucination; ``false_yes_colour`` and ``false_yes_group`` tell of what.
    """
    here = np.array(asked.kinds) == "presence"
    yes = np.array([text in YES for text in written])[here]
    there = np.array([answer in YES for answer in asked.answers])[here]
    about = np.array(asked.about)[here]
    found = {"false_yes": yes[~there].mean(), "missed": 1 - yes[there].mean()}
    for name in ("colour", "group"):
        found[f"false_yes_{name}"] = yes[~there & (about == name)].mean()
    return {name: float(value) for name, value in found.items()}


def confusions(written: list[str], asked, kind: str, language: str = "en") -> dict[str, int]:
    """Count wrong answers to one kind of question, the most frequent first: ``{"a → b": times}``.

    >>> class Asked:
    ...     questions, answers, kinds = ["what is it?"] * 2, ["symbol", "object"], ["what"] * 2
    >>> confusions(["object", "object"], Asked, "what")
    {'symbol → object': 1}
    """
    counts = Counter(
        f"{answer} \N{RIGHTWARDS ARROW} {text}"
        for text, answer, question, each in zip(
            written, asked.answers, asked.questions, asked.kinds, strict=True
        )
        if each == kind and language_of(question) == language and text != answer
    )
    return dict(counts.most_common())


def by_name(written: list[str], asked) -> dict[str, dict[str, float]]:
    """Return accuracy where a thing is named by its colour, and where by its group, by kind."""
    right, about = is_right(written, asked.answers), np.array(asked.about)
    kinds = np.array(asked.kinds)
    return {
        f"by {name}": {
            title: float(right[(kinds == kind) & (about == name)].mean())
            for kind, title in (("where", "where"), ("presence", "is there"))
        }
        for name in ("colour", "group")
    }
