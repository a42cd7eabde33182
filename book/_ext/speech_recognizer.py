"""The speech recogniser in a page, without a server, in place of an admonition of its class.

The box lists a few recordings with what the recogniser writes in Python. Its script lets a reader
speak, choose a file, or have a recording recognised in the page, by the same recogniser as an ONNX
graph, which lies beside the pages and is loaded when it is first used. Each build writes it anew,
from the package's weights and from ONNX Runtime Web, which ``tools/fetch_vendor.py`` fetches.
"""

import base64
import functools
import gzip
import json
from html import escape
from pathlib import Path

import numpy as np
from docutils import nodes
from sphinx.errors import ExtensionError

FOLDER, MARK = "speech-recognizer", "mm-speech"
SCRIPT = Path(__file__).with_suffix(".js")
RUNTIME = Path(__file__).parents[2] / ".cache" / "onnxruntime-web"
GLUE, ENGINE = "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"
COPIED = ("ort.wasm.min.js", "LICENSE")
NAMES = {"cs": "Czech", "nl": "Dutch"}
EXAMPLES, SHORTEST, LONGEST = 6, 1.5, 4.0  # clips of a language, and the seconds that each lasts
TITLE = "The recogniser in the page"
SAYS = (
    "Say a line of your own, choose a sound file, or have one of the recordings below recognised. "
    "On first use the page loads {megabytes} MB: the recogniser and what runs it. Nothing that you "
    "say or choose leaves your computer. It has heard the voices of one game only: expect errors."
)
CHOSEN = "Drawn at random from levels of the game that it has not heard."
SCRIPTLESS = (
    "<noscript><p>Without JavaScript, this page cannot listen. Below stand the answers that were "
    "computed in Python.</p></noscript>"
)


@functools.cache
def load_recognizers():
    """Return {language: recogniser} of those whose weights are there."""
    from mmtutorial.applications.speech import load_recognizer
    from mmtutorial.applications.speech._languages import LANGUAGES
    from mmtutorial.applications.speech.shipped import FILES

    there = [code for code, names in LANGUAGES.items() if (FILES / names.recognizer).exists()]
    return {code: load_recognizer(code) for code in there}


def pack(content):
    """Return bytes compressed, as base64 text: what a script can hold.

    >>> gzip.decompress(base64.b64decode(pack(b"a wave")))
    b'a wave'
    """
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def as_script(name, part):
    """Return a part as a script, which hands it to the box."""
    return f"mmSpeechPart({json.dumps(name)}, {json.dumps(part, ensure_ascii=False)});\n"


@functools.cache
def make_scripts():
    """Return {file: text} of the scripts that a box loads when it is used: engine and models."""
    from speech_export import export_recognizer

    if not RUNTIME.is_dir():
        raise ExtensionError("ONNX Runtime Web is missing: run `python tools/fetch_vendor.py`")
    glue = (RUNTIME / GLUE).read_text("utf-8")
    engine = {"glue": glue, "binary": pack((RUNTIME / ENGINE).read_bytes())}
    scripts = {"engine.js": as_script("engine", engine)}
    for code, recognizer in load_recognizers().items():
        graph = pack(export_recognizer(recognizer).SerializeToString())
        part = {"letters": "".join(recognizer.model.letters), "level": recognizer.level}
        part["graph"] = graph
        scripts[f"{code}.js"] = as_script(code, part)
    return scripts


def count_megabytes():
    """Return what the first use of one language loads, at most, in whole megabytes."""
    sizes = {name: len(text.encode()) for name, text in make_scripts().items()}
    common = sizes.pop("engine.js") + (RUNTIME / COPIED[0]).stat().st_size
    return round((common + max(sizes.values())) / 1e6)


def draw_examples(language):
    """Return the test split of a language's dialogues, and the rows that the box shows."""
    from mmtutorial import data

    split = data.load_dialogues(language=language).test
    seconds = split.inputs["speech"].seconds
    rows = np.flatnonzero((seconds >= SHORTEST) & (seconds <= LONGEST))
    return split, np.sort(np.random.default_rng(0).choice(rows, EXAMPLES, replace=False)).tolist()


def write_example(sound, name, facts):
    """Return a recording, MP3, and facts about it, (name, text, its language), as HTML."""
    listed = "".join(
        f'<dt>{fact}</dt><dd lang="{code}">{escape(str(text)) or "nothing"}</dd>'
        for fact, text, code in facts
    )
    source = "data:audio/mpeg;base64," + base64.b64encode(sound).decode()
    player = f'<audio controls preload="metadata" aria-label="{name}" src="{source}"></audio>'
    return f"<li>{player}<dl>{listed}</dl></li>"


def write_examples(language, recognizer):
    """Return the recordings of a language as HTML.

    They are MP3, which every browser plays, and decodes to the same samples as Python.
    """
    from mmtutorial.applications.speech._level import level_wave
    from mmtutorial.preprocessing import read_audio
    from mmtutorial.widgets.audio import encode_mp3

    split, rows = draw_examples(language)
    clips = split.inputs["speech"]
    sounds = [encode_mp3(clips[row], clips.sample_rate) for row in rows]
    waves = [level_wave(read_audio(sound), recognizer.level) for sound in sounds]
    answers = recognizer.write(waves, beam_width=None)
    items = ""
    for place, (row, sound, answer) in enumerate(zip(rows, sounds, answers, strict=True), 1):
        facts = [("Said", split.inputs["text"][row], language)]
        facts.append(("In English", split.inputs["translation"][row], "en"))
        facts.append(("Heard in Python", answer.strip(), language))
        items += write_example(sound, f"Recording {place}, {NAMES[language]}", facts)
    name = f"Recordings, {NAMES[language]}"
    return (
        f'<section data-language="{language}" data-name="{NAMES[language]}" aria-label="{name}">'
        f"<p><b>{name}.</b> {CHOSEN}</p><ol>{items}</ol></section>"
    )


def write_box():
    """Return the box as HTML, of use without its script, too."""
    lists = "".join(write_examples(*each) for each in load_recognizers().items())
    says = SAYS.format(megabytes=count_megabytes())
    head = f"<p><b>{TITLE}</b></p><p>{says}</p>{SCRIPTLESS}"
    return f'<div class="{MARK}" id="{FOLDER}">{head}{lists}</div>'


def show_box(app, doctree):
    """Put the box in place of the title of an admonition of its class, and keep what it says.

    The admonition is all that JupyterLab shows.
    """
    for place in list(doctree.findall(nodes.admonition)):
        if FOLDER in place["classes"]:
            app.env.metadata[app.env.docname][MARK] = True
            box = nodes.raw("", write_box(), format="html")
            place.replace_self([box, *place.children[1:]])


def add_script(app, pagename, templatename, context, doctree):
    """Load the script on each page that shows the box."""
    if f'class="{MARK}"' in context.get("body", ""):
        address = context["pathto"](f"{FOLDER}/recognizer.js", 1)
        context["body"] += f'<script src="{address}"></script>'


def write_files(app, exception):
    """Write what the box loads, once all pages are built, if one of them shows it."""
    if exception or app.builder.format != "html":
        return
    if not any(MARK in facts for facts in app.env.metadata.values()):
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in make_scripts().items():
        (folder / name).write_text(text, "utf-8")
    for name in COPIED:
        (folder / name).write_bytes((RUNTIME / name).read_bytes())
    (folder / "recognizer.js").write_text(SCRIPT.read_text("utf-8"), "utf-8")


def setup(app):
    """Register the three steps."""
    app.connect("doctree-read", show_box)
    app.connect("html-page-context", add_script, priority=950)
    app.connect("build-finished", write_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
