"""The study of the chapter "A vision-language model in miniature".

    python -m mmtutorial.chapters.cross_modal.vision_language.study

One encoder is trained on single drawings, and one decoder reads, on described scenes alone: they
stand for those that are downloaded, and the intervals do not tell of them. A seed is for what comes
after: the projector's first weights, and the order of what is learnt from. They are
trained before the first run of a session, which counts their processor seconds unless
`training.load_bench` and `training.load_reader` were called before. The recipe was chosen on
validation scenes, for "full" with seed 0. The others have its rates and steps; "all trained" has
half of them, and then so few through the encoder, which cost more time than the other half.
"""

import numpy as np

from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.chapters.cross_modal.vision_language import scoring, training
from mmtutorial.chapters.cross_modal.vision_language.asking import (
    ALONE,
    FULL,
    answer_all,
    load_asked,
    views,
)
from mmtutorial.chapters.cross_modal.vision_language.bench import encode_texts, see
from mmtutorial.studies import Contrast, Study, main


def run(task, setting, config, seed):
    """Train one method and ask it the test questions: as they are, shuffled, and of white paper."""
    bench, method, asked = training.load_bench(), setting["method"], load_asked()
    if method == training.CLASSIFIER:
        model = training.Classifiers(bench, seed)
        inputs = encode_texts(asked) | {"image": see(bench.encoder, task, "test", asked)}
        rows = scoring.score(model.answer(inputs, asked.kinds), asked)
        weights = sum(network.count_params() for network in model.networks.values())
        return [{**row, "parameters": weights} for row in rows]
    model = training.train(bench, training.load_reader(), method, seed)
    rows = []
    for view, images in views(model, bench, asked, seed, method=method).items():
        written = answer_all(model, images, asked.questions)
        name = f"{method}{view}"
        rows += [{"method": name, **row} for row in scoring.score(written, asked)]
    return [{**row, "parameters": model.count_params()} for row in rows]


def drawings_of(labels):
    """Return for each question of a kind the first drawing of its scene: these come again."""
    asked = load_asked()
    rows = asked.scenes.rows[np.array(asked.kinds) == labels["kind"]]
    return rows[np.arange(len(rows)), (rows >= 0).argmax(axis=1)]


STUDIES = [
    Study(
        name="cross_modal/vision_language",
        question="What does each stage of a vision-language model give, by kind of question?",
        grid={"method": (*training.METHODS, training.CLASSIFIER)},
        task=lambda setting: vl.load_task(),
        run=run,
        contrasts=[Contrast("method", ALONE, groups=drawings_of),
                   Contrast("method", FULL, groups=drawings_of, leave_out=(ALONE,))],
    )
]  # fmt: skip

if __name__ == "__main__":
    main(STUDIES)
