"""Attention maps: choose a word, and the patches that it attends to light up."""

from collections.abc import Sequence
from hashlib import sha256
from html import escape
from importlib import resources

import numpy as np

from mmtutorial._checks import check_array, check_counts, check_list, check_whole
from mmtutorial._credits import credit_html
from mmtutorial.widgets._html import HtmlBlock, check_filled_text, check_filled_texts, webp_url

MAX_SCENES, MAX_WORDS = 8, 8  # as many as the style sheet knows rules for


class AttentionView(HtmlBlock):
    """The pictures and their words, as one block of HTML."""


def attention_view(
    patches: Sequence[np.ndarray],
    words: Sequence[Sequence[str]],
    weights: Sequence[np.ndarray],
    *,
    description: str,
    titles: Sequence[str],
    names: Sequence[Sequence[str]],
    notes: Sequence[str],
    columns: int = 2,
) -> AttentionView:
    """Let the reader choose a word and see which patches it attends to; it needs no script.

    Parameters
    ----------
    patches
        For each scene `(patches, height, width, 3)` uint8, row by row from the upper left.
    words
        For each scene the words that the reader can choose; the first one is chosen at first.
    weights
        For each scene `(words, patches)`: each word's attention, which sums to 1.
    description
        What is to be seen: the visible title, and the name that screen readers say.
    titles
        What each scene's button says.
    names
        For each scene what is in each patch: what a reader who cannot see it must know.
    notes
        For each scene one sentence below it.
    columns
        How many patches stand side by side.

    Raises
    ------
    ValueError
        If there is no scene or more than 8, no word or more than 8, if a word's weights are
        negative or do not sum to 1, or if the arguments do not speak of the same scenes.
    TypeError
        If `columns` is no whole number, or what should be a list, a text or an array is none.

    Examples
    --------
    >>> patches = [np.zeros((2, 8, 8, 3), np.uint8)]
    >>> attention_view(patches, [["cat", "sofa"]], [[[0.9, 0.1], [0.2, 0.8]]],
    ...                description="Which word looks where?", titles=["at home"],
    ...                names=[["a cat", "a sofa"]], notes=["Each word finds its own."])
    AttentionView 'Which word looks where?': 1 scene, 2 words
    """
    check_filled_text("description", description, "what is to be seen")
    columns = check_whole("columns", columns, least=1)
    patches = check_list("patches", patches, "arrays")
    weights = check_list("weights", weights, "arrays")
    titles = check_filled_texts("titles", titles, "what its button says")
    notes = check_filled_texts("notes", notes, "what is to be seen in its scene")
    words, names = _lists_of_texts("words", words), _lists_of_texts("names", names)
    given = {"patches": patches, "words": words, "weights": weights}
    count = check_counts(given | {"titles": titles, "names": names, "notes": notes})
    if count > MAX_SCENES:
        raise ValueError(f"patches must hold 1 to {MAX_SCENES} scenes, got {count}")
    weights = [check_array(f"weights[{i}]", each).astype(float) for i, each in enumerate(weights)]
    said = repr([list(words), [w.tolist() for w in weights]]) + description
    own = sha256(said.encode()).hexdigest()[:8]  # radios need a name of their own
    scenes = [
        _scene(i, own, *parts, columns)
        for i, parts in enumerate(zip(patches, words, weights, names, notes, strict=True))
    ]
    style = resources.files(__package__).joinpath("attention_view.css").read_text(encoding="utf-8")
    scene_buttons = _buttons("Scene", f"scene-{own}", "s", titles, "mm-look-scenes")
    block = (
        f'<div class="mm-look" role="group" aria-label="{escape(description)}"><style>{style}'
        f'</style><p class="mm-look-title">{escape(description)}</p>'
        f"{scene_buttons if count > 1 else ''}{''.join(scenes)}"
        f"{credit_html(patch for scene in patches for patch in scene)}</div>"
    )
    total = sum(map(len, words))
    counts = f"{count} scene{'s' if count > 1 else ''}, {total} word{'s' if total > 1 else ''}"
    return AttentionView(block, f"AttentionView {description!r}: {counts}")


def _lists_of_texts(argument, lists):
    """Return a list of texts for each scene."""
    lists = check_list(argument, lists, "lists of texts")
    return [
        check_filled_texts(f"{argument}[{i}]", texts, "something") for i, texts in enumerate(lists)
    ]


def _scene(i, own, patches, words, weights, names, note, columns):
    """Write one scene: its words to choose from, its patches, and the sentence below."""
    patches = check_array(f"patches[{i}]", patches)
    if patches.dtype != np.uint8 or patches.ndim != 4 or patches.shape[3] != 3 or not len(patches):
        raise ValueError(
            f"patches[{i}] must be uint8 of shape (patches, height, width, 3), "
            f"got {patches.dtype} of shape {patches.shape}"
        )
    if not 1 <= len(words) <= MAX_WORDS:
        raise ValueError(f"words[{i}] must hold 1 to {MAX_WORDS} words, got {len(words)}")
    if len(names) != len(patches):
        raise ValueError(f"names[{i}] must name each of {len(patches)} patches, got {len(names)}")
    wanted = (len(words), len(patches))
    if weights.shape != wanted or not np.all(weights >= 0):
        raise ValueError(
            f"weights[{i}] must be numbers of shape {wanted}, none below 0: a row for each of the "
            f"words, a column for each of the patches; got shape {weights.shape}"
        )
    if not np.allclose(weights.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            f"weights[{i}] must sum to 1 for each word, got {weights.sum(axis=1).round(3).tolist()}"
        )
    squares = "".join(map(_patch, patches, weights.T, names))
    return (
        f'<div class="mm-look-scene s{i}">'
        f"{_buttons('Word', f'word-{own}-{i}', 'w', words, 'mm-look-words')}"
        f'<div class="mm-look-grid" style="--columns:{columns}">{squares}</div>'
        f"<p>{escape(note)}</p></div>"
    )


def _patch(picture, weights, name):
    """Write one patch: the picture, how bright it is for each word, and the number."""
    from PIL import Image

    address = webp_url(Image.fromarray(picture), quality=85, method=6)
    bright = ";".join(f"--w{k}:{weight:.3f}" for k, weight in enumerate(weights))
    numbers = "".join(f'<b class="w{k}">{w:.0%}</b>' for k, w in enumerate(weights))
    return (
        f'<div class="mm-look-patch" style="{bright}">'
        f'<img src="{address}" alt="{escape(name)}">{numbers}</div>'
    )


def _buttons(legend, name, letter, texts, kind):
    """Write a row of radio buttons; the first is chosen."""
    labels = "".join(
        f'<label><input type="radio" name="{name}" value="{letter}{i}" autocomplete="off"'
        f"{' checked' if i == 0 else ''}>{escape(text)}</label>"
        for i, text in enumerate(texts)
    )
    return f'<fieldset class="{kind}"><legend>{legend}</legend>{labels}</fieldset>'
