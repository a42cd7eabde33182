"""What every fusion layer shares: a dict of arrays comes in, in any order; a vector comes out."""

from keras import layers, ops

from mmtutorial.encoders._masks import average, check_mask, hide_padding


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


def find_mask(array, given=None):
    """Return the mask given or, failing that, the one that the layer before left, or None."""
    return getattr(array, "_keras_mask", None) if given is None else given


def pool(array, real=None):
    """Average a token sequence ``(batch, time, dim)`` over its real steps; a vector stays."""
    if len(array.shape) == 2:
        return array
    return ops.mean(array, axis=1) if real is None else average(array, real)


def masked_softmax(scores, present):
    """Share out 1 among the modalities present, ``(batch, modalities)``; zeros if none is."""
    present = ops.cast(present, "bool")
    shares = ops.softmax(ops.where(present, scores, ops.cast(-1e4, scores.dtype)))
    return ops.where(present, shares, ops.zeros_like(shares))


def check_units(units):
    """Return ``units``, if it is None or a size."""
    if units is not None and units < 1:
        raise ValueError(f"units must be at least 1 or None, got {units}")
    return units


def check_share(name, share):
    """Return ``share``, if it lies in 0..1 and is not 1."""
    if not 0 <= share < 1:
        raise ValueError(f"{name} must lie in 0..1 (1 excluded), got {share}")
    return share


class Fusion(layers.Layer):
    """Write a fusion of your own: say in ``fuse`` how a list of arrays becomes one vector.

    What your fusion need not care about, this base does: that names are right and in order, that
    types fit, that what is absent or padded cannot matter, and that a vector may come as a
    sequence. Then your fusion goes into `FusionClassifier` like those of the book.

    Write ``fuse`` and ``compute_output_shape``; with weights also ``make``, which gets a
    ``(batch, dim)`` for each modality, and with options ``get_config``. To save it, register the
    class with Keras. Two attributes say what it is:

    - ``takes``: ``fuse`` gets ``"vectors"`` (a token sequence comes as its average) or
      ``"tokens"`` (a vector comes as a sequence of one), in the order of ``self.modalities``.
    - ``level``: fusing a ``"representation"``, it has one head behind it in a classifier; fusing
      a ``"decision"``, it has one for each modality before it, and gets their logits.

    >>> class MeanFusion(Fusion):
    ...     def fuse(self, vectors, present):
    ...         return sum(vectors) / ops.maximum(sum(present), 1)
    ...
    ...     def compute_output_shape(self, input_shape):
    ...         batch, *_, dim = input_shape["image"]
    ...         return (batch, dim)
    >>> vectors = {"image": ops.array([[2.0, 4.0]]), "text": ops.array([[6.0, 0.0]])}
    >>> MeanFusion()(vectors).numpy()
    array([[4., 2.]], dtype=float32)
    >>> MeanFusion()(vectors, presence=[[True, False]]).numpy()
    array([[2., 4.]], dtype=float32)
    """

    level = "representation"
    takes = "vectors"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    @property
    def exact(self):
        """The type for what float16 cannot hold, such as logarithms of small probabilities."""
        return "float64" if self.compute_dtype == "float64" else "float32"

    def build(self, input_shape):
        """Remember the modalities and make the weights."""
        self.modalities = check_modalities(input_shape)
        for name in self.modalities:
            if len(input_shape[name]) not in (2, 3):
                raise ValueError(
                    f"{name!r} must have shape (batch, dim) or (batch, time, dim), "
                    f"got {tuple(input_shape[name])}"
                )
        self.make({name: (input_shape[name][0], input_shape[name][-1]) for name in self.modalities})

    def make(self, shapes):
        """Make the weights for vectors or tokens of these sizes; most fusions need none."""

    def call(self, inputs, presence=None, mask=None):
        """Fuse ``{modality: (batch, dim) or (batch, time, dim)}`` into ``(batch, dim')``.

        ``presence`` is boolean, ``(batch, modalities)`` in the order of the sorted names; what
        stands in an absent modality, NaN included, cannot matter. ``mask`` is a dict of boolean
        ``(batch, time)``, True where a step is real; without, it is what the encoders left.
        """
        return self.fuse(*self.prepare(inputs, presence, mask))

    def prepare(self, inputs, presence=None, mask=None):
        """Return what ``fuse`` gets: a list of arrays, and one of what is real in them."""
        check_modalities(inputs, self.modalities)
        present = {} if presence is None else split_presence(presence, self.modalities)
        arrays, real = [], []
        for name in self.modalities:
            array, here = inputs[name], present.get(name)
            if len(array.shape) == 3:
                here = self._find_steps(array, (mask or {}).get(name), here)
            array = ops.cast(array, self.compute_dtype)
            if here is not None:
                array = hide_padding(array, here)
            shaped = self._to_vector if self.takes == "vectors" else self._to_tokens
            array, here = shaped(array, here)
            arrays.append(array)
            real.append(here)
        return arrays, real

    def _find_steps(self, tokens, mask, present):
        """Say which steps are real, ``(batch, time)``, or None: all."""
        mask = find_mask(tokens, mask)
        if mask is None:
            if present is None:
                return None
            return ops.logical_and(present, ops.ones_like(tokens[..., 0], dtype="bool"))
        mask = check_mask(mask, tokens, "time")
        return mask if present is None else ops.logical_and(mask, present)

    def _to_vector(self, array, here):
        """Return a vector and a column of 0 and 1; a sequence without a real step is absent."""
        vector = pool(array, here)
        if here is None:
            return vector, ops.ones_like(vector[:, :1])
        if len(array.shape) == 3:
            here = ops.any(here, axis=1, keepdims=True)
        return vector, ops.cast(here, self.compute_dtype)

    def _to_tokens(self, array, here):
        """Return a sequence and its mask."""
        array = array[:, None, :] if len(array.shape) == 2 else array
        return array, ops.ones_like(array[..., 0], dtype="bool") if here is None else here

    def compute_mask(self, inputs, previous_mask=None):
        """Tell Keras that masks end here: one vector comes out."""

    def fuse(self, arrays, real):
        """Join what `prepare` returns.

        Vectors ``(batch, dim)`` are 0 where absent and come with a column of 0 and 1 each,
        ``(batch, 1)``; tokens ``(batch, time, dim)`` are 0 where absent or padded and come with
        a boolean ``(batch, time)`` each.
        """
        raise NotImplementedError(f"{type(self).__name__} must say in fuse how to fuse")
