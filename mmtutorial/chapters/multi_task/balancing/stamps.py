"""Three tasks on stamps: what a photograph shows, which language is spoken, is there a sound?"""

from copy import copy
from functools import cache

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_choice
from mmtutorial.preprocessing.audio_features import log_mel_statistics
from mmtutorial.tasks._inputs import SPLITS

FOLDS, LANGUAGES = (0, 1, 2, 3, 4), ("fr", "es")
HEADS = {"category": 10, "language": 2, "sound": 2}


class StampTasks:
    """Stamps with a spoken caption, French or Spanish, and three labels each.

    - ``"category"``: what the photograph shows, and the caption says, of ten groups;
    - ``"language"``: of the caption that is spoken, 0 for French, 1 for Spanish;
    - ``"sound"``: whether the thing makes a sound that the collection has recorded.

    A stamp with both captions has two rows, in one split. Inputs are 256 frozen features of the
    photograph, and the mean and spread of 64 log-mel bands of the voice, ``(rows, 128)``.

    ``fold`` is the fifth of the stamps that is the test split, 0 to 4.

    >>> task = StampTasks()
    >>> {name: array.shape for name, array in task.inputs("test").items()}
    {'image': (249, 256), 'speech': (249, 128)}
    """

    def __init__(self, *, fold=0):
        self.tasks, self.heads = list(HEADS), dict(HEADS)
        self._splits = _load(check_choice("fold", fold, FOLDS))

    def inputs(self, split):
        """Return photographs and voices of a split."""
        return dict(self._splits[check_choice("split", split, SPLITS)]["inputs"])

    def labels(self, split):
        """Return ``{task: (rows,)}``."""
        return dict(self._splits[check_choice("split", split, SPLITS)]["labels"])

    def clusters(self, split):
        """Return which stamp, or which stamps that are alike, each row belongs to."""
        return self._splits[split]["clusters"]

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and labels of an epoch, the same in each."""
        return self.inputs("train"), self.labels("train")

    def alone(self, name):
        """Return the same stamps with one of the three tasks."""
        other = copy(self)
        other.tasks, other.heads = [name], {name: HEADS[name]}
        other._splits = {
            split: {**rows, "labels": {name: rows["labels"][name]}}
            for split, rows in self._splits.items()
        }
        return other

    def score(self, outputs, split):
        """Return the accuracy of each task; of ``"sound"``, which few have, the mean by class."""
        scores = {}
        for name, labels in self.labels(split).items():
            right = outputs[name].argmax(axis=1) == labels
            rows = [labels == each for each in np.unique(labels)] if name == "sound" else [...]
            scores[name] = float(np.mean([right[each].mean() for each in rows]))
        return scores

    def without_test(self):
        """Return the same tasks with an empty test split, for a search."""
        other = copy(self)
        empty = {
            part: {name: array[:0] for name, array in arrays.items()}
            for part, arrays in self._splits["test"].items()
            if part != "clusters"
        }
        other._splits = {**self._splits, "test": {**empty, "clusters": np.array([])}}
        return other


@cache
def _load(fold):
    """Return the splits of a fold, a row for each recording: inputs, labels, clusters."""
    found = {split: [] for split in SPLITS}
    for number, language in enumerate(LANGUAGES):
        stamps = data.load_stamps(image="features", speech=language, fold=fold)
        for name in SPLITS:
            split = getattr(stamps, name)
            split = split.take(np.flatnonzero(split.presence["speech"]))
            voices = log_mel_statistics(split.inputs["speech"]).astype(np.float32)
            labels = {
                "category": split.targets["group"],
                "language": np.full(len(split), number),
                "sound": split.presence["sound"].astype(int),
            }
            inputs = {"image": split.inputs["image"], "speech": voices}
            found[name].append((inputs, labels, {"all": split.info["cluster"]}))
    joined = {}
    for name, parts in found.items():
        inputs, labels, clusters = (_stack(each) for each in zip(*parts, strict=True))
        joined[name] = {"inputs": inputs, "labels": labels, "clusters": clusters["all"]}
    seen = joined["train"]["inputs"]
    mean, spread = seen["speech"].mean(axis=0), seen["speech"].std(axis=0) + 1e-6
    size = seen["image"].std()
    for rows in joined.values():
        image, speech = rows["inputs"]["image"] / size, (rows["inputs"]["speech"] - mean) / spread
        rows["inputs"] = {"image": image, "speech": speech}
    return joined


def _stack(parts):
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
