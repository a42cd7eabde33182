"""The tables of "Translation": methods, scores, and what beats the nearest neighbour."""

from mmtutorial.results import intervals, select

METHODS = {  # of the study, as the tables name them
    "captioner": "captioner, greedy",
    "captioner, beam": "captioner, beam of four",
    "captioner, sampled": "captioner, sampled",
    "captioner, image shuffled": "captioner, image shuffled",
    "drawn order": "drawn order, greedy",
    "drawn order, beam": "drawn order, beam of four",
    "pixels": "from pixels, greedy",
    "nearest": "nearest neighbour",
    "probe": "linear probe",
    "frequent": "most frequent caption",
}
BASELINES = [METHODS[key] for key in ("captioner, image shuffled", "nearest", "probe", "frequent")]
DIGITS = {"bleu": 1, "chrf": 1, "words": 1}


def score_intervals(result: dict, domain: str, value: str = "f1") -> dict:
    """Return ``{method: Interval}`` of a score; of one run, an interval without width."""
    found = {}
    for method, title in METHODS.items():
        values = select(result["rows"], value, method=method, domain=domain)
        if len(values) > 1:
            rows = [row for row in result["rows"] if row["method"] == method]
            found[title] = intervals(rows, value, domain=domain)[method]
        else:
            found[title] = (float(values[0]),) * 3
    return found


def score_columns(result: dict, domain: str, scores: dict[str, str]) -> dict[str, dict]:
    """Return a column for each score, ``{title: name in the study}``, for `Table`: means."""
    columns = {}
    for title, value in scores.items():
        columns[title], digits = {}, DIGITS.get(value, 3)
        for method, name in METHODS.items():
            mean = select(result["rows"], value, method=method, domain=domain).mean()
            columns[title][name] = f"{mean:.{digits}f}"
    return columns


def paired(result: dict, method: str, against: str, domain: str) -> dict:
    """Return the stored comparison of two methods; ``ValueError`` if there is not just one."""
    asked = {"method": method, "against": against, "domain": domain}
    found = [row for row in result["comparisons"] if asked.items() <= row.items()]
    if len(found) != 1:
        raise ValueError(f"{len(found)} comparisons have {asked}")
    return found[0]


def comparison_columns(result: dict, against: str) -> dict[str, dict]:
    """Return the difference of F1 from a method with its 95 % interval, by domain, for `Table`."""
    columns = {}
    for domain in ("emoji", "stamps"):
        column = columns[f"{domain}, difference of F1"] = {}
        for method, title in METHODS.items():
            if method != against:
                row = paired(result, method, against, domain)
                column[title] = say_difference(row)
    return columns


def say_difference(row: dict) -> str:
    """Write a comparison as its mean and its 95 % interval.

    >>> say_difference({"difference": -0.01, "low": -0.02, "high": 0.001})
    '−0.010 (−0.020 to +0.001)'
    """
    mean, low, high = (
        f"{row[side]:+.3f}".replace("-", "−") for side in ("difference", "low", "high")
    )
    return f"{mean} ({low} to {high})"


def study_numbers(result: dict) -> dict[str, str]:
    """Return the scores of all methods in both domains, ``{"f1 emoji probe": "0.150", ...}``."""
    numbers = {}
    for domain in ("emoji", "stamps"):
        for value, digits in {"f1": 3, "invented": 2, "copied": 2, "frequent": 2}.items():
            found = score_intervals(result, domain, value)
            for method, title in METHODS.items():
                numbers[f"{value} {domain} {method}"] = f"{found[title][0]:.{digits}f}"
    return numbers
