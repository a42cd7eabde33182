"""The study of the chapter "Speech and text".

    python -m mmtutorial.chapters.applications.speech.study

What does a recogniser from scratch write of levels that it never heard, of a voice that it never
heard, after fewer minutes, with coarser steps, in two languages? A training that is stopped goes on
from its last whole epoch, which lies in ``.cache/speech``; the ``cpu_seconds`` of its cell are then
those after the stop. A seed is for weights, dropout, order, speeds and gaps. The recipe was chosen
once, with seed 0, on the validation levels of Czech; the language model's order, its weight and the
bonus of a letter are chosen on validation each time.
"""

from mmtutorial.chapters.applications.speech import experiment, retrieval
from mmtutorial.studies import Study, main
from mmtutorial.tasks.decoding import decode, logits_of

SHIPPED = [
    {"language": each, "test": "level", "minutes": None, "steps": experiment.FINE}
    for each in ("cs", "nl")
]


def keep(setting):
    """Say which combinations exist: what ships, and with coarse steps one change at a time."""
    whole = setting["test"] == "level" and setting["minutes"] is None
    if setting["steps"] == experiment.FINE:
        return setting in SHIPPED
    if setting["language"] == "cs":
        return setting["test"] == "level" or setting["minutes"] is None
    return whole


def run(task, setting, config, seed):
    """Train one recogniser; count its errors, and search for English lines."""
    model = experiment.train(task, setting, seed)
    splits = ("train", "validation", "test") if setting in SHIPPED else ("validation", "test")
    logits = {split: logits_of(model, task, split) for split in splits}
    rows = experiment.count_errors(task, experiment.write_all(task, logits))
    if setting in SHIPPED:
        heard = {split: decode(each, task.letters) for split, each in logits.items()}
        rows += retrieval.score_searches(task, model, heard, seed)
    return [{**row, "parameters": model.count_params()} for row in rows]


STUDIES = [
    Study(
        name="applications/speech",
        question="What does a recogniser write of levels and voices that it never heard?",
        grid={
            "language": experiment.LANGUAGES,
            "test": experiment.TESTS,
            "minutes": experiment.MINUTES,
            "steps": tuple(experiment.STRIDES),
        },
        task=experiment.load_task,
        run=run,
        keep=keep,
        seeds=range(3),
    )
]

if __name__ == "__main__":
    main(STUDIES)
