"""Classes of which no labelled sample was in training: compare a sample with words for them."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_number
from mmtutorial._vectors import check_vectors, normalize


def ensemble_prompts(prompts: ArrayLike | Mapping[Hashable, ArrayLike]) -> np.ndarray:
    """Which vector stands for a class that several sentences describe? Their mean direction.

    ``prompts`` holds the embeddings of some sentences for each class ("a photo of a dog", "a small
    dog"), ``(classes, prompts, dim)``, or ``{class: (prompts, dim)}``, not always as many. Each is
    normalised, so that a long one does not outweigh the others; their mean is normalised again.
    Returns ``(classes, dim)``, float64, in the order of the array or dict. Raises ``ValueError``
    for other shapes, for NaN, for a vector of zeros, and for prompts that cancel each other.
    Paper: Radford et al. 2021, Learning Transferable Visual Models From Natural Language
    Supervision, section 3.1.4.

    >>> ensemble_prompts({"dog": [[3, 4], [4, 3]], "cat": [[-1, 0]]}).round(2)
    array([[ 0.71,  0.71],
           [-1.  ,  0.  ]])
    """
    if isinstance(prompts, Mapping):
        rows = {f"prompts[{name!r}]": each for name, each in prompts.items()}
    else:
        table = check_array("prompts", _to_numpy(prompts))
        if table.ndim != 3:
            raise ValueError(
                "prompts must be of shape (classes, prompts, dim), or a dict of (prompts, dim), "
                f"got shape {table.shape}"
            )
        rows = {f"prompts[{number}]": each for number, each in enumerate(table)}
    if not rows:
        raise ValueError("prompts must hold at least one class, got none")
    means, dim = [], None
    for name, each in rows.items():
        vectors = normalize(check_vectors(name, _to_numpy(each), dim=dim))
        dim = vectors.shape[1]
        means.append(vectors.mean(axis=0))
        if np.abs(means[-1]).max() < 1e-9:
            raise ValueError(f"{name} must have a common direction; its prompts cancel each other")
    return normalize(np.stack(means))


def zero_shot_classify(
    embeddings: ArrayLike,
    prompts: ArrayLike | Mapping[Hashable, ArrayLike],
    *,
    logit_scale: float = 100.0,
) -> np.ndarray:
    """Which class fits a sample best, if all I have of the classes are words for them?

    Parameters
    ----------
    embeddings : of the samples, ``(items, dim)``, by one half of a `DualEncoder`
    prompts : of sentences about each class, by the other half, as `ensemble_prompts` takes them
    logit_scale : what cosines are multiplied by before the softmax, above 0: what training ended
        with; CLIP's is 100. It changes how sure the answers are, not which come first.

    Returns the logarithms of the probabilities, ``(items, classes)``, float64, the classes in the
    order of ``prompts``. They are to be trusted no more than the scale that was learnt for other
    data: see `fit_temperature`. Raises ``ValueError`` as `ensemble_prompts` does, and for vectors
    of another size. Paper: Radford et al. 2021, section 3.1.

    >>> classes = {"dog": [[3, 4], [4, 3]], "cat": [[-1, 0]]}
    >>> found = zero_shot_classify([[1, 1], [-2, 1]], classes, logit_scale=2)
    >>> np.exp(found).round(2)
    array([[0.97, 0.03],
           [0.08, 0.92]])
    """
    scale = check_number("logit_scale", logit_scale, above=0, most=1e6)
    classes = ensemble_prompts(prompts)
    vectors = check_vectors("embeddings", _to_numpy(embeddings), dim=classes.shape[1])
    logits = scale * normalize(vectors) @ classes.T
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def _to_numpy(given: Any) -> Any:
    """Return a tensor as an array, and all else as it is."""
    return ops.convert_to_numpy(given) if ops.is_tensor(given) else given
