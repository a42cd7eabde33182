"""What all methods learn from, and are asked about: composed once, and seen by one network."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mmtutorial.applications.video import FrameGrounder
from mmtutorial.applications.video.shipped import load_frames
from mmtutorial.chapters.applications.video.experiment import ASKED, QUESTIONS, SCENES, Seen, see
from mmtutorial.tasks import video as task

KINDS = ("scene", *QUESTIONS)
TESTED = {"scene": 200, **dict.fromkeys(QUESTIONS, 150)}  # clips of each kind
SEEDS = {"train": 1, "validation": 2, "test": 3}


@dataclass(frozen=True, eq=False)
class Bench:
    """The network of the frames, the clips of each split as it sees them, and their words.

    ``parts`` maps splits to ``{kind: Seen}``; an empty dict where a split is left out.
    """

    frames: FrameGrounder
    parts: dict[str, dict[str, Seen]]

    def words(self, split: str) -> np.ndarray:
        """Return all words of each thing of a split, as the network knows them."""
        return self.frames.encode_text(task.describe_things(split))

    def without_test(self) -> "Bench":
        """Return the same bench without a test split, for a search."""
        return Bench(self.frames, {**self.parts, "test": {}})


def compose(frames: FrameGrounder, split: str, counts: dict[str, int]) -> dict[str, Seen]:
    """Compose clips of each kind, with stills to learn from, of moving emoji alone to be asked."""
    stills = split == "train"
    return {
        kind: see(frames, split, kind, count, seed=SEEDS[split], stills=stills)
        for kind, count in counts.items()
    }


@cache
def load_bench() -> Bench:
    """Compose all clips, once."""
    frames, _ = load_frames()
    counts = {"train": {"scene": SCENES, **dict.fromkeys(QUESTIONS, ASKED)}}
    counts |= {"validation": TESTED, "test": TESTED}
    return Bench(frames, {split: compose(frames, split, each) for split, each in counts.items()})
