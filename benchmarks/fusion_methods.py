"""Table of the fusion methods: all of them, against concatenation and each modality alone.

    python benchmarks/fusion_methods.py                           everything
    python benchmarks/fusion_methods.py --missing                 what the file does not hold yet
    python benchmarks/fusion_methods.py --language en --keywords 2 --method gated
    python benchmarks/fusion_methods.py --again                   the runs anew, the choices kept
    python benchmarks/fusion_methods.py --show                    print the tables, train nothing

Emoji with frozen features: unseen concepts, drawn by an unseen artist. Every method gets the same
search on validation, eight trainings: dropout of the image, of the text and of whole modalities,
and the epochs. (A modality alone has sizes to choose instead, early fusion a hidden layer, late
fusion its weight.) Tensor fusion works on 32 numbers of each modality, low-rank fusion has 64
units, attention between tokens has 32 numbers for each keyword and for the image, which is a single
token: so no fusion has many more weights than concatenation.

What benchmarks/fusion_joining.py chose in English is taken from its file; the runs are made again,
for the comparisons need each item. The test split is read once per seed. Results go to
mmtutorial/results/fusion_methods.json after every method of every part, so that an interruption
loses one method.
"""

import argparse
import dataclasses
import datetime
import os
import time
import warnings
from functools import cache, lru_cache

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the models are small: a second gains little

import fusion_joining as joining
import numpy as np
from fusion_joining import KEYWORDS, SEEDS, TUNED_AT, log_probabilities, machine, pool, score
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import FUSIONS, METHODS, OF_TOKENS, EmojiTask, Recipe, train_model

NAME = "fusion_methods"
LANGUAGES = ("en", "zh")
ALONE = ("image", "text")
ALL = (*METHODS, "late", *FUSIONS)
KEYS = ("language", "keywords", "method")
KEPT = {}  # choices that are not made again


@cache
def load_task(language, keywords, by_word=False):
    """Load each task once; it remembers the inputs of a search, which are the same in each."""
    task = EmojiTask(language=language, keywords=keywords, by_word=by_word)
    task.inputs = lru_cache(maxsize=24)(task.inputs)
    return task


def stored_choice(language, keywords, method):
    """Return the row of what benchmarks/fusion_joining.py chose, or None.

    The image alone does not depend on the words, nor on their language.
    """
    if language != "en" and method != "image":
        return None
    where = {"image": "features", "keywords": keywords, "method": method}
    rows = mm.results.load(joining.NAME)["choices"]
    return next((row for row in rows if where.items() <= row.items()), None)


@cache
def choose(language, keywords, method, progress):
    """Return what validation chose: its accuracy, a recipe or a weight, and where it is from."""
    if (language, keywords, method) in KEPT:
        return KEPT[language, keywords, method]
    known = stored_choice(language, keywords, method)
    if known:
        kept = {key: known[key] for key in ("validation", "recipe", "weight") if key in known}
        return {**kept, "origin": joining.NAME}
    task = load_task(language, keywords, method in OF_TOKENS)
    if method == "late":
        recipes = {name: recipe_of(choose(language, keywords, name, progress)) for name in ALONE}
        weight, accuracy = joining.choose_weight(task, recipes)
        return {"validation": accuracy, "weight": weight, "origin": NAME}
    accuracy, recipe = joining.choose_recipe(task, method, progress)
    return {"validation": accuracy, "recipe": dataclasses.asdict(recipe), "origin": NAME}


def recipe_of(choice):
    """Make the recipe again from what is stored of it."""
    return Recipe(**{**choice["recipe"], "hidden": tuple(choice["recipe"]["hidden"])})


@cache
def run_alone(language, keywords, method, seed, progress):
    """Train a modality alone and ask it about the test split, once for itself and late fusion."""
    recipe = recipe_of(choose(language, keywords, method, progress))
    if method == "image":
        return run(load_task("en", TUNED_AT), method, recipe, seed)
    return run(load_task(language, keywords), method, recipe, seed)


def run(task, method, recipe, seed):
    """Return votes on the test split, the number of parameters and the seconds of training.

    Seconds are processor time, so that what else the machine is doing counts for little.
    """
    task.inputs.cache_clear()  # preparing them is part of the time, for every method
    start = time.process_time()
    model = train_model(task, method, recipe, seed=seed)
    seconds = time.process_time() - start
    return log_probabilities(model, task.inputs("test", seed=seed)), model.count_params(), seconds


def run_late(choice, language, keywords, seed, progress):
    """Pool the votes of both modalities; the cost is that of both models."""
    votes, parameters, seconds = zip(
        *(run_alone(language, keywords, name, seed, progress) for name in ALONE), strict=True
    )
    return pool(*votes, choice["weight"]), sum(parameters), sum(seconds)


def measure(language, keywords, method, progress):
    """Choose on validation, then test five seeds: everything the file says about one method."""
    setting = dict(zip(KEYS, (language, keywords, method), strict=True))
    choice = choose(language, keywords, method, progress)
    task = load_task(language, keywords, method in OF_TOKENS)
    truth, rows, right = task.targets("test"), [], 0
    for seed in SEEDS:
        progress.set_postfix_str(f"{language}, {keywords} keywords, {method}, seed {seed}")
        if method == "late":
            votes, parameters, seconds = run_late(choice, language, keywords, seed, progress)
        elif method in ALONE:
            votes, parameters, seconds = run_alone(language, keywords, method, seed, progress)
        else:
            votes, parameters, seconds = run(task, method, recipe_of(choice), seed)
        cost = dict(parameters=parameters, seconds=round(seconds, 2))
        rows.append({**setting, "seed": seed, **score(votes, truth), **cost})
        right = right + (votes.argmax(axis=1) == truth)
        progress.update()
    return {
        "rows": rows,
        # how many of the seeds tell each test item right, a digit an item
        "right": [{**setting, "right": "".join(map(str, right))}],
        "choices": [{**setting, **choice}],
    }


@cache
def pair(right, other):
    """Compare two methods on the test items, variants of one concept drawn together."""
    concepts = load_task("en", TUNED_AT).dataset.test.targets["concept"]
    a, b = (np.array([int(digit) for digit in text]) / len(SEEDS) for text in (right, other))
    return mm.evaluation.paired_bootstrap(a, b, groups=concepts)._asdict()


def adjust(p_values):
    """Adjust for the number of comparisons, so that none looks clear by luck alone.

    Paper: Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure.

    >>> adjust([0.01, 0.5, 0.03]).round(2)
    array([0.03, 0.5 , 0.06])
    """
    p_values = np.asarray(p_values)
    order, count = np.argsort(p_values), len(p_values)
    adjusted = np.empty(count)
    scaled = (count - np.arange(count)) * p_values[order]
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted


def compare(right, validation, alone=ALONE, pair=pair):
    """Compare each fusion with concatenation and with the best modality alone.

    Which one is best is known from validation.
    """
    best = max(alone, key=validation.get) if set(alone) <= set(right) else None
    rows = []
    for against in ("concat", best):
        if against not in right:
            continue
        methods = [name for name in right if name not in (*alone, against)]
        found = [pair(right[name], right[against]) for name in methods]
        adjusted = adjust([one["p_value"] for one in found])
        for name, one, p_value in zip(methods, found, adjusted, strict=True):
            rows.append({"method": name, "against": against, **one, "p_adjusted": float(p_value)})
    return rows


def rank(scores):
    """Rank the methods by accuracy within each seed, 1 the best, ties shared; average the seeds."""
    from scipy.stats import rankdata

    ranks = rankdata(-np.array(list(scores.values())), axis=0).mean(axis=1)
    return [
        {"method": method, "rank": float(place)}
        for method, place in zip(scores, ranks, strict=True)
    ]


def settle(result, language, keywords):
    """Put a part's rows in order, and make its comparisons and ranks again."""
    setting = {"language": language, "keywords": keywords}
    here = setting.items()

    def of(key):
        return [row for row in result.get(key, []) if here <= row.items()]

    right = {row["method"]: row["right"] for row in sorted(of("right"), key=_place)}
    validation = {row["method"]: row["validation"] for row in of("choices")}
    scores = {
        method: mm.results.select(of("rows"), "accuracy", method=method)
        for method in ALL
        if method in right
    }
    found = {
        "comparisons": [{**setting, **row} for row in compare(right, validation)],
        "ranks": [{**setting, **row} for row in rank(scores)],
    }
    for key, rows in found.items():
        others = [row for row in result.get(key, []) if not here <= row.items()]
        result[key] = [*others, *rows]
    for key in ("rows", "right", "choices", *found):
        result[key].sort(key=_place)


def _place(row):
    language, keywords, method = (row[key] for key in KEYS)
    return LANGUAGES.index(language), KEYWORDS.index(keywords), ALL.index(method)


def load_file():
    """Return the stored result, or an empty one."""
    return mm.results.load(NAME) if NAME in mm.results.available() else {}


def merge(language, keywords, method, found, minutes):
    """Write what was found of a method in a part; the rest of the file stays."""
    result = load_file()
    setting = dict(zip(KEYS, (language, keywords, method), strict=True)).items()
    for key, rows in found.items():
        result[key] = [row for row in result.get(key, []) if not setting <= row.items()] + rows
    settle(result, language, keywords)
    made = {"date": datetime.date.today().isoformat(), "minutes": round(minutes, 1)}
    parts = result.get("made", {}).get("parts", {})
    parts[f"{language} {keywords} {method}"] = made
    result["made"] = {
        "command": f"python benchmarks/{NAME}.py",
        "date": made["date"],
        "minutes": round(sum(part["minutes"] for part in parts.values())),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, {"made": result.pop("made"), **result})


def plan(languages=LANGUAGES, keywords=KEYWORDS, methods=ALL):
    """Return what to measure, in order: two keywords first, which the chapters ask for most."""
    numbers = sorted(keywords, key=(2, 1, None).index)
    return [(lang, n, method) for lang in languages for n in numbers for method in methods]


def is_missing(part):
    """Say whether the file lacks this method in this part."""
    where = dict(zip(KEYS, part, strict=True)).items()
    return not any(where <= row.items() for row in load_file().get("right", []))


def show():
    """Print a table for each part: what was measured, and against what it wins."""
    result = load_file()
    for language, keywords in dict.fromkeys((p[0], p[1]) for p in plan()):
        where = {"language": language, "keywords": keywords}
        rows = [row for row in result.get("rows", []) if where.items() <= row.items()]
        if not rows:
            continue
        columns = {"accuracy": mm.results.intervals(rows)}
        columns["macro F1"] = mm.results.intervals(rows, "macro_f1")
        for row in result["comparisons"]:
            if where.items() <= row.items():
                told = f"{row['difference']:+.3f} (p {row['p_adjusted']:.3f})"
                columns.setdefault(f"- {row['against']}", {})[row["method"]] = told
        ranks = mm.results.select(result["ranks"], "rank", **where)
        columns["rank"] = dict(zip(columns["accuracy"], ranks.round(1), strict=True))
        for key, digits in (("parameters", 0), ("seconds", 1)):
            columns[key] = {
                method: f"{mm.results.select(rows, key, method=method).mean():.{digits}f}"
                for method in columns["accuracy"]
            }
        filled = {
            title: {method: column.get(method, "") for method in columns["accuracy"]}
            for title, column in columns.items()
        }
        print(mm.results.Table(filled, f"{language}, {keywords or 'all'} keywords"), "\n")


def main():
    """Measure what is asked for, method by method; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--keywords", choices=("1", "2", "all"), action="append")
    parser.add_argument("--method", choices=ALL, action="append")
    parser.add_argument("--missing", action="store_true", help="only what the file lacks")
    parser.add_argument("--again", action="store_true", help="keep choices, run all seeds anew")
    parser.add_argument("--show", action="store_true", help="print the tables, train nothing")
    options = parser.parse_args()
    if options.show:
        return show()
    numbers = [None if text == "all" else int(text) for text in options.keywords or ()]
    parts = plan(options.language or LANGUAGES, numbers or KEYWORDS, options.method or ALL)
    if options.missing:
        parts = [part for part in parts if is_missing(part)]
    for row in load_file().get("choices", []) if options.again else ():
        KEPT[tuple(row.pop(key) for key in KEYS)] = row
    # Attention to the image, which is one token, is no choice, and Keras says so at each model.
    warnings.filterwarnings("ignore", message="You are using a softmax over axis 3")
    with tqdm(unit="model") as progress:
        for part in parts:
            start = time.perf_counter()
            found = measure(*part, progress)
            merge(*part, found, (time.perf_counter() - start) / 60)


if __name__ == "__main__":
    main()
