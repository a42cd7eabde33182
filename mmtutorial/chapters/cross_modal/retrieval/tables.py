"""The tables of "Retrieval and zero-shot": scores by method, language and question."""

from collections.abc import Iterable, Sequence

from mmtutorial.results import interval, select

DIRECTIONS = {"image_to_text": "image → text", "text_to_image": "text → image"}
SCORES = {
    "recall_at_1": "R@1",
    "recall_at_10": "R@10",
    "median_rank": "median rank",
    "mean_average_precision": "mAP",
}
DIGITS = {"median_rank": 1}  # behind the point; of all others 3
LANGUAGES = {"en": "English", "zh": "Chinese"}
SPOKEN = {"fr": "French", "es": "Spanish"}
PROMPTS = ("the name", "six sentences")


def write_score(rows: Iterable[dict], score: str, **where) -> str:
    """Write the mean of a score over the seeds, with its 95 % interval if there are several.

    >>> rows = [{"seed": seed, "recall_at_10": 0.25} for seed in range(3)]
    >>> write_score(rows, "recall_at_10"), write_score(rows[:1], "recall_at_10")
    ('0.250 ± 0.000', '0.250')
    """
    values = select(rows, score, **where)
    digits = DIGITS.get(score, 3)
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    found = interval(values)
    return f"{found.mean:.{digits}f} ± {found.high - found.mean:.{digits}f}"


def search_table(
    rows: Iterable[dict], lines: dict[str, dict], *, asked: str, chance: dict[str, float]
) -> dict[str, dict[str, str]]:
    """Return all scores of the search in both directions: ``{column: {line: score}}``.

    ``lines`` maps the name of a line to what its rows hold, such as ``{"method": "ridge"}``;
    ``chance`` maps each score to what a random order has.
    """
    found = {}
    for direction, arrow in DIRECTIONS.items():
        for score, short in SCORES.items():
            where = {"question": "search", "asked": asked, "direction": direction}
            column = {n: write_score(rows, score, **where, **line) for n, line in lines.items()}
            column["chance"] = f"{chance[score]:.{DIGITS.get(score, 3)}f}"
            found[f"{arrow} {short}"] = column
    return found


def group_table(rows: Iterable[dict], lines: dict[str, dict]) -> dict[str, dict[str, str]]:
    """Return the accuracy of zero-shot groups by language and prompts."""
    return {
        f"{language}, {prompts}": {
            name: write_score(
                rows, "accuracy", question="groups", asked=code, prompts=prompts, **line
            )
            for name, line in lines.items()
        }
        for code, language in LANGUAGES.items()
        for prompts in PROMPTS
    }


def photograph_table(rows: Iterable[dict], lines: dict[str, dict]) -> dict[str, dict[str, str]]:
    """Return R@10 over the stamps by language and direction: ``{column: {line: score}}``."""
    found = {}
    for code, language in LANGUAGES.items():
        for direction, arrow in DIRECTIONS.items():
            where = {"question": "photographs", "asked": code, "direction": direction}
            found[f"{language}, {arrow}"] = {
                name: write_score(rows, "recall_at_10", **where, **line)
                for name, line in lines.items()
            }
    return found


def language_table(
    rows: Iterable[dict], methods: Sequence[str], trained: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return R@10 of each method by the language of training, asked in each: image to text."""
    where = {"question": "search", "direction": "image_to_text"}
    return {
        f"asked in {language}": {
            f"{method}, trained in {each}": write_score(
                rows, "recall_at_10", method=method, trained=each, asked=code, **where
            )
            for method in methods
            for each in trained
            if any(row["method"] == method and row["trained"] == each for row in rows)
        }
        for code, language in LANGUAGES.items()
    }


def rerank_table(rows: Iterable[dict]) -> dict[str, dict[str, str]]:
    """Return R@1 and mAP of each order of the first ten: ``{column: {order: score}}``."""
    orders = dict.fromkeys(row["order"] for row in rows)
    return {
        SCORES[score]: {order: write_score(rows, score, order=order) for order in orders}
        for score in ("recall_at_1", "mean_average_precision")
    }


def speech_table(rows: Iterable[dict]) -> dict[str, dict[str, str]]:
    """Return the scores of spoken captions over five folds: ``{column: {language: score}}``."""
    columns = {"recall_at_10": "R@10", "chance": "R@10 by chance", "median_rank": "median rank"}
    return {
        column: {name: write_score(rows, score, language=code) for code, name in SPOKEN.items()}
        for score, column in columns.items()
    }


def index_table(rows: Iterable[dict]) -> dict[str, dict[str, str]]:
    """Return what each search among many vectors found and took: ``{column: {search: value}}``."""
    found = {"recall@10": {}, "ms per query": {}, "µs per vector to build": {}}
    for row in rows:
        name = f"{row['vectors']:,}, {row['index']}" + (f", {row['ef']}" if row["ef"] else "")
        found["recall@10"][name] = f"{row['recall']:.3f}"
        found["ms per query"][name] = f"{row['milliseconds']:.2f}"
        found["µs per vector to build"][name] = f"{row['build_microseconds']:.0f}"
    return found


SHORT = {
    "dual encoder": "dual",
    "ensemble": "ensemble",
    "frozen text half": "frozen",
    "ridge": "ridge",
    "shuffled pairs": "shuffled",
}


def search_numbers(result: dict) -> dict[str, float]:
    """Return the means that the text names, of the main study.

    ``dual_en`` is R@10, image to text, of the dual encoder of both languages asked in English;
    ``kept_...`` is the share of it that is left in the other language, trained in one alone, and
    ``kept_..._back`` that of R@10, text to image; ``drawings_...`` is R@1 among drawings;
    ``zero_...`` is the accuracy on groups by six sentences, ``one_name`` that by the name.
    """
    rows = result["rows"]

    def mean(value, method="dual encoder", trained="both", **where):
        return float(select(rows, value, method=method, trained=trained, **where).mean())

    def ten(method, trained, asked, direction="image_to_text"):
        where = {"question": "search", "direction": direction, "asked": asked}
        return mean("recall_at_10", method, trained, **where)

    def kept(method, *direction):
        return ten(method, "English", "zh", *direction) / ten(method, "English", "en", *direction)

    found = {f"{SHORT[m]}_{code}": ten(m, "both", code) for m in SHORT for code in LANGUAGES}
    for name in ("dual encoder", "frozen text half", "ridge"):
        found[f"kept_{SHORT[name]}"] = kept(name)
        found[f"kept_{SHORT[name]}_back"] = kept(name, "text_to_image")
        by_sentence = [mean("accuracy", name, asked=c, prompts=PROMPTS[1]) for c in LANGUAGES]
        found[f"zero_{SHORT[name]}"] = sum(by_sentence) / 2
    found["kept_back"] = ten("dual encoder", "Chinese", "en") / ten("dual encoder", "Chinese", "zh")
    found["one_name"] = sum(mean("accuracy", asked=c, prompts=PROMPTS[0]) for c in LANGUAGES) / 2
    made = {"dual": ("dual encoder", "both"), "shuffled": ("shuffled pairs", "both")}
    for key, how in {**made, "features": ("linear probe", "nothing")}.items():
        found[f"drawings_{key}"] = mean("recall_at_1", *how, question="drawings")
    english = {"asked": "en", "direction": "image_to_text"}
    found["first_en"] = mean("recall_at_1", question="search", **english)
    found["photo_en"] = mean("recall_at_10", question="photographs", **english)
    ensemble = next(row for row in result["choices"] if row["method"] == "ensemble")
    return {**found, "members": ensemble["config"]["members"]}


def later_numbers(
    reranked: Iterable[dict], speech: Iterable[dict], many: Iterable[dict], *, ef: int = 64
) -> dict[str, float]:
    """Return the means that the text names, of re-ranking, of French speech and of many vectors.

    ``ef`` says at how many candidates the graph looks.
    """
    found = {}
    orders = {"first": "first stage", "alone": "re-ranker alone", "added": "re-ranker added"}
    for key, order in {**orders, "ridge": "ridge added"}.items():
        found[f"rerank_{key}"] = float(select(reranked, "recall_at_1", order=order).mean())
    for key, value in {"speech_fr": "recall_at_10", "speech_chance": "chance"}.items():
        found[key] = float(select(speech, value, language="fr").mean())
    for key, where in {"exact": {"index": "exact"}, "hnsw": {"index": "HNSW", "ef": ef}}.items():
        few, most = (select(many, "milliseconds", vectors=n, **where)[0] for n in (10**4, 10**6))
        found |= {f"{key}_ms": float(most), f"{key}_times": float(most / few)}
    graph = {"vectors": 10**6, "index": "HNSW", "ef": ef}
    found["index_recall"] = float(select(many, "recall", **graph)[0])
    return {**found, "build_us": float(select(many, "build_microseconds", **graph)[0])}
