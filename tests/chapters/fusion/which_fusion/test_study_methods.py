"""What the chapter says of all fusion methods is what the file holds."""

import itertools

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.fusion.which_fusion import study_methods
from mmtutorial.evaluation import interval
from mmtutorial.fusion._names import BY_NAME
from mmtutorial.tasks import emoji_candidates

STORED = results.load("fusion/which_fusion/methods")
(STUDY,) = study_methods.STUDIES
PARTS = list(itertools.product(study_methods.LANGUAGES, study_methods.KEYWORDS))


def of(key, part, **where):
    """Return a part's rows of one table of the file."""
    where |= dict(zip(("language", "keywords"), part, strict=True))
    return [row for row in STORED[key] if where.items() <= row.items()]


def test_the_grid_covers_every_method_in_every_part():
    methods = {*BY_NAME, "image", "text", "early"}
    settings = {tuple(setting.values()) for setting in STUDY.settings()}
    assert settings == set(itertools.product(("en", "zh"), (1, 2, None), methods))


def test_each_search_is_of_one_size():
    sizes = {len(set(emoji_candidates(m))) for m in study_methods.ALL if m != "late"}
    assert sizes == {8}


def test_the_image_alone_is_searched_once_and_late_fusion_reads_both():
    image = {"language": "zh", "keywords": 1, "method": "image"}
    assert STUDY.needs(image) == [{"language": "en", "keywords": 2, "method": "image"}]
    assert not STUDY.needs(STUDY.needs(image)[0])
    assert [s["method"] for s in STUDY.needs({**image, "method": "late"})] == ["image", "text"]


@pytest.mark.parametrize("part", PARTS)
def test_each_method_has_five_seeds_and_a_rank(part):
    methods = [row["method"] for row in of("choices", part)]
    assert sorted(methods) == sorted(study_methods.ALL)
    for method in methods:
        rows = of("rows", part, method=method)
        assert sorted(row["seed"] for row in rows) == [0, 1, 2, 3, 4]
        assert len({row["parameters"] for row in rows}) == 1
        assert all(0 < row["macro_f1"] < 1 and row["cpu_seconds"] > 0 for row in rows)
    ranks = [row["rank"] for row in of("ranks", part)]
    assert len(ranks) == len(methods)
    assert np.mean(ranks) == pytest.approx((len(methods) + 1) / 2)


@pytest.mark.parametrize("part", PARTS)
def test_all_fusions_are_compared_with_concatenation_and_the_best_modality(part):
    methods = set(study_methods.ALL) - {"image", "text"}
    against = {name: {row["method"] for row in of("comparisons", part, against=name)}
               for name in ("concat", "image", "text")}  # fmt: skip
    assert against.pop("concat") == methods - {"concat"}
    assert sorted(against.values(), key=len) == [set(), methods]


@pytest.mark.parametrize("keywords", [1, 2, None])
def test_runs_made_again_are_those_of_the_joining_table(keywords):
    rows = results.load("fusion/joining")["rows"]
    for method in ("image", "text", "early", "concat", "sum", "late"):
        for row in of("rows", ("en", keywords), method=method):
            where = {"image": "features", "keywords": keywords, "method": method}
            joining = results.select(rows, "accuracy", **where, seed=row["seed"])
            np.testing.assert_allclose(joining, row["accuracy"], atol=0.01)


@pytest.mark.parametrize(("keywords", "target"), [(1, 0.75), (2, 0.78), (None, 0.85)])
def test_the_best_method_reaches_its_target(keywords, target):
    scores = [
        [row["accuracy"] for row in of("rows", ("en", keywords), method=method)]
        for method in study_methods.ALL
        if method not in ("image", "text")
    ]
    assert interval(max(scores, key=np.mean)).mean >= target
