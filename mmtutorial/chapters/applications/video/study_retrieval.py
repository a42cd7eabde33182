"""Does it help a search through moving emoji to see them move?

    python -m mmtutorial.chapters.applications.video.study_retrieval

The frames' network is that of the package, and stays as it is. The learning rate of each method is
chosen on validation clips.
"""

import numpy as np

from mmtutorial.chapters.applications.video import retrieval
from mmtutorial.studies import Contrast, Study, main

RATES = (1e-3, 4e-3)


class Clips:
    """The clips of `retrieval.load_clips`; a search never asks for those of the test split."""

    def without_test(self):
        """Return the same: a search names the validation split."""
        return self


def search(task, setting, choices):
    """Choose a learning rate by the recall on validation clips."""
    method, scores = setting["method"], {}
    for rate in RATES:
        similarity = retrieval.rank(retrieval.train(method, rate, 0), "validation", method)
        found = retrieval.score(similarity)
        scores[rate] = (found["recall_at_10"] + found["clips_recall_at_10"]) / 2
    best = max(scores, key=scores.get)
    return {"validation": scores[best], "config": {"rate": best}}


def run(task, setting, config, seed):
    """Train one method; search with and without the right words."""
    method = setting["method"]
    model = retrieval.train(method, config["rate"], seed)
    rows = []
    for view in ("", "text shuffled"):
        similarity = retrieval.rank(model, "test", method, shuffled=bool(view), seed=seed)
        row = {"view": view, **retrieval.score(similarity)}
        found = (similarity > np.diagonal(similarity)[:, None]).sum(axis=1) < 10
        row["recall_at_10"] = float(found.mean())  # two emoji of the same words share their place
        rows.append(row | ({} if view else {"correct": found}))
    return rows


def each(labels):
    """Return each clip as a group of its own: no two are of one concept."""
    return np.arange(len(retrieval.load_clips()["test"]["texts"]))


STUDIES = [
    Study(
        name="applications/video/retrieval",
        question="Does a search through moving emoji gain by seeing them move?",
        grid={"method": tuple(retrieval.METHODS)},
        task=lambda setting: Clips(),
        run=run,
        search=search,
        contrasts=[Contrast("method", "single frame", groups=each)],
    )
]

if __name__ == "__main__":
    main(STUDIES)
