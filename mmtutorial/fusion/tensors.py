"""Products of modalities: each number of one with each of another, in full or in short."""

from collections.abc import Callable, Mapping
from math import prod

import keras
from keras import layers, ops

from mmtutorial._checks import check_whole
from mmtutorial.fusion._kinds import SizedFusion

MAX_OUTPUT_SIZE = 2**20  # numbers per sample


@keras.saving.register_keras_serializable(package="mmtutorial")
class TensorFusion(SizedFusion):
    """Multiply each number of one modality with each number of every other.

    A 1 is put in front of each vector before the outer product, so that the result also holds
    each vector by itself, and the products of some modalities without the rest. Flattened, the
    last modality (by name) runs fastest. An absent modality leaves its 1 alone.

    Parameters
    ----------
    units : None, or the size that a dense layer with ReLU gives each vector first

    ``{modality: (batch, dim)}`` -> ``(batch, product of (dim + 1))``. It has no weights, or with
    ``units`` those of its dense layers, ``units * sum of (dim + 1)``. Raises ``ValueError`` if more
    than a million numbers would come out, or for a missing or unexpected modality.
    Paper: Zadeh et al. 2017, Tensor Fusion Network for Multimodal Sentiment Analysis.

    >>> TensorFusion()({"a": ops.array([[2.0]]), "b": ops.array([[3.0, 5.0]])}).numpy()
    array([[ 1.,  3.,  5.,  2.,  6., 10.]], dtype=float32)
    """

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the dense layers, if there are any; see that the product is not too large."""
        if self.result_size(shapes) > MAX_OUTPUT_SIZE:
            sizes = {name: self.units or shape[-1] for name, shape in shapes.items()}
            raise ValueError(
                f"units must be smaller: of vectors of sizes {sizes} the tensor would hold more "
                f"than {MAX_OUTPUT_SIZE:,} numbers per sample"
            )
        self.maps = {}
        if self.units is not None:
            for name, shape in shapes.items():
                self.maps[name] = layers.Dense(
                    self.units, "relu", name=self.layer_names[name], dtype=self.dtype_policy
                )
                self.maps[name].build(shape)

    def fuse(self, vectors, present):
        """Take the outer product of all vectors, each with a 1 in front."""
        tensor = None
        for name, vector, mask in zip(self.modalities, vectors, present, strict=True):
            if self.units is not None:
                vector = self.maps[name](vector) * mask
            vector = ops.concatenate([ops.ones_like(mask), vector], axis=-1)
            if tensor is None:
                tensor = vector
            else:
                product = tensor[:, :, None] * vector[:, None, :]
                tensor = ops.reshape(product, (-1, tensor.shape[-1] * vector.shape[-1]))
        return tensor

    def result_size(self, shapes: Mapping[str, tuple]) -> int:
        """Return the product of all sizes, each with its 1."""
        return prod((self.units or shape[-1]) + 1 for shape in shapes.values())


@keras.saving.register_keras_serializable(package="mmtutorial")
class LowRankTensorFusion(SizedFusion):
    """Do as `TensorFusion` and a linear layer do, without ever making the tensor.

    The linear layer's weights are a sum of ``rank`` products, one factor per modality; then the
    outer product need not be made: ``sum over r of w_r * product over m of ([1; h_m] F_m[r])``.
    With few terms that is a short cut, with enough of them (the tensor's size without the
    largest modality) it can be any linear layer.

    Parameters
    ----------
    units : size of the result; None is that of the widest vector
    rank : how many products are added up

    ``{modality: (batch, dim)}`` -> ``(batch, units)``. It has ``rank * units * sum of (dim + 1)``
    weights in factors ``(dim + 1, units, rank)``, one weight per rank, and ``units`` biases. An
    absent modality leaves its 1 alone. Raises ``ValueError`` for a missing or unexpected modality.
    Paper: Liu et al. 2018, Efficient Low-rank Multimodal Fusion with Modality-Specific Factors.

    >>> LowRankTensorFusion(4, rank=2)({"a": ops.ones((1, 3)), "b": ops.ones((1, 5))}).shape
    TensorShape([1, 4])
    """

    def __init__(self, units: int | None = None, rank: int = 4, **kwargs):
        super().__init__(units, **kwargs)
        self.rank = check_whole("rank", rank, least=1)

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make one factor per modality, of a spread that keeps the products near 1."""
        units = self.result_size(shapes)
        self.factors = [
            self.add_weight(
                shape=(shape[-1] + 1, units, self.rank),
                initializer=keras.initializers.RandomNormal(stddev=(shape[-1] + 1) ** -0.5),
                name=f"{self.layer_names[name]}_factor",
            )
            for name, shape in shapes.items()
        ]
        equal = keras.initializers.Constant(self.rank**-0.5)
        self.rank_weights = self.add_weight(shape=(self.rank,), initializer=equal, name="ranks")
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias")

    def fuse(self, vectors, present):
        """Add up the products of what each factor makes of its vector."""
        product = 1.0
        for vector, mask, factor in zip(vectors, present, self.factors, strict=True):
            vector = ops.concatenate([ops.ones_like(mask), vector], axis=-1)
            size, units, rank = factor.shape  # all ranks in one matrix product
            product = product * ops.matmul(vector, ops.reshape(factor, (size, units * rank)))
        product = ops.reshape(product, (-1, units, rank))
        return ops.matmul(product, self.rank_weights) + self.bias

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "rank": self.rank}


@keras.saving.register_keras_serializable(package="mmtutorial")
class MultiplicativeFusion(SizedFusion):
    """Bring all vectors to one size and multiply them, number by number.

    With a linear layer behind, and without ``activation``, this is a bilinear form of low rank:
    each answer is a weighted sum of products of a number of one modality and one of the other.

    Parameters
    ----------
    units : size of the result; None is that of the widest vector
    activation : name of what bends each projection before the product, or None

    ``{modality: (batch, dim)}`` -> ``(batch, units)``. An absent modality counts as 1, so the
    product is that of the others. It has ``units * sum of (dim + 1)`` weights. Raises
    ``ValueError`` for a missing or unexpected modality.
    Paper: Kim et al. 2017, Hadamard Product for Low-rank Bilinear Pooling.

    >>> MultiplicativeFusion(4)({"image": ops.ones((2, 3)), "text": ops.ones((2, 5))}).shape
    TensorShape([2, 4])
    """

    def __init__(
        self, units: int | None = None, *, activation: str | Callable | None = "tanh", **kwargs
    ):
        super().__init__(units, **kwargs)
        expected = f"activation must be the name of one of Keras or None, got {activation!r}"
        function = callable(activation) and not isinstance(activation, type)
        if not (activation is None or isinstance(activation, str) or function):
            raise TypeError(expected)
        try:
            keras.activations.get(activation)
        except ValueError as error:
            raise ValueError(expected) from error
        self.activation = activation

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make one projection per modality."""
        self.maps, size = {}, self.result_size(shapes)
        for name, shape in shapes.items():
            self.maps[name] = layers.Dense(
                size, self.activation, name=self.layer_names[name], dtype=self.dtype_policy
            )
            self.maps[name].build(shape)

    def fuse(self, vectors, present):
        """Multiply the projections of those present."""
        product = 1.0
        for name, vector, mask in zip(self.modalities, vectors, present, strict=True):
            product = product * ops.where(mask > 0, self.maps[name](vector), 1.0)
        return product

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "activation": self.activation}
