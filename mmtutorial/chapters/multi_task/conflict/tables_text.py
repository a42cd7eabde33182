"""The numbers in the sentences of "Conflicting gradients", for `glue`: what the studies stored."""

import numpy as np

from mmtutorial.chapters.multi_task.conflict.settings import (
    IN_OTHER_UNIT,
    LONG_STEPS,
    METHODS,
    WITH_SOLVED,
)
from mmtutorial.chapters.multi_task.conflict.tables import (
    OTHERS,
    cpu_minutes,
    find,
    mean_score,
    mean_weight,
    where,
    write_interval,
)
from mmtutorial.evaluation import interval
from mmtutorial.results import by_seed, select


def pairs_of(result):
    """Return ``{key: {pair: mean}}`` of the sum: ``"negative"``, ``"batch"`` and ``"whole"``."""
    rows = [row for row in result["rows"] if "pair" in row and _of_sum(row)]
    return {
        key: {
            pair: float(np.mean([row[key] for row in rows if row["pair"] == pair]))
            for pair in dict.fromkeys(row["pair"] for row in rows)
        }
        for key in ("negative", "batch", "whole")
    }


def whole_of(result, pair):
    """Return the cosine of a pair on all training data: mean over the seeds, and its interval."""
    rows = [row for row in result["rows"] if row.get("pair") == pair and _of_sum(row)]
    return _spread([row["whole"] for row in rows])


def write_pairs(result):
    """Return how often the gradients of five tasks conflict, and by how much."""
    below, batch, _ = pairs_of(result).values()
    least, most = min(batch, key=batch.get), max(batch, key=batch.get)
    again = [row["again"] for row in result["rows"] if "again" in row and _of_sum(row)]
    return {
        "below": f"{100 * np.mean(list(below.values())):.0f} %",
        "again": f"{np.mean(again):.2f}",
        "least_pair": least,
        "least_batch": _minus(f"{batch[least]:.3f}"),
        "least_negative": f"{100 * below[least]:.0f} %",
        "least_whole": write_interval(whole_of(result, least)),
        "most_pair": most,
        "most_batch": f"{batch[most]:.2f}",
    }


def write_looks(cosines, lengths):
    """Return the ends of all cosines, ``(any,)``, and of the lengths, ``(looks, tasks)``."""
    longest = np.max(np.max(lengths, axis=1) / np.min(lengths, axis=1))
    ends = {"layer_least": np.min(cosines), "layer_most": np.max(cosines)}
    return {"longest": f"{longest:.0f}"} | {n: _minus(f"{each:.2f}") for n, each in ends.items()}


def write_verdict(result):
    """Return the scores of the combinations, and their differences from the sum."""
    versus = [row for row in result["differences"] if row["what"] == "method minus sum"]
    found = {name: find(result, "method minus sum", aggregator=name) for name in METHODS}
    values = {name: write_interval(row) for name, row in found.items()}
    means = {"plain": mean_score(result)}
    means |= {name.replace(", ", " "): mean_score(result, architecture=name) for name in OTHERS}
    values |= {name: f"{each.mean:.3f}" for name, each in means.items()}
    ends = {
        "best_gain": max(row["difference"] for row in versus),
        "plain_high": max(row["high"] for row in found.values()),
        "any_high": max(row["high"] for row in versus),
    }
    values |= {name: f"{end:+.3f}".replace("0.", ".") for name, end in ends.items()}
    artist = find(result, "by task, method minus sum", "artist", aggregator="mgda")
    joint = [row for row in result["differences"] if row["what"] == "joint minus apart"]
    values |= {f"artist_{name}": f"{each:.3f}" for name, each in artists_of(result).items()}
    return values | {
        "versus_count": len(versus),
        "joint_count": len(joint),
        "apart_gain": write_interval(find(result, "joint minus apart")),
        "mgda_artist": write_interval(artist),
        "mgda_p": f"{found['mgda']['p_adjusted']:.2f}",
        "study_minutes": f"{cpu_minutes(result):.0f}",
        **{f"study_{key}": result["made"][key] for key in ("date", "machine")},
    }


def artists_of(result):
    """Return the score of the artist by the sum, with the weights of MGDA fixed, and by MGDA."""
    kinds = {"sum": {}, "fixed": {"weighting": "as mgda"}, "mgda": {"aggregator": "mgda"}}
    return {name: mean_score(result, "artist", **kind).mean for name, kind in kinds.items()}


def weights_of(result, tasks):
    """Return ``{method: its mean weights, in the order of the tasks}``."""
    return {name: [mean_weight(result, task, name) for task in tasks] for name in METHODS}


def behind_sum(result):
    """Return ``{method: its difference from the sum}`` of the mean score on spoken lines."""
    rows = [row for row in result["rows"] if "score" in row]
    base, found = by_seed(rows, "score", method="none", task="mean"), {}
    for name in METHODS:
        one = by_seed(rows, "score", method=name, task="mean")
        found[name] = _spread([one[seed] - base[seed] for seed in sorted(base)])
    return found


def spoken_of(result, what, method, task):
    """Return the mean ``"score"`` or ``"weight"`` of a method for a task, on spoken lines."""
    rows = [row for row in result["rows"] if what in row]
    return float(select(rows, what, method=method, task=task).mean())


def write_speech(result):
    """Return what was seen of spoken lines."""
    batch = pairs_of(result)["batch"]
    furthest = max(batch, key=lambda pair: abs(batch[pair]))
    behind = {name: row for name, row in behind_sum(result).items() if row["high"] < 0}
    return {
        "speech_furthest": furthest,
        "speech_cosine": _minus(f"{batch[furthest]:.2f}"),
        "spoken_language": f"{spoken_of(result, 'score', 'none', 'language'):.3f}",
        "language": f"{spoken_of(result, 'weight', 'mgda', 'language'):.1f}",
        **{f"spoken_{name}": write_interval(row) for name, row in behind.items()},
        **{f"role_{n}": f"{spoken_of(result, 'score', n, 'role'):.2f}" for n in ("none", "mgda")},
    }


def write_solved(result):
    """Return what a solved task costs, and how much of it steps of another length win back."""
    options, values = {"architecture": WITH_SOLVED}, {}
    for name in ("none", "mgda", "imtl_g"):
        row = find(result, f"{WITH_SOLVED} minus without", aggregator=name, **options)
        values[f"solved_{name}"] = write_interval(row)
    values["solved_sum"] = f"{mean_score(result, **options).mean:.3f}"
    for name in ("mgda", "imtl_g"):
        long = {"architecture": LONG_STEPS, "aggregator": name}
        row = find(result, "steps of the mean's length minus own", **long)
        values[f"longer_{name}"] = write_interval(row)
        values[f"longer_{name}_after"] = f"{mean_score(result, **long).mean:.3f}"
        values[f"longer_{name}_before"] = f"{mean_score(result, aggregator=name).mean:.3f}"
    return values


def write_unit(result):
    """Return what a loss in another unit costs each method."""
    options, values = {"architecture": IN_OTHER_UNIT}, {}
    for name in ("none", "mgda", "imtl_g"):
        row = find(result, f"{IN_OTHER_UNIT} minus without", aggregator=name, **options)
        values[f"unit_{name}"] = write_interval(row)
    left = mean_score(result, "artist", aggregator="mgda", **options)
    values["unit_artist"] = f"{left.mean:.2f}"
    for task in ("artist", "group", "subgroup"):
        for key, architecture in (("hard", "hard"), ("artist", IN_OTHER_UNIT)):
            score = mean_score(result, task, architecture=architecture)
            values[f"unit_{task}_{key}"] = f"{score.mean:.2f}"
    return values


def _of_sum(row):
    """Say whether a row is of the sum: of plain hard sharing, or on spoken lines."""
    plain = where() if "architecture" in row else {"method": "none"}
    return plain.items() <= row.items()


def _spread(values):
    """Return a mean with its interval, as a comparison has them."""
    return dict(zip(("difference", "low", "high"), interval(np.array(values)), strict=True))


def _minus(text):
    return text.replace("-", "\N{MINUS SIGN}")
