"""A look at images and texts before a model reads them."""

from typing import Any

import numpy as np

from mmtutorial._checks import check_dict
from mmtutorial.encoders._base import check_ids, to_array
from mmtutorial.preprocessing.vocabulary import PADDING


def check_texts(inputs: Any, modalities: tuple[str, ...], tokens: int) -> dict[str, Any]:
    """Return the inputs as arrays: an image, and rows of ids below ``tokens``, as many as images.

    ``modalities`` names the image, and then the texts. The last may have padding at its end alone.
    """
    check_dict("inputs", inputs, "{" + ", ".join(f"{name!r}: ..." for name in modalities) + "}")
    takes = " and ".join(map(repr, modalities))
    for name in modalities:
        if name not in inputs:
            raise ValueError(f"missing modality {name!r}; this model takes {takes}")
    for name in inputs:
        if name not in modalities:
            raise ValueError(f"unexpected modality {name!r}; this model takes {takes}")
    image, *texts = (to_array(name, inputs[name]) for name in modalities)
    for name, ids in zip(modalities[1:], texts, strict=True):
        if len(ids.shape) != 2 or len(image.shape) < 1 or ids.shape[0] != image.shape[0]:
            raise ValueError(
                f"{name} must be ids, (batch, time), of as many rows as there are images, (batch, "
                f"...); got shapes {tuple(ids.shape)} and {tuple(image.shape)}"
            )
        check_ids(name, ids, tokens)
    if isinstance(ids, np.ndarray) and np.any((ids[:, :-1] == PADDING) & (ids[:, 1:] != PADDING)):
        raise ValueError(f"{name} must have its padding, 0, at the end")
    return dict(zip(modalities, (image, *texts), strict=True))


def check_image(name: str, image: Any, built: tuple | None, encoder: Any) -> None:
    """Refuse images of another shape than the model was built for, or what its encoder refuses."""
    shape = tuple(image.shape)
    first = (None, *(built or shape)[1:])
    if len(shape) < 2 or len(shape) != len(first) or first[-1] != shape[-1]:
        raise ValueError(f"{name} must have a shape such as {first}, got {shape}")
    if hasattr(encoder, "check_values") and isinstance(image, np.ndarray):
        encoder.check_values(image)
