"""Train the captioner from pixels as the study does, seed 0, and store it.

python -m mmtutorial.chapters.cross_modal.translation.write_weights
"""

from mmtutorial import results
from mmtutorial.chapters.cross_modal.translation.experiment import train_captioner
from mmtutorial.chapters.cross_modal.translation.weights import save_weights
from mmtutorial.chapters.cross_modal.translation.words import CaptionTask


def main() -> None:
    """Train for as many epochs as were chosen on validation."""
    choices = results.load("cross_modal/translation")["choices"]
    chosen = next(row for row in choices if row["method"] == "pixels")["config"]
    model, _ = train_captioner(CaptionTask(image="pixels"), chosen["epochs"], seed=0)
    save_weights(model)


if __name__ == "__main__":
    main()
