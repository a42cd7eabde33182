"""Which stamps there are, what they are called, and which of them belong together."""

import hashlib
import re

import numpy as np
from PIL import Image

ROOT = "usr/share/tuxpaint/stamps/"
FOLDS = 5
#: A caption's line in a stamp's text file; the first line is English.
LANGUAGES = {"en": "", "zh": "zh_CN.utf8=", "fr": "fr.utf8=", "es": "es.utf8="}
#: What a caption may begin with and still name the same thing.
OPENINGS = {
    "en": r"(a pair of|an?|the|some|two) ",
    "zh": "一?[只个条辆座朵棵把台件双片张艘架块颗位匹头]",
    "fr": r"(une?|l[ae]s?|des|du|de la) |[ld]'",
    "es": r"(una?|el|l[ao]s?|un[ao]s) ",
}
#: Pictures whose 16 x 16 thumbnails correlate more than this are one thing in two versions.
ALIKE = 0.95


def read_entries(files):
    """List the stamps that have a picture and captions, by path; ``files`` maps path to bytes."""
    entries = []
    for name, content in files.items():
        path = name.removeprefix(ROOT).removesuffix(".txt")
        pictured = {f"{ROOT}{path}.png", f"{ROOT}{path}.svg"} & files.keys()
        if name.endswith(".txt") and pictured:
            captions = read_captions(content.decode())
            entries.append({"path": path, "group": path.split("/")[0], "captions": captions})
    return sorted(entries, key=lambda entry: entry["path"])


def read_captions(text):
    """Return ``{language: caption}`` in our languages, with plain spaces; ``""`` if there is none.

    >>> read_captions("A cow.\\nfr.utf8=Une  vache.\\nzh_TW.utf8=牛。")
    {'en': 'A cow.', 'zh': '', 'fr': 'Une vache.', 'es': ''}
    """
    lines = text.splitlines()
    found = {}
    for language, prefix in LANGUAGES.items():
        fitting = lines[:1] if not prefix else [line for line in lines if line.startswith(prefix)]
        found[language] = " ".join(fitting[0].removeprefix(prefix).split()) if fitting else ""
    return found


def plain_caption(caption, language):
    """Reduce a caption to what it names: the first sentence, without article, case and numbers.

    >>> plain_caption("A camera. Say Cheese!", "en"), plain_caption("一只老鼠。", "zh")
    ('camera', '老鼠')
    """
    first = re.split(r"[.!?…。！？]", caption.casefold().strip("“”«»\"'¡¿. "))[0]
    words = " ".join(re.sub(r"[^\w' ]|\d", " ", first).split())
    return re.sub(f"^({OPENINGS[language]})", "", words).strip() or words


def plain_name(path):
    """Reduce a file's name to what numbered and mirrored versions share.

    >>> plain_name("animals/Fox-2"), plain_name("seasonal/halloween/grave-a")
    ('fox', 'grave')
    """
    name = path.rsplit("/", 1)[-1].lower()
    return re.sub(r"_mirror|-[a-z]$|\d+", "", name).strip("_-")


def thumbnails(images):
    """Turn (n, side, side, 3) pictures into (n, 768) rows of mean 0 and length 1, and mirrored."""
    small = [Image.fromarray(image).resize((16, 16), Image.Resampling.BOX) for image in images]
    small = np.stack([np.asarray(image, np.float64) for image in small])
    rows = []
    for view in (small, small[:, :, ::-1]):
        flat = view.reshape(len(view), -1)
        flat = flat - flat.mean(axis=1, keepdims=True)
        rows.append(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))
    return rows


def assign_clusters(entries, images):
    """Give every stamp a ``cluster``: stamps of one cluster must never meet across a split.

    Stamps belong together, directly or through others, if a caption says the same in any
    language, if they share a recording, if their files have the same plain name, or if their
    pictures are almost the same or mirrored.
    """
    keys = [
        {(code, plain_caption(text, code)) for code, text in entry["captions"].items() if text}
        | {("recording", name) for name, _ in entry["speech"].values()}
        | {("recording", (entry["sound"] or [""])[0]), ("name", plain_name(entry["path"]))}
        for entry in entries
    ]
    upright, mirrored = thumbnails(images)
    similar = np.maximum(upright @ upright.T, upright @ mirrored.T) > ALIKE
    for number, (one, other) in enumerate(zip(*np.nonzero(np.triu(similar, 1)), strict=True)):
        keys[one].add(("picture", number))
        keys[other].add(("picture", number))
    for entry, cluster in zip(entries, join_by_keys(keys), strict=True):
        entry["cluster"] = cluster


def join_by_keys(keys):
    """Number the connected components of rows that share a key; an empty name joins nothing.

    >>> join_by_keys([{("en", "cat")}, {("en", "dog")}, {("en", "cat"), ("name", "")}])
    [0, 1, 0]
    """
    parent = list(range(len(keys)))

    def find(row):
        while parent[row] != row:
            row = parent[row]
        return row

    first = {}
    for row, own in enumerate(keys):
        for key in sorted(own, key=str):
            if key[1] != "":
                one, other = sorted((find(first.setdefault(key, row)), find(row)))
                parent[other] = one
    numbers = {}
    return [numbers.setdefault(find(row), len(numbers)) for row in range(len(keys))]


def assign_folds(entries):
    """Give every stamp a ``fold``: whole clusters, each group spread evenly over the folds.

    Large clusters are placed first, each where its groups are rarest; names decide ties, so the
    order of the entries does not matter.
    """
    clusters = {}
    for entry in entries:
        clusters.setdefault(entry["cluster"], []).append(entry)

    def rank(members):
        name = min(member["path"] for member in members)
        return -len(members), hashlib.sha256(name.encode()).hexdigest()

    filled = [{} for _ in range(FOLDS)]
    for members in sorted(clusters.values(), key=rank):
        groups = [member["group"] for member in members]
        fold = min(
            range(FOLDS),
            key=lambda k: (
                sum(filled[k].get(group, 0) for group in groups),
                sum(filled[k].values()),
            ),
        )
        for member in members:
            member["fold"] = fold
            filled[fold][member["group"]] = filled[fold].get(member["group"], 0) + 1
