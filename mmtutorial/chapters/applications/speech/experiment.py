"""What "Speech and text" trains and counts: recognisers, their errors, who is heard."""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from itertools import pairwise
from pathlib import Path

import numpy as np

from mmtutorial.applications.speech import change_speed, load_recognizer
from mmtutorial.applications.speech._languages import RATE
from mmtutorial.data import load_dialogues
from mmtutorial.data.dialogues import ROLES
from mmtutorial.evaluation import cer, wer
from mmtutorial.tasks import SpeechRecipe, SpeechTask, shipped_recipe, train_recognizer
from mmtutorial.tasks.decoding import BEAM_WIDTH, choose_beam, decode, fit_language_model

CHECKPOINTS = Path(".cache/speech")  # of the folder in which the study is started
BOTH = "cs+nl"  # one model for two languages
LANGUAGES = ("cs", "nl", BOTH)
TESTS = ("level", "speaker")
MINUTES = (None, 14, 28)  # of training speech, None for all
STRIDES = {25: (2, 2), 50: (2, 1)}  # of the convolutions, by the steps in a second
COARSE, FINE = STRIDES  # what is compared, and what ships
EPOCHS = 30  # of all the speech of a language
VALIDATED = 3  # the beam's options are chosen on every third validation clip
NOISE = (20, 10)  # decibels below the voice
COMMON, PACES = 12, (0.5, 0.6, 0.7, 0.8, 0.9)  # rows of a size, shares of the pace of training
FISH = ROLES[:2]  # who says nearly all of the training lines


def load_task(setting: dict) -> SpeechTask:
    """Return the task of a setting; which minutes are kept is drawn by seed 0."""
    languages = setting["language"].split("+")
    return SpeechTask(languages, test=setting["test"], minutes=setting["minutes"], seed=0)


def measure_pace(tasks: dict[str, SpeechTask]) -> dict[str, dict[str, str]]:
    """Return how fast the training lines of tasks are, as columns for `Table`, a row for each task.

    That is letters a second, and the share of steps that have something to do: a letter, or the
    blank between two equal ones.
    """
    columns = {"letters a second": {}} | {f"of {steps} steps": {} for steps in STRIDES}
    for name, task in tasks.items():
        texts, seconds = task.texts["train"], 60 * task.minutes
        letters = sum(map(len, texts))
        needed = letters + sum(a == b for text in texts for a, b in pairwise(text))
        columns["letters a second"][name] = f"{letters / seconds:.1f}"
        for steps in STRIDES:
            columns[f"of {steps} steps"][name] = f"{needed / (seconds * steps):.2f}"
    return columns


def epochs_of(setting: dict) -> int:
    """Return how often a setting goes through its clips: fewer clips, more often.

    Those of one voice, and those of both languages, make as many updates as all clips of one
    language do, half of them as well, and a quarter of them half as many. What ships for Czech
    makes more: see `shipped_recipe`.
    """
    if setting["steps"] == FINE:
        return shipped_recipe(setting["language"]).epochs
    if setting["minutes"] is not None:
        return 2 * EPOCHS
    if setting["language"] == BOTH:
        return EPOCHS // 2
    return 54 if setting["test"] == "speaker" else EPOCHS


def name_of(setting: dict, seed: int) -> str:
    """Return the name of a setting's checkpoint: that of a shipped one is ``cs-0``.

    >>> name_of({"language": "cs", "test": "speaker", "minutes": None, "steps": 25}, 1)
    'cs-speaker-25steps-1'
    """
    test = ["speaker"] if setting["test"] == "speaker" else []
    minutes = [] if setting["minutes"] is None else [f"{setting['minutes']}min"]
    steps = [] if setting["steps"] == FINE else [f"{setting['steps']}steps"]
    texts = [setting["texts"]] if "texts" in setting else []
    return "-".join([setting["language"], *test, *minutes, *steps, *texts, str(seed)])


def train(task: SpeechTask, setting: dict, seed: int):
    """Train the recogniser of a setting, from its checkpoint if it was stopped."""
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    if setting["steps"] == FINE:
        recipe = shipped_recipe(setting["language"])
    else:
        recipe = SpeechRecipe(epochs=epochs_of(setting), time_strides=STRIDES[COARSE])
    checkpoint = CHECKPOINTS / f"{name_of(setting, seed)}.npz"
    return train_recognizer(task, recipe, seed=seed, checkpoint=checkpoint)


def exchange_texts(task: SpeechTask) -> SpeechTask:
    """Return a task whose training clips have each the text of another clip: nothing to learn.

    It is the text that is next in length, so that every clip still has steps for all letters.
    """
    exchanged, texts = copy(task), np.array(task.texts["train"])
    order = np.argsort([len(text) for text in texts], kind="stable")
    texts[order[1:]], texts[order[0]] = texts[order[:-1]], texts[order[1]]
    exchanged.texts = {**task.texts, "train": texts.tolist()}
    return exchanged


def voices_of(task: SpeechTask, split: str) -> np.ndarray:
    """Return for each clip whether one of the two fish speaks, ``(clips,)`` of bool."""
    return task.of(split, "role") < len(FISH)


def languages_of(task: SpeechTask, split: str) -> np.ndarray:
    """Return the code of each clip's language, ``(clips,)`` of texts."""
    return np.array(task.dataset.classes["language"])[task.of(split, "language")]


def write_all(task: SpeechTask, logits: dict) -> dict[str, list[str]]:
    """Return the texts of the test clips by each way of decoding.

    ``logits`` are ``{split: a list}`` of validation and test. The language model reads the training
    texts; its order, weight and bonus are chosen on validation.
    """
    reader, some = fit_language_model(task), slice(None, None, VALIDATED)
    beam = choose_beam(logits["validation"][some], task.texts["validation"][some], reader)
    ways = {
        "greedy": {},
        "beam": {"beam_width": BEAM_WIDTH},
        "beam and language model": {"beam_width": BEAM_WIDTH, "language_model": reader, **beam},
    }
    return {way: decode(logits["test"], task.letters, **options) for way, options in ways.items()}


def other_lines(task: SpeechTask) -> np.ndarray:
    """Return for each test clip another line of about the same length, ``(clips,)`` of texts."""
    said = np.array(task.texts["test"])
    order = np.argsort([len(text) for text in said], kind="stable")
    other = np.empty_like(said)
    other[order] = said[np.roll(order, 1)]
    return other


def repeat_row(task: SpeechTask) -> tuple[str, list[str]]:
    """Return a row of letters, and for each test clip a text of nothing but this row.

    Row and letters a second are those of the fewest errors on every sixth training line: rows of
    two to six letters that are common, and shares of the pace of the training lines.
    """
    texts, some = task.texts["train"], slice(None, None, 6)
    seconds = {split: task.clips(split).seconds for split in ("train", "test")}
    pace = sum(map(len, texts)) / seconds["train"].sum()
    counts = [
        Counter(text[at : at + size] for text in texts for at in range(len(text) - size + 1))
        for size in range(2, 7)
    ]

    def write(row, share, lengths):
        letters = np.maximum(1, np.round(share * pace * lengths)).astype(int)
        return [(row * count)[:count] for count in letters]

    tried = [
        (cer(write(row, share, seconds["train"][some]), texts[some]), row, share)
        for count in counts
        for row, _ in count.most_common(COMMON)
        for share in PACES
    ]
    _, row, share = min(tried)
    return row, write(row, share, seconds["test"])


def count_errors(task: SpeechTask, written: dict[str, list[str]]) -> list[dict]:
    """Return the error rates of texts as `write_all` returns them: all, the two fish, others.

    Those of two languages are also counted for each of them, under its code in place of voices.
    Beside them stand those of another line of about the same length: what a text gets that was not
    listened to.
    """
    said, fish = np.array(task.texts["test"]), voices_of(task, "test")
    voices = {"all": np.ones(len(said), bool), "two fish": fish, "others": ~fish}
    if len(task.languages) > 1:
        voices |= {language: languages_of(task, "test") == language for language in task.languages}
    return [
        {
            "decoding": way,
            "voices": name,
            "clips": int(mask.sum()),
            "cer": cer(np.array(texts)[mask].tolist(), said[mask].tolist()),
            "wer": wer(np.array(texts)[mask].tolist(), said[mask].tolist()),
        }
        for way, texts in {**written, "another line": other_lines(task).tolist()}.items()
        for name, mask in voices.items()
        if mask.any()
    ]


def disturb(waves: Sequence[np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Return recordings as they are, noisy, softer, faster, and begun later, by what was done."""
    rng, changed = np.random.default_rng(0), {"as it is": list(waves)}
    for decibel in NOISE:
        loud = 10 ** (-decibel / 20)  # the noise, of the voice
        changed[f"noise, {decibel} dB below"] = [
            wave + rng.normal(0, loud * wave.std(), len(wave)).astype("float32") for wave in waves
        ]
    changed["a tenth as loud"] = [wave * np.float32(0.1) for wave in waves]
    changed["a fifth faster"] = [change_speed(wave, 1.2) for wave in waves]
    changed["begun 10 ms later"] = [wave[RATE // 100 :] for wave in waves]
    return changed


def count_changed(language: str, shifts: tuple[int, ...], every: int = 32) -> dict[int, float]:
    """Return for each shift which share of the letters changes if a line begins so much later.

    ``shifts`` are milliseconds; the recogniser that ships writes every so many test lines.
    """
    recognizer = load_recognizer(language)
    speech = load_dialogues(language=language).test.inputs["speech"]
    lines = [speech[place] for place in range(0, len(speech), every)]
    cuts = [shift * speech.sample_rate // 1000 for shift in (0, *shifts)]
    waves = [wave[cut:] for cut in cuts for wave in lines]
    written = recognizer.write(waves, beam_width=None)  # all at once: one graph is traced
    at_once, *later = (written[at : at + len(lines)] for at in range(0, len(waves), len(lines)))
    return {shift: cer(texts, at_once) for shift, texts in zip(shifts, later, strict=True)}
