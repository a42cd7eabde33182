"""An image -> words: a decoder that reads the image as its first tokens."""

from typing import Any, NamedTuple

import keras
import numpy as np

from mmtutorial.cross_modal._prefix_model import PrefixModel


class Captions(NamedTuple):
    """What a model wrote about some images."""

    texts: list[str]
    log_p: np.ndarray  # (images,): how probable the model finds each text
    ids: np.ndarray  # (images, length) of int32, 0 is padding


@keras.saving.register_keras_serializable(package="mmtutorial")
class Captioner(PrefixModel):
    """What does the image show? Write it, one word after the other.

    The image becomes ``prefix`` tokens, which a small transformer reads before the words. In
    training it reads the right words and learns to tell the next one (teacher forcing): ``fit``
    takes ``{"image": ..., "text": ids}`` and no ``y``, the loss is the cross-entropy of the real
    tokens and the end. `caption` writes.

    Parameters
    ----------
    vocabulary : the tokens that it can write, a `Vocabulary`; it gets ``<begin>`` and ``<end>``
    units : numbers for each token
    encoder : None for vectors or tokens, or a layer that makes them of images, trained as well
    prefix : how many tokens the vector of an image becomes; tokens keep their number
    projector_hidden : size of a hidden layer between image and tokens, 0 for a linear map
    num_layers, heads, hidden, max_length, dropout : of the `TransformerDecoder`

    ``{"image": (batch, dim) or (batch, time, dim), "text": (batch, time)}`` -> logits ``(batch,
    time + 1, len(vocabulary))`` of each token of the text and of its end. Raises ``ValueError`` for
    a missing or unexpected modality, ids that are not in the vocabulary, other shapes. Papers:
    Vinyals et al. 2015, Show and Tell (the task); Mokady et al. 2021, ClipCap (image as a prefix).

    >>> from mmtutorial.preprocessing import Vocabulary
    >>> captioner = Captioner(Vocabulary.fit([["red", "heart"]]), 16)
    >>> captioner({"image": np.ones((2, 8)), "text": np.array([[2, 3], [2, 0]])}).shape
    TensorShape([2, 3, 6])
    """

    modalities = ("image", "text")

    def caption(
        self,
        images: Any,
        *,
        method: str = "greedy",
        beam_size: int = 4,
        length_penalty: float = 1.0,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int = 0,
        max_length: int | None = None,
    ) -> Captions:
        """Write a caption for each image.

        Parameters
        ----------
        images : as in training
        method : ``"greedy"``, the most probable word each time; ``"beam"``, the best of several
            candidates that grow side by side; ``"sample"``, each word by its probability
        beam_size : how many candidates
        length_penalty : how much longer captions are favoured, see `beam_search`
        temperature : below 1, probable words become more so
        top_p : draw from the fewest words that reach this probability together
        seed : of the draws
        max_length : most tokens to write; None is as many as the decoder has room for

        Returns texts, log-probabilities (as the model gives them, whatever the method) and ids.
        """
        options = {"method": method, "beam_size": beam_size, "length_penalty": length_penalty,
                   "temperature": temperature, "top_p": top_p, "seed": seed}  # fmt: skip
        written = self._write({"image": images}, max_length, options)
        return Captions(self._texts(written.ids), written.log_p, written.ids)
