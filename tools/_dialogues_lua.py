"""Read the text files of Fish Fillets: calls with strings in Lua, parsed and never run."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""(?P<blank> \s+ | --\[\[.*?\]\] | --[^\n]* )
    | (?P<quoted> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | \[\[\n?(?P<bracketed>.*?)\]\]
    | (?P<name> [A-Za-z_]\w* )
    | (?P<sign> \.\. | [(),;] )""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}


class Line(NamedTuple):
    """What somebody says: the name of its recording, the font, in English, as it is spoken."""

    id: str
    font: str
    english: str
    text: str


def read_lines(content):
    """List the lines of a dialogue file (bytes); an id that no text follows is no line.

    >>> read_lines(b'dialogId("a-m", "font_small", "Yes.")\\ndialogStr("A" .. "no.")')
    [Line(id='a-m', font='font_small', english='Yes.', text='Ano.')]
    """
    lines, last = [], None
    for name, arguments in read_calls(content):
        if name == "dialogId" and len(arguments) == 3:
            last = arguments
        elif name == "dialogStr" and len(arguments) == 1 and last is not None:
            lines.append(Line(*last, *arguments))
            last = None
        else:
            raise ValueError(f"{name}({len(arguments)} strings) does not belong in a dialogue")
    return lines


def read_calls(content):
    """List the calls of a Lua file (bytes, UTF-8) as (function, strings).

    Strings may be joined by ``..``. Raises ``ValueError``, with the line, for all other Lua.
    """
    tokens = [*_tokens(content.decode("utf-8-sig")), ("end", "", 0)]
    calls, at = [], 0
    while tokens[at][0] != "end":
        function, at = _expect(tokens, at, "name")
        _, at = _expect(tokens, at, "(")
        arguments = []
        while tokens[at][0] != ")":
            if arguments:
                _, at = _expect(tokens, at, ",")
            text, at = _expect(tokens, at, "string")
            while tokens[at][0] == "..":
                more, at = _expect(tokens, at + 1, "string")
                text += more
            arguments.append(text)
        calls.append((function, arguments))
        at += 2 if tokens[at + 1][0] == ";" else 1
    return calls


def _tokens(text):
    """Yield (kind, value, line); the kind of a sign is the sign itself."""
    at = 0
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        found = TOKEN.match(text, at)
        if not found:
            raise ValueError(f"line {line}: cannot read {text[at : at + 30]!r}")
        at = found.end()
        kind, value = found.lastgroup, found[found.lastgroup]
        if kind == "quoted":
            yield "string", _unescape(value[1:-1]), line
        elif kind == "bracketed":
            yield "string", value, line
        elif kind != "blank":
            yield value if kind == "sign" else kind, value, line


def _expect(tokens, at, kind):
    found, value, line = tokens[at]
    if found != kind:
        raise ValueError(f"line {line}: expected {kind}, found {value!r}")
    return value, at + 1


def _unescape(text):
    r"""Resolve Lua's escapes; ``\195`` is a byte, so the text is UTF-8 only afterwards."""

    def resolve(found):
        code = found[1]
        return bytes([int(code)]) if code.isdigit() else ESCAPES.get(code, code)

    return re.sub(rb"\\(\d{1,3}|.)", resolve, text.encode(), flags=re.DOTALL).decode()
