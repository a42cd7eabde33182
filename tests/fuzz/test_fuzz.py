"""Is every wrong argument refused by its name, and every result sound?

``MMT_FUZZ_EXAMPLES=200 pytest tests/fuzz`` looks longer: at all cases, and at more drawn values.
"""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mmtutorial as mm
from fuzz.drawn import drawn
from fuzz.entry import Entry
from fuzz.judge import call, finite, judge
from fuzz.known import KNOWN
from fuzz.tables import entries, made, public

EXAMPLES = int(os.environ.get("MMT_FUZZ_EXAMPLES", "6"))
THOROUGH = "MMT_FUZZ_EXAMPLES" in os.environ
ENTRIES = entries()
QUICK = [name for name, entry in ENTRIES.items() if THOROUGH or not entry.slow]


def known_to_fail(name):
    """Return the arguments of a function that are known to fail."""
    return set(KNOWN.get(name, "").split())


def words(entry, argument, names=()):
    """Return the words of which an error about an argument must hold one."""
    return (argument, *names, *entry.aliases.get(argument, ()))


@pytest.mark.parametrize("name", QUICK)
def test_the_good_call_is_good(name):
    assert not judge(ENTRIES[name], {}, strict=False)


@pytest.mark.parametrize("name", list(ENTRIES))
def test_a_wrong_argument_is_refused_by_its_name(name):
    entry, wrong = ENTRIES[name], {}
    step = 1 if THOROUGH else entry.every
    for argument in entry.arguments:
        # Slow functions try each n-th case; where one begins depends on the argument.
        for case in entry.cases(argument)[len(argument) % step :: step]:
            changes = {argument: (case.make(), words(entry, argument, case.names))}
            if outcome := judge(entry, changes, case.strict):
                wrong.setdefault(argument, []).append(f"{argument} as {case.label}: {outcome}")
    known = known_to_fail(name)
    new = [line for argument in wrong.keys() - known for line in wrong[argument]]
    assert not new, "\n".join(new)
    repaired = sorted(known - {"drawn", "lists"} - wrong.keys())
    assert not repaired or step > 1, f"repaired, so strike it from fuzz/known.py: {repaired}"


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.drawn])
def test_drawn_arguments_give_a_sound_result_or_an_error_that_names_them(name, request):
    entry, known = ENTRIES[name], known_to_fail(name)
    expect_known("drawn", known, request)
    arguments = [argument for argument in entry.arguments if argument not in known]

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def look(data):
        good = entry.good()
        some = data.draw(st.sets(st.sampled_from(arguments), min_size=1, max_size=2))
        changes, strict = {}, False
        for argument in sorted(some):
            value, names = data.draw(drawn(good[argument])), ()
            if not data.draw(st.integers(0, 3)):
                case = data.draw(st.sampled_from(entry.cases(argument, good)))
                value, names, strict = case.make(), case.names, strict or case.strict
            changes[argument] = (value, words(entry, argument, names))
        assert not judge(entry, changes, strict), changes

    if arguments:
        look()


@pytest.mark.parametrize("name", list(ENTRIES))
def test_lists_are_taken_as_arrays_are_or_refused(name, request):
    entry, known = ENTRIES[name], known_to_fail(name)
    expect_known("lists", known, request)
    for argument in entry.arguments:
        good = entry.good()[argument]
        if not isinstance(good, np.ndarray) or argument in known:
            continue
        changes = {argument: (good.tolist(), words(entry, argument))}
        assert not judge(entry, changes, strict=False)


def expect_known(what, known, request):
    """Expect a test of a function to fail, if that is known."""
    if what in known:
        request.node.add_marker(pytest.mark.xfail(reason="see known.py", strict=True))


def test_every_public_name_has_an_entry():
    known = {entry.name for entry in ENTRIES.values()} | made()
    missing, gone = sorted(set(public()) - known), sorted(known - set(public()))
    assert not missing, f"add an Entry to the table of the package in tests/fuzz for {missing}"
    assert not gone, f"remove from tests/fuzz what is no longer public: {gone}"


def test_every_argument_has_a_value_in_the_table():
    from inspect import Parameter, signature

    missing = {}
    for name, entry in ENTRIES.items():
        parameters = signature(entry.function()).parameters.values()
        named = {
            p.name
            for p in parameters
            if p.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        }
        if name.endswith("__call__"):  # what a layer's `call` names, its base calls inputs
            named -= {"inputs"}
        if lacking := named - set(entry.good()) - set(entry.skip):
            missing[name] = sorted(lacking)
    assert not missing, f"give these arguments a value, or skip them: {missing}"


FAULTS = {
    "takes anything": lambda size: 1.0,
    "lets NumPy's error through": lambda size: np.zeros(size + 1)[: int(size)],
    "gives NaN": lambda size: np.nan,
    "names nothing": lambda size: mm.evaluation.interval([size]),
    "warns": lambda size: np.float64(1) / np.zeros(1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_sees_a_fault(fault):
    entry = Entry("x", lambda: {"size": 3}, lambda result, size: True, target=lambda: FAULTS[fault])
    told = [judge(entry, {"size": (c.make(), ("size",))}, c.strict) for c in entry.cases("size")]
    assert any(told)


def test_the_judge_sees_a_changed_argument():
    def sort(values):
        values.sort()
        return values

    entry = Entry("x", lambda: {"values": np.array([2, 1])}, lambda *_, **__: True,
                  target=lambda: sort)  # fmt: skip
    assert judge(entry, {}, strict=False) == "changes its arguments"


def test_the_judge_passes_what_is_refused_by_its_name():
    entry = ENTRIES["evaluation.interval"]
    assert not judge(entry, {"confidence": (2.0, ("confidence",))}, strict=True)
    assert finite(call(entry, entry.good()))
