"""What the chapter compares with a dual encoder: one with few negatives, and no training."""

import numpy as np
from keras import ops

from mmtutorial._checks import check_array, check_dict, check_number, check_whole
from mmtutorial._vectors import normalize
from mmtutorial.cross_modal import DualEncoder
from mmtutorial.tasks import fit_ridge_map

TINY = 1e-12  # so that what resembles no anchor still has a direction
TIE = 1e-9  # drawings of one concept have the same words, and stay or go together


class FewNegatives(DualEncoder):
    """A dual encoder in whose batch each pair has but a few negatives: those of its group.

    ``group`` rows of a batch that follow each other are a group. Batch, steps and noise of the
    gradient stay what they are; only the number of candidates changes.
    """

    def __init__(self, encoders, *, group, **options):
        super().__init__(encoders, **options)
        self.group = check_whole("group", group, least=2)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the loss, in which pairs of other groups are left out like duplicates."""
        groups = ops.arange(ops.shape(y)[0]) // self.group
        others = ops.not_equal(groups[:, None], groups)
        left_out = ops.logical_or(others, ops.equal(y[:, None], y))
        return super().compute_loss(x, left_out, y_pred, sample_weight, training)


class RidgeEncoder:
    """Predict the text's vector from the image by ridge regression, and compare directions.

    ``inputs`` is ``{"image": (pairs, dim), "text": (pairs, dim)}``, ``penalty`` as in
    `fit_ridge_map`. `encode` takes such inputs, one modality or both, and returns vectors of
    length 1.
    """

    def __init__(self, inputs, *, penalty):
        inputs = _check_pairs(inputs)
        self._center = inputs["text"].mean(axis=0)
        self._map = fit_ridge_map(inputs["image"], inputs["text"], penalty=penalty)

    def encode(self, inputs):
        """Return ``{modality: (rows, dim)}``."""
        told = {"image": self._map.predict, "text": np.asarray}
        inputs = check_dict("inputs", inputs, '{"image": array}')
        return {name: normalize(told[name](v) - self._center) for name, v in inputs.items()}


class RelativeEncoder:
    """Describe an image by its likeness to known images, a text by its likeness to known texts.

    Nothing is trained. The known pairs are the anchors; the cosines to all but the ``nearest`` are
    set to 0, the others raised to a ``power``. Images and texts then share a space, one number per
    anchor. Papers: Moschella et al. 2023, Relative Representations Enable Zero-Shot Latent Space
    Communication; Norelli et al. 2023, ASIF: Coupled Data Turns Unimodal Models to Multimodal
    Without Training.

    Parameters
    ----------
    inputs : the anchors, ``{"image": (pairs, dim), "text": (pairs, dim)}``
    nearest : how many anchors describe an item
    power : to which their cosines are raised

    `encode` takes such inputs, one modality or both, and returns vectors of length 1.
    """

    def __init__(self, inputs, *, nearest, power):
        inputs = _check_pairs(inputs)
        self._nearest = check_whole("nearest", nearest, least=1, most=len(inputs["image"]))
        self._power = check_number("power", power, above=0)
        self._centers = {name: vectors.mean(axis=0) for name, vectors in inputs.items()}
        self._anchors = {name: self._direct(name, vectors) for name, vectors in inputs.items()}

    def _direct(self, name, vectors):
        return normalize(check_array(f"inputs[{name!r}]", vectors) - self._centers[name])

    def encode(self, inputs):
        """Return ``{modality: (rows, anchors)}``."""
        found = {}
        for name, vectors in check_dict("inputs", inputs, '{"image": array}').items():
            cosines = np.maximum(self._direct(name, vectors) @ self._anchors[name].T, 0)
            least = np.partition(cosines, -self._nearest, axis=1)[:, [-self._nearest]]
            kept = np.where(cosines >= least - TIE, cosines**self._power, 0)
            found[name] = normalize(kept + TINY).astype(np.float32)
        return found


def _check_pairs(inputs):
    """Return images and texts, as many of each, as arrays of float."""
    inputs = check_dict("inputs", inputs, '{"image": array, "text": array}')
    if set(inputs) != {"image", "text"}:
        raise ValueError(f"inputs must hold image and text, got {sorted(inputs)}")
    found = {name: check_array(f"inputs[{name!r}]", v).astype(float) for name, v in inputs.items()}
    shapes = {name: v.shape for name, v in found.items()}
    if {v.ndim for v in found.values()} != {2} or len({v[0] for v in shapes.values()}) != 1:
        raise ValueError(f"inputs must be (pairs, dim), of as many pairs, got {shapes}")
    return found
