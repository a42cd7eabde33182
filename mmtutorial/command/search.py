"""``search DESCRIPTION FILE ...``: which of my pictures show what is described?"""

import argparse

from mmtutorial.command.answer import Answer

HELP = "order pictures by how well they fit a description"
ABOUT = """
Order pictures (JPEG, PNG, WebP, ...) by how well the place that fits best fits the description. Of
an animated file its first picture counts.
"""
FEW = 9  # pictures; of more, a bar shows how many are done


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only this command takes."""
    parser.add_argument("description", metavar="DESCRIPTION", help="what to look for, in quotes")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture")
    parser.add_argument("--top", type=int, metavar="N", help="print only the best N")


def run(options: argparse.Namespace) -> Answer:
    """Score all files, the best first; refuse what is no picture before anything is printed."""
    from tqdm import tqdm

    from mmtutorial.preprocessing import read_image

    if not options.description.strip():
        raise ValueError("DESCRIPTION must say what to look for, got an empty text")
    if options.top is not None and options.top < 1:
        raise ValueError(f"--top must be at least 1, got {options.top}")
    from mmtutorial.applications.grounding import find

    scores = []
    hidden = None if len(options.files) > FEW else True  # None: where there is no terminal
    for file in tqdm(options.files, unit="picture", disable=hidden):
        scores.append(float(find(read_image(file), options.description).score))
    best = sorted(zip(scores, options.files, strict=True), key=lambda pair: -pair[0])[: options.top]
    lines = [f"{score:.3f}  {file}" for score, file in best]
    results = [{"file": file, "score": round(score, 4)} for score, file in best]
    return Answer(lines, {"description": options.description, "results": results}, bool(best))
