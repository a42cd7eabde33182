"""Letters and texts of them: what language model and recogniser are given."""

from typing import Any

from mmtutorial._checks import check_list, check_text


def check_letters(given: Any) -> str:
    """Return the characters that exist, each once, in their order."""
    letters = list(given) if isinstance(given, str) else check_list("letters", given, "characters")
    for place, letter in enumerate(letters):
        check_text(f"letters[{place}]", letter)
    if not letters or len(set(letters)) < len(letters) or {*map(len, letters)} != {1}:
        raise ValueError(f"letters must be single characters, each once, got {given!r}")
    return "".join(letters)


def check_spelling(name: str, text: Any, letters: Any) -> str:
    """Return a text, which may be empty, if it is of these letters."""
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a text, got {text!r}")
    for letter in text:
        if letter not in letters:
            raise ValueError(f"{name} must be of the letters, got {letter!r} in it")
    return text
