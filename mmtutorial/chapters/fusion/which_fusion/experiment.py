"""How does a fusion lose to its better half, and what cures it? Emoji, by reflex and with care."""

from dataclasses import dataclass

import keras
from keras import layers

from mmtutorial._checks import check_whole
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.tasks.emoji import EmojiTask, build_model
from mmtutorial.tasks.training import Recipe, build_classifier


@dataclass(frozen=True)
class AblationRecipe(Recipe):
    """A `Recipe` that also says what comes in, and whether the words get a hidden layer.

    >>> AblationRecipe().replace(fresh=True).fresh
    True
    """

    artists: int = 3  # whose drawings train: the first of Noto, Twemoji, OpenMoji, Noto v1, ...
    fresh: bool = False  # whether keywords are drawn anew every epoch, or once and for all
    deep: bool = False  # whether the words get a hidden layer of their own


PLAIN = AblationRecipe(epochs=12)
POOR_DEFAULTS = PLAIN.replace(deep=True, image_dropout=0.5, text_dropout=0.5)


def ablation_task(recipe, keywords):
    """Load the emoji with frozen features as a `AblationRecipe` wants them.

    Raises ``ValueError`` unless it asks for one to five artists.

    >>> task = ablation_task(PLAIN, 1)
    >>> bool((task.words("train", seed=1) == task.words("train", seed=2)).all())
    True
    """
    if not 1 <= check_whole("artists", recipe.artists) <= len(ARTISTS):
        raise ValueError(f"artists must be 1 to {len(ARTISTS)}, got {recipe.artists}")
    return EmojiTask(keywords=keywords, artists=ARTISTS[: recipe.artists], fresh=recipe.fresh)


def build_ablation_model(task, method, recipe):
    """Build the image or the text alone, or their concatenation, as a `AblationRecipe` says.

    Its ``auxiliary`` weighs losses of the single modalities, one number or a dict; a modality
    alone has no use for it. For ``train_model(..., build=build_cured)``.
    """
    if method in ("image", "text"):
        recipe = recipe.replace(auxiliary=0.0)
    model = build_model(task, method, recipe)
    if not recipe.deep or "text" not in model.encoders:
        return model
    read = model.encoders["text"]
    bend = layers.Dense(recipe.units, "relu"), layers.Dropout(recipe.text_dropout)
    parts = {**model.encoders, "text": keras.Sequential([read, *bend])}
    return build_classifier(parts, model.fusion, task.classes, recipe)
