"""The tables of "Speech and text"."""

from mmtutorial.results import intervals

DECODINGS = ("greedy", "beam", "beam and language model")
NAMES = {"cs": "Czech", "nl": "Dutch"}
BOTH = "cs+nl"
EXCHANGED, ONE_ROW = "exchanged", "one row"  # the controls
RATES = {"cer": "letters wrong (CER)", "wer": "words wrong (WER)"}
MINUTES = {"14": 14, "28": 28, "None": 56}  # as stored, and as they are
COARSE, FINE = 25, 50  # steps a second: what is compared, and what ships
ALL = {"test": "level", "minutes": None}  # the levels, after all of the training speech


def _intervals(rows, value, **where):
    """Return ``{method: Interval}`` of the rows that match."""
    return intervals([row for row in rows if _fits(row, where)], value)


def _by(result, key, **where):
    """Return the rows that have a key, with its values as their methods."""
    rows = (row for row in result["rows"] if key in row and _fits(row, where))
    return [{**row, "method": str(row[key])} for row in rows]


def _fits(row, where):
    return all(row.get(name, "") == each for name, each in where.items())


def decoding_columns(
    result: dict, language: str = "cs", steps: int = FINE, *, controls: dict | None = None
) -> dict[str, dict]:
    """Return a column for each error rate, a row for each way of decoding, for `Table`.

    With ``controls``, one more is for a text of one row of letters.
    """
    where = {"voices": "all", **ALL, "steps": steps}
    rows = _by(result, "decoding", language=language, **where)
    if controls is not None:
        rows += _one_row(controls, language=language, voices="all")
    return {title: _intervals(rows, rate) for rate, title in RATES.items()}


def _one_row(controls, **where):
    """Return the rows of the texts that repeat one row of letters."""
    return [row for row in _by(controls, "decoding", **where) if row["decoding"] == ONE_ROW]


def exchanged_rates(controls: dict) -> dict:
    """Return the letters wrong after a training on the texts of other clips, by decoding."""
    rows = _by(controls, "decoding", texts=EXCHANGED, voices="all")
    return _intervals(rows, "cer")


def step_columns(result: dict) -> dict[str, dict]:
    """Return the letters wrong with coarse and with fine steps, in each language, for `Table`."""
    return {
        f"{name}, {steps} steps a second": decoding_columns(result, language, steps)[RATES["cer"]]
        for language, name in NAMES.items()
        for steps in (COARSE, FINE)
    }


def voice_columns(result: dict, controls: dict, language: str = "cs") -> dict[str, dict]:
    """Return the letters wrong in lines of the two fish, and of others, for `Table`."""
    rows = _by(result, "decoding", language=language, steps=FINE, **ALL)
    rows += _one_row(controls, language=language)
    return {
        f"letters wrong, {voices}": _intervals(rows, "cer", voices=voices)
        for voices in ("two fish", "others")
    }


def split_columns(result: dict, rate: str = "cer") -> dict[str, dict]:
    """Return an error rate of an unseen voice, between less and more speech of known ones.

    A column for each way of decoding. Those of the levels are of lines of the two fish. All take 25
    steps a second.
    """
    columns = {}
    for decoding in DECODINGS:
        where = {"language": "cs", "decoding": decoding, "steps": COARSE}
        level = _intervals(_by(result, "minutes", test="level", voices="two fish", **where), rate)
        speaker = _intervals(_by(result, "test", test="speaker", voices="all", **where), rate)
        columns[decoding] = {
            "unseen levels, after 14 minutes": level["14"],
            "an unseen voice, after 31 minutes": speaker["speaker"],
            "unseen levels, after 56 minutes": level["None"],
        }
    return columns


def minute_curves(result: dict) -> dict[str, dict]:
    """Return the letters wrong of Czech levels by the minutes of training speech, by decoding.

    All take 25 steps a second.
    """
    where = {"language": "cs", "test": "level", "voices": "all", "steps": COARSE}
    rows = _by(result, "minutes", **where)
    return {
        decoding: {
            minutes: _intervals(rows, "cer", decoding=decoding)[name]
            for name, minutes in MINUTES.items()
        }
        for decoding in (DECODINGS[0], DECODINGS[2])
    }


def language_columns(result: dict) -> dict[str, dict]:
    """Return the letters wrong of one model for both languages, beside one for each, for `Table`.

    All take 25 steps a second.
    """
    columns = {}
    for language, name in NAMES.items():
        for decoding in (DECODINGS[0], DECODINGS[2]):
            where = {"decoding": decoding, "steps": COARSE, **ALL}
            alone = _by(result, "language", language=language, voices="all", **where)
            both = _by(result, "language", language=BOTH, voices=language, **where)
            columns[f"{name}, {decoding}"] = {
                "a model of its own": _intervals(alone, "cer")[language],
                "one model for both": _intervals(both, "cer")[BOTH],
            }
    return columns


def search_columns(result: dict, chance: dict) -> dict[str, dict]:
    """Return R@10 of the English line in each language; ``chance`` has a number for each."""
    return {
        f"{name}, R@10": {
            **_intervals(
                _by(result, "search", language=language, steps=FINE, **ALL),
                "recall_at_10",
            ),
            "chance": chance[language],
        }
        for language, name in NAMES.items()
    }
