"""Does what a method has learnt hold for the drawings of an artist that it never saw?

    python -m mmtutorial.chapters.cross_modal.contrast.study_artists

Of the five artists who train, one is left out, each in turn: seed 0 leaves out the first. Then the
validation drawings, all of new concepts, ask for their texts: those of the four, and those of the
fifth. Texts are frozen word vectors. Nothing is chosen: settings are those that the study of halves
chose for word vectors. Principal components of pixels are those of all five artists. Likenesses are
the images' half of relative representations, as something that a model may be trained on.

And on what do relative representations live? All anchors, likenesses raised to one of some powers.
"""

from functools import cache

from mmtutorial.chapters.cross_modal.contrast.encoders import RelativeEncoder, RidgeEncoder
from mmtutorial.chapters.cross_modal.contrast.pairs import LikenessPairs, PixelPairs, every_pair
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.studies import Study, main
from mmtutorial.tasks import EmojiPairs, PairRecipe, score_pairs, train_pairs

LANGUAGES, POWERS = ("en", "zh"), (1.0, 3.0, 6.0, 12.0)
RECIPE = PairRecipe(epochs=30, dropout=0.3, learning_rate=2e-3)
KINDS = {"pixels": PixelPairs, "likenesses": LikenessPairs, "features": EmojiPairs}
METHODS = {  # name -> what fits training pairs
    "clip": lambda task, seed: train_pairs(task, RECIPE, seed=seed),
    "ridge": lambda task, seed: RidgeEncoder(every_pair(task), penalty=1e3),
    "relative": lambda task, seed: RelativeEncoder(every_pair(task), nearest=200, power=6.0),
}


@cache
def load_pairs(image, left_out):
    """Load the drawings of all artists but one, and of that one, described in the same way."""
    options = {"languages": LANGUAGES}
    others = [each for each in ARTISTS if each != left_out]
    known = KINDS[image](artists=others, **options)
    if image == "likenesses":
        options["known"] = known
    new = KINDS[image](artists=[left_out], **options)
    new.image_scale, new.text_scales = known.image_scale, known.text_scales
    return known, new


@cache
def load_all(image):
    """Load the drawings of all artists."""
    return KINDS[image](languages=LANGUAGES)


def run(task, setting, config, seed):
    """Fit to four artists; return a row for each language, of the four and of the fifth."""
    known, new = load_pairs(setting["image"], ARTISTS[seed])
    model = METHODS[setting["method"]](known, seed)
    return [
        {
            "drawn_by": name,
            "language": language,
            **score_pairs(model, pairs, "validation", language=language)["image_to_text"],
        }
        for name, pairs in (("known", known), ("new", new))
        for language in LANGUAGES
    ]


def run_power(task, setting, config, seed):
    """Return a row for each language and direction of the test split, for one power."""
    model = RelativeEncoder(
        every_pair(task), nearest=2 * len(task.ids("train")), power=setting["power"]
    )
    return [
        {"language": language, "direction": way, **scores}
        for language in LANGUAGES
        for way, scores in score_pairs(model, task, "test", language=language).items()
    ]


STUDIES = (
    Study(
        name="cross_modal/contrast/artists",
        question="Does what a method has learnt hold for an artist that it never saw?",
        grid={"image": tuple(KINDS), "method": tuple(METHODS)},
        task=lambda setting: None,
        run=run,
        seeds=lambda setting: range(len(ARTISTS)),
    ),
    Study(
        name="cross_modal/contrast/powers",
        question="Do relative representations live on the nearest anchors?",
        grid={"image": ("pixels", "features"), "power": POWERS},
        task=lambda setting: load_all(setting["image"]),
        run=run_power,
        seeds=lambda setting: range(1),
    ),
)

if __name__ == "__main__":
    main(STUDIES)
