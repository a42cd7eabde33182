"""Find the words of a moving emoji, and the emoji of the words: does it help to see it move?"""

from functools import cache

import keras
import numpy as np
from keras import layers

from mmtutorial import data
from mmtutorial.applications.video.shipped import load_frames
from mmtutorial.cross_modal import DualEncoder
from mmtutorial.encoders import DenseEncoder, VideoEncoder
from mmtutorial.evaluation import median_rank, recall_at_k

METHODS = {
    "single frame": "average",
    "frame pooling": "average",
    "convolution over time": "conv",
    "recurrent (GRU)": "gru",
}
UNITS, EPOCHS, BATCH, SIZE = 64, 15, 64, 64
SPLITS = ("train", "validation", "test")


@cache
def load_clips() -> dict:
    """Return of each split what the frames' network sees of each emoji, and its words.

    ``video (clips, 16, 64)`` is the mean over the cells that the emoji covers; ``texts`` all words.
    """
    clips, (frames, _) = data.load_animated_emoji(), load_frames()
    found = {}
    for name in SPLITS:
        part = getattr(clips, name)
        pictures = part.inputs["video"].array()
        room = np.full((*pictures.shape[:2], SIZE, SIZE, 3), 255, np.uint8)
        edge = (SIZE - pictures.shape[2]) // 2
        room[:, :, edge:-edge, edge:-edge] = pictures
        grids = frames.describe(room)[:, :, 1:-1, 1:-1, : frames.units].astype(np.float32)
        found[name] = {
            "video": 8 * grids.mean(axis=(2, 3)),
            "texts": part.inputs["text"],
            "concept": part.targets["concept"],
        }
    return found


def draw_texts(texts, keywords=None, seed=0):
    """Return the mean word vector of each text, of all words or of some that are drawn."""
    vectors = data.load_word_vectors()
    return vectors.mean(
        texts if keywords is None else data.draw_keywords(texts, keywords, seed=seed)
    )


def show(video, method, rng=None):
    """Return what a method sees, ``(clips, frames, 8, 8, 1)``; of the first one frame alone."""
    if method == "single frame":
        places = np.full(len(video), 8) if rng is None else rng.integers(0, 16, len(video))
        video = video[np.arange(len(video)), places][:, None]
    return video.reshape(*video.shape[:2], 8, 8, 1)  # what a VideoEncoder takes for pictures


def train(method, rate, seed, *, epochs=EPOCHS):
    """Train a dual encoder of clips and words."""
    keras.utils.set_random_seed(seed)
    rng, part = np.random.default_rng(seed), load_clips()["train"]
    video = VideoEncoder(
        UNITS, frame_encoder=layers.Flatten(), temporal=METHODS[method], dropout=0.3
    )
    model = DualEncoder({"video": video, "text": DenseEncoder(2 * UNITS, dropout=0.3)}, units=UNITS)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-2))
    for epoch in range(epochs):
        order = rng.permutation(len(part["video"]))
        texts = draw_texts(part["texts"], 3, seed=1000 * seed + epoch)
        inputs = {"video": show(part["video"], method, rng)[order], "text": texts[order]}
        model.fit(inputs, part["concept"][order], batch_size=BATCH, shuffle=False, verbose=0)
    return model


def rank(model, split, method, *, shuffled=False, seed=0):
    """Return how similar each clip of a split is to each text, ``(clips, clips)``."""
    part = load_clips()[split]
    texts = draw_texts(part["texts"])
    if shuffled:
        texts = np.random.default_rng(seed).permutation(texts)
    made = model.encode({"video": show(part["video"], method), "text": texts})
    return np.asarray(made["video"]) @ np.asarray(made["text"]).T


def untrained(split, frames: int = 16):
    """Return the same of the frames' network alone, averaged over frames or of the middle one."""
    part, (model, _) = load_clips()[split], load_frames()
    video = part["video"][:, 8:9] if frames == 1 else part["video"]
    video = video.mean(axis=1)
    video /= np.linalg.norm(video, axis=1, keepdims=True)
    return video @ model.encode_text(draw_texts(part["texts"])).T


def score(similarity) -> dict[str, float]:
    """Return recall among the first ten and the median rank, in both directions."""
    return {
        "recall_at_10": float(recall_at_k(similarity, 10)),  # words for a clip
        "rank": float(median_rank(similarity)),
        "clips_recall_at_10": float(recall_at_k(similarity.T, 10)),  # a clip for words
        "clips_rank": float(median_rank(similarity.T)),
    }
