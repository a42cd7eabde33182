"""The model that the project starts from: a CNN and an LSTM, concatenated."""

import keras
import numpy as np
from keras import layers

from mmtutorial._checks import check_array, check_whole
from mmtutorial._doors import Doors
from mmtutorial.encoders._base import check_ids, check_pictures, replace_unknown_ids
from mmtutorial.fusion._inputs import check_rows, to_arrays

MODALITIES = ["image", "text"]


@keras.saving.register_keras_serializable(package="mmtutorial")
class ReferenceModel(Doors, keras.Model):
    """A functional model that refuses what it does not know; Keras alone would warn, or guess."""

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and check the names, before Keras does."""
        return super().__call__(to_arrays(inputs, MODALITIES), *args, **kwargs)

    def _check_values(self, inputs):
        """Refuse pictures in bytes and unknown ids, where values can be seen; return the rows."""
        rows = next(x.input_dim for x in self.layers if isinstance(x, layers.Embedding))
        check_pictures("image", inputs["image"])
        check_ids("text", inputs["text"], rows)
        return rows

    def _look_at(self, inputs):
        if not isinstance(inputs, dict):
            return inputs
        arrays = to_arrays(inputs, MODALITIES)
        check_rows(arrays)
        self._check_values(arrays)
        return arrays

    def _look_at_targets(self, y):
        if isinstance(y, (np.ndarray, list)):
            truth = check_array("y", y)
            if truth.size and not 0 <= truth.min() <= truth.max() <= 1:
                raise ValueError(
                    f"y must hold 1 for a pair and 0 for none, got {truth.min()} to {truth.max()}"
                )
        return y

    def call(self, inputs, training=None, mask=None):
        """Say how likely picture and words belong together, ``(batch, 1)``."""
        image, text = inputs["image"], inputs["text"]
        inputs = {"image": image, "text": replace_unknown_ids(text, self._check_values(inputs))}
        return super().call(inputs, training=training, mask=mask)


def reference_model(
    *, image_size: int = 224, vocabulary_size: int = 10_000, text_length: int = 100
) -> keras.Model:
    """Do this picture and these words belong together? A CNN and an LSTM, concatenated.

    Three 3x3 convolutions (64, 128, 256 filters, ReLU, no padding), each followed by 2x2 max
    pooling, are flattened; ids run through an embedding of 64 and an LSTM of 64; both are
    concatenated and pass dense layers of 128 and 64 to one sigmoid. Compiled with Adam, binary
    cross-entropy and accuracy.

    Parameters
    ----------
    image_size : width and height, pixels, at least 22
    vocabulary_size : rows of the embedding table
    text_length : ids per text

    ``{"image": (batch, image_size, image_size, 3), "text": (batch, text_length)}`` ->
    ``(batch, 1)`` probabilities. With its defaults it has 23,211,649 parameters. Raises
    ``ValueError`` for an image too small for three rounds of convolution and pooling; the model
    raises it for a missing or unexpected modality.
    Papers: LeCun et al. 1998; Hochreiter and Schmidhuber 1997; Ngiam et al. 2011.

    >>> reference_model(image_size=32).count_params()
    1191553
    """
    check_whole("image_size", image_size, least=22)
    check_whole("vocabulary_size", vocabulary_size, least=2)
    check_whole("text_length", text_length, least=1)
    image = keras.Input((image_size, image_size, 3), name="image")
    maps = image
    for filters in (64, 128, 256):
        maps = layers.Conv2D(filters, 3, activation="relu")(maps)
        maps = layers.MaxPooling2D(2)(maps)
    image_vector = layers.Flatten(name="image_vector")(maps)

    text = keras.Input((text_length,), dtype="int32", name="text")
    words = layers.Embedding(vocabulary_size, 64)(text)
    text_vector = layers.LSTM(64, name="text_vector")(words)

    joint = layers.Concatenate(name="fusion")([image_vector, text_vector])
    joint = layers.Dense(128, activation="relu", name="joint")(joint)
    joint = layers.Dense(64, activation="relu")(joint)
    match = layers.Dense(1, activation="sigmoid", name="match")(joint)

    model = ReferenceModel({"image": image, "text": text}, match, name="reference_model")
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)  # or the first step would be traced twice
    return model
