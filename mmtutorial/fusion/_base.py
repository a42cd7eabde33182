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


def split_presence(presence, names):
    """Cut ``presence``, ``(batch, modalities)``, into one boolean ``(batch, 1)`` a modality."""
    presence = ops.cast(ops.convert_to_tensor(presence), "bool")
    if len(presence.shape) != 2 or presence.shape[-1] != len(names):
        raise ValueError(
            f"presence must have shape (batch, {len(names)}), one column for each of "
            f"{' and '.join(repr(name) for name in names)}; got {tuple(presence.shape)}"
        )
    return {name: presence[:, i : i + 1] for i, name in enumerate(names)}


def hide_absent(inputs, present):
    """Put zeros where a modality is absent; a product would not do, since 0 x NaN is NaN."""
    hidden = {}
    for name, here in present.items():
        array = ops.convert_to_tensor(inputs[name])
        here = ops.reshape(here, (-1, *[1] * (len(array.shape) - 1)))
        hidden[name] = ops.where(here, array, ops.zeros_like(array))
    return hidden


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
        vectors = {name: ops.cast(inputs[name], self.compute_dtype) for name in self.modalities}
        if presence is None:
            present = {name: ops.ones_like(vector[:, :1]) for name, vector in vectors.items()}
        else:
            present = split_presence(presence, self.modalities)
            vectors = hide_absent(vectors, present)
        columns = [ops.cast(here, self.compute_dtype) for here in present.values()]
        return self.fuse(list(vectors.values()), columns)

    def fuse(self, vectors, present):
        """Join vectors (0 where absent); ``present`` holds a 0/1 column ``(batch, 1)`` each."""
        raise NotImplementedError
