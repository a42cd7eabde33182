"""How long do the import and the data sets take to load?

    python benchmarks/loading.py

Processor time of all cores together, in a new process for each line, so that nothing is cached
but the files; the quickest of three. The aims are 0.3 seconds for the import and 2 for a data set.
"""

import subprocess
import sys

from tqdm import tqdm

CASES = {
    "import mmtutorial": "import mmtutorial as mm",
    "load_emoji()": "mm.data.load_emoji()",
    'load_emoji(image="features")': 'mm.data.load_emoji(image="features")',
    "load_animated_emoji()": "mm.data.load_animated_emoji()",
    "the clips of its test split": 'clips.test.inputs["video"].array()',
    "load_stamps()": "mm.data.load_stamps()",
    'load_stamps(image="pixels")': 'mm.data.load_stamps(image="pixels")',
    "load_dialogues()": "mm.data.load_dialogues()",
    "draw_keywords, 7,000 rows": "mm.data.draw_keywords(texts, 2, seed=0)",
}
BEFORE = {
    "import mmtutorial": "pass",
    "the clips of its test split": "clips = mm.data.load_animated_emoji()",
    "draw_keywords, 7,000 rows": (
        "texts = np.array(['cheerful | face | grin | happy | smile | teeth'] * 7_000);"
        "mm.data.draw_keywords(texts[:1], 2, seed=1)"
    ),
}


def measure(name):
    """Return the processor seconds of one case, in a new process."""
    ready = "import numpy as np, mmtutorial as mm;" if name != "import mmtutorial" else ""
    code = (
        f"import time; {ready}{BEFORE.get(name, 'pass')}; start = time.process_time();"
        f"{CASES[name]}; print(time.process_time() - start)"
    )
    return float(subprocess.check_output([sys.executable, "-c", code]))


def main():
    """Print a table of all cases."""
    print(f"{'':<32}processor seconds")
    for name in tqdm(CASES, leave=False, disable=None):
        tqdm.write(f"{name:<32}{min(measure(name) for _ in range(3)):>8.3f}")


if __name__ == "__main__":
    main()
