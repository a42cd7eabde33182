"""The study of the chapter "Video and text".

    python -m mmtutorial.chapters.applications.video.study

Which way of looking over time answers which question? All methods read the same clips through one
network of single frames, which ships with the package: the intervals do not tell of it. A seed is
for what comes after: first weights, the order of the clips, which thing is asked for, and which
words. One learning rate serves all methods: it was chosen on validation clips, for the transformer.
"""

import numpy as np

from mmtutorial.chapters.applications.video import bench, experiment, scoring
from mmtutorial.studies import Contrast, Study, main


def train(task, method, seed, **options):
    """Train one method on the training clips of a bench."""
    parts = list(task.parts["train"].values())
    return experiment.train_video(method, parts, task.frames, seed=seed, **options)


def ask(task, split, method, model, view="", seed=0):
    """Ask all questions; return ``{question: what is right}``."""
    words, frames = task.words(split), int(method == "single frame")
    return {
        kind: scoring.answer_questions(model, seen, words, view=view, frames=frames, seed=seed)
        for kind, seen in task.parts[split].items()
        if kind != "scene"
    }


def run(task, setting, config, seed):
    """Train one method; ask the questions, and look for things, in each view."""
    method = setting["method"]
    model = train(task, method, seed)
    rows = []
    for view in scoring.VIEWS:
        for question, right in ask(task, "test", method, model, view, seed).items():
            row = {"question": question, "view": view, "accuracy": float(right.mean())}
            rows.append(row | ({} if view else {"correct": right}))
    level = scoring.choose_level(*_things(task, "validation", model, "", seed))
    for view in scoring.VIEWS[:2]:
        seen, found = _things(task, "test", model, view, seed)
        rows.append({"question": "scene", "view": view, **scoring.score_things(seen, found, level)})
    return [{**row, "parameters": model.count_params()} for row in rows]


def _things(task, split, model, view, seed):
    seen = task.parts[split]["scene"]
    return seen, scoring.look_for_things(model, seen, task.words(split), view=view, seed=seed)


def clips_of(labels):
    """Return for each question the clip that it is about: its two questions go together."""
    return np.tile(np.arange(bench.TESTED[labels["question"]]), 2)


STUDIES = [
    Study(
        name="applications/video",
        question="Which way of looking over time answers which question about a clip?",
        grid={"method": tuple(experiment.METHODS)},
        task=lambda setting: bench.load_bench(),
        run=run,
        contrasts=[Contrast("method", "frame pooling", groups=clips_of)],
    )
]

if __name__ == "__main__":
    main(STUDIES)
