"""What "Balancing losses" compares: scores, gains over learning alone, differences by seed."""

import numpy as np
from scipy import stats

from mmtutorial.evaluation import holm, interval, relative_gain
from mmtutorial.results import by_seed, index_rows, select
from mmtutorial.results.comparisons import significant_sign
from mmtutorial.results.formatting import format_comparison, format_interval

BASELINE, BEGUN = "fixed", "uncertainty, begun well"  # the second not on stamps
OTHERS = ("equal", "random", "uncertainty", BEGUN, "inverse", "dynamic", "gradnorm")
JOINT = (BASELINE, *OTHERS)
NAMES = {"dynamic": "dynamic weights", "gradnorm": "GradNorm"}  # where the reader sees them
SHORT = {BEGUN: "begun"}  # in the names of numbers
TASKS = ("artist", "group", "lightness")
STAMPS = ("category", "language", "sound")
SITUATIONS = {
    "as it is": "standard deviations",
    "in per cent": "lightness in per cent",
    "half shuffled": "half of groups shuffled",
}
EXTRA = ("group of image", "group of text", "equal, words shuffled")


def write_name(method: str) -> str:
    """Write a method as the text does."""
    return NAMES.get(method, method)


def joint_of(result: dict) -> list[str]:
    """Return the methods of `JOINT` that a study has."""
    there = {row["method"] for row in result["rows"]}
    return [name for name in JOINT if name in there]


def compare_seeds(result: dict, keys: tuple) -> dict[str, list]:
    """Compare the mean score of each method with fixed weights, seed by seed.

    A family, for Holm's adjustment, are the methods of one situation: ``keys`` tell situations
    apart. Returns ``{"differences": rows}`` with Student's interval of the difference.
    """
    rows = [row for row in result["rows"] if row["task"] == "mean"]
    found, names = [], joint_of(result)
    for labels in _situations(rows, keys, names):
        base, family = by_seed(rows, method=BASELINE, **labels), []
        for method in names[1:]:
            other = by_seed(rows, method=method, **labels)
            gaps = np.array([other[seed] - base[seed] for seed in base])
            mean, low, high = interval(gaps)
            p_value = float(stats.ttest_1samp(gaps, 0.0).pvalue)
            family.append({**labels, "method": method, "against": BASELINE, "difference": mean,
                           "low": low, "high": high, "p_value": p_value})  # fmt: skip
        adjusted = holm([row["p_value"] for row in family])
        found += [{**row, "p_adjusted": float(p)} for row, p in zip(family, adjusted, strict=True)]
    return {"differences": found}


def _situations(rows, keys, names):
    """Return the labels of each situation in which all methods were run, in order."""
    found = []
    for row in rows:
        labels = {key: row[key] for key in keys}
        there = {r["method"] for r in rows if all(r[key] == labels[key] for key in keys)}
        if labels not in found and {*names} <= there:
            found.append(labels)
    return found


def scores_of(result: dict, method: str, tasks: tuple = TASKS, **where) -> dict[str, np.ndarray]:
    """Return ``{task: scores (seeds,)}`` of a method.

    A task alone that a situation does not change has the scores that it has as it is.
    """
    rows, found = result["rows"], {}
    for task in tasks:
        here = dict(where)
        known = {row.get("situation") for row in rows
                 if row["method"] == method and row["task"] == task}  # fmt: skip
        if here.get("situation") not in known and method == "alone":
            here["situation"] = "as it is"
        found[task] = select(rows, "accuracy", method=method, task=task, **here)
    return found


def mean_of(scores: dict) -> "object":
    """Return the `Interval` of the mean over the tasks, by seed."""
    return interval(np.mean(list(scores.values()), axis=0))


def mean_panels(result: dict) -> dict[str, dict]:
    """Return ``{situation: {method: Interval of the mean score}}``, for `interval_dots`."""
    return {
        title: {
            write_name(name): mean_of(scores_of(result, name, situation=key))
            for name in ("alone", *joint_of(result))
        }
        for key, title in SITUATIONS.items()
    }


def score_columns(result: dict, situation: str) -> dict[str, dict]:
    """Return the columns of one situation, for `Table`."""
    columns = _columns(result, TASKS, situation=situation)
    for name in EXTRA if situation == "as it is" else ():
        rows = [row for row in result["rows"] if row["method"] == name]
        known = {row["task"] for row in rows if row["situation"] == situation}
        for column, values in columns.items():
            scores = select(rows, "accuracy", task=column, situation=situation) \
                if column in known else []  # fmt: skip
            values[name] = f"{np.mean(scores):.2f}" if len(scores) else ""
    return columns


def stamp_columns(result: dict) -> dict[str, dict]:
    """Return the columns of the stamps, for `Table`."""
    return _columns(result, STAMPS)


def _columns(result, tasks, **where):
    """Return a column for each task, the mean, its difference from fixed weights, and the gain."""
    columns = {task: {} for task in tasks}
    columns |= {name: {} for name in ("mean", "mean minus fixed", "gain over alone, %")}
    compared = differences_of(result, **where)
    alone = scores_of(result, "alone", tasks, **where)
    for name in ("alone", *joint_of(result)):
        scores, shown = scores_of(result, name, tasks, **where), write_name(name)
        for task in tasks:
            columns[task][shown] = f"{scores[task].mean():.2f}"
        columns["mean"][shown] = mean_of(scores)
        columns["mean minus fixed"][shown] = format_comparison(compared.get(name))
        gain = [f"{100 * x:+.0f}" for x in relative_gain(scores, alone)]
        columns["gain over alone, %"][shown] = (
            "" if name == "alone" else "{} ({} to {})".format(*gain).replace("-", "\N{MINUS SIGN}")
        )
    return columns


def differences_of(result: dict, **where) -> dict[str, dict]:
    """Return ``{method: its comparison with fixed weights}`` of one situation."""
    rows = [row for row in result["differences"] if where.items() <= row.items()]
    return index_rows(rows, "method")


def paired(result: dict, method: str, other: str, tasks: tuple = TASKS, **where) -> dict:
    """Return the difference of two methods' mean scores, with its interval over the seeds."""
    return _gap(*(scores_of(result, name, tasks, **where) for name in (method, other)))


def between_units(result: dict, method: str, tasks: tuple = TASKS) -> dict:
    """Return the same for one method with lightness in per cent, and in standard deviations."""
    keys = ("in per cent", "as it is")
    return _gap(*(scores_of(result, method, tasks, situation=key) for key in keys))


def _gap(*scores):
    one, two = (np.mean(list(each.values()), axis=0) for each in scores)
    return dict(zip(("difference", "low", "high"), interval(one - two), strict=True))


def over_alone(result: dict, tasks: tuple = TASKS, **where) -> dict[str, int]:
    """Return ``{method: 1 ahead of each task alone, -1 behind, or 0}``, by interval over seeds."""
    gaps = {name: paired(result, name, "alone", tasks, **where) for name in joint_of(result)}
    return {name: int(gap["low"] > 0) - int(gap["high"] < 0) for name, gap in gaps.items()}


def options_of(result: dict, method: str, situation: str) -> dict:
    """Return the options of a weighting that the search has chosen."""
    configs = select(result["choices"], "config", method=method, situation=situation)
    return configs[0]["all"]["options"]


def signs_of(result: dict, **where) -> dict[str, int]:
    """Return ``{method: 1 ahead of fixed weights, -1 behind, or 0}`` of one situation."""
    return {name: significant_sign(row) for name, row in differences_of(result, **where).items()}


def task_signs(result: dict, task: str, **where) -> dict[str, int]:
    """Return the same for one task, from the paired bootstrap over its test items."""
    rows = [row for row in result["comparisons"]
            if row["task"] == task and where.items() <= row.items()]  # fmt: skip
    return {row["method"]: significant_sign(row) for row in rows}


def last_weights(result: dict, methods: tuple, tasks: tuple, **where) -> dict[str, dict]:
    """Return ``{task: {method: its weight in the last epoch}}``, mean over the seeds.

    Weights are scaled to the sum of one for each task: only their ratios count.
    """
    found = {task: {} for task in tasks}
    for name in methods:
        weights = {
            task: select(result["rows"], "weight", method=name, task=task, **where).mean()
            for task in tasks
        }
        total = sum(weights.values())
        for task in tasks:
            found[task][name] = len(tasks) * weights[task] / total
    return found


def write_scores(result: dict) -> dict[str, str]:
    """Return numbers of the emoji for `glue`: mean scores, controls, differences, minutes.

    Such as ``"equal_cent"``: a method, and the last word of a situation.
    """
    found = {
        f"{SHORT.get(name, name)}_{key.split()[-1]}":
            f"{mean_of(scores_of(result, name, situation=key)).mean:.2f}"
        for key in SITUATIONS
        for name in ("alone", *joint_of(result))
    }  # fmt: skip
    controls = dict(zip(("image", "words", "shuffled", "both"), (*EXTRA, "equal"), strict=True))
    for key, name in controls.items():
        scores = select(result["rows"], "accuracy", method=name, task="group",
                        situation="as it is")  # fmt: skip
        found[f"group_{key}"] = f"{scores.mean():.2f}"
    for name in ("alone", *joint_of(result)):
        noisy = scores_of(result, name, situation="half shuffled")["group"]
        found[f"noisy_{SHORT.get(name, name)}"] = f"{noisy.mean():.2f}"
    pairs = [(name, other) for name in ("uncertainty", "gradnorm") for other in ("equal", BASELINE)]
    for name, other in (*pairs, (BEGUN, BASELINE), (BASELINE, "alone")):
        gap = paired(result, name, other, situation="in per cent")
        found[f"{SHORT.get(name, name)}_{other}"] = format_interval(gap)
    found["lightness_units"] = format_interval(between_units(result, "alone", ("lightness",)))
    found["alpha_chosen"] = f"{options_of(result, 'gradnorm', 'half shuffled')['alpha']:.2f}"
    gap = paired(result, "gradnorm", BASELINE, situation="half shuffled")
    runs = {(row["situation"], row["method"], row["seed"]): row["cpu_seconds"]
            for row in result["rows"] if row["method"] != EXTRA[-1]}  # fmt: skip
    seconds = [*runs.values(), *(each["cpu_seconds"] for each in result["choices"])]
    made = {f"study_{key}": str(value) for key, value in result["made"].items()}
    made["study_minutes"] = f"{sum(seconds) / 60:.0f}"
    return {**found, **made, "gradnorm_noisy": format_interval(gap)}


def write_stamps(result: dict) -> dict[str, str]:
    """Return numbers of the stamps for `glue`: mean scores and differences from fixed weights."""
    found = {f"stamps_{name}": format_interval(row) for name, row in differences_of(result).items()}
    for name in ("alone", *joint_of(result)):
        scores = scores_of(result, name, STAMPS)
        found[f"stamps_mean_{name}"] = f"{mean_of(scores).mean:.2f}"
        found[f"category_{name}"] = f"{scores['category'].mean():.2f}"
        found[f"language_{name}"] = f"{scores['language'].mean():.2f}"
        found[f"sound_{name}"] = f"{scores['sound'].mean():.2f}"
    found["stamps_over_alone"] = format_interval(paired(result, BASELINE, "alone", STAMPS))
    return found
