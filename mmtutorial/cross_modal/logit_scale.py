"""From cosines to logits: a learnt temperature, and for the sigmoid loss a learnt bias."""

import math
from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_number
from mmtutorial.encoders._base import to_array

MOST = 1e6  # that a scale or a bias may be


@keras.saving.register_keras_serializable(package="mmtutorial")
class LogitScale(layers.Layer):
    """How sure may a cosine make us? Multiply it by a learnt number, 1 / temperature.

    Cosines lie in -1..1, and a softmax over such logits says nearly the same of all. The factor is
    stored as its logarithm, and after each step of the optimizer cut off at ``maximum``, without
    which training may become unstable.

    Parameters
    ----------
    initial : the factor to begin with; 1 / 0.07 is that of CLIP, 10 that of SigLIP
    bias : a learnt number to add, by what it begins with, or None for none; SigLIP's is -10
    maximum : the largest factor, or None for any

    An array of cosines -> logits of the same shape. The properties ``scale`` and ``bias`` are the
    numbers to hand to `clip_loss` and `siglip_loss`, in float32. Raises ``ValueError`` for a factor
    that is not above 0, or is above ``maximum``. Papers: Radford et al. 2021, Learning Transferable
    Visual Models From Natural Language Supervision; Zhai et al. 2023, Sigmoid Loss for Language
    Image Pre-Training.

    >>> LogitScale(10.0, bias=-10.0)(ops.array([1.0, 0.0])).numpy().round(3)
    array([  0., -10.], dtype=float32)
    """

    def __init__(
        self,
        initial: float = 1 / 0.07,
        *,
        bias: float | None = None,
        maximum: float | None = 100.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if maximum is not None:
            check_number("maximum", maximum, above=0, most=MOST)
        most = MOST if maximum is None else maximum
        self.initial = check_number("initial", initial, above=0, most=most)
        if bias is not None:
            check_number("bias", bias, least=-MOST, most=MOST)
        self.initial_bias, self.maximum = bias, maximum

    def __call__(self, cosines: Any, *args, **kwargs) -> Any:
        """Turn a list into an array, before Keras refuses it."""
        return super().__call__(to_array("cosines", cosines), *args, **kwargs)

    def build(self, input_shape=None):
        """Make the weights, which are numbers."""
        self.log_scale = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(math.log(self.initial)),
            constraint=None if self.maximum is None else AtMost(math.log(self.maximum)),
            autocast=False,
            name="log_scale",
        )
        if self.initial_bias is not None:
            self.added = self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(self.initial_bias),
                autocast=False,
                name="bias",
            )

    @property
    def scale(self) -> Any:
        """The factor, 1 / temperature."""
        return ops.exp(ops.convert_to_tensor(self.log_scale))

    @property
    def bias(self) -> Any:
        """What is added, 0 without a bias."""
        if self.initial_bias is None:
            return ops.zeros((), self.log_scale.dtype)
        return ops.convert_to_tensor(self.added)

    def call(self, cosines):
        """Return logits."""
        logits = self.scale * ops.cast(cosines, self.log_scale.dtype) + self.bias
        return ops.cast(logits, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return the shape of the cosines."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {
            **super().get_config(),
            "initial": self.initial,
            "bias": self.initial_bias,
            "maximum": self.maximum,
        }


class AtMost(keras.constraints.Constraint):
    """Keeps a weight from growing beyond a number, after each step of the optimizer."""

    def __init__(self, most: float):
        self.most = most

    def __call__(self, weight: Any) -> Any:
        """Return the weight, or the number where it is larger."""
        return ops.minimum(weight, self.most)
