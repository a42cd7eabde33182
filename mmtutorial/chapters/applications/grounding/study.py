"""The study of the chapter "Find what a description names".

    python -m mmtutorial.chapters.applications.grounding.study

All models read what one frozen encoder makes of the scenes; it was trained before, on single
things, and the intervals do not tell of it. A seed is for what comes after: first weights, order,
which description of a thing is read. Each begins with pictures of one thing, which cost its first
run of a seed the time. There "before" and "windows" end: the one is asked place by place, the other
window by window. Rate, epochs and the threshold of the boxes were chosen on validation scenes, with
seed 0. The scenes that are learnt from are drawn and read before the first run, which counts their
processor seconds.
"""

import numpy as np

from mmtutorial.chapters.applications.grounding import experiment, scoring, training
from mmtutorial.chapters.applications.grounding.training import BEFORE, METHODS, WINDOWS
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks.grounding import load_things

SHUFFLED, ONE_PHRASE = ", text shuffled", ", one phrase for all"


def run(task, setting, config, seed):
    """Run one method: with its descriptions, with those of other scenes, and with their mean."""
    described, method = scoring.load_tested(), setting["method"]
    if method in scoring.GUESSES:
        points, boxes = scoring.guess(described, method, np.random.default_rng(seed))
        return scoring.score(points, boxes, described)[:1]
    model, tokens = training.trained(method, seed), scoring.load_tokens()
    order = np.random.default_rng(seed).permutation(len(described))
    rows = []
    texts = task.encode(described.texts)
    for name, maps in (
        (method, model.find(tokens, texts)),
        (method + SHUFFLED, model.find(tokens, texts[order])),
        (method + ONE_PHRASE, scoring.find_mean(model, tokens, texts)),
    ):
        maps = experiment.window_maps(maps) if method == WINDOWS else maps
        scored = scoring.score_maps(maps, described)
        scored = scored[:1] if name.endswith(SHUFFLED) else scored
        rows += [{"method": name, **row, "parameters": model.count_params()} for row in scored]
    return rows


def things_of(labels):
    """Return the concept of what is meant in each test scene: concepts come again."""
    described = scoring.load_tested()
    rows = described.scenes.rows[np.arange(len(described)), described.targets]
    return np.unique(load_things("test").concepts[rows], return_inverse=True)[1]


STUDIES = [
    Study(
        name="applications/grounding",
        question="Which supervision does pointing need, and what does it get wrong?",
        grid={"method": (*METHODS, BEFORE, WINDOWS, *scoring.GUESSES)},
        task=lambda setting: experiment.load_task(),
        run=run,
        contrasts=[
            Contrast("method", "scenes", groups=things_of, leave_out=scoring.GUESSES),
            Contrast("method", WINDOWS, groups=things_of,
                     leave_out=(*scoring.GUESSES, WINDOWS + SHUFFLED, WINDOWS + ONE_PHRASE)),
        ],
    )
]  # fmt: skip

if __name__ == "__main__":
    main(STUDIES)
