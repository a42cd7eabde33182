"""Train the model of the search box as the chapter does, and store what the box needs of it.

python -m mmtutorial.chapters.cross_modal.retrieval.write_box
"""

from mmtutorial import results
from mmtutorial.chapters.cross_modal.retrieval.box import compress_text_half, save_weights
from mmtutorial.chapters.cross_modal.retrieval.experiment import RECIPE
from mmtutorial.tasks import EmojiPairs, train_pairs


def main() -> None:
    """Train seed 0 of the dual encoder of both languages, which the chapter trains live, too."""
    pairs = EmojiPairs(languages=("en", "zh"), keywords=5)
    choices = results.load("cross_modal/retrieval")["choices"]
    chosen = next(row for row in choices if row["method"] == "dual encoder")["config"]
    model = train_pairs(pairs, RECIPE.replace(**chosen), seed=0)
    save_weights(compress_text_half(model, pairs))


if __name__ == "__main__":
    main()
