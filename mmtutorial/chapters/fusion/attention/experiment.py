"""Models that look for the emoji that words mean in a scene, and how they are trained."""

from dataclasses import replace

import numpy as np
from keras import layers, ops

from mmtutorial import fusion
from mmtutorial._checks import check_choice, check_like, check_whole
from mmtutorial.chapters.fusion.attention.scenes import COLOURS
from mmtutorial.encoders.words import WordBags
from mmtutorial.tasks.training import fit, predict_log_proba

SCENE_METHODS = ("image", "text", "concat", "attention", "flattened", "bottleneck",
           "cross_attention", "guided", "oracle location")  # fmt: skip
TOKEN_FUSIONS = ("bottleneck", "cross_attention", "guided")  # the others have a hidden layer


def build_scene_model(task, method, recipe, *, bottlenecks=4):
    """Build one of `SCENE_METHODS`, which tell the colour of the emoji that the words mean.

    ``"image"``, ``"text"``, ``"concat"`` and ``"attention"``, which shares out 1 between picture
    and words, know the average of all places, ``"flattened"`` has all of them in a row;
    ``"oracle location"`` gets only the one that is meant: what finding it would be worth. These
    have a hidden layer; `TOKEN_FUSIONS` attend to tokens. ``recipe.units`` is the size of a word
    and of hidden layers; attention between tokens works with half of it. Raises ``ValueError`` for
    an unknown method.
    """
    check_choice("method", method, SCENE_METHODS)
    check_like("task", task, "a SceneTask", "vocabulary", "draw")
    check_like("recipe", recipe, "a Recipe", "units", "image_dropout", "text_dropout")
    check_whole("bottlenecks", bottlenecks, least=1)
    half = recipe.units // 2
    attend = {
        "bottleneck": lambda: fusion.BottleneckFusion(
            half, bottlenecks=bottlenecks, heads=1, hidden=recipe.units
        ),
        "cross_attention": lambda: fusion.CrossAttentionFusion(half, heads=1, hidden=recipe.units),
        "guided": lambda: fusion.GuidedAttention(recipe.units),
        "attention": lambda: fusion.AttentionFusion(recipe.units),
    }
    parts = {
        "image": layers.Dropout(recipe.image_dropout),
        "text": WordBags(len(task.vocabulary), recipe.units, dropout=recipe.text_dropout),
    }
    return fusion.FusionClassifier(
        {method: parts[method]} if method in parts else parts,
        attend[method]() if method in attend else "concat",
        len(COLOURS),
        hidden=() if method in TOKEN_FUSIONS else (recipe.units,),
    )


def _check_scenes(scenes):
    return check_like("scenes", scenes, "Scenes that a SceneTask drew", "inputs", "rows", "place")


def scene_inputs(method, scenes):
    """Return what a method gets of `Scenes`: all places, all in one row, or the right one."""
    check_choice("method", method, SCENE_METHODS)
    _check_scenes(scenes)
    image, text = scenes.inputs["image"], scenes.inputs["text"]
    if method == "oracle location":
        image = image[np.arange(len(image)), scenes.place]
    elif method == "flattened":
        image = image.reshape(len(image), -1)
    inputs = {"image": image, "text": text}
    return {method: inputs[method]} if method in inputs else inputs


def train_scene_model(
    task, method, recipe, *, seed, count=4096, on_epoch=None, build=build_scene_model, **sizes
):
    """Train one model on scenes drawn afresh for every epoch, ``count`` of them, from scratch.

    ``on_epoch(epoch, model)`` is called after each epoch, if given; ``build(task, method,
    recipe, **sizes)`` makes the model. Returns it, trained. Raises ``ValueError`` for fewer scenes
    than a batch holds.
    """
    check_like("recipe", recipe, "a Recipe", "units", "epochs", "batch_size")
    if not callable(build):
        raise TypeError(f"build must be a function of task, method and recipe, got {build!r}")
    if check_whole("count", count, least=1) < recipe.batch_size:
        raise ValueError(f"count must be at least the {recipe.batch_size} of a batch, got {count}")
    check_like("task", task, "a SceneTask", "vocabulary", "draw")

    def draw(epoch):
        scenes = task.draw("train", count, seed=[1 + seed, epoch])
        return scene_inputs(method, scenes), scenes.colour

    return fit(
        lambda: build(task, method, recipe, **sizes), draw, recipe, seed=seed, on_epoch=on_epoch
    )


def attention_weights(model, scenes):
    """Return the attention of each word to each place, ``(scenes, words, places)``; NaN: no word.

    For models with ``"cross_attention"`` or ``"guided"``. Each row of a word sums to 1.
    """
    check_like("model", model, "a FusionClassifier", "modalities", "encoders", "fusion")
    check_like("model.fusion", model.fusion, "a fusion that attends", "attention")
    _check_scenes(scenes)
    arrays = {name: model.encoders[name](scenes.inputs[name]) for name in model.modalities}
    real = np.any(scenes.inputs["text"] != 0, axis=-1)
    weights = model.fusion.attention(arrays, mask={"text": real})
    weights = weights["text"] if isinstance(weights, dict) else weights
    return np.where(real[..., None], ops.convert_to_numpy(weights), np.nan)


def mean_attention(model, scenes):
    """Average what the words of each scene attend to, ``(scenes, places)``; zeros without words."""
    looks = attention_weights(model, scenes)
    real = ~np.isnan(looks[..., :1])
    return np.where(real, looks, 0).sum(axis=1) / np.maximum(real.sum(axis=1), 1)


def erase_place(scenes, place):
    """Return the same `Scenes` with a blank in one place: the average drawing, all zeros."""
    image = _check_scenes(scenes).inputs["image"].copy()
    image[:, check_whole("place", place, least=0, most=image.shape[1] - 1)] = 0
    return replace(scenes, inputs={**scenes.inputs, "image": image})


def occlusion_sensitivity(model, scenes):
    """Erase one place after the other, and see what becomes of the answer.

    Returns how far the probabilities move, half the sum of their changes, 0..1, and whether the
    answer changes, both ``(scenes, places)``.
    """
    before = np.exp(predict_log_proba(model, _check_scenes(scenes).inputs))
    moved, flipped = [], []
    for place in range(scenes.rows.shape[1]):
        after = np.exp(predict_log_proba(model, erase_place(scenes, place).inputs))
        moved.append(np.abs(after - before).sum(axis=1) / 2)
        flipped.append(after.argmax(axis=1) != before.argmax(axis=1))
    return np.stack(moved, axis=1), np.stack(flipped, axis=1)
