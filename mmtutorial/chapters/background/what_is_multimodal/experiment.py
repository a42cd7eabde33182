"""The recipe of the background part: tell the category of a stamp from each of its modalities."""

from copy import copy

import numpy as np

from mmtutorial import data, preprocessing
from mmtutorial._checks import check_array, check_choice, check_like, check_whole
from mmtutorial.tasks._inputs import SPLITS, hide_test, pick_split
from mmtutorial.tasks.linear import fit_linear, surprisal_bits

PENALTIES = {
    "image": (1, 3, 10, 30),
    "text": (0.03, 0.1, 0.3, 1),
    "speech": (100, 300, 1000, 3000),
    "pauses": (100, 300, 1000, 3000),
    "sound": (10, 30, 100, 300),
    "has sound": (0.01, 0.1, 1),
}


class LinearStampTask:
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

    >>> task = LinearStampTask()
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
        return pick_split(self.dataset, split).targets["group"]

    def log_prior(self):
        """Return the logarithm of how often each category occurs in training, ``(classes,)``."""
        counts = np.bincount(self.targets("train"), minlength=self.classes)
        return np.log(counts / counts.sum())

    def features(self, split, modality):
        """Return what a modality measures as numbers, ``(rows, numbers)`` of float."""
        check_choice("split", split, SPLITS)
        check_choice("modality", modality, list(PENALTIES))
        if modality not in self._kept:
            self._kept[modality] = dict(zip(SPLITS, self._make(modality), strict=True))
        return self._kept[modality][split]

    def without_test(self):
        """Return the same task with an empty test split, for a search."""
        other = copy(self)
        other.dataset, other.penalties = hide_test(self.dataset), {}
        other._kept = {
            name: {**rows, "test": rows["test"][:0]} for name, rows in self._kept.items()
        }
        return other

    def beliefs(self, *modalities, penalty=None):
        """Fit one linear classifier to the modalities side by side; return what it believes.

        Returns ``{split: (rows, classes)}``, natural logarithms of probabilities. Validation
        chooses the penalty, unless it is given. Several modalities are scaled so that the penalty
        of each, alone, becomes 1: the more cautious one has to be, the smaller are its numbers.
        """
        for modality in modalities:
            check_choice("modality", modality, list(PENALTIES))
        if not modalities or len(set(modalities)) < len(modalities):
            raise ValueError(f"modalities must be at least one, none twice, got {modalities}")
        weights, tried = [1.0] * len(modalities), PENALTIES[modalities[0]]
        if len(modalities) > 1:
            for modality in modalities:
                if modality not in self.penalties:
                    self.beliefs(modality)
            weights = [self.penalties[modality] ** -0.5 for modality in modalities]
            tried = (0.5, 1, 2, 4)
        tried = tried if penalty is None else (penalty,)
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
            new = model.predict_log_proba(numbers["validation"])
            bits = surprisal_bits(new, self.targets("validation")).mean()
            if bits < best:
                best, self.penalties["+".join(modalities)], chosen = bits, penalty, model
        return {split: chosen.predict_log_proba(rows) for split, rows in numbers.items()}

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
        numbers = [
            preprocessing.log_mel_statistics(split.inputs[name], quietest=quiet) for split in splits
        ]
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
        ids = self.vocabulary.encode(tokens, length=max(map(len, tokens), default=1))
        found = np.zeros((len(texts), len(self.vocabulary)))
        np.put_along_axis(found, ids, 1, axis=1)
        found[:, :2] = 0  # padding and unknown
        return found

    def _weigh(self, found):
        """Let rare tokens weigh more (inverse document frequency), and every text the same."""
        weight = np.log((1 + len(found[0])) / (1 + found[0].sum(axis=0))) + 1
        rows = [one * weight for one in found]
        return [row / np.maximum(np.linalg.norm(row, axis=1, keepdims=True), 1e-9) for row in rows]


def train_readers(task, *, labelled=50, seed=0):
    """Train classifiers of captions of which few have a label; photographs name others.

    Draws ``labelled`` training rows whose category is known. Every reader learns from these
    captions: one from these alone, the others also from guesses for the rest, made by a classifier
    of the same captions or of the photographs beside them; all guesses, or the surest half. The
    last is told all labels. Returns ``{reader: Linear}``.
    Papers: de Sa 1994; Blum and Mitchell 1998.
    """
    check_like("task", task, "a StampTask", "features", "targets", "classes")
    rows = {m: task.features("train", m) for m in ("image", "text")}
    penalty = {"image": 1, "text": 0.1}
    target, classes = task.targets("train"), task.classes
    if not 1 <= check_whole("labelled", labelled) < len(target):
        raise ValueError(f"labelled must be 1 to {len(target) - 1} rows, got {labelled}")
    order = np.random.default_rng(seed).permutation(len(target))
    known, rest = order[:labelled], order[labelled:]

    def learn(modality, chosen, labels):
        return fit_linear(
            rows[modality][chosen], labels, classes=classes, penalty=penalty[modality]
        )

    def taught_by(modality, share):
        teacher = learn(modality, known, target[known])
        log_p = teacher.predict_log_proba(rows[modality][rest])
        surest = np.argsort(-log_p.max(axis=1))[: int(share * len(rest))]
        chosen = np.concatenate([known, rest[surest]])
        return learn("text", chosen, np.append(target[known], log_p.argmax(axis=1)[surest]))

    return {
        f"{labelled} labels": learn("text", known, target[known]),
        "+ its own guesses, surest half": taught_by("text", 0.5),
        "+ photographs' guesses, all": taught_by("image", 1.0),
        "+ photographs' guesses, surest half": taught_by("image", 0.5),
        "all labels": learn("text", order, target[order]),
    }


def co_learning(task, *, labelled=50, seed=0):
    """Can photographs teach a reader? Few captions have a label; pictures name others.

    The readers are those of `train_readers`; none sees a photograph when it is tested. Returns
    ``{reader: accuracy on the test split}``. Papers: de Sa 1994; Blum and Mitchell 1998.
    """
    readers = train_readers(task, labelled=labelled, seed=seed)
    new, truth = task.features("test", "text"), task.targets("test")
    return {
        name: float(np.mean(model.predict_log_proba(new).argmax(axis=1) == truth))
        for name, model in readers.items()
    }


def hue_index(image):
    """Which colour has each pixel? Numbers 0 to 11 go round the circle: red, orange, yellow, ...

    ``image`` is (height, width, 3) uint8. 12, 13 and 14 are dark, middle and light grey, and 15 is
    the white ground. Returns (height, width) of int.
    """
    from PIL import Image

    image = check_array("image", image, kinds="biufcOUS", finite=False)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(
            "image must be uint8 of shape (height, width, 3), "
            f"got {image.dtype} of shape {image.shape}"
        )
    hsv = np.asarray(Image.fromarray(image).convert("HSV")).astype(int)
    hue, saturation, value = np.moveaxis(hsv, 2, 0)
    number = np.where((saturation < 60) | (value < 50), 12 + value // 86, hue // 22)
    return np.where(image.min(axis=2) > 240, 15, number)
