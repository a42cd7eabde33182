"""Two encoders that meet in one space: the model of contrastive learning."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import (
    check_choice,
    check_list,
    check_number,
    check_share,
    check_whole,
)
from mmtutorial.cross_modal._batch_scores import score_batch
from mmtutorial.cross_modal._chunks import check_chunk_size
from mmtutorial.cross_modal._pair_model import PairModel, check_vector, freeze
from mmtutorial.cross_modal._pairs import check_matches
from mmtutorial.cross_modal._unit_projection import UnitProjection
from mmtutorial.cross_modal._views import check_names
from mmtutorial.cross_modal.contrast import clip_of_units, siglip_of_units
from mmtutorial.cross_modal.logit_scale import LogitScale
from mmtutorial.cross_modal.triplets import MINING, triplet_of_units
from mmtutorial.encoders._base import build_layer, check_layer

TEMPERATURES = {"clip": 0.07, "siglip": 0.1, "triplet": None}
SIGLIP_BIAS = -10.0


@keras.saving.register_keras_serializable(package="mmtutorial")
class DualEncoder(PairModel):
    """Bring two modalities into one space, in which what belongs together is near.

    Each encoder is followed by a linear map to ``units`` numbers, which are brought to length 1.
    A contrastive loss compares all pairs of a batch: what is not of the same row is a negative.

    Parameters
    ----------
    encoders : dict of one layer for each of two modalities, ``(batch, ...) -> (batch, dim)``
    units : size of the common space
    loss : ``"clip"``, ``"siglip"`` or ``"triplet"``, see `clip_loss`, `siglip_loss`, `triplet_loss`
    frozen : modalities whose encoder stays as it is, dropout and statistics included; its linear
        map learns all the same (Zhai et al. 2022, LiT)
    dropout : share of each encoder's output set to 0 while training
    temperature : what cosines are divided by at first; it is learnt, see `LogitScale`. None is
        the paper's: 0.07 for CLIP, 0.1 for SigLIP, which also has a bias of -10. Triplets have none
    margin, mining : see `triplet_loss`
    chunk_size : rows whose logits are held at once, see `clip_loss`

    ``{modality: array}`` -> ``{modality: (batch, units)}``, of one modality or both. ``fit(x, y)``
    takes which item each pair is of, so that other pairs of that item are no negatives. The history
    holds ``top_1``, the share of rows whose partner is the nearest of the batch, beside
    ``chance_top_1``, and for CLIP ``chance_loss``, the logarithm of the number of candidates. They
    depend on the batch size: to compare models, retrieve from a whole split. Raises ``ValueError``
    for a missing or unexpected modality. Paper: Radford et al. 2021, Learning Transferable Visual
    Models From Natural Language Supervision.

    >>> model = DualEncoder({"image": layers.Dense(8), "text": layers.Dense(8)}, units=4)
    >>> model.compile("adam")
    >>> pairs = {"image": np.eye(64, 5), "text": np.eye(64, 5)}
    >>> _ = model.fit(pairs, np.arange(64) % 5, batch_size=32, verbose=0)
    >>> model.encode({"text": np.eye(5)})["text"].shape
    (5, 4)
    """

    def __init__(
        self,
        encoders: Mapping[str, layers.Layer],
        *,
        units: int = 192,
        loss: str = "clip",
        frozen: Sequence[str] = (),
        dropout: float = 0.0,
        temperature: float | None = None,
        margin: float = 0.2,
        mining: str = "semi-hard",
        chunk_size: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.modalities = check_names("encoders", encoders)
        self.encoders = {
            name: check_layer(f"encoders[{name!r}]", encoders[name]) for name in self.modalities
        }
        self.units = check_whole("units", units, least=1)
        self.dropout = check_share("dropout", dropout)
        self.loss_name = check_choice("loss", loss, tuple(TEMPERATURES))
        self.margin = check_number("margin", margin, least=0, most=2)
        self.mining = check_choice("mining", mining, MINING)
        self.chunk_size = check_chunk_size(chunk_size)
        if chunk_size is not None:
            self.supports_jit = False  # chunks may differ in size, which XLA does not take
        self.frozen = self._freeze(frozen)
        self.logit_scale = self._make_scale(temperature)
        self.projections = {
            name: UnitProjection(units, dropout=dropout, dtype=self.dtype_policy)
            for name in self.modalities
        }
        names = ["top_1", "chance_top_1", *["chance_loss"] * (loss == "clip")]
        self.scores = [keras.metrics.Mean(name) for name in names]

    def _freeze(self, frozen):
        """Return the names of the frozen encoders, which lose their trainable weights."""
        none = isinstance(frozen, (list, tuple)) and not frozen
        names = [] if none else check_list("frozen", frozen, "modalities")
        for name in names:
            check_choice("frozen", name, tuple(self.modalities))
            freeze(self.encoders[name])
        return tuple(names)

    def _make_scale(self, temperature):
        """Return the learnt temperature, or None for triplets, which have a margin instead."""
        self.temperature = temperature
        if self.loss_name == "triplet":
            if temperature is not None:
                raise ValueError(f"temperature must be None for triplets, got {temperature!r}")
            return None
        if temperature is None:
            temperature = TEMPERATURES[self.loss_name]
        check_number("temperature", temperature, least=0.01, most=1e6)
        bias = SIGLIP_BIAS if self.loss_name == "siglip" else None
        return LogitScale(1 / temperature, bias=bias, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the weights of both halves, and the temperature."""
        check_names("inputs", input_shape, self.modalities)
        for name in self.modalities:
            _, dtype = self._seen.get(name, (None, None))
            shape = build_layer(self.encoders[name], tuple(input_shape[name]), dtype)
            check_vector(name, shape, input_shape[name])
            self.projections[name].build(shape)
            if name in self.frozen:
                freeze(self.encoders[name])  # the weights, too, that were made just now
        if self.logit_scale is not None:
            self.logit_scale.build()
        self.built = True

    def _embed(self, name, array, training=None):
        """Return the embeddings of one modality, ``(batch, units)``, of length 1."""
        try:
            vectors = self.encoders[name](array, training=training and name not in self.frozen)
        except (TypeError, ValueError) as error:  # an encoder does not know its modality
            raise type(error)(f"inputs[{name!r}]: {error}") from error
        check_vector(name, vectors.shape, array.shape)
        return self.projections[name](vectors, training=training)

    def call(self, inputs, training=None):
        """Embed one modality or both."""
        return {name: self._embed(name, inputs[name], training) for name in inputs}

    def compute_output_shape(self, input_shape):
        """Return ``{modality: (batch, units)}``."""
        return {name: (shape[0], self.units) for name, shape in input_shape.items()}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the contrastive loss of a batch, and what the encoders add to it."""
        if sample_weight is not None:
            raise ValueError("sample_weight cannot be used with a loss of whole batches")
        a, b, ids = self._take_pairs(y, y_pred)
        if self.loss_name == "triplet":
            loss = triplet_of_units(a, b, self.margin, self.mining, ids)
        elif self.loss_name == "clip":
            loss = clip_of_units(a, b, self.logit_scale.scale, ids, self.chunk_size)
        else:
            scale, bias = self.logit_scale.scale, self.logit_scale.bias
            loss = siglip_of_units(a, b, scale, bias, ids, self.chunk_size)
        return sum((ops.cast(each, loss.dtype) for each in self.losses), loss)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Update top-1 retrieval within the batch, and what chance would reach."""
        scores = score_batch(*self._take_pairs(y, y_pred), self.chunk_size)
        for metric, score in zip(self.scores, scores, strict=False):
            metric.update_state(score)
        return super().compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def _take_pairs(self, y, y_pred):
        """Return both embeddings, and which item each pair is of, or None."""
        check_names("inputs", y_pred, self.modalities)
        a, b = (y_pred[name] for name in self.modalities)
        return a, b, check_matches(y, a.shape[0], a.shape[0])

    def encode(self, inputs: Mapping[str, Any], *, batch_size: int = 1024) -> dict[str, np.ndarray]:
        """Return the embeddings of one modality or both, ``{modality: (rows, units)}``.

        They have length 1. Two modalities may have different numbers of rows: images to search,
        and texts to search by. ``batch_size`` rows are encoded at once. Raises ``ValueError`` for
        other modalities, NaN, and what an encoder refuses.
        """
        names = check_names("inputs", inputs, self.modalities, part=True)
        size = check_whole("batch_size", batch_size, least=1)
        found = {}
        for name in names:
            array = self._look_at({name: inputs[name]})[name]
            parts = [array[start : start + size] for start in range(0, len(array), size)]
            found[name] = np.concatenate(
                [ops.convert_to_numpy(self({name: part}, training=False)[name]) for part in parts]
            )
        return found

    def similarity(self, inputs: Mapping[str, Any]) -> np.ndarray:
        """Return the cosine of each item of one modality with each of the other.

        Rows are those of the first modality by name, columns those of the second: ``(images,
        texts)`` of ``"image"`` and ``"text"``. Raises as `encode` does.
        """
        check_names("inputs", inputs, self.modalities)
        first, second = self.encode(inputs).values()
        return first @ second.T

    def half(self, modality: str) -> keras.Model:
        """Return the model of one modality alone, ``(batch, ...) -> (batch, units)``.

        It shares its weights with this one, and can be saved or exported by itself: ``export`` to
        ONNX, say, for a page that embeds only texts. Raises ``ValueError`` for another modality,
        and before this model was called once.
        """
        check_choice("modality", modality, tuple(self.modalities))
        if modality not in self._seen:
            raise ValueError(f"modality {modality!r} was never seen: call or fit the model first")
        (_, *shape), dtype = self._seen[modality]
        entrance = keras.Input(shape, dtype=dtype, name=f"input_{self.modalities.index(modality)}")
        return keras.Model(entrance, self._embed(modality, entrance))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "encoders": {name: serialize(layer) for name, layer in self.encoders.items()},
            "units": self.units,
            "loss": self.loss_name,
            "frozen": self.frozen,
            "dropout": self.dropout,
            "temperature": self.temperature,
            "margin": self.margin,
            "mining": self.mining,
            "chunk_size": self.chunk_size,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DualEncoder":
        """Make the model again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        encoders = {name: restore(layer) for name, layer in config["encoders"].items()}
        return cls(**{**config, "encoders": encoders})
