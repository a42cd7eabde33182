"""Find the described thing: scenes of emoji and stamps, and what describes each."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_array, check_choice, check_like, check_seed, check_whole
from mmtutorial.applications.grounding import Scenes, WordTable, compose_scenes
from mmtutorial.data._options import check_names
from mmtutorial.tasks._grounding_things import CANVAS, load_things
from mmtutorial.tasks._inputs import SPLITS
from mmtutorial.tasks._questions import WORDS

WAYS = ("name", "colour", "Chinese")  # how a thing is described
TRAINED_WAYS = ("name", "name", "keyword", "colour", "Chinese", "colour in Chinese")
DISTRACTORS = ("any", "same colour", "same kind")
MOST = 5  # things in a scene
WORD_LENGTH = 6  # words of a description that are read


@dataclass(frozen=True, eq=False)
class Descriptions:
    """Scenes, and a description of one thing in each.

    ``targets`` ``(scenes,)`` says which place of ``scenes.rows`` is meant, ``texts`` describe it;
    ``ways`` tell how, one of `WAYS`, ``distractors`` what the others have in common with it, and
    ``stamps`` whether it is a stamp, and no emoji.
    """

    scenes: Scenes
    targets: np.ndarray
    texts: list[str]
    ways: list[str]
    distractors: list[str]
    stamps: np.ndarray

    def __len__(self):
        return len(self.texts)

    def boxes(self) -> np.ndarray:
        """Return the box of what is meant, ``(scenes, 4)``: top, left, bottom, right in pixels."""
        return self.scenes.boxes[np.arange(len(self)), self.targets]

    def masks(self) -> np.ndarray:
        """Return where it is seen, ``(scenes, size, size)`` of bool."""
        return self.scenes.masks(self.targets)


@cache
def load_words() -> WordTable:
    """Load the words that descriptions are read by: keywords and names, with frozen vectors."""
    vectors = data.load_word_vectors()
    kept = [row for row, word in enumerate(vectors.words) if _is_word(word)]
    return WordTable([vectors.words[row] for row in kept], vectors.vectors[kept])


def _is_word(word):
    prompts = ("a picture of ", "an emoji of ", "a drawing of ", "a small icon of ", "a photo of ")
    ends = ("的图片", "的表情符号", "的图画", "的小图标", "的照片", ".", "!", "?", "。", "！")
    return not word.startswith(prompts) and not word.endswith(ends) and len(word) <= 45


class GroundingTask:
    """Can you point at the thing that a description names, among others?

    Scenes of 128 x 128 pixels show some emoji and stamps (photographs and drawings), of several
    sizes, here and there hidden in part, on an enlarged part of a stamp. Test scenes show concepts
    that no training scene has, the emoji by an artist who drew none of those, on other backgrounds.
    What a description says holds for one thing of its scene alone, by the labels: a colour is one
    of six, found by a program.

    >>> task = GroundingTask()
    >>> described = task.draw("validation", 3, seed=0)
    >>> described.scenes.pictures.shape, len(described.texts)
    ((3, 128, 128, 3), 3)
    """

    def __init__(self):
        self.words = load_words()

    def draw(self, split, count, *, seed, ways=WAYS, least=2, most=MOST) -> Descriptions:
        """Draw scenes of ``least`` to ``most`` things, and a description of one in each.

        Number, way and what the other things have in common with it take turns.
        """
        ways = check_names("ways", ways, WAYS)
        drawer, count, rng = self._start(split, count, seed)
        numbers = _numbers(least, most)
        rows, texts, chosen, alike = np.full((count, most), -1), [], [], []
        targets = np.zeros(count, int)
        for scene in range(count):
            way = ways[scene % len(ways)]
            like = DISTRACTORS[scene // len(ways) % 3]
            number = numbers[scene // (3 * len(ways)) % len(numbers)]
            row, text = drawer.draw(number, way, like)
            order = rng.permutation(number)
            rows[scene, order] = row
            targets[scene] = order[0]
            texts.append(text), chosen.append(way), alike.append(like)
        stamps = load_things(split).stamps[rows[np.arange(count), targets]]
        scenes = self._compose(split, rows, rng)
        return Descriptions(scenes, targets, texts, chosen, alike, stamps)

    def _start(self, split, count, seed):
        things = load_things(check_choice("split", split, SPLITS))
        count, rng = check_whole("count", count, least=1), check_seed("seed", seed)
        return _Drawer(things, self.words, rng), count, rng

    def draw_scenes(self, split, count, *, seed, least=1, most=MOST) -> Scenes:
        """Draw scenes of any things, for training."""
        drawer, count, rng = self._start(split, count, seed)
        _numbers(least, most)
        rows = np.full((count, most), -1)
        for row in rows:
            number = int(rng.integers(least, most + 1))
            row[:number] = [drawer.any() for _ in range(number)]
        return self._compose(split, rows, rng)

    def show_alone(self, split, rows, *, seed, size=64) -> Scenes:
        """Show one thing of a split a scene, ``rows`` of them, on ``size`` pixels."""
        things = load_things(check_choice("split", split, SPLITS))
        rows = check_array("rows", rows, kinds="iu")
        if rows.ndim != 1 or not len(rows):
            raise ValueError(f"rows must be (scenes,), one at least, got shape {rows.shape}")
        check_whole("size", size, least=16, most=CANVAS)
        middle = slice((CANVAS - size) // 2, (CANVAS + size) // 2)
        return compose_scenes(
            rows[:, None], things.cutouts, things.backgrounds[:, middle, middle],
            seed=seed, sizes=(26 * size // 64, 60 * size // 64),
        )  # fmt: skip

    def _compose(self, split, rows, rng):
        things = load_things(split)
        return compose_scenes(rows, things.cutouts, things.backgrounds, seed=rng)

    def describe(self, split, scenes, *, seed) -> list[list[str]]:
        """Describe everything that scenes show, a text for each place, "" for an empty one."""
        check_like("scenes", scenes, "Scenes", "rows", "pictures")
        drawer, _, rng = self._start(split, 1, seed)
        texts = []
        for rows in scenes.rows:
            ways = rng.integers(len(TRAINED_WAYS), size=len(rows))
            each = zip(rows, ways, strict=True)
            texts.append([drawer.say(row, TRAINED_WAYS[w]) if row >= 0 else "" for row, w in each])
        return texts

    def number(self, texts, *, length=WORD_LENGTH) -> np.ndarray:
        """Return the rows of the words of descriptions, ``(texts, length)``; "" has none."""
        return self.words.number(texts, length=length)

    def encode(self, texts, *, length=WORD_LENGTH) -> np.ndarray:
        """Return the vectors of the words of descriptions, ``(texts, length, dim)`` of float32."""
        return self.words.encode(texts, length=length)


def _numbers(least, most):
    """Return how many things a scene may have."""
    check_whole("least", least, least=1, most=MOST)
    check_whole("most", most, least=least, most=MOST)
    return list(range(least, most + 1))


class _Drawer:
    """Draws things, says what they are, and looks for others for which it does not hold."""

    def __init__(self, things, words, rng):
        self.things, self.words, self.rng = things, words, rng
        self.rows = [row for row in range(len(things)) if self._readable(row)]
        self.coloured = [row for row in self.rows if things.colours[row] >= 0 and things.kinds[row]]

    def _readable(self, row):
        return all(self.words.split(self.things.names[code][row])[0] for code in ("en", "zh"))

    def any(self):
        """Draw a thing; a stamp each fifth time."""
        stamps = self._stamps()
        pool = stamps if self.rng.random() < 0.2 else self.rows
        return int(self.rng.choice(pool))

    def _stamps(self):
        if not hasattr(self, "_kept"):
            self._kept = [row for row in self.rows if self.things.stamps[row]]
        return self._kept

    def say(self, row, way):
        """Describe a thing; by its name where it has no clear colour or kind."""
        things, code = self.things, "zh" if "Chinese" in way else "en"
        if way.startswith("colour") and things.colours[row] >= 0 and things.kinds[row]:
            colour = WORDS[code]["colour"][things.colours[row]]
            kinds = things.kinds[row]
            kind = kinds[self.rng.integers(len(kinds))][code == "zh"]
            return f"{colour}的{kind}" if code == "zh" else f"the {colour} {kind}"
        if way == "keyword":
            return str(self.rng.choice(things.keywords[code][row]))
        return things.names[code][row]

    def draw(self, number, way, like):
        """Return so many rows, the first of which is described, and the description."""
        while True:
            pool = self.coloured if way == "colour" or like != "any" else self.rows
            target = int(self.rng.choice(pool))
            if way != "colour" and self.rng.random() < 0.2:
                target = int(
                    self.rng.choice(
                        [r for r in self._stamps() if like == "any" or r in set(self.coloured)]
                    )
                )
            text = self.say(target, way)
            others = self._others(target, way, like, number - 1)
            if others is not None:
                return [target, *others], text

    def _others(self, target, way, like, number):
        """Return rows for which the description does not hold; None where too few are found."""
        found = []
        for _ in range(600):
            if len(found) == number:
                return found
            row = self.any()
            if self._fits(row, target, way, like) and row not in found:
                found.append(row)
        return found if len(found) == number else None

    def _fits(self, row, target, way, like):
        things = self.things
        same_colour = things.colours[row] == things.colours[target]
        shared = {*things.kinds[row]} & {*things.kinds[target]}
        if things.concepts[row] == things.concepts[target]:
            return False
        if like == "same colour" and not same_colour:
            return False
        if like == "same kind" and not shared:
            return False
        if way == "colour":  # what has no clear colour may look as if it had this one
            return not (shared and (same_colour or things.colours[row] < 0))
        return things.names["en"][row] != things.names["en"][target]
