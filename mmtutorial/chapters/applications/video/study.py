"""The study of the chapter "Video and text".

    python -m mmtutorial.chapters.applications.video.study

Which way of looking over time answers which question? All methods read the same clips through one
network of single frames, which ships with the package: the intervals do not tell of it. A seed is
for what comes after: first weights, the order of the clips, which thing is asked for, and which
words. The learning rate of each method is chosen, out of the same four, by its answers about
validation clips, with seed 0; its luck is in no interval.
"""

import numpy as np

from mmtutorial.chapters.applications.video import bench, experiment, scoring
from mmtutorial.studies import Contrast, Study, main

RATES = (5e-4, 1.5e-3, 4e-3, 1e-2)


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


def search(task, setting, choices):
    """Choose a learning rate by the mean accuracy of the three questions on validation clips."""
    method, scores = setting["method"], {}
    for rate in RATES:
        right = ask(task, "validation", method, train(task, method, 0, rate=rate))
        scores[rate] = float(np.mean([each.mean() for each in right.values()]))
    best = max(scores, key=scores.get)
    tried = {f"{rate:g}": score for rate, score in scores.items()}
    return {"validation": scores[best], "config": {"rate": best, "tried": tried}}


def run(task, setting, config, seed):
    """Train one method; ask the questions, and look for things, in each view."""
    method = setting["method"]
    model = train(task, method, seed, rate=config["rate"])
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
        search=search,
        contrasts=[Contrast("method", "frame pooling", groups=clips_of)],
    )
]

if __name__ == "__main__":
    main(STUDIES)
