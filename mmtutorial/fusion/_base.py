"""What every fusion layer shares: a dict of arrays comes in, in any order; a vector comes out."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from mmtutorial.encoders._base import to_array
from mmtutorial.encoders._masks import apply_mask, check_mask, masked_mean
from mmtutorial.fusion._inputs import (
    ModalityLayer,
    check_masks,
    check_modalities,
    check_rows,
    check_shape,
    find_mask,
    layer_names,
    split_presence,
)


def pool_tokens(array: Any, mask: Any = None) -> Any:
    """Mean-pool a token sequence ``(batch, time, dim)`` over its real steps; a vector stays.

    Without a step, or a real one, the mean is zeros.
    """
    if len(array.shape) == 2:
        return array
    if mask is None and not array.shape[1]:  # no step, or a number of them that is not known yet
        mask = ops.ones_like(array[..., 0], dtype="bool")
    return ops.mean(array, axis=1) if mask is None else masked_mean(array, mask)


def masked_softmax(scores: Any, present: Any) -> Any:
    """Softmax over the modalities present, ``(batch, modalities)``; zeros if none is."""
    present = ops.cast(present, "bool")
    weights = ops.softmax(ops.where(present, scores, ops.cast(-1e4, scores.dtype)))
    return ops.where(present, weights, ops.zeros_like(weights))


class Fusion(ModalityLayer):
    """Base class for a fusion of your own: ``fuse`` says how a list of arrays becomes one vector.

    What your fusion need not care about, this base does: that names are right and in order, that
    types fit, that what is absent or padded cannot matter, and that a vector may come as a
    sequence. Then your fusion goes into `FusionClassifier` like those of the book.

    Write ``fuse`` and ``compute_output_shape``; with weights also ``build_weights``, which gets the
    shape ``(batch, dim)`` of each modality, and with options ``get_config``. To save it, register
    the class with Keras. Two attributes say what it is:

    - ``input_kind``: ``fuse`` gets ``"vectors"`` (a token sequence comes as its average) or
      ``"tokens"`` (a vector comes as a sequence of one), in the order of ``self.modalities``.
    - ``level``: fusing a ``"representation"``, it has one head behind it in a classifier; fusing
      a ``"decision"``, it has one for each modality before it, and gets their logits.

    >>> class MeanFusion(Fusion):
    ...     def fuse(self, vectors, present):
    ...         return sum(vectors) / ops.maximum(sum(present), 1)
    ...
    ...     def compute_output_shape(self, input_shape):
    ...         batch, *_, dim = input_shape["image"]
    ...         return (batch, dim)
    >>> vectors = {"image": ops.array([[2.0, 4.0]]), "text": ops.array([[6.0, 0.0]])}
    >>> MeanFusion()(vectors).numpy()
    array([[4., 2.]], dtype=float32)
    >>> MeanFusion()(vectors, presence={"image": [True], "text": [False]}).numpy()
    array([[2., 4.]], dtype=float32)
    """

    level = "representation"
    input_kind = "vectors"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    @property
    def stable_dtype(self) -> str:
        """The type for what float16 cannot hold, such as logarithms of small probabilities."""
        return "float64" if self.compute_dtype == "float64" else "float32"

    def build(self, input_shape):
        """Remember the modalities and make the weights."""
        self.modalities = check_modalities(input_shape)
        self.layer_names = layer_names(self.modalities)
        shapes = {name: tuple(input_shape[name]) for name in self.modalities}
        for name, shape in shapes.items():
            check_shape(name, shape)
        self.sizes = {name: shape[-1] for name, shape in shapes.items()}
        self.build_weights({name: (shape[0], shape[-1]) for name, shape in shapes.items()})

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the weights for vectors or tokens of these sizes; many fusions need none."""

    def call(self, inputs, presence=None, mask=None):
        """Fuse ``{modality: (batch, dim) or (batch, time, dim)}`` into ``(batch, dim')``.

        ``presence`` is boolean, ``{modality: (batch,)}``; an array ``(batch, modalities)`` in the
        order of the sorted names will do, too. What stands in an absent modality, NaN included,
        cannot matter. ``mask`` is a dict of boolean ``(batch, time)``, True where a step is real;
        without, it is what the encoders left. A sequence without a real step is absent.
        """
        return self.fuse(*self.prepare(inputs, presence, mask))

    def prepare(
        self, inputs: Mapping[str, Any], presence: Any = None, mask: Mapping[str, Any] | None = None
    ) -> tuple[list, list]:
        """Return what ``fuse`` gets: a list of arrays, and one of their masks."""
        check_modalities(inputs, self.modalities)
        inputs = {name: to_array(name, inputs[name]) for name in self.modalities}
        for name, array in inputs.items():
            check_shape(name, tuple(array.shape), self.sizes[name])
        present = {} if presence is None else split_presence(presence, self.modalities)
        check_rows({**inputs, **{f"presence of {name}": row for name, row in present.items()}})
        given = check_masks(mask, self.modalities)
        arrays, masks = [], []
        for name in self.modalities:
            array, mask = inputs[name], present.get(name)
            if len(array.shape) == 3:
                mask = self._token_mask(array, given.get(name), mask)
            array = ops.cast(array, self.compute_dtype)
            if mask is not None:
                array = apply_mask(array, mask)
            convert = self._to_vector if self.input_kind == "vectors" else self._to_tokens
            array, mask = convert(array, mask)
            arrays.append(array)
            masks.append(mask)
        return arrays, masks

    def _token_mask(self, tokens, mask, present):
        """Return which steps are real, ``(batch, time)``, or None: all."""
        mask = find_mask(tokens, mask)
        if mask is None:
            if present is None and tokens.shape[1]:
                return None
            present = True if present is None else present
            return ops.logical_and(present, ops.ones_like(tokens[..., 0], dtype="bool"))
        mask = check_mask(mask, tokens, "time")
        return mask if present is None else ops.logical_and(mask, present)

    def _to_vector(self, array, mask):
        """Return a vector and a column of 0 and 1; a sequence without a real step is absent."""
        vector = pool_tokens(array, mask)
        if mask is None:
            return vector, ops.ones_like(vector[:, :1])
        if len(array.shape) == 3:
            mask = ops.any(mask, axis=1, keepdims=True)
        return vector, ops.cast(mask, self.compute_dtype)

    def _to_tokens(self, array, mask):
        """Return a sequence and its mask."""
        array = array[:, None, :] if len(array.shape) == 2 else array
        return array, ops.ones_like(array[..., 0], dtype="bool") if mask is None else mask

    def compute_mask(self, inputs, previous_mask=None):
        """Tell Keras that masks end here: one vector comes out."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload; add your own."""
        return super().get_config()  # Keras asks for this method where ``dtype`` is a policy

    def fuse(self, arrays: list, masks: list) -> Any:
        """Fuse what `prepare` returns.

        Vectors ``(batch, dim)`` are 0 where absent and come with a column of 0 and 1 each,
        ``(batch, 1)``; tokens ``(batch, time, dim)`` are 0 where absent or padded and come with
        a boolean ``(batch, time)`` each.
        """
        raise NotImplementedError(f"{type(self).__name__} must say in fuse how to fuse")
