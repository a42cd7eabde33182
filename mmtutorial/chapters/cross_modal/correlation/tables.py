"""The tables of "Correlation": what a search in each common space finds."""

from mmtutorial.results import index_rows, intervals, select
from mmtutorial.results.comparisons import significant_sign
from mmtutorial.results.formatting import format_comparison

LANGUAGES = {"en": "English", "zh": "Chinese"}
SEARCHES = ("image to text", "text to image")


def recall_panels(result: dict, search: str) -> dict[str, dict]:
    """Return ``{language: {method: Interval of R@10}}`` of one search, for `interval_dots`."""
    return {
        title: intervals(result["rows"], language=language, search=search)
        for language, title in LANGUAGES.items()
    }


def search_columns(result: dict, language: str, search: str) -> dict[str, dict]:
    """Return the columns of one search in one language, for `Table`."""
    where = {"language": language, "search": search}
    found = {
        title: {
            name: f"{one.mean:.{digits}f}"
            for name, one in intervals(result["rows"], key, **where).items()
        }
        for title, key, digits in (
            ("R@1", "recall_at_1", 3),
            ("median rank", "median_rank", 0),
            ("mAP", "mean_average_precision", 3),
        )
    }
    rows = [row for row in result["comparisons"] if where.items() <= row.items()]
    compared = index_rows(rows, "method")
    recall = intervals(result["rows"], **where)
    return {
        "R@10": recall,
        "R@10 minus ridge": {name: format_comparison(compared.get(name)) for name in recall},
        **found,
    }


def compared_with_ridge(result: dict) -> dict[tuple, dict[str, int]]:
    """Return ``{(language, search): {method: 1 ahead of ridge regression, -1 behind, or 0}}``."""
    found = {}
    for row in result["comparisons"]:
        where = (row["language"], row["search"])
        found.setdefault(where, {})[row["method"]] = significant_sign(row)
    return found


def recall_by_search(result: dict) -> dict[tuple, dict]:
    """Return ``{(language, search): {method: Interval of R@10}}``."""
    return {
        (language, search): recall_panels(result, search)[title]
        for language, title in LANGUAGES.items()
        for search in SEARCHES
    }


def write_recall(result: dict) -> dict[str, str]:
    """Return R@10 for `glue`, by method and language, such as ``"CCA_en"``.

    ``_back`` behind it stands for a search from text to image; ``cca_seconds`` are those of the
    processor that a run of CCA in English took.
    """
    where = {"method": "CCA", "language": "en", "search": SEARCHES[0]}
    seconds = select(result["rows"], "cpu_seconds", **where).mean()
    found = {
        f"{method}_{language}{'_back' * (search == SEARCHES[1])}": f"{one.mean:.2f}"
        for (language, search), panel in recall_by_search(result).items()
        for method, one in panel.items()
    }
    return {**found, "cca_seconds": f"{seconds:.1f}"}
