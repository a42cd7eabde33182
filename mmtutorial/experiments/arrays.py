"""What does a wrong array cost? One small model, fed by right and by wrong preprocessing."""

import keras
import numpy as np

from mmtutorial import data, encoders
from mmtutorial.experiments.alone import train_alone
from mmtutorial.experiments.linear import fit_linear
from mmtutorial.preprocessing import (
    Vocabulary,
    augment_image,
    crop_image,
    flip_image,
    log_mel,
    resample_audio,
    resize_image,
    rotate_image,
    scale_image,
    tokenize,
)

SIDE, COPIES = 32, 3  # pixels; augmented copies of the training pictures
UNITS = ("space", "word", "char", "subword")


def cut_name(name, *, language, unit):
    """Cut a name into tokens; unit ``"space"`` cuts at spaces and nowhere else.

    >>> cut_name("红心", language="zh", unit="space")
    ['红心']
    """
    if unit == "space":
        return name.casefold().split()
    return tokenize(name, language=language, unit=unit)


def name_arrays(*, language, unit):
    """Turn the names of emoji into token ids: of training concepts, and of unseen ones.

    Returns a dict: ``"train"`` and ``"test"``, each ``(ids, group)`` with ids of shape
    ``(names, length)``, every name once; the ``"vocabulary"`` of the training names; and
    ``"unknown"``, the share of the test names' tokens that it does not hold.

    >>> name_arrays(language="en", unit="char")["unknown"] < 0.01
    True
    """
    emoji = data.load_emoji(image="features", language=language)
    tokens, groups = {}, {}
    for side in ("train", "test"):
        split = getattr(emoji, side)
        names, rows = np.unique(split.info["name"], return_index=True)
        tokens[side] = [cut_name(str(name), language=language, unit=unit) for name in names]
        groups[side] = split.targets["group"][rows]
    vocabulary = Vocabulary.fit(tokens["train"])
    length = max(map(len, tokens["train"] + tokens["test"]))
    ids = {side: vocabulary.encode(tokens[side], length=length) for side in tokens}
    return {
        **{side: (ids[side], groups[side]) for side in tokens},
        "vocabulary": vocabulary,
        "unknown": float(np.sum(ids["test"] == 1) / np.sum(ids["test"] != 0)),
    }


def train_names(arrays, *, seed, epochs=12):
    """Learn the group of an emoji from its name: an average of embeddings and a linear layer.

    ``arrays`` is what `name_arrays` returns. Returns the model, which gives logits.
    """

    def encoder():
        return encoders.TextBag(len(arrays["vocabulary"]), 128, dropout=0.3)

    ids, groups = arrays["train"]
    classes = int(groups.max()) + 1
    model, _ = train_alone(
        encoder, lambda epoch: ids, groups, classes=classes, epochs=epochs, seed=seed
    )
    return model


def _squeeze(images):
    """Make a wide picture fit by squeezing it to half its width, white left and right."""
    narrow = resize_image(images, (SIDE, SIDE // 2))
    sides = ((0, 0), (0, 0), (SIDE // 4, SIDE // 4), (0, 0))
    return np.pad(narrow, sides, constant_values=255)


def _cut_middle(images):
    quarter = SIDE // 4
    window = crop_image(images, top=quarter, left=quarter, height=2 * quarter, width=2 * quarter)
    return resize_image(window, SIDE)


CARELESS = {  # bytes (pictures, 32, 32, 3) -> what the model gets
    "as in training": scale_image,
    "not scaled: 0 to 255": lambda images: images.astype(np.float32),
    "blue for red": lambda images: scale_image(images[..., ::-1]),
    "mirrored": lambda images: scale_image(flip_image(images)),
    "turned by 90°": lambda images: scale_image(rotate_image(images, 90)),
    "squeezed": lambda images: scale_image(_squeeze(images)),
    "8 pixels, enlarged": lambda images: scale_image(resize_image(resize_image(images, 8), SIDE)),
    "middle half, enlarged": lambda images: scale_image(_cut_middle(images)),
}


def load_pictures():
    """Load emoji of 32 pixels: three artists to learn from, an unseen one to test on."""
    return data.load_emoji(size=SIDE, artists=("noto", "twemoji", "openmoji"))


def train_pictures(emoji, *, seed, epochs=10, scale=scale_image, max_rotation=10, batch_norm=True):
    """Learn the group of an emoji from its picture: `ImageCNN` from its first random weights.

    Parameters
    ----------
    emoji : what `load_pictures` returns
    scale : turns bytes into what the model gets, in training
    max_rotation : largest turn of an augmented picture, degrees
    batch_norm : whether the network rescales what its filters find

    Returns the model, which gives logits, and the curves of `train_alone`: accuracy on training
    and on validation pictures.
    """
    pictures, new = emoji.train.inputs["image"], emoji.validation
    copies = [
        scale(augment_image(pictures, seed=[seed, copy], max_rotation=max_rotation))
        for copy in range(COPIES)
    ]
    return train_alone(
        lambda: encoders.ImageCNN(128, filters=(16, 32, 64), batch_norm=batch_norm),
        lambda epoch: copies[epoch % COPIES],
        emoji.train.targets["group"],
        classes=len(emoji.classes["group"]),
        epochs=epochs,
        seed=seed,
        new=(scale(new.inputs["image"]), new.targets["group"]),
        batch_size=128,
    )


def score(model, inputs, target):
    """Return the share of rows whose largest logit is that of the true class."""
    logits = keras.ops.convert_to_numpy(model(inputs, training=False))
    return float(np.mean(logits.argmax(axis=1) == target))


def grey_frames(videos):
    """Shrink clips ``(clips, frames, height, width, 3)`` to grey ones of 16 x 16 pixels, 0..1."""
    count, frames, *picture = np.shape(videos)
    small = resize_image(np.reshape(videos, (-1, *picture)), 16)
    return small.reshape(count, frames, 16, 16, 3).mean(axis=-1) / 255


def motion(frames):
    """How much changes from each frame to the next: ``(clips, frames - 1)``, logarithms."""
    return np.log(np.abs(np.diff(frames, axis=1)).mean(axis=(2, 3)) + 1e-4)


def _shuffled(frames):
    orders = np.broadcast_to(np.arange(frames.shape[1]), frames.shape[:2])
    order = np.random.default_rng(0).permuted(orders, axis=1)
    return np.take_along_axis(frames, order[..., None, None], axis=1)


VIEWS = {  # grey frames -> what a linear classifier gets to see of a clip
    "average frame": lambda frames: frames.mean(axis=1),
    "all frames": lambda frames: frames[:, :, ::2, ::2],
    "motion": motion,
    "motion, frames shuffled": lambda frames: motion(_shuffled(frames)),
}


def which_way(train, test, view):
    """Tell clips that run forwards from the same clips run backwards; return the share told right.

    ``train`` and ``test`` are grey frames; each clip is seen both ways. The classifier is linear;
    where it finds both ways equally likely, it is half right.
    """

    def both_ways(frames):
        seen = np.concatenate([view(frames), view(frames[:, ::-1])])
        return seen.reshape(len(seen), -1), np.repeat([0, 1], len(frames))

    model = fit_linear(*both_ways(train), classes=2, penalty=10)
    seen, truth = both_ways(test)
    log_p = model.log_probabilities(seen)
    undecided = np.isclose(log_p[:, 0], log_p[:, 1])
    return float(np.mean(np.where(undecided, 0.5, log_p.argmax(axis=1) == truth)))


def tell_direction(clips):
    """Train `which_way` on the training clips; return its share right on new ones, by view."""
    train, test = (grey_frames(s.inputs["video"].array()) for s in (clips.train, clips.test))
    return {name: which_way(train, test, view) for name, view in VIEWS.items()}


def voice(wave, rate):
    """What does somebody sound like? Mean and spread over time of each of 32 log-mel bands."""
    bands = log_mel(wave, sample_rate=rate, bands=32)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0)])


HEARINGS = {  # a wave of 16,000 samples a second -> how it sounds at 4,000
    "resampled": lambda wave: voice(resample_audio(wave, 16_000, to=4000), 4000),
    "every fourth sample": lambda wave: voice(wave[::4], 4000),
    # A file of 22,000 taken for one of 16,000 is longer and deeper, and so 5,500 for 4,000.
    "22,000 taken for 16,000": lambda wave: voice(resample_audio(wave, 16_000, to=5500), 4000),
}


def load_voices(*, seed, count=300):
    """Draw Czech lines of both fish, ``count`` to learn from and as many to test on.

    The test lines are of other levels of the game. Returns ``{side: (waves, role)}``; role 0 is
    the small fish, 1 the big one.
    """
    dialogues, voices = data.load_dialogues(language="cs", max_seconds=3), {}
    for side in ("train", "test"):
        split = getattr(dialogues, side)
        fish = np.flatnonzero(split.targets["role"] < 2)
        rows = np.random.default_rng(seed).permutation(fish)[:count]
        voices[side] = list(split.inputs["speech"][rows]), split.targets["role"][rows]
    return voices


def tell_voices(voices):
    """Tell the two fish apart by a linear classifier, heard in one way, tested in all.

    Returns ``{training: {test: (accuracy, share called the big fish)}}`` for `HEARINGS`.
    """
    heard = {
        side: {name: np.stack([hear(wave) for wave in waves]) for name, hear in HEARINGS.items()}
        for side, (waves, _) in voices.items()
    }
    found = {}
    for training in ("resampled", "every fourth sample"):
        known = heard["train"][training]
        mean, spread = known.mean(axis=0), known.std(axis=0)
        model = fit_linear((known - mean) / spread, voices["train"][1], classes=2, penalty=10)
        said = {
            name: model.log_probabilities((numbers - mean) / spread).argmax(axis=1)
            for name, numbers in heard["test"].items()
        }
        found[training] = {
            name: (float(np.mean(roles == voices["test"][1])), float(roles.mean()))
            for name, roles in said.items()
        }
    return found
