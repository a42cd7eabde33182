"""The controls of the chapter "Speech and text": what is right without having learnt to listen?

    python -m mmtutorial.chapters.applications.speech.study_controls

*Exchanged* is the study's training on 14 minutes of Czech, but each clip has the text of another
one; see there for seeds and checkpoints. *One row* writes the same few letters again and again, and
needs no training.
"""

from mmtutorial.chapters.applications.speech import experiment
from mmtutorial.studies import Study, main
from mmtutorial.tasks.decoding import logits_of

EXCHANGED, ONE_ROW = "exchanged", "one row"


def keep(setting):
    """Say which combinations exist: a short training, and each language's row of letters."""
    if setting["texts"] == EXCHANGED:
        return setting["language"] == "cs" and setting["minutes"] is not None
    return setting["minutes"] is None


def run(task, setting, config, seed):
    """Count the errors of one control against the texts that were said."""
    if setting["texts"] == ONE_ROW:
        row, texts = experiment.repeat_row(task)
        return [{**each, "row": row} for each in experiment.count_errors(task, {ONE_ROW: texts})]
    model = experiment.train(experiment.exchange_texts(task), setting, seed)
    logits = {split: logits_of(model, task, split) for split in ("validation", "test")}
    return experiment.count_errors(task, experiment.write_all(task, logits))


STUDIES = [
    Study(
        name="applications/speech/controls",
        question="How many letters are right without having learnt to listen?",
        grid={
            "language": ("cs", "nl"),
            "test": ("level",),
            "minutes": (14, None),
            "steps": (experiment.COARSE,),
            "texts": (EXCHANGED, ONE_ROW),
        },
        task=experiment.load_task,
        run=run,
        keep=keep,
        seeds=range(3),
    )
]

if __name__ == "__main__":
    main(STUDIES)
