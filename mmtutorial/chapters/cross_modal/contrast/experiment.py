"""What several cells and studies of the chapter do: build variants, and measure one space."""

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike

from mmtutorial import data, encoders
from mmtutorial._checks import check_choice, check_whole
from mmtutorial._vectors import check_vectors, normalize
from mmtutorial.chapters.cross_modal.contrast.encoders import FewNegatives
from mmtutorial.chapters.cross_modal.contrast.pairs import word_rows
from mmtutorial.cross_modal import LogitScale
from mmtutorial.tasks import build_dual_encoder

TABLES = ("locked", "tuned", "scratch")  # what becomes of the vectors of words


def build_variant(task, recipe, *, group=None, temperature=None, bias=None):
    """Build a dual encoder with few negatives, or with a temperature that is not learnt.

    ``group`` is None or how many rows of a batch are candidates of each other, ``temperature`` None
    or what cosines are divided by from the first step to the last, ``bias`` None or what that of
    the sigmoid loss begins with.
    """
    model = build_dual_encoder(task, recipe.replace(temperature=temperature or recipe.temperature))
    if group is not None:
        options = {"units": recipe.units, "loss": recipe.loss, "temperature": model.temperature}
        model = FewNegatives(model.encoders, group=group, **options)
    if temperature is not None:
        model.logit_scale.trainable = False
    if bias is not None:
        model.logit_scale = LogitScale(model.logit_scale.initial, bias=bias)
    return model


def build_word_table(task, recipe, *, table):
    """Build a dual encoder that looks words up in a table of its own, for `WordPairs`.

    ``table`` is ``"locked"``: the frozen vectors stay as they are; ``"tuned"``: training begins
    with them and changes them; or ``"scratch"``: with random ones.
    """
    check_choice("table", table, TABLES)
    vectors = data.load_word_vectors().encode(list(word_rows()))
    start = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors])
    start /= np.float32(task.text_scales["features"])
    initial = keras.initializers.Constant(start)
    if table == "scratch":
        initial = keras.initializers.RandomNormal(0, float(start.std()))
    look_up = layers.Embedding(
        len(start),
        start.shape[1],
        mask_zero=True,
        embeddings_initializer=initial,
        trainable=table != "locked",
    )
    read = encoders.DenseEncoder(recipe.hidden, dropout=recipe.dropout)
    model = build_dual_encoder(task, recipe)
    parts = {
        "image": model.encoders["image"],
        "text": keras.Sequential([look_up, layers.GlobalAveragePooling1D(), read]),
    }
    return type(model)(parts, units=recipe.units, loss=recipe.loss)


def modality_gap(images: ArrayLike, texts: ArrayLike) -> float:
    """How far are images from texts? The distance of the means, of vectors of length 1.

    Both are ``(rows, dim)``. 0 where the means fall together, 2 at most. Raises ``ValueError`` for
    other shapes and for vectors without a direction. Paper: Liang et al. 2022, Mind the Gap.

    >>> modality_gap([[1.0, 0.0]], [[-3.0, 0.0]])
    2.0
    """
    images = check_vectors("images", images)
    texts = check_vectors("texts", texts, dim=images.shape[1])
    means = [normalize(each).mean(axis=0) for each in (images, texts)]
    return float(np.linalg.norm(means[0] - means[1]))


def share_of_images(
    queries: ArrayLike, images: ArrayLike, texts: ArrayLike, *, k: int = 10
) -> float:
    """What share of the first ``k`` results are images, where images and texts are one collection?

    ``queries``, ``images`` and ``texts`` are ``(rows, dim)``; the nearest by cosine come first. A
    query does not find itself: what has a cosine of 1 with it is left out. Raises ``ValueError``
    for other shapes and for a ``k`` beyond the collection.

    >>> share_of_images([[1.0, 0.0]], [[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.1]], k=2)
    0.5
    """
    queries = normalize(check_vectors("queries", queries))
    images = normalize(check_vectors("images", images, dim=queries.shape[1]))
    texts = normalize(check_vectors("texts", texts, dim=queries.shape[1]))
    check_whole("k", k, least=1, most=len(images) + len(texts))
    cosines = queries @ np.concatenate([images, texts]).T
    cosines[cosines > 1 - 1e-6] = -2
    first = np.argsort(-cosines, axis=1)[:, :k]
    return float(np.mean(first < len(images)))
