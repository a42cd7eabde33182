"""Where in a frame is what a description names? Grid features that can be compared with words."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_array, check_dict, check_sizes, check_whole
from mmtutorial.encoders._base import check_pictures, to_array

SHAPE = 5  # numbers of a cell beside its features: whether a thing is there, and its box


@keras.saving.register_keras_serializable(package="mmtutorial")
class FrameGrounder(keras.Model):
    """Which cell of a picture looks like these words? Cells and descriptions become comparable.

    A convolutional network makes of each cell of a grid three things: ``units`` numbers of length
    1, which training draws towards the description of the thing that covers the cell, and away
    from all other descriptions of the batch; a logit that any thing is there; and its box. A matrix
    makes of a description's vector as many numbers.

    Parameters
    ----------
    units : numbers of a cell and of a description
    filters : patterns of each stage, which halves the picture
    depth : further convolutions, each added to what it gets (a residual connection)

    ``{"image": (batch, height, width, 3) of floats in 0..1, "text": (batch, objects, dim)}`` ->
    ``{"grid": (batch, rows, columns, units + 5), "text": (batch, objects, units)}``, the logit
    behind the features, and then the distances to top, left, bottom and right of the box, in cells.
    ``fit`` takes what `grid_targets` makes. Raises ``ValueError`` for inputs of another shape.
    Papers: Radford et al. 2021 (the contrast); Redmon et al. 2016, You Only Look Once (a box in
    each cell).

    >>> model = FrameGrounder(8, filters=(4, 4))
    >>> out = model({"image": ops.ones((2, 16, 16, 3)), "text": ops.ones((2, 1, 6))})
    >>> out["grid"].shape, out["text"].shape
    (TensorShape([2, 4, 4, 13]), TensorShape([2, 1, 8]))
    """

    def __init__(
        self,
        units: int = 64,
        *,
        filters: Sequence[int] = (24, 48, 96),
        depth: int = 2,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.filters = check_sizes("filters", filters, least_count=1)
        self.depth = check_whole("depth", depth, least=0)
        strides = [2] * len(self.filters) + [1] * self.depth
        counts = [*self.filters, *[self.filters[-1]] * self.depth]
        sizes = [5, *[3] * (len(counts) - 1)]
        self.convolutions = [
            layers.Conv2D(count, size, strides=step, padding="same", use_bias=False)
            for count, size, step in zip(counts, sizes, strides, strict=True)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.95) for _ in counts]
        self.features = layers.Dense(units)
        self.shapes = layers.Dense(SHAPE)
        self.text = layers.Dense(units)

    def build(self, input_shape):
        """Make the weights for pictures of so many channels and vectors of so many numbers."""
        shape = tuple(input_shape["image"])
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            norm.build(shape)
        self.features.build(shape)
        self.shapes.build(shape)
        self.text.build(tuple(input_shape["text"]))
        start = keras.initializers.Constant(np.log(10.0))
        self.log_scale = self.add_weight(name="log_scale", shape=(), initializer=start)
        self.built = True

    def __call__(self, inputs: Mapping[str, Any], *args, **kwargs) -> Any:
        """Turn lists into arrays, and look at them, before Keras does."""
        check_dict("inputs", inputs, '{"image": images, "text": vectors}')
        if inputs.keys() != {"image", "text"}:
            raise ValueError(f"inputs must be image and text, got {list(inputs)}")
        inputs = {name: to_array(name, each) for name, each in inputs.items()}
        images, texts = (tuple(inputs[name].shape) for name in ("image", "text"))
        if len(images) != 4 or len(texts) != 3 or 0 in (*images, *texts) or images[3] != 3:
            raise ValueError(
                "inputs must hold image (batch, height, width, 3) and text (batch, objects, dim), "
                f"none of them 0, got {images} and {texts}"
            )
        check_pictures("image", inputs["image"])
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Mapping[str, Any], training=None):
        """Return the grid and the descriptions."""
        images, texts = inputs["image"], inputs["text"]
        return {"grid": self._see(images, training=training), "text": unit(self.text(texts))}

    def _see(self, images: Any, training=None) -> Any:
        """Return the grid of pictures, ``(batch, rows, columns, units + 5)``."""
        maps = images
        for place, (convolution, norm) in enumerate(
            zip(self.convolutions, self.norms, strict=True)
        ):
            seen = ops.relu(norm(convolution(maps), training=training))
            maps = seen if place < len(self.filters) else maps + seen
        return ops.concatenate([unit(self.features(maps)), self.shapes(maps)], axis=-1)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the contrast of things and words, plus that of things and none, plus boxes."""
        grid, texts, cells = y_pred["grid"], y_pred["text"], y["cells"]
        things = unit(ops.einsum("bohw,bhwd->bod", cells, grid[..., : self.units]))
        seen = ops.reshape(ops.max(cells, axis=(2, 3)), (-1,))
        contrast = contrast_loss(
            ops.reshape(things, (-1, self.units)),
            ops.reshape(texts, (-1, self.units)),
            ops.reshape(y["labels"], (-1,)),
            seen,
            ops.exp(self.log_scale),
        )
        taken = ops.max(cells, axis=1)
        logits, boxes = grid[..., self.units], grid[..., self.units + 1 :]
        empty = ops.mean(ops.binary_crossentropy(taken, logits, from_logits=True))
        off = ops.sum(ops.abs(boxes - y["boxes"]) * taken[..., None])
        return contrast + 2 * empty + 0.5 * off / (4 * ops.sum(taken) + 1)

    def describe(self, frames: np.ndarray, *, batch_size: int = 128) -> np.ndarray:
        """Return the grids of clips: ``(clips, time, height, width, 3)`` uint8 -> float16.

        The result is ``(clips, time, rows, columns, units + 5)``. Raises ``ValueError`` for frames
        of another shape, and ``TypeError`` for what are no bytes.
        """
        frames = check_array("frames", frames)
        if frames.dtype != np.uint8:
            raise TypeError(f"frames must be uint8, got {frames.dtype}")
        if frames.ndim != 5 or frames.shape[-1] != 3 or not frames.size:
            raise ValueError(
                "frames must be (clips, time, height, width, 3), none of them 0, got "
                f"{frames.shape}"
            )
        batch_size = check_whole("batch_size", batch_size, least=1)
        flat = frames.reshape(-1, *frames.shape[2:])
        parts = [
            ops.convert_to_numpy(self._see(flat[at : at + batch_size].astype(np.float32) / 255))
            for at in range(0, len(flat), batch_size)
        ]
        grids = np.concatenate(parts).astype(np.float16)
        return grids.reshape(*frames.shape[:2], *grids.shape[1:])

    def encode_text(self, vectors: np.ndarray) -> np.ndarray:
        """Return descriptions as the grid knows them: ``(n, dim)`` -> ``(n, units)``."""
        vectors = check_array("vectors", vectors, most=1e6)
        dim = self.text.kernel.shape[0]
        if vectors.ndim != 2 or not len(vectors) or vectors.shape[1] != dim:
            raise ValueError(f"vectors must be (n, {dim}), at least one, got {vectors.shape}")
        return ops.convert_to_numpy(unit(self.text(ops.convert_to_tensor(vectors, "float32"))))

    def get_config(self):
        """Return the arguments, so that the model survives save and reload."""
        names = ("units", "filters", "depth")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def unit(vectors: Any) -> Any:
    """Return vectors of length 1; one of length 0 stays."""
    return vectors / ops.sqrt(ops.sum(vectors * vectors, axis=-1, keepdims=True) + 1e-6)


def contrast_loss(things: Any, texts: Any, labels: Any, seen: Any, scale: Any) -> Any:
    """Return the mean cross-entropy of finding each thing's description, and each one's thing.

    ``things`` and ``texts`` are ``(n, units)`` of length 1, ``labels`` ``(n,)``: pairs of one label
    are no wrong answers to each other; ``seen`` ``(n,)`` is 0 where no thing is.
    """
    logits = scale * ops.matmul(things, ops.transpose(texts))
    other = labels[:, None] != labels[None]
    own = ops.cast(ops.eye(ops.shape(logits)[0]), "bool")
    counts = ops.logical_or(own, ops.logical_and(other, seen[:, None] * seen[None] > 0))
    logits = ops.where(counts, logits, -1e4 * ops.ones_like(logits))
    right = ops.diagonal(ops.log_softmax(logits, 1)) + ops.diagonal(ops.log_softmax(logits, 0))
    return -ops.sum(seen * right) / (2 * ops.sum(seen) + 1e-6)
