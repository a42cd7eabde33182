"""The recipe of the background part: tell the category of a stamp from each of its modalities."""

import numpy as np

from mmtutorial import data, preprocessing
from mmtutorial.experiments.linear import fit_linear, surprise

PENALTIES = {
    "image": (1, 3, 10, 30),
    "text": (0.03, 0.1, 0.3, 1),
    "speech": (100, 300, 1000, 3000),
    "pauses": (100, 300, 1000, 3000),
    "sound": (10, 30, 100, 300),
    "has sound": (0.01, 0.1, 1),
}
SPLITS = ("train", "validation", "test")


class StampTask:
    """What does each modality of a stamp say about its category? All as plain numbers.

    - ``"image"``: 256 numbers of a frozen network;
    - ``"text"``: which pieces of words occur in the caption, rare ones weighing more;
    - ``"speech"``: mean and spread over time of the loudness in each mel band of the spoken
      caption; ``"pauses"``: the same of its quietest tenth alone, where nobody speaks;
    - ``"sound"``: the same of the sound effect, and whether there is one (``"has sound"``).

    Numbers of sound are standardised by the training rows that have it; an absent one is 0.

    Parameters
    ----------
    fold : which fifth of the captions is the test split, 0 to 4
    language, speech : of the written and of the spoken caption

    >>> task = StampTask()
    >>> task.features("test", "image").shape[1]
    256
    """

    def __init__(self, *, fold=0, language="en", speech="fr"):
        options = {"fold": fold, "language": language, "speech": speech}
        self.dataset = data.load_stamps(image="features", **options)
        self.classes = len(self.dataset.classes["group"])
        self._language, self._kept, self.penalties = language, {}, {}
        tokens = [self._tokenize(text) for text in self.dataset.train.inputs["text"]]
        self.vocabulary = preprocessing.Vocabulary.fit(tokens, min_count=2)

    def targets(self, split):
        """Return the category of every row, ``(rows,)`` of int."""
        return getattr(self.dataset, split).targets["group"]

    def log_prior(self):
        """Return the logarithm of how often each category occurs in training, ``(classes,)``."""
        counts = np.bincount(self.targets("train"), minlength=self.classes)
        return np.log(counts / counts.sum())

    def features(self, split, modality):
        """Return what a modality measures as numbers, ``(rows, numbers)`` of float."""
        if modality not in PENALTIES:
            raise ValueError(f"modality must be one of {list(PENALTIES)}, got {modality!r}")
        if modality not in self._kept:
            self._kept[modality] = dict(zip(SPLITS, self._make(modality), strict=True))
        return self._kept[modality][split]

    def beliefs(self, *modalities):
        """Fit one linear classifier to the modalities side by side; return what it believes.

        Returns ``{split: (rows, classes)}``, natural logarithms of probabilities. Validation
        chooses the penalty. Several modalities are scaled so that the best penalty of each, alone,
        becomes 1: the more cautious one has to be, the smaller are its numbers.
        """
        weights, tried = [1.0] * len(modalities), PENALTIES.get(modalities[0])
        if len(modalities) > 1:
            for modality in modalities:
                if modality not in self.penalties:
                    self.beliefs(modality)
            weights = [self.penalties[modality] ** -0.5 for modality in modalities]
            tried = (0.5, 1, 2, 4)
        numbers = {
            split: np.hstack(
                [w * self.features(split, m) for w, m in zip(weights, modalities, strict=True)]
            )
            for split in SPLITS
        }
        best = np.inf
        for penalty in tried:
            model = fit_linear(
                numbers["train"], self.targets("train"), classes=self.classes, penalty=penalty
            )
            new = model.log_probabilities(numbers["validation"])
            bits = surprise(new, self.targets("validation")).mean()
            if bits < best:
                best, self.penalties["+".join(modalities)], chosen = bits, penalty, model
        return {split: chosen.log_probabilities(rows) for split, rows in numbers.items()}

    def _make(self, modality):
        splits = [getattr(self.dataset, split) for split in SPLITS]
        if modality == "image":
            pictures = [split.inputs["image"].astype(float) for split in splits]
            return [picture / pictures[0].std() for picture in pictures]
        if modality == "text":
            return self._weigh([self._occurrences(split.inputs["text"]) for split in splits])
        name = "sound" if "sound" in modality else "speech"
        present = [split.presence[name] for split in splits]
        if modality == "has sound":
            return [here[:, None].astype(float) for here in present]
        quiet = 0.1 if modality == "pauses" else None
        numbers = [describe_sound(split.inputs[name], quietest=quiet) for split in splits]
        known = numbers[0][present[0]]
        mean, spread = known.mean(axis=0), known.std(axis=0) + 1e-6
        scaled = [
            (row - mean) / spread * here[:, None]
            for row, here in zip(numbers, present, strict=True)
        ]
        if modality == "sound":
            pairs = zip(present, scaled, strict=True)
            scaled = [np.column_stack([here, numbers]) for here, numbers in pairs]
        return scaled

    def _tokenize(self, text):
        return preprocessing.tokenize(text, language=self._language, unit="subword")

    def _occurrences(self, texts):
        """Say which tokens each text holds, ``(texts, vocabulary)`` of 0 and 1."""
        tokens = [self._tokenize(text) for text in texts]
        ids = self.vocabulary.encode(tokens, length=max(map(len, tokens)))
        found = np.zeros((len(texts), len(self.vocabulary)))
        np.put_along_axis(found, ids, 1, axis=1)
        found[:, :2] = 0  # padding and unknown
        return found

    def _weigh(self, found):
        """Let rare tokens weigh more (inverse document frequency), and every text the same."""
        weight = np.log((1 + len(found[0])) / (1 + found[0].sum(axis=0))) + 1
        rows = [one * weight for one in found]
        return [row / np.maximum(np.linalg.norm(row, axis=1, keepdims=True), 1e-9) for row in rows]


def co_learning(task, *, labelled=50, seed=0):
    """Can photographs teach a reader? Few captions have a label; pictures name others.

    Draws ``labelled`` training rows whose category is known. Every reader learns from these
    captions: one from these alone, the others also from guesses for the rest, made by a classifier
    of the same captions or of the photographs beside them; all guesses, or the surest half. The
    last is told all labels. None sees a photograph when it is tested.
    Returns ``{reader: accuracy on the test split}``. Papers: de Sa 1994; Blum and Mitchell 1998.
    """
    rows = {m: task.features("train", m) for m in ("image", "text")}
    penalty = {"image": 1, "text": 0.1}
    target, classes = task.targets("train"), task.classes
    order = np.random.default_rng(seed).permutation(len(target))
    known, rest = order[:labelled], order[labelled:]

    def learn(modality, chosen, labels):
        return fit_linear(
            rows[modality][chosen], labels, classes=classes, penalty=penalty[modality]
        )

    def taught_by(modality, share):
        teacher = learn(modality, known, target[known])
        log_p = teacher.log_probabilities(rows[modality][rest])
        surest = np.argsort(-log_p.max(axis=1))[: int(share * len(rest))]
        chosen = np.concatenate([known, rest[surest]])
        return learn("text", chosen, np.append(target[known], log_p.argmax(axis=1)[surest]))

    readers = {
        f"{labelled} labels": learn("text", known, target[known]),
        "+ its own guesses, surest half": taught_by("text", 0.5),
        "+ photographs' guesses, all": taught_by("image", 1.0),
        "+ photographs' guesses, surest half": taught_by("image", 0.5),
        "all labels": learn("text", order, target[order]),
    }
    new, truth = task.features("test", "text"), task.targets("test")
    return {
        name: float(np.mean(model.log_probabilities(new).argmax(axis=1) == truth))
        for name, model in readers.items()
    }


def describe_sound(clips, *, bands=64, quietest=None):
    """Describe each clip by the mean and the spread over time of its log-mel bands.

    ``clips`` is an `AudioClips` or any sequence of waves with ``sample_rate``; ``quietest`` keeps
    that share of the frames, those of least power, None all. What is said is lost: the order of
    the frames does not count. Returns ``(clips, 2 * bands)``, 0 for an absent clip.
    """
    rows = np.zeros((len(clips), 2 * bands))
    for row, wave in zip(rows, clips, strict=True):
        if len(wave):
            frames = preprocessing.log_mel(wave, sample_rate=clips.sample_rate, bands=bands)
            if quietest is not None:
                power = frames.mean(axis=1)
                frames = frames[power <= np.quantile(power, quietest)]
            row[:] = np.concatenate([frames.mean(axis=0), frames.std(axis=0)])
    return rows


def describe_parts(clips, *, parts=20, bands=64):
    """Cut each clip into parts of one length, and describe each by its mean log-mel bands.

    ``clips`` as in `describe_sound`. Unlike there the order of what is said is kept. Returns
    ``(clips, parts, bands)``, 0 for an absent clip; in a clip of fewer frames some serve twice.
    """
    rows = np.zeros((len(clips), parts, bands))
    for row, wave in zip(rows, clips, strict=True):
        if len(wave):
            frames = preprocessing.log_mel(wave, sample_rate=clips.sample_rate, bands=bands)
            starts = np.arange(parts) * len(frames) // parts
            lengths = np.maximum(np.diff(starts, append=len(frames)), 1)
            row[:] = np.add.reduceat(frames, starts) / lengths[:, None]
    return rows


def hues(image):
    """Which colour has each pixel? Numbers 0 to 11 go round the circle: red, orange, yellow, ...

    ``image`` is (height, width, 3) uint8. 12, 13 and 14 are dark, middle and light grey, and 15 is
    the white ground. Returns (height, width) of int.
    """
    from PIL import Image

    hsv = np.asarray(Image.fromarray(image).convert("HSV")).astype(int)
    hue, saturation, value = np.moveaxis(hsv, 2, 0)
    number = np.where((saturation < 60) | (value < 50), 12 + value // 86, hue // 22)
    return np.where(image.min(axis=2) > 240, 15, number)
