"""Encoders, a fusion and a head, put together: one model for every way to fuse."""

import keras
from keras import layers, ops

from mmtutorial.fusion._base import (
    check_modalities,
    check_share,
    find_mask,
    hide_absent,
    pool,
    split_presence,
)
from mmtutorial.fusion._names import fusion_by_name
from mmtutorial.fusion.missing import MissingTokens, ModalityDropout

RESERVED = ("fused", "presence")
MISSING = ("zeros", "learnt")


def _build_once(layer, shape):
    """Make a layer's weights, unless it comes with them (reloaded, or trained elsewhere)."""
    if not layer.built:
        layer.build(shape)


def _check_auxiliary(auxiliary, modalities):
    """Return a weight for each modality that gets a loss of its own."""
    weights = auxiliary if isinstance(auxiliary, dict) else dict.fromkeys(modalities, auxiliary)
    if not set(weights) <= set(modalities):
        raise ValueError(f"auxiliary must be of {modalities}, got {sorted(weights)}")
    if not all(0 <= weight < float("inf") for weight in weights.values()):
        raise ValueError(f"auxiliary must be finite and not negative, got {auxiliary}")
    return {name: float(weights[name]) for name in modalities if weights.get(name)}


def _take_presence(inputs, presence):
    """Return the modalities and their presence, which may stand among the inputs."""
    if not isinstance(inputs, dict) or "presence" not in inputs:
        return inputs, presence
    if presence is not None:
        raise ValueError("presence must be given once: among the inputs, or by name")
    inputs = dict(inputs)
    return inputs, inputs.pop("presence")


@keras.saving.register_keras_serializable(package="mmtutorial")
class FusionClassifier(keras.Model):
    """Encode each modality, fuse, and tell the class.

    Parameters
    ----------
    encoders : dict of one layer a modality, each ``(batch, ...) -> (batch, dim)`` or ``(batch,
        time, dim)``; with a single one the model is the baseline "this modality alone"
    fusion : a fusion layer, or the name of one with its default options: ``"concat"``, ``"sum"``,
        ``"late"``, ``"gated"``, ``"attention"``, ``"tensor"``, ``"low_rank"``,
        ``"multiplicative"``, ``"cross_attention"``, ``"bottleneck"``, ``"mixture"``, ``"product"``
    classes : number of classes
    hidden : sizes of dense layers with ReLU in the head
    dropout : share of each hidden layer set to 0 while training
    modality_dropout : how often a whole modality vanishes while training
    auxiliary : weight of a loss of its own for each modality, so that none is neglected; or a
        dict of weights, such as `gradient_blend` gives. It adds a head a modality, and needs a
        ``keras.losses.Loss`` in ``compile``, of this model and not of one around it. Evaluation
        reports the joint loss alone
    missing : what stands in for an absent modality: ``"zeros"``, or a ``"learnt"`` vector

    ``{modality: array}`` -> logits ``(batch, classes)``. A fusion of representations has one
    head behind it; a fusion of decisions has one head for each modality before it. Who is there,
    boolean ``(batch, modalities)`` in the order of the sorted names, is the argument
    ``presence``, or stands among the inputs under that name, so that ``fit`` can hand it on.
    Raises ``ValueError`` for a missing or unexpected modality, ``TypeError`` for anything but a
    dict. Papers: Baltrusaitis et al. 2019, Multimodal Machine Learning; Wang et al. 2020, What
    Makes Training Multi-Modal Classification Networks Hard? (auxiliary losses).

    >>> encoders = {"image": layers.Flatten(), "text": layers.Flatten()}
    >>> model = FusionClassifier(encoders, "concat", 3)
    >>> model({"text": ops.ones((2, 4)), "image": ops.ones((2, 8, 8))}).shape
    TensorShape([2, 3])
    """

    def __init__(
        self,
        encoders,
        fusion,
        classes,
        *,
        hidden=(),
        dropout=0.0,
        modality_dropout=0.0,
        auxiliary=0.0,
        missing="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.modalities = check_modalities(encoders)
        if set(RESERVED) & set(self.modalities):
            raise ValueError(f"a modality cannot be called {' or '.join(map(repr, RESERVED))}")
        if isinstance(fusion, str):
            fusion = fusion_by_name(fusion, dtype=self.dtype_policy)
        if classes < 2:
            raise ValueError(f"classes must be at least 2, got {classes}")
        if missing not in MISSING:
            raise ValueError(f"missing must be one of {MISSING}, got {missing!r}")
        self.encoders = {name: encoders[name] for name in self.modalities}
        self.fusion = fusion
        self.classes, self.hidden = classes, tuple(hidden)
        self.dropout = check_share("dropout", dropout)
        self.modality_dropout = ModalityDropout(check_share("modality_dropout", modality_dropout))
        self.auxiliary = _check_auxiliary(auxiliary, self.modalities)
        self.missing = missing
        self.tokens = MissingTokens(dtype=self.dtype_policy) if missing == "learnt" else None
        decides = fusion.level == "decision"
        names = self.modalities if decides else ["fused", *self.auxiliary]
        self.heads = {name: self._head(name) for name in names}
        self._votes = {}  # from `call` to `compute_loss`, within one training step

    def _head(self, name):
        stack = []
        for units in self.hidden:
            stack.append(layers.Dense(units, activation="relu", dtype=self.dtype_policy))
            stack.append(layers.Dropout(self.dropout, dtype=self.dtype_policy))
        stack.append(layers.Dense(self.classes, dtype=self.dtype_policy))
        return keras.Sequential(stack, name=f"{name}_head")

    def build(self, input_shape):
        """Make all weights for inputs of these shapes."""
        input_shape, _ = _take_presence(input_shape, None)
        check_modalities(input_shape, self.modalities)
        decides = self.fusion.level == "decision"
        shapes = {}
        for name in self.modalities:
            _build_once(self.encoders[name], input_shape[name])
            shape = tuple(self.encoders[name].compute_output_shape(input_shape[name]))
            if name in self.heads:
                self.heads[name].build((shape[0], shape[-1]))
            shapes[name] = (shape[0], shape[-1]) if decides else shape
        if self.tokens is not None:
            _build_once(self.tokens, shapes)
        if decides:
            shapes = {name: (None, self.classes) for name in self.modalities}
        _build_once(self.fusion, shapes)
        if not decides:
            self.heads["fused"].build(self.fusion.compute_output_shape(shapes))
        self.built = True

    def _encode(self, inputs, presence, training):
        """Return the vectors or sequences of the encoders, and the masks of the sequences."""
        check_modalities(inputs, self.modalities)
        if presence is not None:
            inputs = hide_absent(inputs, split_presence(presence, self.modalities))
        arrays = {
            name: self.encoders[name](inputs[name], training=training) for name in self.modalities
        }
        masks = {name: find_mask(array) for name, array in arrays.items()}
        return arrays, masks

    def _vote(self, arrays, masks, training):
        """Return the logits of each modality that has a head, ``(batch, classes)``."""
        names = [name for name in self.modalities if name in self.heads]
        vectors = {name: pool(arrays[name], masks.get(name)) for name in names}
        return {name: self.heads[name](v, training=training) for name, v in vectors.items()}

    def votes(self, inputs, presence=None):
        """Return what each modality with a head of its own says alone: a dict of logits."""
        inputs, presence = _take_presence(inputs, presence)
        return self._vote(*self._encode(inputs, presence, False), False)

    def call(self, inputs, training=None, presence=None):
        """Classify; ``presence`` as in the fusion layers, here for the raw inputs."""
        inputs, presence = _take_presence(inputs, presence)
        arrays, masks = self._encode(inputs, presence, training)
        self._votes = {}
        if training and self.auxiliary:
            self._votes = self._vote(arrays, masks, training)
        if training and self.modality_dropout.rate:
            batch = ops.shape(arrays[self.modalities[0]])[0]
            everyone = ops.ones((batch, len(arrays)), dtype="bool")
            presence = self.modality_dropout(
                everyone if presence is None else presence, training=True
            )
        decides = self.fusion.level == "decision"
        if decides:
            arrays, masks = {name: pool(a, masks[name]) for name, a in arrays.items()}, {}
        if self.tokens is not None and presence is not None:
            masks = self.tokens.masks(arrays, presence, masks)
            arrays, presence = self.tokens(arrays, presence=presence), None
        if decides:
            votes = self._vote(arrays, masks, training)
            return ops.cast(self.fusion(votes, presence=presence), self.compute_dtype)
        fused = self.fusion(arrays, presence=presence, mask=masks)
        return self.heads["fused"](fused, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the loss; in training with those of the single modalities, where present."""
        total = super().compute_loss(x, y, y_pred, sample_weight, training)
        votes, self._votes = self._votes, {}
        if not training or not votes:
            return total
        if not isinstance(self.loss, keras.losses.Loss):
            raise ValueError(
                "auxiliary needs a keras.losses.Loss in compile, such as "
                f"SparseCategoricalCrossentropy(from_logits=True), got {self.loss!r}"
            )
        _, presence = _take_presence(x, None)
        here = {} if presence is None else split_presence(presence, self.modalities)
        for name, weight in self.auxiliary.items():
            rows = sample_weight
            if here:
                rows = ops.cast(here[name][:, 0], "float32")
                rows = rows if sample_weight is None else rows * ops.reshape(sample_weight, (-1,))
            total = total + weight * self.loss(y, votes[name], sample_weight=rows)
        return total

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        return (input_shape[self.modalities[0]][0], self.classes)

    def get_config(self):
        """Return the arguments, so that the model survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "encoders": {name: serialize(layer) for name, layer in self.encoders.items()},
            "fusion": serialize(self.fusion),
            "classes": self.classes,
            "hidden": self.hidden,
            "dropout": self.dropout,
            "modality_dropout": self.modality_dropout.rate,
            "auxiliary": dict(self.auxiliary),
            "missing": self.missing,
        }

    @classmethod
    def from_config(cls, config):
        """Make the model again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        encoders = {name: restore(layer) for name, layer in config["encoders"].items()}
        return cls(**{**config, "encoders": encoders, "fusion": restore(config["fusion"])})
