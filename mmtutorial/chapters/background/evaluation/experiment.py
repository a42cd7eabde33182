"""A fusion that looks better than it is, for the chapter on evaluation."""

import keras
from keras import ops

from mmtutorial import encoders, fusion
from mmtutorial._checks import check_choice, check_like
from mmtutorial.tasks.emoji import FUSIONS, METHODS


@keras.saving.register_keras_serializable(package="mmtutorial")
class ProductFusion(fusion.Fusion):
    """Two vectors side by side and, below them, their product, number by number.

    ``{modality: (batch, dim)}`` of two modalities and one size -> ``(batch, 3 dim)``. The product
    lets the linear head behind it see interactions that a plain concatenation hides from it.
    Raises ``ValueError`` for another number of modalities, or two sizes.

    >>> vectors = {"image": ops.ones((1, 2)), "text": 3 * ops.ones((1, 2))}
    >>> ProductFusion()(vectors).numpy()
    array([[1., 1., 3., 3., 3., 3.]], dtype=float32)
    """

    def build_weights(self, shapes):
        """Refuse what has no product, number by number."""
        sizes = {name: shape[-1] for name, shape in shapes.items()}
        if len(sizes) != 2 or len(set(sizes.values())) != 1:
            raise ValueError(f"inputs must hold two modalities of one size, got {sizes}")

    def fuse(self, vectors, present):
        """Append the product of the two vectors."""
        first, second = vectors
        return ops.concatenate([first, second, first * second], axis=-1)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, 3 dim)``."""
        batch, size = next(iter(input_shape.values()))
        return (batch, 3 * size)


def build_product(task, method, recipe):
    """Build, for `train_model`, the encoders of the concatenation and a `ProductFusion`."""
    check_like("task", task, "an EmojiTask", "vocabulary", "classes")
    check_like("recipe", recipe, "a Recipe", "units", "image_dropout", "text_dropout")
    check_choice("method", method, METHODS + FUSIONS)  # any: they have these encoders in common
    parts = {
        "image": encoders.DenseEncoder(recipe.units, dropout=recipe.image_dropout),
        "text": encoders.TextBag(len(task.vocabulary), recipe.units, dropout=recipe.text_dropout),
    }
    return fusion.FusionClassifier(
        parts, ProductFusion(), task.classes, modality_dropout=recipe.modality_dropout
    )
