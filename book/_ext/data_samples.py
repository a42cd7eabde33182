"""What does a row of each data set look and sound like? One real sample for its data card.

Each function takes a data set as its loader returns it, and returns HTML: pictures with their
description, sounds with the words that are said, and what else the row says.
"""

import base64
import io
from html import escape

import numpy as np

import mmtutorial as mm

CHINESE = "zh-Hans"
LANGUAGES = {"en": "English", "fr": "French", "es": "Spanish", "cs": "Czech", "nl": "Dutch"}
#: What is shown: a penguin, which every training artist drew, which moves, and which as a stamp
#: has everything; and a line that is spoken in both languages.
SHOWN, STAMP, LINE = "1F427", "animals/birds/penguin", "bot-m-zivy"


def picture(pixels, description, *, scale=1):
    """Return an ``img`` that carries its (height, width, 3) uint8 pixels within itself."""
    from PIL import Image

    buffer = io.BytesIO()
    height, width = (scale * length for length in pixels.shape[:2])
    Image.fromarray(pixels).resize((width, height)).save(buffer, "WEBP", quality=90)
    return _image(buffer.getvalue(), description, width, height)


def moving_picture(frames, seconds, description, *, scale=2):
    """Return an animation, closed until the reader opens it and still again when closed."""
    from PIL import Image

    height, width = (scale * length for length in frames.shape[1:3])
    first, *rest = (Image.fromarray(frame).resize((width, height)) for frame in frames)
    buffer = io.BytesIO()
    options = {"duration": round(1000 * seconds), "loop": 0, "quality": 90}
    first.save(buffer, "WEBP", save_all=True, append_images=rest, **options)
    image = _image(buffer.getvalue(), description, width, height)
    return f"<details><summary>Play the clip</summary>{image}</details>"


def player(wave, sample_rate, description, transcript="", language="en"):
    """Return the book's player for a sound, with the words that are said."""
    from mmtutorial.widgets import audio_player

    options = {"description": description, "transcript": transcript, "language": language}
    return audio_player(wave, sample_rate, **options)._repr_html_()


def _image(content, description, width, height):
    source = "data:image/webp;base64," + base64.b64encode(content).decode()
    size = f'width="{width}" height="{height}"'
    return f'<img class="mm-sample" src="{source}" alt="{escape(description)}" {size}>'


def facts(rows):
    """Return a list of names and texts; ``rows`` has (name, text, the text's language)."""
    items = "".join(
        f'<dt>{escape(name)}</dt><dd lang="{language}">{escape(str(text))}</dd>'
        for name, text, language in rows
        if text
    )
    return f"<dl>{items}</dl>"


def _words(split, row, chinese):
    """Return name and keywords in both languages as rows of facts."""
    return [
        ("Name", split.info["name"][row], "en"),
        ("Keywords", split.info["keywords"][row], "en"),
        ("Name in Chinese", chinese.info["name"][row], CHINESE),
        ("Keywords in Chinese", chinese.info["keywords"][row], CHINESE),
    ]


def emoji(data):
    """Show one emoji as every training artist drew it, and its words."""
    chinese = mm.data.load_emoji(image="features", language="zh").train
    rows = np.flatnonzero(data.train.info["hexcode"] == SHOWN)
    artists = [data.classes["artist"][code] for code in data.train.targets["artist"][rows]]
    name, by = data.train.info["name"][rows[0]], ", ".join(artists)
    drawings = np.concatenate(data.train.inputs["image"][rows], axis=1)
    shown = picture(drawings, f"A {name}, drawn {len(rows)} times side by side: by {by}.")
    group = data.classes["group"][data.train.targets["group"][rows[0]]]
    about = [("Artists, from left to right", by, "en"), ("Group", group, "en")]
    return shown + facts(about + _words(data.train, rows[0], chinese))


def animated_emoji(data):
    """Show one clip frame by frame, and, if the reader wants, in motion."""
    chinese = mm.data.load_animated_emoji(language="zh").train
    (row,) = np.flatnonzero(data.train.info["hexcode"] == SHOWN)
    clips = data.train.inputs["video"]
    frames, seconds = clips[int(row)], float(clips.frame_seconds[row])
    count, height, width, _ = frames.shape
    grid = frames.reshape(2, count // 2, height, width, 3).swapaxes(1, 2)
    name = data.train.info["name"][row]
    shown = picture(
        grid.reshape(2 * height, -1, 3),
        f"The {count} frames of a {name} that rocks from side to side.",
        scale=2,
    )
    moving = moving_picture(frames, seconds, f"The same {name}, moving.")
    about = [
        ("Group", data.classes["group"][data.train.targets["group"][row]], "en"),
        ("One frame lasts", f"{seconds:.3f} seconds", "en"),
        ("Motion", f"{data.train.targets['motion'][row]:.1f} of 255 levels a frame", "en"),
    ]
    return shown + moving + facts(about + _words(data.train, row, chinese))


def stamps(data):
    """Show one stamp of which everything is there: picture, captions, speech and sound."""
    side, row = _find(data, "path", STAMP)
    split = getattr(data, side)
    info = {name: values[row] for name, values in split.info.items()}
    shown = picture(split.inputs["image"][row], f"The stamp: {info['en']}", scale=2)
    spanish = mm.data.load_stamps(image="features", speech="es")
    for code, spoken in (("fr", split), ("es", getattr(spanish, side))):
        clips = spoken.inputs["speech"]
        label = f"The caption, read aloud in {LANGUAGES[code]}"
        shown += player(clips[row], clips.sample_rate, label, info[code], code)
    sounds = split.inputs["sound"]
    shown += player(sounds[row], sounds.sample_rate, "The sound that it makes")
    captions = [(f"Caption in {LANGUAGES[code]}", info[code], code) for code in ("en", "fr", "es")]
    captions.append(("Caption in Chinese", info["zh"], CHINESE))
    group = data.classes["group"][split.targets["group"][row]]
    return shown + facts([("Group", group, "en"), *captions])


def _find(data, name, value):
    """Return the split and the first row in which ``info[name]`` is the value."""
    for side in ("train", "validation", "test"):
        rows = np.flatnonzero(getattr(data, side).info[name] == value)
        if len(rows):
            return side, int(rows[0])
    raise ValueError(f"{data.card.name} has no {name} {value!r} to show as a sample")


def dialogues(data):
    """Show one line that is spoken in both languages, with its transcripts and in English."""
    shown, about = "", []
    split = getattr(data, _find(data, "id", LINE)[0])
    for row in np.flatnonzero(split.info["id"] == LINE):
        clips = split.inputs["speech"]
        code = data.classes["language"][split.targets["language"][row]]
        said, meant = (str(split.inputs[name][row]) for name in ("text", "translation"))
        role = data.classes["role"][split.targets["role"][row]]
        label = f"The line, spoken in {LANGUAGES[code]} by the {role}"
        shown += player(clips[int(row)], clips.sample_rate, label, said, code)
        about = [("In English", meant, "en"), ("Role", role, "en")]
        about.append(("Level", split.info["level_title"][row], "en"))
    return shown + facts(about)


def word_vectors(vectors):
    """Show an emoji, and which names in both languages are nearest to its own name."""
    english, chinese = (
        mm.data.load_emoji(language=language, artists=["noto"]).train for language in ("en", "zh")
    )
    (row,) = np.flatnonzero(english.info["hexcode"] == SHOWN)
    name = str(english.info["name"][row])
    about = [("Word", name, "en"), ("Its first numbers", _numbers(vectors.encode([name])[0]), "en")]
    for split, language, label in (
        (english, "en", "Nearest names"),
        (chinese, CHINESE, "Nearest names in Chinese"),
    ):
        others = sorted(set(split.info["name"].tolist()) - {name})
        nearest = np.argsort(-_cosine(vectors, name, others), kind="stable")[:5]
        about.append((label, " | ".join(others[place] for place in nearest), language))
    shown = picture(english.inputs["image"][row], f"A {name}, whose name is looked up.", scale=2)
    return shown + facts(about)


def _cosine(vectors, word, others):
    """Return the cosine similarity of a word to other words."""
    unit = vectors.encode([word, *others])
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return unit[1:] @ unit[0]


def _numbers(vector):
    return ", ".join(f"{number:.2f}" for number in vector[:6]) + ", ..."


def digits(data):
    """Show one numeral of each class, and a six that is also a nine, as the pixels show them."""
    split = data.train
    written, clusters = split.targets["digit"], split.info["cluster"]
    pixels = split.inputs["pix"].reshape(-1, 16, 15)
    shown = picture(_ink([pixels[np.flatnonzero(written == d)[0]] for d in range(10)]),
                    "The digits 0 to 9, each written once.", scale=4)  # fmt: skip
    six = np.flatnonzero((written == 6) & np.isin(clusters, clusters[written == 9]))[0]
    nine = np.flatnonzero((written == 9) & (clusters == clusters[six]))[0]
    shown += picture(_ink(pixels[[six, nine]]), "A six, and it as a nine.", scale=4)
    first = [(name, _numbers(view[six]), "en") for name, view in split.inputs.items()]
    return shown + facts([("First numbers of the six", "by view", "en"), *first])


def _ink(drawings):
    """Lay drawings of 0 to 6 side by side: black on white, (height, width, 3) uint8."""
    wide = np.concatenate([np.pad(drawing, 2) for drawing in drawings], axis=1)
    return np.repeat(np.uint8(255 - 255 / 6 * wide)[..., None], 3, axis=2)


#: Loader -> the function that shows a sample of what it loads.
SAMPLES = {
    "load_emoji": emoji,
    "load_animated_emoji": animated_emoji,
    "load_stamps": stamps,
    "load_dialogues": dialogues,
    "load_word_vectors": word_vectors,
    "load_digits": digits,
}
