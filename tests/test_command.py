"""The command line: what it prints, what it refuses in one sentence, and its exit codes."""

import io
import json
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PIL import Image

import mmtutorial as mm
from mmtutorial.applications.speech import transcription
from mmtutorial.command import main
from mmtutorial.preprocessing.picture_files import MAX_CLIP_PICTURES

RNG = np.random.default_rng(0)


def run_alone(*arguments):
    command = [sys.executable, "-m", "mmtutorial", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def refused(capsys, *arguments):
    """Return the sentence with which a command is refused."""
    try:
        code = main(list(map(str, arguments)))
    except SystemExit as stop:  # of argparse
        code = stop.code
    printed, told = capsys.readouterr()
    assert (code, printed) == (2, "")
    assert told.count("\n") == 1
    assert "Traceback" not in told
    return told


class Echo:
    """A recogniser that always hears the same."""

    text = "dobrý den"

    def write(self, waves, *, beam_width):
        return [f"{self.text} {beam_width}" if self.text else ""] * len(waves)


@pytest.fixture
def memo(tmp_path, monkeypatch):
    """A recording of two words, and a recogniser that is there at once."""
    monkeypatch.setattr(transcription, "_shipped", lambda language: Echo())
    sound = np.concatenate([RNG.uniform(-1, 1, 32000), np.zeros(80000), RNG.uniform(-1, 1, 16000)])
    soundfile.write(tmp_path / "memo.wav", sound, 16000)
    return tmp_path / "memo.wav"


@pytest.fixture
def pictures(tmp_path):
    """A picture, an animation, and a clip of arrays."""
    frames = RNG.integers(0, 256, (3, 12, 16, 3), dtype=np.uint8)
    images = [Image.fromarray(frame) for frame in frames]
    images[0].save(tmp_path / "still.png")
    images[0].save(tmp_path / "clip.webp", save_all=True, append_images=images[1:], lossless=True)
    np.savez(tmp_path / "clip.npz", frames=frames, times=np.arange(3) / 4)
    return tmp_path


# --- help and wrong use


def test_help_is_quick_and_names_the_commands():
    code = (
        "import sys\nfrom mmtutorial.command import main\n"
        "try: main(['--help'])\nexcept SystemExit as stop: assert stop.code == 0\n"
        "assert not {'keras', 'tensorflow', 'numpy', 'scipy'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("transcribe", "find", "search", "Exit codes"))


def test_a_bad_file_is_refused_in_a_sentence_without_keras(tmp_path):
    (tmp_path / "notes.wav").write_text("no sound")
    done = run_alone("transcribe", tmp_path / "notes.wav")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"mmtutorial: {tmp_path / 'notes.wav'} must be a sound file")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["transcribe", "find", "search"])
def test_each_command_has_its_help(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert "--json" in printed
    assert "Exit codes" in printed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "required: COMMAND"),
        (["sing"], "invalid choice: 'sing'"),
        (["transcribe"], "required: FILE"),
        (["transcribe", "a.wav", "--language", "en"], "invalid choice: 'en'"),
        (["transcribe", "a.wav", "--beam-width", "x"], "invalid int value: 'x'"),
        (["transcribe", "a.wav", "--beam-width", "-1"], "--beam-width must be at least 0, got -1"),
        (["transcribe", "no.wav"], "no.wav: No such file or directory"),
        (["find", "no.png", "a hen"], "no.png: No such file or directory"),
        (["find", "no.png"], "required: DESCRIPTION"),
        (["find", "no.png", " "], "DESCRIPTION must say what to look for"),
        (["search", "", "no.png"], "DESCRIPTION must say what to look for"),
        (["search", "a hen", "no.png", "--top", "0"], "--top must be at least 1, got 0"),
    ],
)
def test_wrong_use_is_one_line_on_stderr(arguments, told, capsys):
    assert told in refused(capsys, *arguments)


# --- transcribe


def test_transcribe_prints_the_text(memo, capsys):
    assert main(["transcribe", str(memo)]) == 0
    assert capsys.readouterr().out == "dobrý den 16 dobrý den 16\n"
    assert main(["transcribe", str(memo), "--beam-width", "0", "--times"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["0:00.0 - 0:02.2  dobrý den None", "0:06.8 - 0:08.0  dobrý den None"]


def test_transcribe_prints_json_of_each_file(memo, capsys):
    assert main(["transcribe", str(memo), str(memo), "--json", "--language", "cs"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first == second
    assert (first["file"], first["language"], first["seconds"]) == (str(memo), "cs", 8)
    assert first["text"] == "dobrý den 16 dobrý den 16"
    assert first["pieces"][1]["end"] == 8
    assert first["pieces"][1]["start"] == pytest.approx(6.85, abs=0.02)


def test_hearing_nothing_is_told_by_the_exit_code(memo, capsys, monkeypatch):
    monkeypatch.setattr(Echo, "text", "")
    assert main(["transcribe", str(memo)]) == 1
    assert capsys.readouterr().out == ""


def test_a_bad_file_behind_a_good_one_prints_nothing(memo, capsys):
    empty = memo.with_name("empty.wav")
    empty.touch()
    assert "empty.wav must be a sound file, got an empty file" in refused(
        capsys, "transcribe", memo, empty
    )
    soundfile.write(empty, np.zeros(90), 16000)
    assert "empty.wav is silent" in refused(capsys, "transcribe", memo, empty)
    assert "memo.wav: the sound breaks off" in refused(capsys, "transcribe", cut(memo))


def cut(path):
    path.write_bytes(path.read_bytes()[:-99])
    return path


def test_ctrl_c_ends_it_quietly(memo, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Echo, "write", stop)
    assert main(["transcribe", str(memo)]) == 130
    assert capsys.readouterr().out == ""


def test_letters_that_a_pipe_does_not_know_are_no_error(memo):
    code = (
        "import mmtutorial.command as c, mmtutorial.command.transcribe as t\n"
        "from mmtutorial.command.answer import Answer\n"
        "t.run = lambda options: Answer(['dobrý řez'], [], True)\n"
        "raise SystemExit(c.main(['transcribe', 'x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={"PYTHONIOENCODING": "cp1252"}
    )
    assert (done.returncode, done.stdout.strip()) == (0, "dobrý ?ez".encode("cp1252"))


# --- find and search


def stand_in(monkeypatch, package, function):
    """Let a package find at once, without its model."""
    monkeypatch.setitem(package.__dict__, "find", function)


@pytest.fixture
def finds(monkeypatch):
    """Stand in for the models of pictures and of clips; what they were asked."""
    asked = []

    def in_picture(picture, text):
        asked.append((np.shape(picture), text))
        return SimpleNamespace(
            point=(3, 4), box=(1, 2, 6, 8), score=np.float32(np.mean(picture) / 255), unknown=("x",)
        )

    def in_clip(clip, text):
        asked.append((str(clip) if isinstance(clip, str) else clip.shape, text))
        return SimpleNamespace(
            score=0.75, appears="hen" in text, moments=[(0.5, (4, 5, 6, 7)), (1.0, (8, 9, 10, 11))],
            spans=[(0.5, 1.0)], answers={"direction": 0.9}, unknown=[],
        )  # fmt: skip

    stand_in(monkeypatch, mm.applications.grounding, in_picture)
    stand_in(monkeypatch, mm.applications.video, in_clip)
    return asked


def test_find_points_at_a_thing_in_a_picture(pictures, finds, capsys):
    assert main(["find", str(pictures / "still.png"), "a hen"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "point: row 3, column 4",
        "box: rows 1 to 6, columns 2 to 8",
        "score: 0.49",
        "not read: x",
    ]
    assert main(["find", str(pictures / "still.png"), "公鸡", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["description"], found["point"]) == ("picture", "公鸡", [3, 4])
    assert finds == [((12, 16, 3), "a hen"), ((12, 16, 3), "公鸡")]


@pytest.mark.parametrize(("name", "unit"), [("clip.webp", "seconds"), ("clip.npz", "frames")])
def test_find_follows_a_thing_through_a_clip(name, unit, pictures, finds, capsys):
    path = str(pictures / name)
    assert main(["find", path, "a hen"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "appears: yes, score 0.75",
        f"seen: 0.5 to 1 {unit}",
        "at 0.5: rows 4 to 6, columns 5 to 7",
        "at 1: rows 8 to 10, columns 9 to 11",
        "goes to the right: 0.90",
    ]
    assert main(["find", path, "a dog", "--json"]) == 1, "what does not appear is not found"
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["appears"], found["unit"]) == ("clip", False, unit)
    assert found["moments"][0] == {"time": 0.5, "box": [4, 5, 6, 7]}
    assert finds[0] == (path if unit == "seconds" else (3, 12, 16, 3), "a hen")


def test_find_refuses_files_that_are_no_picture_and_no_clip(pictures, finds, capsys):
    path = pictures / "wrong.npz"
    for content in (b"", b"PK\3\4 no zip", (pictures / "clip.npz").read_bytes()[:-90]):
        path.write_bytes(content)
        assert "must be a whole .npz file" in refused(capsys, "find", path, "a hen")
    np.save(path.with_suffix(".npy"), np.zeros(3))
    path.write_bytes(path.with_suffix(".npy").read_bytes())
    assert "must be a whole .npz file" in refused(capsys, "find", path, "a hen")
    np.savez(path, frames=np.zeros((2, 3)))
    assert '"frames" must be (frames, height, width, 3)' in refused(capsys, "find", path, "a hen")
    pickled = np.array([{}, []], object)
    np.savez(path, frames=pickled)
    assert '"frames" must be' in refused(capsys, "find", path, "a hen")
    picture = pictures / "wrong.png"
    picture.write_text("no picture")
    for command in (
        ["find", picture, "a hen"],
        ["search", "a hen", pictures / "still.png", picture],
    ):
        assert "wrong.png must be a picture" in refused(capsys, *command)


def write_head(path, shape):
    """Write an .npz file that says of what shape its frames are, and has none of them."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("frames.npy", head.getvalue())


def test_find_refuses_more_frames_than_memory_holds_before_it_reads_them(
    pictures, finds, capsys, monkeypatch
):
    path, most = pictures / "many.npz", MAX_CLIP_PICTURES * Image.MAX_IMAGE_PIXELS
    write_head(path, (most, 1, 1, 3))
    assert "must be a whole .npz file" in refused(capsys, "find", path, "a hen")
    write_head(path, (most + 1, 1, 1, 3))
    told = refused(capsys, "find", path, "a hen")
    assert f"its {most + 1:,} frames must have at most {most:,} pixels together" in told
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3 * 12 * 16 // MAX_CLIP_PICTURES)
    assert main(["find", str(pictures / "clip.npz"), "a hen"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3 * 12 * 16 // MAX_CLIP_PICTURES - 1)
    assert "at most 572 pixels" in refused(capsys, "find", pictures / "clip.npz", "a hen")
    assert not finds[1:], "what is refused is shown to no model"


def test_search_orders_pictures(pictures, finds, capsys):
    for name, gray in (("dark.png", 51), ("light.png", 204)):
        Image.new("RGB", (9, 9), (gray, gray, gray)).save(pictures / name)
    files = [str(pictures / name) for name in ("dark.png", "light.png", "still.png")]
    assert main(["search", "a hen", *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"0.800  {files[1]}", lines[1], f"0.200  {files[0]}"]
    assert main(["search", "a hen", *files, "--top", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "description": "a hen",
        "results": [{"file": files[1], "score": 0.8}],
    }


# --- progress


def let_stderr_be_a_terminal(monkeypatch):
    """In a test itself: the stream of a fixture is another one."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


@pytest.mark.parametrize(("seconds", "shown"), [(60, False), (61, True)])
def test_a_bar_shows_how_far_a_long_recording_is(seconds, shown, memo, capsys, monkeypatch):
    let_stderr_be_a_terminal(monkeypatch)
    sound = np.zeros(seconds * 16000)
    sound[::48000] = 0.5
    soundfile.write(memo, sound, 16000)
    assert main(["transcribe", str(memo)]) in (0, 1)
    told = capsys.readouterr().err
    assert ("transcribe: 100%" in told and f"{seconds}/{seconds}" in told) == shown
    assert bool(told) == shown


@pytest.mark.parametrize(("count", "shown"), [(9, False), (10, True)])
def test_a_bar_shows_how_many_pictures_are_done(count, shown, pictures, finds, capsys, monkeypatch):
    let_stderr_be_a_terminal(monkeypatch)
    files = [str(pictures / "still.png")] * count
    assert main(["search", "a hen", *files]) == 0
    printed, told = capsys.readouterr()
    assert (f"{count}/{count}" in told) == bool(told) == shown
    assert len(printed.splitlines()) == count


def test_no_bar_is_written_into_a_file(memo, pictures, finds, capsys):
    soundfile.write(memo, np.tile([0.5, -0.5], 61 * 8000), 16000)
    assert main(["transcribe", str(memo)]) == 0
    assert main(["search", "a hen", *[str(pictures / "still.png")] * 10]) == 0
    assert capsys.readouterr().err == ""
