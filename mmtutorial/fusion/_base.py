"""What every fusion layer shares: a dict of vectors comes in, in any order; one comes out."""

from keras import layers, ops


def check_modalities(inputs, expected=None):
    """Return the sorted names of ``inputs``; say what is wrong if they are not ``expected``."""
    if not isinstance(inputs, dict):
        raise TypeError(
            "inputs must be a dict of arrays keyed by modality, such as "
            f"{{'image': ..., 'text': ...}}; got {type(inputs).__name__}"
        )
    names = sorted(inputs)
    if expected is None:
        if not names:
            raise ValueError("inputs must hold at least one modality, got an empty dict")
        return names
    takes = " and ".join(repr(name) for name in expected)
    for name in names:
        if name not in expected:
            raise ValueError(f"unexpected modality {name!r}; this model takes {takes}")
    for name in expected:
        if name not in inputs:
            raise ValueError(f"missing modality {name!r}; this model takes {takes}")
    return names


class Fusion(layers.Layer):
    """Base of the fusion layers: subclasses write ``fuse`` and, with weights, ``make``.

    ``level`` tells a classifier where to put its head: after the fusion of representations, or
    one for each modality before the fusion of decisions.
    """

    level = "representation"

    def build(self, input_shape):
        """Remember the modalities and make the weights."""
        self.modalities = check_modalities(input_shape)
        self.make({name: tuple(input_shape[name]) for name in self.modalities})

    def make(self, shapes):
        """Make the weights for vectors of these shapes; most fusions need none."""

    def call(self, inputs, presence=None):
        """Fuse ``{modality: (batch, dim)}`` into ``(batch, dim')``.

        ``presence`` is boolean, ``(batch, modalities)`` in the order of the sorted names; what
        stands in an absent vector, NaN included, cannot matter.
        """
        check_modalities(inputs, self.modalities)
        vectors = [ops.cast(inputs[name], self.compute_dtype) for name in self.modalities]
        if presence is None:
            return self.fuse(vectors, [ops.ones_like(vector[:, :1]) for vector in vectors])
        present = [ops.cast(presence, "bool")[:, i : i + 1] for i in range(len(vectors))]
        vectors = [
            ops.where(here, vector, ops.zeros_like(vector))
            for here, vector in zip(present, vectors, strict=True)
        ]
        return self.fuse(vectors, [ops.cast(here, self.compute_dtype) for here in present])

    def fuse(self, vectors, present):
        """Join vectors (0 where absent); ``present`` holds a 0/1 column ``(batch, 1)`` each."""
        raise NotImplementedError
