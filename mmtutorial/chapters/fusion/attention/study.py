"""Which fusions find the emoji that the words mean, among four?

    python -m mmtutorial.chapters.fusion.attention.study

Two words name one of four emoji; the question is its colour. Every method has the same recipe and
the same small search on validation: one training, after which of ten epochs to stop. Concepts of
validation and test are new to every model, those of the test split by an artist who is new, too;
``"known"`` are drawings of the training split in scenes that never were.
"""

from functools import cache

import numpy as np

from mmtutorial.chapters.fusion.attention.experiment import (
    mean_attention,
    occlusion_sensitivity,
    scene_inputs,
    train_scene_model,
)
from mmtutorial.chapters.fusion.attention.scenes import SceneTask
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.studies import Study, main
from mmtutorial.tasks import Recipe, predict_log_proba, score_log_proba, search_recipes

COUNT = 1000  # scenes to choose and to test on
RECIPE = Recipe(units=64, batch_size=256, learning_rate=4e-3, epochs=10)
METHODS = ("guided", "cross_attention", "concat", "oracle location", "text", "flattened",
           "bottleneck (4)", "image", "attention", "bottleneck (1)", "bottleneck (2)")  # fmt: skip
ATTEND = ("cross_attention", "guided")
SHUFFLED = ("concat", *ATTEND)
TESTS = {  # what is drawn, and from which split
    "known": ("train", {}),
    "new": ("test", {}),
    "new, one group": ("test", {"similar": True}),
    "new, 9 places": ("test", {"places": 9}),
}


@cache
def load_task():
    """Load the scenes once."""
    return SceneTask()


def parse(name):
    """Return what to build, and its options: ``"bottleneck (4)"`` has four shared tokens."""
    method, _, count = name.partition(" (")
    return method, {"bottlenecks": int(count[:-1])} if count else {}


def search(task, setting, choices):
    """Train once; stop where validation was best."""
    method, sizes = parse(setting["method"])
    scenes = task.draw("validation", COUNT, seed=100)
    inputs = scene_inputs(method, scenes)
    options = {"inputs": inputs, "targets": scenes.colour, "train": train_scene_model}
    return search_recipes(task, method, [RECIPE], **options, **sizes)


def measure_attention(model, scenes):
    """Measure where a model attends, and whether its answer depends on that place.

    ``attention_mass`` is the attention to the right place, ``top1_hit`` how often most of it goes
    there; ``faithfulness`` is how often the place with most of it is the one whose occlusion moves
    the answer most; ``flip_rate`` and ``flip_rate_other`` are how often occluding it, or another
    place at random, changes the answer.
    """
    weights = mean_attention(model, scenes)
    rows, top, places = np.arange(len(weights)), weights.argmax(axis=1), weights.shape[1]
    other = (top + np.random.default_rng(0).integers(1, places, len(rows))) % places
    moved, flipped = occlusion_sensitivity(model, scenes)
    return {
        "attention_mass": float(weights[rows, scenes.place].mean()),
        "top1_hit": float(np.mean(top == scenes.place)),
        "faithfulness": float(np.mean(moved.argmax(axis=1) == top)),
        "flip_rate": float(flipped[rows, top].mean()),
        "flip_rate_other": float(flipped[rows, other].mean()),
    }


def run(task, setting, config, seed):
    """Train, and read scenes of each kind; some models also with a modality shuffled."""
    name = setting["method"]
    method, sizes = parse(name)
    model = train_scene_model(task, method, Recipe(**config), seed=seed, **sizes)
    rows = []
    for kind, (side, how) in TESTS.items():
        if kind.endswith("9 places") and method == "flattened":
            continue  # it has weights for four
        drawn = task.draw(side, COUNT, seed=seed, **how)
        log_p = predict_log_proba(model, scene_inputs(method, drawn))
        row = {"scenes": kind, **score_log_proba(log_p, drawn.colour)}
        row |= measure_attention(model, drawn) if method in ATTEND else {}
        rows.append({**row, "parameters": model.count_params()})
        if kind == "new" and method in SHUFFLED:
            for modality in ("image", "text"):
                wrong = shuffled_modality(drawn.inputs, modality, seed=seed)
                scores = score_log_proba(predict_log_proba(model, wrong), drawn.colour)
                rows.append({"method": f"{name}, {modality} shuffled", "scenes": kind, **scores})
    return rows


STUDIES = (
    Study(
        name="fusion/attention",
        question="Which fusions find the emoji that the words mean, among four?",
        grid={"method": METHODS},
        task=lambda setting: load_task(),
        search=search,
        run=run,
    ),
)

if __name__ == "__main__":
    main(STUDIES)
