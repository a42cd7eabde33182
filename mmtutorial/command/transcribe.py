"""``transcribe FILE ...``: what was said in a recording?"""

import argparse
from dataclasses import asdict

from mmtutorial.applications.speech._languages import LANGUAGES
from mmtutorial.command.answer import Answer, clock

HELP = "write what is said in a recording"
ABOUT = """
Write what is said in recordings (WAV, AIFF, FLAC, Ogg, Opus, MP3), in Czech or Dutch. The
recogniser has learnt from an hour of actors in a game: about a third of the letters are wrong in
new lines of the same voices, in Dutch more. Long recordings are cut at pauses.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only this command takes."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a recording")
    parser.add_argument("--language", choices=tuple(LANGUAGES), default="cs", help="default: cs")
    parser.add_argument(
        "--beam-width",
        type=int,
        default=16,
        metavar="N",
        help="texts that the search keeps (default: 16); 0 writes the best letter each time",
    )
    parser.add_argument("--times", action="store_true", help="a line for each piece, with its time")


def run(options: argparse.Namespace) -> Answer:
    """Transcribe all files; refuse what is no sound before the first of them is heard."""
    from mmtutorial.applications.speech import transcribe
    from mmtutorial.preprocessing import AudioStream

    if options.beam_width < 0:
        raise ValueError(f"--beam-width must be at least 0, got {options.beam_width}")
    for file in options.files:
        AudioStream(file)
    lines, data = [], []
    for file in options.files:
        heard = transcribe(file, language=options.language, beam_width=options.beam_width or None)
        name = f"{file}: " if len(options.files) > 1 else ""
        if options.times:
            lines += [f"{name}{clock(p.start)} - {clock(p.end)}  {p.text}" for p in heard.pieces]
        else:
            lines.append(name + heard.text)
        data.append({"file": file, "language": options.language, **asdict(heard)})
    return Answer(lines, data, any(each["text"] for each in data))
