"""Read the command line, run one command, say what came of it."""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from mmtutorial.command import find, search, transcribe
from mmtutorial.command.answer import Answer

FOUND, NOTHING, WRONG, STOPPED = 0, 1, 2, 130
COMMANDS = {"transcribe": transcribe, "find": find, "search": search}
ABOUT = "Recognise speech and find what is described, in your own files, by the models of the book."
CODES = "Exit codes: 0 found, 1 nothing found, 2 wrong use or a file that cannot be read."


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"{self.prog}: {message} (see {self.prog} --help)\n")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = _Parser(prog="python -m mmtutorial", description=ABOUT, epilog=CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name, help=module.HELP, description=module.ABOUT, epilog=CODES
        )
        module.add_options(command)
        command.add_argument("--json", action="store_true", help="print JSON instead of text")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``python -m mmtutorial ...``; return the exit code.

    Nothing is printed but by a command that came to its end. What is wrong is one sentence on
    stderr.

    >>> main(["transcribe", "no such file.wav"])  # which is said on stderr
    2
    """
    options = make_parser().parse_args(argv)
    from mmtutorial.data.dataset import DataError  # here, so that --help needs no NumPy

    try:
        answer = COMMANDS[options.command].run(options)
    except KeyboardInterrupt:
        return STOPPED
    except OSError as error:
        what = error.strerror or error
        return _refuse(f"{error.filename}: {what}" if error.filename else str(what))
    except (ValueError, TypeError, DataError, ModuleNotFoundError) as error:
        return _refuse(str(error))
    _print(answer, options.json)
    return FOUND if answer.found else NOTHING


def _refuse(message):
    print("mmtutorial:", " ".join(message.split()), file=sys.stderr)
    return WRONG


def _print(answer: Answer, as_json: bool) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows pipe may not know Czech letters
    if as_json:
        print(json.dumps(answer.data, ensure_ascii=False, indent=2))
    else:
        print(*filter(None, answer.lines), sep="\n", end="\n" if any(answer.lines) else "")
