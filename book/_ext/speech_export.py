"""The shipped speech recogniser as one ONNX graph: from a wave to a score for each letter.

The spectrogram is part of the graph, so that a page needs nothing but samples. One wave at a time
has no padding: what the Keras layers do about it falls away. Every weight that half precision holds
without a change, as those of the package's files, is stored so.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mmtutorial.applications.speech._languages import RATE
from mmtutorial.encoders import AudioSeparableRNN
from mmtutorial.preprocessing import mel_filters
from mmtutorial.preprocessing.spectrogram import FLOOR

OPSET = 17  # the first with LayerNormalization


class Graph:
    """Collects nodes and stored arrays; each method returns the name of what it adds."""

    def __init__(self):
        self.nodes, self.stored = [], []

    def add(self, kind, *inputs, outputs=1, **options):
        """Add a node; return its output, or a list of several."""
        names = [f"{kind.lower()}_{len(self.nodes)}_{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **options))
        return names[0] if outputs == 1 else names

    def store(self, array):
        """Store whole numbers as they are, floats in half precision if that changes nothing."""
        array = np.asarray(array)
        if array.dtype.kind == "f":
            array = array.astype(np.float32)
            with np.errstate(over="ignore"):
                half = array.astype(np.float16)
            array = half if np.array_equal(half.astype(np.float32), array) else array
        name = f"stored_{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return self.float32(name) if array.dtype == np.float16 else name

    def float32(self, name):
        """Return an array as 32-bit floats."""
        return self.add("Cast", name, to=TensorProto.FLOAT)

    def dense(self, steps, layer):
        """Add a dense layer, without its activation."""
        product = self.add("MatMul", steps, self.store(layer.kernel))
        return self.add("Add", product, self.store(layer.bias))

    def batch_norm(self, maps, layer, size):
        """Add a batch normalization of axis 1, as it is after training."""
        scale = layer.gamma if layer.scale else np.ones(size, np.float32)
        shift = layer.beta if layer.center else np.zeros(size, np.float32)
        parts = (scale, shift, layer.moving_mean, layer.moving_variance)
        stored = map(self.store, parts)
        return self.add("BatchNormalization", maps, *stored, epsilon=layer.epsilon)

    def layer_norm(self, steps, layer):
        """Add a normalization of each step."""
        stored = self.store(layer.gamma), self.store(layer.beta)
        return self.add("LayerNormalization", steps, *stored, axis=-1, epsilon=layer.epsilon)


def add_log_mel(graph, wave, *, bands, window=0.025, step=0.010, low=0.0, high=None):
    """Add `log_mel`: ``(1, samples)`` -> ``(1, bands, frames)``.

    The Fourier transform is a convolution, whose kernels the graph makes of one table of cosines.
    """
    width, hop = round(window * RATE), round(step * RATE)
    size = 1 << (width - 1).bit_length()
    bins = size // 2 + 1
    missing = graph.add("Sub", graph.store(np.array([width])), graph.add("Shape", wave, start=1))
    missing = graph.add("Max", missing, graph.store(np.array([0])))
    ends = graph.add("Concat", graph.store(np.zeros(3, np.int64)), missing, axis=0)
    wave = graph.add("Unsqueeze", graph.add("Pad", wave, ends), graph.store(np.array([1])))
    places = graph.add(
        "Mul", graph.store(np.arange(bins)[:, None, None]), graph.store(np.arange(width))
    )
    angles = 2 * np.pi * np.arange(size) / size
    hann = graph.store(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width))
    squares = []
    for table in (np.cos(angles), np.sin(angles)):
        place = graph.add("Mod", places, graph.store(np.array(size)))
        kernel = graph.add("Mul", graph.add("Gather", graph.store(table), place), hann)
        part = graph.add("Conv", wave, kernel, strides=[hop])
        squares.append(graph.add("Mul", part, part))
    filters = mel_filters(sample_rate=RATE, bands=bands, fft_length=size, low=low, high=high)
    power = graph.add("MatMul", graph.store(filters.T), graph.add("Add", *squares))
    return graph.add("Log", graph.add("Max", power, graph.store(np.array(FLOOR))))


def add_convolutions(graph, seen, encoder):
    """Add what stands before the blocks: ``(1, bands, frames)`` -> ``(1, steps, numbers)``."""
    seen = graph.batch_norm(seen, encoder.standardise, encoder.bands)
    seen = graph.add("Transpose", seen, perm=[0, 2, 1])
    maps = graph.add("Unsqueeze", seen, graph.store(np.array([1])))
    for layer, norm in zip(encoder.convolutions, encoder.norms, strict=True):
        kernel = graph.store(np.transpose(layer.kernel, (3, 2, 0, 1)))
        border = [encoder.kernel_size // 2] * 4
        maps = graph.add("Conv", maps, kernel, strides=list(layer.strides), pads=border)
        maps = graph.add("Relu", graph.batch_norm(maps, norm, layer.filters))
    maps = graph.add("Transpose", maps, perm=[0, 2, 3, 1])
    size = encoder.project.kernel.shape[0]
    return graph.add("Reshape", maps, graph.store(np.array([1, -1, size])))


def add_block(graph, steps, block):
    """Add a residual block on ``(1, steps, width)``."""
    seen = graph.add("Transpose", graph.layer_norm(steps, block.norm), perm=[0, 2, 1])
    kernel = np.transpose(block.look.kernel, (1, 2, 0))
    options = {"group": len(kernel), "pads": [kernel.shape[2] // 2] * 2}
    seen = graph.add("Conv", seen, graph.store(kernel), graph.store(block.look.bias), **options)
    seen = graph.dense(graph.add("Transpose", seen, perm=[0, 2, 1]), block.expand)
    seen = graph.add("Mul", seen, graph.add("Sigmoid", seen))
    return graph.add("Add", steps, graph.dense(seen, block.shrink))


def add_gru(graph, steps, rnn, units):
    """Add a bidirectional GRU: ``(1, steps, width)`` -> ``(1, steps, units)``, as Keras orders it.

    Its gates come in the same order; the reset gate acts behind the product, as in Keras.
    """
    cells = [layer.cell for layer in (rnn.forward_layer, rnn.backward_layer)]
    parts = [
        np.stack([np.transpose(cell.kernel) for cell in cells]),
        np.stack([np.transpose(cell.recurrent_kernel) for cell in cells]),
        np.stack([np.reshape(cell.bias, -1) for cell in cells]),
    ]
    steps = graph.add("Transpose", steps, perm=[1, 0, 2])
    options = {"direction": "bidirectional", "hidden_size": units // 2, "linear_before_reset": 1}
    states, _ = graph.add("GRU", steps, *map(graph.store, parts), outputs=2, **options)
    states = graph.add("Transpose", states, perm=[2, 0, 1, 3])
    return graph.add("Reshape", states, graph.store(np.array([1, -1, units])))


def export_recognizer(recognizer):
    """Return a `Recognizer` as an ONNX model: ``wave`` -> ``logits``.

    ``wave`` is ``(1, samples)`` of float32 at 16 kHz, with at least one sample; ``logits`` is
    ``(steps, letters + 1)``. Raises ``TypeError`` for another encoder than `AudioSeparableRNN`.
    """
    encoder = recognizer.model.encoder
    if not isinstance(encoder, AudioSeparableRNN):
        raise TypeError(f"encoder must be an AudioSeparableRNN, got {type(encoder).__name__}")
    graph = Graph()
    steps = add_convolutions(graph, add_log_mel(graph, "wave", **recognizer.front_end), encoder)
    steps = graph.dense(steps, encoder.project)
    for block in encoder.blocks:
        steps = add_block(graph, steps, block)
    steps = add_gru(graph, graph.layer_norm(steps, encoder.last_norm), encoder.rnn, encoder.units)
    logits = graph.dense(steps, recognizer.model.head)
    graph.nodes.append(
        helper.make_node("Squeeze", [logits, graph.store(np.array([0]))], ["logits"])
    )
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "recognizer",
            [helper.make_tensor_value_info("wave", TensorProto.FLOAT, [1, "samples"])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["steps", None])],
            graph.stored,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,  # that of the operators; an older runtime refuses a newer one
    )
    onnx.checker.check_model(model)
    return model
