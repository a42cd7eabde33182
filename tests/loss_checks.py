"""The value of a loss and its gradients, on any backend, and by finite differences."""

import keras
import numpy as np
from layer_checks import to_numpy


def value_and_gradients(loss, *arrays, eager=True):
    """Return ``loss(*arrays)`` and its gradient with respect to each array.

    One step of plain descent moves a weight that is added to each array, and begins at zero, by
    minus the gradient: nothing is rounded.
    """

    class Shifted(keras.Model):
        def build(self, _=None):
            self.shifts = [
                self.add_weight(np.shape(array), initializer="zeros", name=f"shift_{i}")
                for i, array in enumerate(arrays)
            ]
            self.built = True

        def call(self, x):
            return x

        def compute_loss(self, *_, **__):
            return loss(*(keras.ops.convert_to_tensor(array) + shift
                          for array, shift in zip(arrays, self.shifts, strict=True)))  # fmt: skip

    model = Shifted(dtype=str(np.asarray(arrays[0]).dtype))
    model.build()
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False, run_eagerly=eager)
    value = model.train_on_batch(np.zeros((1, 1), np.asarray(arrays[0]).dtype))
    return float(value), [-to_numpy(shift) for shift in model.shifts]


def finite_differences(loss, *arrays, step=1e-5):
    """Return the slope of a loss in each number of each array of float64, by two more values."""
    found = []
    for place, array in enumerate(arrays):
        slopes = np.zeros(np.shape(array))
        for entry in np.ndindex(slopes.shape):
            values = []
            for sign in (1, -1):
                moved = [np.array(each) for each in arrays]
                moved[place][entry] += sign * step
                values.append(float(loss(*moved)))
            slopes[entry] = (values[0] - values[1]) / (2 * step)
        found.append(slopes)
    return found
