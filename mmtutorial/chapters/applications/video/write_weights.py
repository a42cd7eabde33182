"""Train the models that ship with the package, and store what is not there yet.

    python -m mmtutorial.chapters.applications.video.write_weights [--again]

First what looks at frames, on composed pictures; then what looks over time, as the study does with
seed 0, and with the thresholds that are best on validation clips. Each is stored once it is
trained, so that the command can be stopped in between; ``--again`` trains both anew.
"""

import re
import sys

import numpy as np
from scipy.special import expit

from mmtutorial import data
from mmtutorial.applications.grounding import WordTable
from mmtutorial.applications.video import shipped
from mmtutorial.chapters.applications.video import bench, experiment, scoring

METHOD = "temporal transformer"  # which can answer all questions
WORD = re.compile(r"[a-z][a-z'-]*(?: [a-z][a-z'-]*)?")  # one English word, or two


def make_words(frames) -> WordTable:
    """Return the English words, and pairs, that have a vector, as the frames' matrix makes them."""
    vectors = data.load_word_vectors()
    words = [word for word in vectors.words if WORD.fullmatch(word)]
    drawn = np.asarray(frames.text(vectors.encode(words)))
    return WordTable(words, drawn)


def write_frames(path, seed: int = 0) -> None:
    """Train and store what looks at frames."""
    frames = experiment.train_frames(seed)
    dim = data.load_word_vectors().dim
    about = {"pictures": experiment.PICTURES, "epochs": experiment.FRAME_EPOCHS, "seed": seed}
    shipped.save_frames(path, frames, make_words(frames), dim, **about)


def write_video(path, rate: float, seed: int = 0) -> None:
    """Train and store what looks over time, with its thresholds."""
    made = bench.load_bench()
    parts = list(made.parts["train"].values())
    video = experiment.train_video(METHOD, parts, made.frames, seed=seed, rate=rate)
    seen, words = made.parts["validation"]["scene"], made.words("validation")
    found = scoring.look_for_things(video, seen, words, seed=seed)
    visible = scoring.choose_level(seen, found)
    appears = choose_yes(found["there"], found["absent"])
    about = {"method": METHOD, "rate": rate, "epochs": experiment.EPOCHS, "seed": seed}
    shipped.save_video(path, video, appears, visible, **about)


def choose_yes(there, absent) -> float:
    """Return the threshold that tells most of what is there from what is not.

    >>> choose_yes(np.array([0.8, 0.9]), np.array([0.1, 0.3])) > 0.3
    True
    """
    levels = expit(np.linspace(-5, 5, 101))
    return float(max(levels, key=lambda each: np.mean(there >= each) - np.mean(absent >= each)))


def main(argv=None) -> None:
    """Store what lacks."""
    again = "--again" in (sys.argv[1:] if argv is None else argv)
    frames, video = (shipped.FOLDER / name for name in ("frames.npz", "video.npz"))
    if again or not frames.exists():
        write_frames(frames)
    if again or not video.exists():
        write_video(video, experiment.RATE)


if __name__ == "__main__":
    main()
