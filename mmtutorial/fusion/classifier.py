"""Encoders, a fusion and a head, put together: one model for every way to fuse."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_choice, check_share, check_sizes, check_whole
from mmtutorial.encoders._base import build_layer
from mmtutorial.fusion._auxiliary import AuxiliaryLossModel, TrainingLogits, check_auxiliary
from mmtutorial.fusion._base import Fusion, pool_tokens
from mmtutorial.fusion._inputs import (
    check_modalities,
    check_rows,
    find_mask,
    hide_absent,
    layer_names,
    split_presence,
    stack_presence,
    take_presence,
)
from mmtutorial.fusion._model import check_encoders
from mmtutorial.fusion._names import fuses_decisions, to_fusion
from mmtutorial.fusion.missing import MissingTokens, ModalityDropout

MISSING = ("zeros", "learnt")


class FusionClassifier(AuxiliaryLossModel):
    """Encode each modality, fuse, and tell the class.

    As ``pathlib.Path(...)`` gives a path for the system at hand, ``FusionClassifier(...)`` gives a
    `RepresentationClassifier`, with one head behind the fusion, or a `DecisionClassifier`, with one
    head for each modality before it: the fusion's ``level`` says which.

    Parameters
    ----------
    encoders : dict of one layer per modality, each ``(batch, ...) -> (batch, dim)`` or ``(batch,
        time, dim)``
    fusion : a fusion layer, or the name of one with its default options: ``"concat"``, ``"sum"``,
        ``"late"``, ``"gated"``, ``"attention"``, ``"tensor"``, ``"low_rank"``,
        ``"multiplicative"``, ``"cross_attention"``, ``"bottleneck"``, ``"mixture"``, ``"product"``
    classes : number of classes
    hidden : sizes of dense layers with ReLU in the head
    dropout : share of each hidden layer set to 0 while training
    modality_dropout : how often a whole modality is dropped while training
    auxiliary : weight of a loss of its own for each modality, so that none is neglected; or a
        dict of weights, such as `gradient_blend` gives. It adds a head per modality, and needs a
        ``keras.losses.Loss`` in ``compile``, of this model and not of one around it. Evaluation
        reports the joint loss alone
    missing : what stands in for an absent modality: ``"zeros"``, or a ``"learnt"`` vector

    ``{modality: array}`` -> logits ``(batch, classes)``. Which modalities are present, best as
    ``{modality: (batch,)}`` of booleans (or ``(batch, modalities)`` in the order of the sorted
    names), is the argument ``presence``, or stands among the inputs under that name, so that
    ``fit`` can hand it on. A modality that no row has may be None, or, if ``presence`` says so,
    left out, once the model was called with all of them. Called with ``training=True``, a model
    with ``auxiliary`` returns the logits and those of the auxiliary heads, as ``(fused,
    auxiliary)``. Raises ``ValueError`` for a missing or unexpected modality, arrays of several
    lengths, presence that is neither 0 nor 1, what an encoder refuses (in ``fit`` and ``predict``
    too, of NumPy arrays), or a loss of probabilities in ``compile``; ``TypeError`` for anything but
    a dict. Papers: Baltrusaitis et al. 2019, Multimodal Machine Learning; Wang et al. 2020, What
    Makes Training Multi-Modal Classification Networks Hard? (auxiliary losses).

    >>> encoders = {"image": layers.Flatten(), "text": layers.Flatten()}
    >>> model = FusionClassifier(encoders, "concat", 3)
    >>> inputs = {"text": ops.ones((2, 4)), "image": ops.ones((2, 8, 8))}
    >>> model(inputs, presence={"image": [True, True], "text": [True, False]}).shape
    TensorShape([2, 3])
    """

    def __new__(cls, encoders: Any = None, fusion: Any = None, *args, **kwargs):
        """Choose the class by the level of the fusion."""
        if cls is FusionClassifier:
            cls = DecisionClassifier if fuses_decisions(fusion) else RepresentationClassifier
        return super().__new__(cls, encoders, fusion, *args, **kwargs)

    def __init__(
        self,
        encoders: Mapping[str, layers.Layer],
        fusion: Fusion | str,
        classes: int,
        *,
        hidden: Sequence[int] = (),
        dropout: float = 0.0,
        modality_dropout: float = 0.0,
        auxiliary: float | Mapping[str, float] = 0.0,
        missing: str = "zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoders = check_encoders(encoders)
        self.modalities = sorted(self.encoders)
        self.fusion = to_fusion(fusion, dtype=self.dtype_policy)
        self.classes = check_whole("classes", classes, least=2)
        self.hidden = check_sizes("hidden", hidden)
        self.dropout = check_share("dropout", dropout)
        self.modality_dropout = ModalityDropout(check_share("modality_dropout", modality_dropout))
        self.auxiliary = check_auxiliary(auxiliary, self.modalities)
        self.missing = check_choice("missing", missing, MISSING)
        self.tokens = MissingTokens(dtype=self.dtype_policy) if missing == "learnt" else None
        labels = {"fused": "fused", **layer_names(self.modalities)}
        self.heads = {name: self._make_head(labels[name]) for name in self._head_names()}

    def _head_names(self):
        """Return the names of the heads, ``"fused"`` or modalities, in the order of making."""
        raise NotImplementedError

    def _make_head(self, label):
        stack = []
        for units in self.hidden:
            stack.append(layers.Dense(units, activation="relu", dtype=self.dtype_policy))
            stack.append(layers.Dropout(self.dropout, dtype=self.dtype_policy))
        stack.append(layers.Dense(self.classes, dtype=self.dtype_policy))
        return keras.Sequential(stack, name=f"{label}_head")

    def build(self, input_shape):
        """Make all weights for inputs of these shapes."""
        input_shape, _ = take_presence(input_shape, None)
        check_modalities(input_shape, self.modalities)
        shapes = {}
        for name in self.modalities:
            _, dtype = self._seen.get(name, (None, None))
            shape = build_layer(self.encoders[name], tuple(input_shape[name]), dtype)
            if name in self.heads:
                self.heads[name].build((shape[0], shape[-1]))
            shapes[name] = shape
        self._build_fusion(shapes)
        self.modality_dropout.build((None, len(self.modalities)))
        self.built = True

    def _encode(self, inputs, presence, training):
        """Return the vectors or sequences of the encoders, and the masks of the sequences."""
        check_modalities(inputs, self.modalities)
        check_rows(inputs if presence is None else {**inputs, "presence": presence})
        if presence is not None:
            inputs = hide_absent(inputs, split_presence(presence, self.modalities))
        arrays = {}
        for name in self.modalities:
            try:
                arrays[name] = self.encoders[name](inputs[name], training=training)
            except (TypeError, ValueError) as error:  # an encoder does not know its modality
                raise type(error)(f"{name!r}: {error}") from error
        return arrays, {name: find_mask(array) for name, array in arrays.items()}

    def _unimodal_logits(self, arrays, masks, training):
        """Return the logits of each modality that has a head, ``(batch, classes)``."""
        names = [name for name in self.modalities if name in self.heads]
        vectors = {name: pool_tokens(arrays[name], masks.get(name)) for name in names}
        return {name: self.heads[name](v, training=training) for name, v in vectors.items()}

    def unimodal_logits(self, inputs: Mapping[str, Any], presence: Any = None) -> dict[str, Any]:
        """Return the logits ``(batch, classes)`` of each modality that has a head of its own."""
        inputs, presence = self._to_arrays(inputs, presence)
        return self._unimodal_logits(*self._encode(inputs, presence, False), False)

    def call(self, inputs, training=None, presence=None):
        """Classify; ``presence`` as in the fusion layers, here for the raw inputs."""
        inputs, presence = take_presence(inputs, presence)
        presence = stack_presence(presence, self.modalities)
        arrays, masks = self._encode(inputs, presence, training)
        auxiliary = {}
        if training and self.auxiliary:
            auxiliary = self._unimodal_logits(arrays, masks, training)
        if training and self.modality_dropout.rate:
            if presence is None:
                batch = ops.shape(arrays[self.modalities[0]])[0]
                presence = ops.ones((batch, len(arrays)), dtype="bool")
            presence = self.modality_dropout(presence, training=True)
        fused = self._classify(arrays, masks, presence, training)
        return TrainingLogits(fused, auxiliary) if auxiliary else fused

    def _fill(self, arrays, masks, presence):
        """Put the learnt tokens, if there are any, where a modality is absent."""
        if self.tokens is None or presence is None:
            return arrays, masks, presence
        masks = self.tokens.masks(arrays, presence, masks)
        return self.tokens(arrays, presence=presence), masks, None

    def compute_output_shape(self, input_shape):
        """Return ``(batch, classes)``."""
        return (input_shape[self.modalities[0]][0], self.classes)

    def get_config(self) -> dict[str, Any]:
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
    def from_config(cls, config: dict[str, Any]) -> "FusionClassifier":
        """Make the model again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        encoders = {name: restore(layer) for name, layer in config["encoders"].items()}
        return cls(**{**config, "encoders": encoders, "fusion": restore(config["fusion"])})


@keras.saving.register_keras_serializable(package="mmtutorial")
class RepresentationClassifier(FusionClassifier):
    """Fuse what the encoders return, then classify (early and intermediate fusion)."""

    def _head_names(self):
        return ["fused", *self.auxiliary]

    def _build_fusion(self, shapes):
        if self.tokens is not None:
            self.tokens.build(shapes)
        if not self.fusion.built:
            self.fusion.build(shapes)
        self.heads["fused"].build(self.fusion.compute_output_shape(shapes))

    def _classify(self, arrays, masks, presence, training):
        arrays, masks, presence = self._fill(arrays, masks, presence)
        fused = self.fusion(arrays, presence=presence, mask=masks)
        return self.heads["fused"](fused, training=training)


@keras.saving.register_keras_serializable(package="mmtutorial")
class DecisionClassifier(FusionClassifier):
    """Classify each modality alone, then fuse the decisions (late fusion)."""

    def _head_names(self):
        return self.modalities

    def _build_fusion(self, shapes):
        if self.tokens is not None:
            self.tokens.build({name: (shape[0], shape[-1]) for name, shape in shapes.items()})
        if not self.fusion.built:
            self.fusion.build({name: (None, self.classes) for name in self.modalities})

    def _classify(self, arrays, masks, presence, training):
        vectors = {name: pool_tokens(array, masks[name]) for name, array in arrays.items()}
        vectors, _, presence = self._fill(vectors, {}, presence)
        logits = self._unimodal_logits(vectors, {}, training)
        return ops.cast(self.fusion(logits, presence=presence), self.compute_dtype)
