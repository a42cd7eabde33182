"""Put the features of a frozen text encoder in the place of a data set's texts."""

from dataclasses import replace

import numpy as np

from mmtutorial.data.dataset import Card, Split
from mmtutorial.data.word_vectors import load_word_vectors

TEXTS = ("words", "features")


def encode_texts(split: Split) -> Split:
    """Return the split with (n, dim) float32 texts: the mean over keywords, zeros where none is."""
    vectors, texts = load_word_vectors(), split.inputs["text"]
    there = texts != ""
    features = np.zeros((len(texts), vectors.dim), np.float32)
    features[there] = vectors.mean(texts[there])
    return replace(split, inputs={**split.inputs, "text": features})


def add_encoder(card: Card) -> Card:
    """Return the card with the encoder among the sources, and what one should know of it."""
    encoder = load_word_vectors().card
    licences = dict.fromkeys([*card.licence.split(", "), *(row[2] for row in encoder.source)])
    return replace(
        card,
        source=card.source + encoder.source,
        licence=", ".join(licences),
        flaws=card.flaws + encoder.flaws,
    )
