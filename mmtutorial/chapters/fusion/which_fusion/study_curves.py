"""How does accuracy on validation grow while the fusions train that the reader can train, too?

    python -m mmtutorial.chapters.fusion.which_fusion.study_curves

The recipes are those that `study_methods` chose for English words. Each of its five seeds is
trained again, and asked about the validation split after each epoch, always with the same words.
"""

from mmtutorial.chapters.fusion.which_fusion.recipes import KEYWORDS, METHODS, recipe_of, score
from mmtutorial.chapters.fusion.which_fusion.study_methods import load_task
from mmtutorial.results import load
from mmtutorial.studies import Study, main
from mmtutorial.tasks import train_model


def run(task, setting, config, seed):
    """Train by the stored recipe; return a row for each epoch."""
    recipe, rows = recipe_of(load("fusion/which_fusion/methods"), **setting), []

    def watch(epoch, model):
        accuracy = score(model, task, "validation", seed=0)
        rows.append({"epoch": epoch + 1, "validation": accuracy})

    train_model(task, setting["method"], recipe, seed=seed, on_epoch=watch)
    return rows


STUDIES = (
    Study(
        name="fusion/which_fusion/curves",
        question="How does accuracy on validation grow while a fusion trains?",
        grid={"keywords": tuple(KEYWORDS.values()), "method": METHODS},
        task=lambda setting: load_task("en", setting["keywords"], False),
        run=run,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
