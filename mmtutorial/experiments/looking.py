"""Models that look for the emoji that words mean in a scene, and how they are trained."""

import keras
import numpy as np
from keras import layers, ops

from mmtutorial import fusion
from mmtutorial.experiments.scenes import COLOURS
from mmtutorial.experiments.training import log_probabilities
from mmtutorial.experiments.words import WordBags
from mmtutorial.fusion._base import Fusion

LOOKERS = ("image", "text", "concat", "attention", "side by side", "bottleneck",
           "cross_attention", "guided", "told")  # fmt: skip
ATTEND = ("bottleneck", "cross_attention", "guided")  # tokens to tokens; the others have a head


@keras.saving.register_keras_serializable(package="mmtutorial")
class GuidedAttention(Fusion):
    """Let one modality choose where to look in another, and say nothing itself.

    Every token of ``guide`` shares out its attention among the other's tokens, by the scaled dot
    product of what it asks and what each of them offers. What is gathered, averaged over the
    guide's tokens, is all that comes out: the guide has no other way to the answer.

    Parameters
    ----------
    units : size of queries, keys and values, and so of the result
    guide : the modality that asks; there must be one other

    ``{modality: (batch, time, dim)}`` of two -> ``(batch, units)``. Raises ``ValueError`` for
    another number of modalities, or without the guide. Paper: Yang et al. 2016, Stacked Attention
    Networks for Image Question Answering (where the question is added again behind).

    >>> tokens = {"image": ops.ones((2, 4, 3)), "text": ops.ones((2, 5, 8))}
    >>> GuidedAttention(16)(tokens).shape
    TensorShape([2, 16])
    """

    takes = "tokens"

    def __init__(self, units=64, *, guide="text", **kwargs):
        super().__init__(**kwargs)
        self.units, self.guide = units, guide
        self.query = layers.Dense(units, use_bias=False, name="query")
        self.key = layers.Dense(units, use_bias=False, name="key")
        self.value = layers.Dense(units, activation="relu", name="value")
        self.norms = {}

    def make(self, shapes):
        """Make the norms, and the maps to queries, keys and values."""
        if len(shapes) != 2 or self.guide not in shapes:
            raise ValueError(f"inputs must hold {self.guide!r} and one more, got {list(shapes)}")
        self.asks = self.modalities.index(self.guide)
        for name, shape in shapes.items():
            self.norms[name] = layers.LayerNormalization(name=f"{name}_norm")
            self.norms[name].build((None, *shape))
            for layer in (self.query,) if name == self.guide else (self.key, self.value):
                layer.build((None, *shape))

    def attention(self, inputs, presence=None, mask=None):
        """Return where each token of the guide looks, ``(batch, time, time of the other)``."""
        return self._weights(*self.prepare(inputs, presence, mask))

    def _weights(self, tokens, real):
        calm = [self.norms[name](each) for name, each in zip(self.modalities, tokens, strict=True)]
        query, key = self.query(calm[self.asks]), self.key(calm[1 - self.asks])
        scores = ops.matmul(query, ops.swapaxes(key, 1, 2)) / self.units**0.5
        return ops.softmax(ops.where(real[1 - self.asks][:, None, :], scores, -1e4))

    def fuse(self, tokens, real):
        """Average what the guide's real tokens gather."""
        asked = ops.cast(real[self.asks], self.compute_dtype)
        weights = self._weights(tokens, real)
        share = asked / ops.maximum(ops.sum(asked, axis=1, keepdims=True), 1)
        weights = ops.sum(weights * share[..., None], axis=1)
        value = self.value(self.norms[self.modalities[1 - self.asks]](tokens[1 - self.asks]))
        return ops.sum(weights[..., None] * value, axis=1)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (next(iter(input_shape.values()))[0], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "units": self.units, "guide": self.guide}


def build_looker(task, method, recipe, *, bottlenecks=4):
    """Build one of `LOOKERS`, which tell the colour of the emoji that the words mean.

    ``"image"``, ``"text"``, ``"concat"`` and ``"attention"``, which shares out 1 between picture
    and words, know the average of all places, ``"side by side"`` has all of them in a row;
    ``"told"`` gets only the one that is meant: what finding it would be worth. These have a
    hidden layer; `ATTEND` attend to tokens. ``recipe.units`` is the size of a word and of hidden
    layers; attention between tokens works with half of it. Raises ``ValueError`` for an unknown
    method.
    """
    if method not in LOOKERS:
        raise ValueError(f"method must be one of {LOOKERS}, got {method!r}")
    half = recipe.units // 2
    attend = {
        "bottleneck": lambda: fusion.BottleneckFusion(
            half, bottlenecks=bottlenecks, heads=1, hidden=recipe.units
        ),
        "cross_attention": lambda: fusion.CrossAttentionFusion(half, heads=1, hidden=recipe.units),
        "guided": lambda: GuidedAttention(recipe.units),
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
        hidden=() if method in ATTEND else (recipe.units,),
    )


def looker_inputs(method, scenes):
    """Return what a method gets of `Scenes`: all places, all in one row, or the right one."""
    image, text = scenes.inputs["image"], scenes.inputs["text"]
    if method == "told":
        image = image[np.arange(len(image)), scenes.place]
    elif method == "side by side":
        image = image.reshape(len(image), -1)
    inputs = {"image": image, "text": text}
    return {method: inputs[method]} if method in inputs else inputs


def train_looker(
    task, method, recipe, *, seed, count=4096, on_epoch=None, build=build_looker, **sizes
):
    """Train one model on scenes drawn afresh for every epoch, ``count`` of them, from scratch.

    ``on_epoch(epoch, model)`` is called after each epoch, if given; ``build(task, method,
    recipe, **sizes)`` makes the model. Returns it, trained.
    """
    keras.utils.set_random_seed(seed)
    model = build(task, method, recipe, **sizes)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    for epoch in range(recipe.epochs):
        scenes = task.draw("train", count, seed=[1 + seed, epoch])
        inputs = looker_inputs(method, scenes)
        for start in range(0, count - recipe.batch_size + 1, recipe.batch_size):
            rows = slice(start, start + recipe.batch_size)
            batch = {name: array[rows] for name, array in inputs.items()}
            model.train_on_batch(batch, scenes.colour[rows])
        if on_epoch is not None:
            on_epoch(epoch, model)
    return model


def where_it_looks(model, scenes):
    """Return the attention of each word to each place, ``(scenes, words, places)``; NaN: no word.

    For models with ``"cross_attention"`` or ``"guided"``. Each row of a word sums to 1.
    """
    arrays = {name: model.encoders[name](scenes.inputs[name]) for name in model.modalities}
    real = np.any(scenes.inputs["text"] != 0, axis=-1)
    weights = model.fusion.attention(arrays, mask={"text": real})
    weights = weights["text"] if isinstance(weights, dict) else weights
    return np.where(real[..., None], ops.convert_to_numpy(weights), np.nan)


def attended(model, scenes):
    """Average what the words of each scene attend to, ``(scenes, places)``; zeros without words."""
    looks = where_it_looks(model, scenes)
    real = ~np.isnan(looks[..., :1])
    return np.where(real, looks, 0).sum(axis=1) / np.maximum(real.sum(axis=1), 1)


def erased(model, scenes):
    """Erase one place after the other, and see what becomes of the answer.

    What is erased becomes the average drawing, all zeros. Returns how far the probabilities move,
    half the sum of their changes, 0..1, and whether the answer changes, both ``(scenes, places)``.
    """
    before = np.exp(log_probabilities(model, scenes.inputs))
    moved, flipped = [], []
    for place in range(scenes.rows.shape[1]):
        image = scenes.inputs["image"].copy()
        image[:, place] = 0
        after = np.exp(log_probabilities(model, {**scenes.inputs, "image": image}))
        moved.append(np.abs(after - before).sum(axis=1) / 2)
        flipped.append(after.argmax(axis=1) != before.argmax(axis=1))
    return np.stack(moved, axis=1), np.stack(flipped, axis=1)
