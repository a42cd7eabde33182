"""The settings of the study: architecture, weighting of the losses, method on the gradients."""

METHODS = ("pcgrad", "mgda", "cagrad", "imtl_g")
WEIGHTINGS = ("equal", "uncertainty", "random")
FIXED = tuple(f"as {method}" for method in METHODS)
APARTS = ("apart", "apart, one recipe")  # the best recipe for each task, or one for all
SOME = ("none", "mgda", "imtl_g")
SHUFFLED, WITH_SOLVED = "shuffled words", "solved task added"
LONG_STEPS = "solved task added, steps of the mean's length"
IN_OTHER_UNIT = "artist times 100"  # the loss of one task, as by a change of unit
MODALITIES = ("image", "text")
BASELINES = (*APARTS, *MODALITIES, SHUFFLED, WITH_SOLVED, LONG_STEPS, IN_OTHER_UNIT)
GRID = {
    "architecture": ("hard", "mmoe", *BASELINES),
    "weighting": (*WEIGHTINGS, *FIXED),
    "aggregator": ("none", *METHODS),
}
PLAIN = {"architecture": "hard", "weighting": "equal", "aggregator": "none"}
APART = {**PLAIN, "architecture": APARTS[0]}


def keep(setting):
    """Say which combinations exist."""
    architecture, weighting, aggregator = setting.values()
    if weighting in FIXED:
        return architecture == "hard" and aggregator == "none"
    if architecture == LONG_STEPS:
        return weighting == "equal" and aggregator in SOME[1:]
    if architecture in (WITH_SOLVED, IN_OTHER_UNIT):
        return weighting == "equal" and aggregator in SOME
    if architecture == "mmoe" and weighting == "random":
        return aggregator == "none"
    return architecture in ("hard", "mmoe") or (weighting == "equal" and aggregator == "none")


def needs(setting):
    """Return the settings whose choices a search reads."""
    if setting["weighting"] in FIXED:
        return [{**PLAIN, "aggregator": setting["weighting"].removeprefix("as ")}]
    if setting["architecture"] == APARTS[1]:
        return [APART]
    same = setting["architecture"] in (SHUFFLED, WITH_SOLVED, LONG_STEPS, IN_OTHER_UNIT)
    return [{**setting, "architecture": "hard"}] if same else []


def is_joint(setting):
    """Say whether a setting is one of the combinations of architecture, weighting and method."""
    return setting["architecture"] in ("hard", "mmoe") and setting["weighting"] in WEIGHTINGS
