"""The page "Your own data" does what it says, from the first line to the last."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from mmtutorial.command.line import COMMANDS

PAGE = Path(__file__).resolve().parent.parent / "book" / "start" / "own_data.md"
SESSIONS = PAGE.read_text(encoding="utf-8").split("(loading)=")  # the second is a new one
KEEP = "np.save('logits.npy', model.predict({name: a[:1] for name, a in inputs.items()}))"
COMPARE = """
import numpy as np
tokens = pre.tokenize(Path("pictures/cat_0.txt").read_text("utf-8"))
again = {"image": pre.scale_image(pre.read_image("pictures/cat_0.png", size=32)[None]),
         "text": vocabulary.encode([tokens], length=20)}
np.testing.assert_allclose(model.predict(again), np.load("logits.npy"), rtol=1e-4, atol=1e-5)
np.testing.assert_allclose(served.serve(sample), logits, rtol=1e-4, atol=1e-5)
model.fit(again, np.array([0]), verbose=0)  # the optimizer came along: it learns on
"""


@pytest.fixture
def folder(tmp_path):
    """Small files under the names that the page uses."""
    rng = np.random.default_rng(0)

    def paint(*size):
        return Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8))

    paint(60, 80).save(tmp_path / "photo.jpg")
    frames = [paint(24, 24) for _ in range(5)]
    frames[0].save(tmp_path / "waving.gif", save_all=True, append_images=frames[1:], duration=80)
    soundfile.write(tmp_path / "voice.wav", rng.uniform(-1, 1, (4000, 2)), 8000)
    (tmp_path / "pictures").mkdir()
    for number in range(6):
        for name, verb in (("cat", "sleeps"), ("dog", "barks")):
            paint(40, 30).save(tmp_path / "pictures" / f"{name}_{number}.png")
            text = f"A {name} {verb} on the mat."
            (tmp_path / "pictures" / f"{name}_{number}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def run(code, folder):
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_block_runs_and_a_new_session_answers_as_the_old_one(folder):
    blocks = [re.findall(r"^```python\n(.*?)^```", part, re.M | re.S) for part in SESSIONS]
    assert all(blocks)
    shapes = "print(picture.shape, clip.frames.shape, len(clip.times), wave.shape, len(tokens))"
    printed = run("\n".join([*blocks[0], KEEP, shapes]), folder)
    assert printed.splitlines()[-1] == "(32, 32, 3) (8, 32, 32, 3) 8 (8000,) 4"
    printed = run("\n".join([*blocks[1], COMPARE]), folder)
    assert re.search(r"^cat: \d\.\d\d\ndog: \d\.\d\d$", printed, re.M), printed


def test_every_command_of_the_page_runs(folder):
    (shell,) = re.findall(r"^```shell\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    commands = [shlex.split(line) for line in shell.splitlines()]
    assert {command[3] for command in commands} == set(COMMANDS)
    for _, *arguments in commands:
        given = [
            str(each) for one in arguments for each in (folder.glob(one) if "*" in one else [one])
        ]
        done = subprocess.run([sys.executable, *given], cwd=folder, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr  # noise says nothing, and shows nothing
