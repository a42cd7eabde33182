"""From the stored form of a study, which is nested, to flat rows for tables and notebooks."""

import json


def flatten(stored: dict) -> dict:
    """Return rows, choices, comparisons and items of a stored study, each a list of flat dicts.

    A row holds its setting, its seed, its cost, and what the study measured; where the row names a
    method of its own, such as ``"concat, text shuffled"``, that is the one that counts.
    """
    flat = {
        "made": summarise(stored["sessions"]),
        "rows": [
            {**run["setting"], "seed": run["seed"], **_cost(run), **row}
            for run in stored["runs"]
            for row in run["rows"]
        ],
        "choices": [
            {**{k: v for k, v in choice.items() if k != "setting"}, **choice["setting"]}
            for choice in stored["choices"]
        ],
        "comparisons": stored["contrasts"],
        "items": [
            {**item["labels"], "seeds": item["seeds"], "counts": item["counts"]}
            for item in stored["items"]
        ],
    }
    return flat | stored.get("tables", {})


def to_text(stored: dict) -> str:
    """Write a result as JSON, one line for each run or choice, so that changes can be read."""
    parts = []
    for key, value in stored.items():
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        if isinstance(value, list) and value:
            lines = (json.dumps(each, allow_nan=False, ensure_ascii=False) for each in value)
            text = "[\n  " + ",\n  ".join(lines) + "\n ]"
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _cost(run: dict) -> dict:
    return {key: run[key] for key in ("cpu_seconds", "wall_seconds") if run.get(key) is not None}


def summarise(sessions: list[dict]) -> dict:
    """Return how the whole of a study was made: the last command, and all minutes together."""
    if not sessions:
        return {}
    last = max(sessions, key=lambda session: session["date"])
    keys = ("command", "date", "machine", "versions", "clock", "threads", "commit")
    minutes = round(sum(session["minutes"] for session in sessions), 1)
    return {**{key: last.get(key) for key in keys}, "minutes": minutes, "sessions": sessions}
