"""The exercises of the chapter "Speech and text"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _collapse(path):
    new = np.ones(len(path), bool)
    new[1:] = path[1:] != path[:-1]
    return path[new & (path != 0)].tolist()


def _drop_repeated(path):
    return [int(a) for i, a in enumerate(path) if i == 0 or a != path[i - 1]]


def _draw_paths():
    paths = [0, 1, 1, 0, 1, 2, 2, 0, 3, 3, 1], [3, 0, 2, 2, 0, 2, 1, 3]
    return [(np.array(path),) for path in paths]


COLLAPSE = Exercise(
    "collapse",
    reference=_collapse,
    cases=_draw_paths,
    given="the path {path}",
    asked="a list of letters, whole numbers from 1 on",
    mistakes={
        "You drop the blanks before the repetitions. Then a letter that was said twice meets "
        "itself, and one of the two is lost.": lambda path: _drop_repeated(path[path != 0]),
        "The blanks are still there. They say that no letter begins here, and are not written.": (
            _drop_repeated
        ),
        "You drop the blanks alone. A letter that lasts for three steps is written three times.": (
            lambda path: path[path != 0].tolist()
        ),
        "You keep each letter once in the whole text. Only what repeats from one step to the next "
        "is one letter.": lambda path: [int(a) for a in dict.fromkeys(path.tolist()) if a],
        "The first step is lost: it has no step before it, but its letter counts.": (
            lambda path: path[1:][(path[1:] != path[:-1]) & (path[1:] != 0)].tolist()
        ),
    },
    hint="A step is written if its class differs from that of the step before, and is no blank.",
    success="That is all of greedy decoding, once the best class of each step is known.",
)


def _steps_needed(text):
    return len(text) + sum(text[i] == text[i - 1] for i in range(1, len(text)))


STEPS_NEEDED = Exercise(
    "steps_needed",
    reference=_steps_needed,
    cases=lambda: [("wees blij met een zeeman",), ("dat tikt",), ("to nevadí",)],
    given="the text {text!r}",
    asked="one whole number",
    mistakes={
        "You count the letters alone. Two of the same side by side need a blank between them, or "
        "they become one.": len,
        "That is how many states there are, with a blank around each letter. A path may leave out "
        "most of these blanks.": lambda text: 2 * len(text) + 1,
        "You put a blank between any two letters. It is needed only between two of the same.": (
            lambda text: 2 * len(text) - 1
        ),
        "You add a step for each letter that stands anywhere before. Only neighbours become one.": (
            lambda text: 2 * len(text) - len(set(text))
        ),
        "You leave out the spaces. A space is a letter with a class of its own, and no blank.": (
            lambda text: _steps_needed(text.replace(" ", ""))
        ),
    },
    hint="One step for each letter, spaces included, and one for each pair of equal neighbours.",
    success="A clip with fewer steps has no path that spells its text, and its loss is infinite.",
)


def _edits(heard, said, replacing=1):
    above = list(range(len(said) + 1))
    for i, letter in enumerate(heard, start=1):
        row = [i]
        for j, right in enumerate(said):
            kept = above[j] + replacing * (letter != right)
            row.append(min(kept, above[j + 1] + 1, row[j] + 1))
        above = row
    return above[-1]


def _differing_places(heard, said):
    differing = sum(a != b for a, b in zip(heard, said, strict=False))
    return differing + abs(len(heard) - len(said))


ERROR_RATE = Exercise(
    "error_rate",
    reference=lambda heard, said: _edits(heard, said) / len(said),
    cases=lambda: [
        ("dit voor raar schip", "wat is dit voor een raar schip"),
        ("to neni za divnu lodi", "to je divná loď"),
        ("a kde tak", "kdo"),
    ],
    given="{heard!r} heard and {said!r} said",
    asked="one number from 0 on",
    mistakes={
        "You divide by the length of what was heard, or of the longer text. It is edits per letter "
        "that was said, or a model that writes more would be forgiven more.": (
            lambda heard, said: _edits(heard, said) / len(heard),
            lambda heard, said: _edits(heard, said) / max(len(heard), len(said)),
        ),
        "A letter in the place of another counts two: one to delete, one to insert. Replacing it "
        "is one edit.": lambda heard, said: _edits(heard, said, replacing=2) / len(said),
        "You compare place by place. One letter that is missing shifts all behind it, and each "
        "counts as wrong.": lambda heard, said: _differing_places(heard, said) / len(said),
        "These are the edits. A rate divides them by the number of letters that were said.": _edits,
        "You stop at 1. With many letters too much, an error rate is above 1.": (
            lambda heard, said: min(1.0, _edits(heard, said) / len(said))
        ),
    },
    hint="Fill a table: the least edits from the first i letters heard to the first j said are one "
    "more than above or to the left, or those of the diagonal, plus one if the letters differ.",
    success="With lists of words in place of letters, the same function is the word error rate.",
)


def _perplexity(probabilities):
    return float(np.exp(-np.log(probabilities).mean()))


PERPLEXITY = Exercise(
    "perplexity",
    reference=_perplexity,
    cases=lambda: [(np.array(p),) for p in ([0.5, 0.1, 0.9, 0.25, 0.02], [0.3, 0.8, 0.05])],
    given="the probabilities {probabilities}",
    asked="one number from 1 on",
    mistakes={
        "You sum the logarithms, so that each letter makes a text worse. Take their mean.": (
            lambda probabilities: float(1 / probabilities.prod())
        ),
        "Logarithm and exponential have different bases. Use `log` with `exp`, or `log2` with a "
        "power of 2.": (
            lambda probabilities: float(np.exp(-np.log2(probabilities).mean())),
            lambda probabilities: float(2 ** -np.log(probabilities).mean()),
        ),
        "That is an arithmetic mean, of the probabilities or of their inverses. The mean is taken "
        "of the logarithms.": (
            lambda probabilities: float((1 / probabilities).mean()),
            lambda probabilities: float(1 / probabilities.mean()),
        ),
        "That is the mean surprise in nats or bits. The exponential is missing.": (
            lambda probabilities: float(-np.log(probabilities).mean()),
            lambda probabilities: float(-np.log2(probabilities).mean()),
        ),
        "A perplexity below 1 is not possible: the minus is missing.": (
            lambda probabilities: float(np.exp(np.log(probabilities).mean()))
        ),
    },
    hint="The exponential of the mean of the negative logarithms.",
    success="A model for which all of n letters are alike has perplexity n, however long the text.",
)


def _sum_paths(probabilities, text, *, skips="different", start=2, end=2, add=np.add):
    states = np.zeros(2 * len(text) + 1, int)
    states[1::2] = text
    allowed = {
        "different": states[2:] != states[:-2],
        "letters": states[2:] > 0,
        "all": np.ones(len(states) - 2, bool),
        "none": np.zeros(len(states) - 2, bool),
    }[skips]
    reached = np.zeros(len(states))
    reached[:start] = probabilities[0, states[:start]]
    for step in probabilities[1:]:
        before = reached
        reached = before.copy()
        reached[1:] = add(reached[1:], before[:-1])
        reached[2:] = add(reached[2:], allowed * before[:-2])
        reached = reached * step[states]
    return float(add.reduce(reached[-end:]))


def _draw_probabilities():
    rng = np.random.default_rng(0)
    made = []
    for steps, text in ((5, [1, 2]), (6, [2, 1, 1])):
        scores = np.exp(rng.normal(size=(steps, 3)))
        made.append((scores / scores.sum(axis=1, keepdims=True), text))
    return made


TEXT_PROBABILITY = Exercise(
    "text_probability",
    reference=lambda probabilities, text: _sum_paths(probabilities, text),
    cases=_draw_probabilities,
    given="{probabilities.shape[0]} steps of {probabilities.shape[1]} classes and the text {text}",
    asked="one number from 0 to 1",
    mistakes={
        "You leave out the blank between two equal letters. Without it they become one, and the "
        "path spells another text.": (
            lambda probabilities, text: _sum_paths(probabilities, text, skips="letters"),
            lambda probabilities, text: _sum_paths(probabilities, text, skips="all"),
        ),
        "Each path of yours goes through each blank. Between two different letters it may be left "
        "out.": lambda probabilities, text: _sum_paths(probabilities, text, skips="none"),
        "You count the paths that end in one state. They may end in the last letter and in the "
        "blank behind it.": (
            lambda probabilities, text: _sum_paths(probabilities, text, end=1),
            lambda probabilities, text: (
                _sum_paths(probabilities, text) - _sum_paths(probabilities, text, end=1)
            ),
        ),
        "Your paths start in the blank only. They may start in the first letter, too.": (
            lambda probabilities, text: _sum_paths(probabilities, text, start=1)
        ),
        "That is the probability of the best path (the Viterbi algorithm). A text has that of all "
        "its paths together.": (
            lambda probabilities, text: _sum_paths(probabilities, text, add=np.maximum)
        ),
    },
    hint="Write the text with a blank before, between and behind its letters. A state is reached "
    "from itself, from the one before, and from two before if both are different letters.",
    success="Minus its logarithm is the CTC loss: some products per step, for all paths at once.",
)

EXERCISES = (COLLAPSE, STEPS_NEEDED, ERROR_RATE, PERPLEXITY, TEXT_PROBABILITY)
