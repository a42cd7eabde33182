"""Names as token ids: cut at spaces, into words, into characters or into parts of words."""

import numpy as np

from mmtutorial import data, encoders
from mmtutorial._checks import check_choice, check_dict, check_text, check_whole
from mmtutorial.preprocessing import Vocabulary, tokenize
from mmtutorial.tasks.alone import train_alone

LANGUAGES = ("en", "zh")
UNITS = ("space", "word", "char", "subword")


def split_name(name, *, language, unit):
    """Cut a name into tokens; unit ``"space"`` cuts at spaces and nowhere else.

    >>> split_name("红心", language="zh", unit="space")
    ['红心']
    """
    check_text("name", name)
    check_choice("language", language, LANGUAGES)
    if check_choice("unit", unit, UNITS) == "space":
        return name.casefold().split()
    return tokenize(name, language=language, unit=unit)


def name_arrays(*, language, unit):
    """Turn the names of emoji into token ids: of training concepts, and of unseen ones.

    Returns a dict: ``"train"`` and ``"test"``, each ``(ids, group)`` with ids of shape
    ``(names, length)``, every name once; the ``"vocabulary"`` of the training names; and
    ``"unknown"``, the share of the test names' tokens that it does not hold.

    >>> name_arrays(language="en", unit="char")["unknown"] < 0.01
    True
    """
    check_choice("language", language, LANGUAGES)
    check_choice("unit", unit, UNITS)
    emoji = data.load_emoji(image="features", language=language)
    tokens, groups = {}, {}
    for side in ("train", "test"):
        split = getattr(emoji, side)
        names, rows = np.unique(split.info["name"], return_index=True)
        tokens[side] = [split_name(str(name), language=language, unit=unit) for name in names]
        groups[side] = split.targets["group"][rows]
    vocabulary = Vocabulary.fit(tokens["train"])
    length = max(map(len, tokens["train"] + tokens["test"]))
    ids = {side: vocabulary.encode(tokens[side], length=length) for side in tokens}
    return {
        **{side: (ids[side], groups[side]) for side in tokens},
        "vocabulary": vocabulary,
        "unknown": float(np.sum(ids["test"] == 1) / np.sum(ids["test"] != 0)),
    }


def train_names(arrays, *, seed, epochs=12):
    """Learn the group of an emoji from its name: an average of embeddings and a linear layer.

    ``arrays`` is what `name_arrays` returns. Returns the model, which gives logits.
    """
    for name in ("train", "vocabulary"):
        if name not in check_dict("arrays", arrays, "name_arrays returns"):
            raise ValueError(
                f"arrays must hold {name!r}, as name_arrays returns, got {list(arrays)}"
            )
    check_whole("seed", seed, least=0)
    check_whole("epochs", epochs, least=1)

    def encoder():
        return encoders.TextBag(len(arrays["vocabulary"]), 128, dropout=0.3)

    ids, groups = arrays["train"]
    classes = int(groups.max()) + 1
    model, _ = train_alone(
        encoder, lambda epoch: ids, groups, classes=classes, epochs=epochs, seed=seed
    )
    return model
