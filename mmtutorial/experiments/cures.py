"""How does a fusion lose to its better half, and what cures it? Emoji, by reflex and with care."""

from dataclasses import dataclass

import keras
from keras import layers

from mmtutorial.data.emoji import ARTISTS
from mmtutorial.experiments.emoji import EmojiTask, build_model
from mmtutorial.experiments.training import Recipe, join


@dataclass(frozen=True)
class CureRecipe(Recipe):
    """A `Recipe` that also says what comes in, and whether the words get a hidden layer.

    >>> CureRecipe().but(fresh=True).fresh
    True
    """

    artists: int = 3  # whose drawings train: the first of Noto, Twemoji, OpenMoji, Noto v1, ...
    fresh: bool = False  # whether keywords are drawn anew every epoch, or once and for all
    deep: bool = False  # whether the words get a hidden layer of their own


PLAIN = CureRecipe(epochs=12)
REFLEX = PLAIN.but(deep=True, image_dropout=0.5, text_dropout=0.5)


def cure_task(recipe, keywords):
    """Load the emoji with frozen features as a `CureRecipe` wants them.

    Raises ``ValueError`` unless it asks for one to five artists.

    >>> task = cure_task(PLAIN, 1)
    >>> bool((task.words("train", seed=1) == task.words("train", seed=2)).all())
    True
    """
    if not 1 <= recipe.artists <= len(ARTISTS):
        raise ValueError(f"artists must be 1 to {len(ARTISTS)}, got {recipe.artists}")
    return EmojiTask(keywords=keywords, artists=ARTISTS[: recipe.artists], fresh=recipe.fresh)


def build_cured(task, method, recipe):
    """Build the image or the text alone, or their concatenation, as a `CureRecipe` says.

    Its ``auxiliary`` weighs losses of the single modalities, one number or a dict; a modality
    alone has no use for it. For ``train_model(..., build=build_cured)``.
    """
    if method in ("image", "text"):
        recipe = recipe.but(auxiliary=0.0)
    model = build_model(task, method, recipe)
    if not recipe.deep or "text" not in model.encoders:
        return model
    read = model.encoders["text"]
    bend = layers.Dense(recipe.units, "relu"), layers.Dropout(recipe.text_dropout)
    parts = {**model.encoders, "text": keras.Sequential([read, *bend])}
    return join(parts, model.fusion, task.classes, recipe)
