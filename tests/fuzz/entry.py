"""What the table says of one public function: a known good call, and what a result must be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from inspect import Parameter, signature
from typing import Any

import mmtutorial as mm
from fuzz.cases import Case, case, cases


@dataclass(frozen=True)
class Entry:
    """One public function, class, or method of one.

    ``name`` is its path below `mmtutorial`, and ``good`` makes the arguments of a call that works.
    ``sane(result, **arguments)`` is true of a right result, or a bare assert. ``allows`` maps an
    argument to the labels of cases that may be taken although they are strict; ``also`` to more
    wrong values, or to a function that makes them; ``aliases`` to other words by which an error may
    name it. ``target`` makes what is called, where that is not what ``name`` says. ``every`` is 1
    to try all cases, 3 to try each third, because a call takes long. ``skip`` names arguments that
    are left alone.
    """

    name: str
    good: Callable[[], dict]
    sane: Callable[..., Any]
    allows: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    aliases: Mapping[str, tuple] = field(default_factory=dict)
    target: Callable[[], Callable] | None = None
    every: int = 1
    skip: tuple[str, ...] = ()
    omits: Mapping[str, str] = field(default_factory=dict)  # labels that take hours
    slow: bool = False  # whether its good call is left out of a short run
    nan: bool = False  # whether NaN in a result means something
    drawn: bool = True  # whether Hypothesis draws more values; not where a call takes seconds

    @property
    def arguments(self):
        """Return the names of the arguments that are changed, one at a time."""
        return [name for name in self.good() if name not in self.skip]

    def function(self):
        """Return what is called."""
        if self.target:
            return self.target()
        return reduce(getattr, self.name.split("."), mm)

    def cases(self, argument, arguments=None) -> list[Case]:
        """Return all wrong values of one argument."""
        arguments = arguments or self.good()
        partners = [value for name, value in arguments.items() if name != argument]
        allowed = self._allowed(argument)
        found = [
            each._replace(strict=each.strict and not _matches(each.label, allowed))
            for each in cases(arguments[argument], partners)
            if each.label not in self.omits.get(argument, "")
        ]
        more = self.also.get(argument, {})
        more = more() if callable(more) else more
        return found + [case(label, value, label not in allowed) for label, value in more.items()]

    def _allowed(self, argument):
        given = {text.strip() for text in self.allows.get(argument, "").split(",")} - {""}
        found = set().union(*(GROUPS.get(text, {text}) for text in given))
        try:
            default = signature(self.function()).parameters[argument].default
        except (KeyError, ValueError, TypeError):
            default = Parameter.empty
        return found | {"None"} if default is None else found


# Names for several labels at once.
GROUPS = {
    "any text": {"misspelt", "empty text", "unicode", "word", "texts"},
    "any number": {"negative", "zero", "huge", "fraction", "1", "nan", "inf", "-inf"},
    "any value inside": {
        "nan inside", "inf inside", "-inf inside", "huge inside", "far inside",
        "fraction inside", "negative inside", "two inside", "zero inside",
    },
    "any rows": {
        "row more", "row less", "empty axis 0", "one more", "one less", "empty", "empty list",
    },
    "seed": {"None", "1", "zero", "huge", "list of it", "empty list"},  # what NumPy takes
    "any keys": {"key missing", "key more", "key misspelt", "key in unicode", "key a number"},
}  # fmt: skip


def _matches(label, allowed):
    """Say whether a label, or its last part, is among the allowed ones; ``first: *`` is a start."""
    starts = tuple(each[:-1] for each in allowed if each.endswith("*"))
    return label in allowed or label.split(": ")[-1] in allowed or label.startswith(starts)
