"""Build the word vectors in mmtutorial/data/files/word_vectors/ from a public text encoder.

Run ``python tools/build_word_vectors.py`` after the emoji and the stamps are built (about two
minutes on one core of Linux on x86-64, for which the encoder is compiled). On one machine two runs
give the same bytes; on another, some numbers may differ by one step, because the order in which a
processor adds numbers is its own affair.

Whole numbers times one step take a third of the bytes of float16 at the same size, because a
component with little variance needs few levels: so 256 components fit where 90 would.
"""

import io
import json
import sys
from pathlib import Path

import _word_encoder as encoder
import _word_notes as notes
import _word_prompts as prompts
import numpy as np
from _write import write_all
from build_emoji import read_package

from mmtutorial.data._files import read_file

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "pypi"
TARGET = ROOT / "mmtutorial" / "data" / "files" / "word_vectors"
#: Components that are kept, and the share of the variance that rounding them may cost.
SIZE, ROUNDING = 256, 0.002


def gather_texts(entries, stamps):
    """Return the sorted words of the emoji with the prompts, and the captions besides."""
    words = {
        word
        for entry in entries
        for language in notes.LANGUAGES
        for word in notes.words_of(entry, language)
    }
    words |= set(prompts.all_prompts())
    captions = {stamp["captions"][language] for stamp in stamps for language in notes.LANGUAGES}
    return sorted(words), sorted(captions - words - {""})


def fit_pca(rows):
    """Fit a PCA to ``rows`` (n, d); return the mean, (d, SIZE) directions and the variances.

    A direction's largest entry is made positive, for the sign of an eigenvector is arbitrary.
    """
    rows = rows.astype(np.float64)
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(rows, rowvar=False))
    directions = vectors[:, ::-1][:, :SIZE]
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    return mean, directions * np.sign(largest), values[::-1]


def choose_step(variances):
    """Return the step whose rounding, step² / 12 per component, costs the share ROUNDING."""
    return np.float32(np.sqrt(12 * ROUNDING * variances.sum() / SIZE))


def pack(parts):
    """Return arrays as an .npz file, which keeps no date."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **parts)
    return buffer.getvalue()


def describe(entries, words, flaws):
    """Write the words as JSON, one per line, and what is known of them."""
    head = {
        "title": notes.TITLE,
        "source": [[encoder.PACKAGE, encoder.VERSION, encoder.LICENCE]],
        "flaws": flaws,
        "split": notes.count_words(entries),
        "fitted": len(notes.training_words(entries)),
        "templates": prompts.TEMPLATES,
        "names": {
            name: dict(zip(notes.LANGUAGES, called, strict=True))
            for name, called in prompts.NAMES.items()
        },
    }
    head = json.dumps(head, ensure_ascii=False)[:-1]
    return (head + f',\n"words": {list_lines(words)}}}\n').encode()


def list_lines(texts):
    """Return texts as a JSON list, one per line."""
    return "[\n" + ",\n".join(json.dumps(text, ensure_ascii=False) for text in texts) + "\n]"


def main():
    """Gather, encode, reduce, measure and write."""
    entries, stamps = (
        json.loads(read_file(name, f"{name}.json"))["entries"] for name in ("emoji", "stamps")
    )
    words, captions = gather_texts(entries, stamps)
    memory = CACHE / f"words-{encoder.SHA256[:8]}.npz"
    texts = words + captions
    wide = encoder.encode_all(texts, memory, lambda: encoder.open_encoder(CACHE))
    row = {text: number for number, text in enumerate(texts)}
    mean, directions, variances = fit_pca(wide[[row[w] for w in notes.training_words(entries)]])
    step = choose_step(variances)
    # Readers project their own words by what is shipped, so ours are made by nothing else.
    mean, directions = mean.astype(np.float32), directions.astype(np.float16)
    levels = np.rint((wide - mean) @ directions.astype(np.float32) / step).astype(np.int8)
    vectors = dict(zip(texts, levels * step, strict=True))
    kept = variances[:SIZE].sum() / variances.sum()
    flaws = notes.flaws(entries, vectors, kept, ROUNDING, wide.shape[1])
    count = len(words)
    shipped = {"words": levels[:count], "captions": levels[count:]}
    shipped = {name: np.asfortranarray(rows) for name, rows in shipped.items()}  # packs better
    files = {
        "vectors.npz": pack(shipped | {"step": step, "mean": mean, "directions": directions}),
        "words.json": describe(entries, words, flaws),
        "captions.json": (list_lines(captions) + "\n").encode(),
        **notes.licence_files(read_package("licences")),
    }
    size = write_all(TARGET, files)
    print(f"{len(files) + 1} files, {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")
    print("\n".join(flaws))


if __name__ == "__main__":
    sys.exit(main())
