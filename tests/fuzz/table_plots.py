"""What `mm.plots` is given: each returns a figure that can be drawn."""

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

PICTURES = np.linspace(0, 1, 6 * 8 * 8 * 3).reshape(6, 8, 8, 3)
SURE = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]])
TWO = {"sum": mm.evaluation.Interval(0.5, 0.4, 0.6), "image": mm.evaluation.Interval(0.6, 0.5, 0.7)}
BINS = mm.evaluation.Reliability(
    np.array([np.nan, 0.4, 0.8]), np.array([np.nan, 0.5, 0.7]), np.array([0, 3, 7])
)
CURVES = {"image": np.array([0.3, 0.5, 0.6]), "text": np.array([0.2, 0.3, 0.4])}
TITLES = ("title", "xlabel", "ylabel")  # Matplotlib writes whatever comes
FREE = "any keys, any text, one less, object inside, first: *"  # names that may be anything


def drawn(result, **_):
    """Draw the figure, or each of several."""
    from matplotlib import pyplot as plt

    figures = result[0] if isinstance(result, tuple) else [result]
    for figure in figures:
        figure.canvas.draw()
    plt.close("all")
    return len(figures) > 0


def figure_entry(name, good, **options):
    """Return the entry of a function that draws."""
    path = name if "." in name else f"plots.{name}"
    return Entry(path, good, drawn, every=8, skip=TITLES, drawn=False, **options)


def words_shown(result, **_):
    """Look for the words beside the figure, or its picture."""
    return "<figcaption>" in result._repr_html_() and 'alt="' in result._repr_html_()


def make_figure():
    from matplotlib.figure import Figure

    return Figure(figsize=(2, 1))


ENTRIES = [
    Entry(
        "plots.show",
        lambda: {"figure": make_figure(), "caption": "A line.", "alt": "A line that rises."},
        words_shown,
        every=8,
        allows={"caption": "any text", "alt": "any text"},
        skip=("name",),  # excludes the two others; tests/plots/test_showing.py tries it
    ),
    Entry("plots.style", dict, lambda result, **_: hasattr(result, "__enter__")),
    figure_entry(
        "token_heatmap",
        lambda: {"tokens": ["a", "cat"], "probabilities": SURE, "classes": ["x", "y", "z"],
                 "title": "t"},
        allows={"tokens": FREE, "classes": FREE, "probabilities": "-inf"},
    ),
    figure_entry(
        "line_plot",
        lambda: {"x": np.arange(3.0), "curves": dict(CURVES), "title": "t", "xlabel": "x",
                 "ylabel": "y", "chance": 0.2},
        allows={"curves": "any keys, negative inside", "chance": "negative, 1, huge"},
    ),
    figure_entry(
        "chapters.fusion.gates_and_tensors.gate_panels",
        lambda: {"samples": [(PICTURES[0], "a cat"), (PICTURES[1], "a dog")],
                 "fixed": np.stack([SURE, SURE]), "learned": SURE, "gates": np.array([0.0, 1.0]),
                 "learned_gates": np.array([0.3, 0.6]), "classes": ["x", "y", "z"],
                 "truth": np.array([0, 1])},
        allows={"classes": FREE, "samples": "any text"},
    ),
    figure_entry(
        "chapters.fusion.which_fusion.method_dots",
        lambda: {"methods": {name: (value, 0) for name, value in TWO.items()}, "reference": "sum",
                 "title": "t", "xlabel": "x", "limits": (0.0, 1.0)},
        allows={"methods": "any keys, 1, True, one less, negative", "limits": "negative"},
        aliases={"limits": ("limits",), "methods": ("reference",)},
    ),
    figure_entry(
        "chapters.fusion.which_fusion.rank_dots",
        lambda: {"ranks": {"sum": np.array([1.0, 2.0]), "late": np.array([2.0, 1.0])},
                 "title": "t"},
        allows={"ranks": "any keys, row less"},
    ),
    figure_entry(
        "chapters.fusion.which_fusion.accuracy_against_cost",
        lambda: {"methods": {name: (value, i + 2.0) for i, (name, value) in enumerate(TWO.items())},
                 "title": "t", "xlabel": "x", "ylabel": "y"},
        allows={"methods": "any keys"},
        aliases={"methods": ("costs",)},
    ),
    Entry(
        "chapters.fusion.which_fusion.pareto_front",
        lambda: {"methods": {"slow": (0.8, 9), "quick": (0.7, 1)}},
        lambda result, methods: set(result) <= set(methods) and len(result) > 0,
        allows={"methods": "any keys, negative, zero, 1, generator"},
    ),
    figure_entry(
        "chapters.fusion.missing_modalities.presence_map",
        lambda: {"presence": {"image": np.array([True, False, True]),
                              "text": np.array([True, True, False])},
                 "targets": np.array([0, 1, 1]), "classes": ["x", "y"], "title": "t"},
        allows={"presence": "any keys", "classes": FREE},
    ),
    figure_entry(
        "chapters.fusion.missing_modalities.robustness_curves",
        lambda: {"panels": {"photo": {"image": (np.array([0.0, 1.0]), np.array([0.5, 0.2]))}},
                 "title": "t", "xlabel": "x", "ylabel": "y", "chance": 0.1},
        allows={"panels": "any keys", "chance": "negative, 1, huge"},
    ),
    figure_entry(
        "chapters.fusion.missing_modalities.missing_photos_panel",
        lambda: {"curves": {"image": (np.array([0.0, 1.0]), np.array([0.5, 0.2]))}, "share": 1.0,
                 "images": PICTURES, "masked": np.arange(6) < 2, "captions": list("abcdef"),
                 "answers": {"image": list("uvwxyz")}},
        allows={"curves": "any keys", "share": "zero, 1, True", "captions": "any text, one less",
                "answers": "any keys, any text"},
    ),
    figure_entry(
        "chapters.background.what_is_multimodal.probability_panel",
        lambda: {"images": [PICTURES[0], PICTURES[1]], "evidence": ["a", "b"],
                 "probabilities": SURE, "truth": np.array([0, 2]), "classes": ["x", "y", "z"]},
        allows={"images": "first: None, None inside", "evidence": "any text", "classes": FREE},
    ),
    figure_entry(
        "chapters.background.what_is_multimodal.raw_views",
        lambda: {"image": PICTURES[0], "text": "a cat", "wave": np.sin(np.arange(800) / 9),
                 "spectrum": -np.ones((10, 8)), "sample_rate": 8000, "step": 0.01},
        allows={"text": "any text", "sample_rate": "fraction", "wave": "any rows",
                "spectrum": "any rows, wider axis 1"},
    ),
    figure_entry(
        "chapters.background.what_is_multimodal.timeline",
        lambda: {"events": [(1990, "fusion", "one"), (1999, "roots", "two")], "title": "t"},
        allows={"events": "one more, one less, negative, zero, any text, 1"},
    ),
    figure_entry(
        "image_grid",
        lambda: {"images": PICTURES[:3], "titles": ["a", "b", "c"], "columns": 2, "title": "t",
                 "size": 1.0},
        allows={"titles": FREE},
        also={"images": {"one picture": PICTURES[0], "grey": PICTURES[..., 0]}},
    ),
    figure_entry(
        "late_fusion_panel",
        lambda: {"weights": np.array([0.0, 0.5, 1.0]), "curve": np.array([0.3, 0.6, 0.4]),
                 "chosen": 1, "images": PICTURES, "labels": [("a", "b")] * 6},
        allows={"chosen": "1, negative, zero", "labels": "any text"},
    ),
    figure_entry(
        "shapley_bars",
        lambda: {"images": PICTURES[:3], "labels": ["a", "b", "c"], "shares": dict(CURVES),
                 "title": "t", "ylabel": "y"},
        allows={"labels": FREE, "shares": "any keys"},
    ),
    figure_entry(
        "learning_curve",
        lambda: {"curves": dict(CURVES), "title": "t", "ylabel": "y", "chance": 0.2,
                 "limits": (0.0, 1.0)},
        allows={"curves": "any keys, row less, row more, nan inside, inf inside, -inf inside",
                "chance": "negative, 1",
                "limits": "negative, generator"},
    ),
    figure_entry(
        "interval_dots",
        lambda: {"panels": {"easy": dict(TWO), "hard": dict(TWO)}, "title": "t", "xlabel": "x",
                 "chance": 0.2},
        allows={"panels": "any keys", "chance": "negative, 1"},
    ),
    figure_entry(
        "interval_steps",
        lambda: {"steps": {"first": dict(TWO), "second": dict(TWO)}, "title": "t", "xlabel": "x"},
        allows={"steps": "any keys"},
    ),
    figure_entry(
        "reliability_diagram",
        lambda: {"panels": {"before": BINS, "after": BINS}, "title": "t"},
        allows={"panels": "any keys, nan inside"},
    ),
    figure_entry(
        "bootstrap_histogram",
        lambda: {"differences": np.array([-0.1, 0.05, 0.2]), "title": "t", "xlabel": "x",
                 "limits": (-0.5, 0.5), "step": 0.1},
        allows={"differences": "any rows", "limits": "negative"},
        aliases={"differences": ("limits",)},
    ),
    figure_entry(
        "chapters.background.arrays.sampled_tone",
        lambda: {"tone": 600, "rate": 1000, "reconstructed": 400, "milliseconds": 4.0},
        allows={"tone": "fraction", "reconstructed": "fraction", "rate": "fraction"},
    ),
    figure_entry(
        "chapters.background.arrays.spectrograms",
        lambda: {"panels": {"a": (-np.ones((10, 8)), 4000.0), "b": (-np.ones((9, 8)), 4000.0)},
                 "step": 0.01, "title": "t", "columns": 2},
        allows={"panels": "any keys, None", "columns": "1, huge"},
    ),
]  # fmt: skip

MADE = {}
