"""The study of the chapter "The title".

    python -m mmtutorial.chapters.the_part.the_name.study

runs what results.json lacks; ``--only method=image`` a part, ``--show`` prints, ``--rerun`` again.
"""

from mmtutorial.chapters.the_part.the_name.experiment import (
    METHODS,
    load_inputs,
    predict,
    train_linear,
)
from mmtutorial.studies import Study, main


def run(task, setting, config, seed):
    """Train one method with the words of one seed; say what it gets right on the test split."""
    splits = load_inputs(seed)
    weights, _ = train_linear(*splits["train"], setting["method"])
    inputs, target = splits["test"]
    correct = predict(weights, inputs, setting["method"]) == target
    return [{"accuracy": float(correct.mean()), "correct": correct}]


STUDIES = [
    Study(
        name="the_part/the_name",
        question="Are both modalities together better than each alone?",
        grid={"method": list(METHODS)},
        task=lambda setting: None,
        run=run,
    )
]

if __name__ == "__main__":
    main(STUDIES)
