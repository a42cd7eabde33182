"""The scripts that set up, execute and check: what they do when something is wrong."""

import base64
import hashlib
import importlib.util
import io
import json
import platform
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import _licences
import _numbers
import _packages
import _processor
import build_book
import execute_notebooks
import fetch_vendor
import nbformat
import numpy as np
import pytest
import run_checks
import setup_env
from _write import write_all
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image


def write_notebook(path: Path, *sources: str) -> Path:
    cells = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def registry(monkeypatch):
    """An npm that packs the same two bytes for every package, and counts how often."""
    calls = []

    def pack(spec, folder):
        calls.append(spec)
        (folder / "fresh.tgz").write_bytes(b"ok")
        return folder / "fresh.tgz"

    monkeypatch.setattr(_packages, "_pack", pack)
    return calls


def test_fetch_downloads_once_and_again_when_damaged(registry, tmp_path):
    sha512 = hashlib.sha512(b"ok").hexdigest()
    tarball = _packages.fetch("@scope/name", "1.0.0", sha512, tmp_path)
    assert (tarball.name, tarball.read_bytes()) == ("scope-name-1.0.0.tgz", b"ok")
    _packages.fetch("@scope/name", "1.0.0", sha512, tmp_path)
    assert registry == ["@scope/name@1.0.0"]
    tarball.write_bytes(b"damaged")
    assert _packages.fetch("@scope/name", "1.0.0", sha512, tmp_path).read_bytes() == b"ok"


def test_fetch_refuses_other_bytes_and_leaves_nothing(registry, tmp_path):
    with pytest.raises(RuntimeError, match=r"name@1\.0\.0 is not the package that we recorded"):
        _packages.fetch("name", "1.0.0", "0" * 128, tmp_path)
    assert not list(tmp_path.iterdir())


def make_deb(path: Path, files: dict[str, bytes]) -> Path:
    """Write a Debian package by hand: an ar archive, whose members start at even places."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    parts = {"debian-binary": b"2.0", "control.tar.xz": b"", "data.tar.xz": packed.getvalue()}
    content = b"!<arch>\n"
    for name, part in parts.items():
        head = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(part):<10}`\n"
        content += head.encode() + part + b"\n" * (len(part) % 2)
    path.write_bytes(content)
    return path


def test_read_deb_takes_whole_paths_in_order(tmp_path):
    files = {"usr/share/b.txt": b"b", "usr/share/a.txt": b"a", "usr/share/a.txt.gz": b"no"}
    found = _packages.read_deb(make_deb(tmp_path / "x.deb", files), r"usr/share/[a-z]\.txt")
    assert list(found.items()) == [("usr/share/a.txt", b"a"), ("usr/share/b.txt", b"b")]
    with pytest.raises(RuntimeError, match="holds no file that fits 'share/a'"):
        _packages.read_deb(tmp_path / "x.deb", "share/a")
    (tmp_path / "y.deb").write_bytes(b"<html>not found</html>")
    with pytest.raises(RuntimeError, match=r"y\.deb is not a Debian package"):
        _packages.read_deb(tmp_path / "y.deb", ".*")


def test_fetch_deb_checks_what_apt_brings(monkeypatch, tmp_path):
    calls = []

    def apt(spec, folder):
        calls.append(spec)
        (folder / "fresh.deb").write_bytes(b"ok")
        return folder / "fresh.deb"

    monkeypatch.setattr(_packages, "_apt", apt)
    deb = _packages.fetch_deb("fish", "1:2", hashlib.sha256(b"ok").hexdigest(), tmp_path)
    assert (deb.name, deb.read_bytes(), calls) == ("fish_1%3a2_all.deb", b"ok", ["fish=1:2"])
    with pytest.raises(RuntimeError, match="fish=1 is not the package that we recorded"):
        _packages.fetch_deb("fish", "1", "0" * 64, tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(_packages.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match=r"`apt-get download fish=1` and copy"):
        _packages.fetch_deb("fish", "1", "0" * 64, tmp_path)


def test_fetch_wheel_checks_what_pip_brings(monkeypatch, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("fish/b.csv", "fish/a.csv", "fish/__init__.py"):
            archive.writestr(name, name)
    calls = []

    def download(command, spec, folder, pattern):
        calls.append(command)
        (folder / "fish-1-py3-none-any.whl").write_bytes(packed.getvalue())
        return next(folder.glob(pattern))

    monkeypatch.setattr(_packages, "_download", download)
    sha256 = hashlib.sha256(packed.getvalue()).hexdigest()
    wheel = _packages.fetch_wheel("fish", "1", sha256, tmp_path)
    assert _packages.fetch_wheel("fish", "1", sha256, tmp_path) == wheel == tmp_path / "fish-1.whl"
    (command,) = calls
    assert command[1:5] == ["-m", "pip", "download", "fish==1"]
    assert "--no-deps" in command  # nothing but the wheel, and nothing is installed
    files = _packages.read_wheel(wheel, r"fish/\w+\.csv")
    assert list(files.items()) == [(name, name.encode()) for name in ("fish/a.csv", "fish/b.csv")]
    with pytest.raises(RuntimeError, match=r"fish-1\.whl holds no file that fits 'bird/\.\*'"):
        _packages.read_wheel(wheel, "bird/.*")
    with pytest.raises(RuntimeError, match="fish==2 is not the package that we recorded"):
        _packages.fetch_wheel("fish", "2", "0" * 64, tmp_path)


def test_a_licence_names_its_holders():
    place = "Copyright (c) <year> <copyright holders>"
    text = f"MIT License\n\n{place}\n\n" + "Permission is granted " * 9
    files = {"licenses/MIT.json": json.dumps({"licenseText": text}).encode()}
    found = _licences.read_spdx(files, "MIT", "Copyright (c) Ada").decode()
    assert "\nCopyright (c) Ada\n" in found
    assert max(map(len, found.splitlines())) <= 96
    assert place in _licences.read_spdx(files, "MIT").decode()
    files = {"licenses/MIT.json": json.dumps({"licenseText": "other words"}).encode()}
    with pytest.raises(RuntimeError, match="the text of MIT names no copyright holders"):
        _licences.read_spdx(files, "MIT", "Copyright (c) Ada")


def test_write_all_replaces_and_removes(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.txt").write_bytes(b"left behind")
    (tmp_path / "a.txt").write_bytes(b"older")
    size = write_all(tmp_path, {"a.txt": b"new", "cs/b.txt": b"", "cs/d/c.txt": b"deep"})
    found = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert found == ["SHA256SUMS", "a.txt", "cs", "cs/b.txt", "cs/d", "cs/d/c.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    sums = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ")[1] for line in sums] == ["a.txt", "cs/b.txt", "cs/d/c.txt"]
    assert sums[0].split()[0] == hashlib.sha256(b"new").hexdigest()
    assert size == 3 + 0 + 4 + (tmp_path / "SHA256SUMS").stat().st_size


def test_every_vendored_package_has_a_layout():
    assert [name for name, _, _ in fetch_vendor.PACKAGES] == list(fetch_vendor.LAYOUT)


def test_an_interrupted_unpacking_is_done_again(tmp_path, monkeypatch):
    for name in ("MATHJAX", "AXE", "ONNX", "STAMP"):
        monkeypatch.setattr(fetch_vendor, name, tmp_path / name)
    unpacked = []

    def unpack(tarball, rules):
        unpacked.append(tarball)
        for folder in (fetch_vendor.MATHJAX, fetch_vendor.AXE, fetch_vendor.ONNX):
            folder.mkdir(exist_ok=True)

    def interrupted(tarball, rules):
        unpack(tarball, rules)
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch_vendor, "fetch", lambda package, *rest: package)
    monkeypatch.setattr(fetch_vendor, "unpack", unpack)
    monkeypatch.setattr(fetch_vendor, "write_licence", lambda folder: None)
    fetch_vendor.main()
    done = fetch_vendor.STAMP.read_text(encoding="utf-8")
    fetch_vendor.main()
    assert len(unpacked) == len(fetch_vendor.PACKAGES)

    fetch_vendor.AXE.rmdir()
    monkeypatch.setattr(fetch_vendor, "unpack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_vendor.main()
    monkeypatch.setattr(fetch_vendor, "unpack", unpack)
    unpacked.clear()
    fetch_vendor.main()
    assert len(unpacked) == len(fetch_vendor.PACKAGES)
    assert fetch_vendor.STAMP.read_text(encoding="utf-8") == done


def test_a_licence_that_a_package_only_names_is_written_beside_it(tmp_path):
    (tmp_path / "licenses").mkdir()
    text = "MIT License\n\nCopyright (c) <year> <copyright holders>\n\nPermission is granted"
    (tmp_path / "licenses" / "MIT.json").write_text(json.dumps({"licenseText": text}))
    fetch_vendor.write_licence(tmp_path)
    (licence,) = tmp_path.iterdir()
    assert licence.name == "LICENSE"
    assert "\nCopyright (c) Microsoft Corporation\n" in licence.read_text(encoding="utf-8")


def test_book_is_built_again_only_when_a_source_changed(tmp_path, monkeypatch):
    page = tmp_path / "book" / "index.md"
    page.parent.mkdir()
    page.write_text("one")
    builds = []

    def build():
        builds.append(page.read_text(encoding="utf-8"))
        build_book.INDEX.parent.mkdir(parents=True, exist_ok=True)
        build_book.INDEX.write_text("<html>")

    monkeypatch.setattr(fetch_vendor, "main", lambda: None)
    monkeypatch.setattr(build_book, "ROOT", tmp_path)
    monkeypatch.setattr(build_book, "SOURCES", ["book"])
    monkeypatch.setattr(build_book, "INDEX", tmp_path / "_build" / "html" / "index.html")
    monkeypatch.setattr(build_book, "STAMP", tmp_path / "_build" / "stamp")
    monkeypatch.setattr(build_book, "build", build)
    build_book.main()
    page.touch()
    build_book.main()
    page.write_text("two")
    build_book.main()
    build_book.INDEX.unlink()
    build_book.main()
    assert builds == ["one", "two", "two"]


def test_executed_notebook_is_tidy_and_shows_the_twin_of_a_live_figure(tmp_path):
    live = (
        "import ipywidgets, mmtutorial as mm\n"
        "name = ipywidgets.Text('Ada', description='Name')\n"
        "mm.widgets.live(lambda name: name, {'name': name}, '<p>twin</p>')"
    )
    noise = "import sys; print('kept'); print('dropped', file=sys.stderr)"
    path = write_notebook(tmp_path / "one.ipynb", live, noise)
    texts = []
    for _ in range(2):
        notebook, seconds = execute_notebooks.execute(path)
        shown = notebook.cells[0].outputs[0]["data"]
        assert execute_notebooks.VIEW in shown
        notebook = execute_notebooks.tidy(notebook)
        texts.append(nbformat.writes(notebook))
        assert seconds > 0
    assert texts[0] == texts[1]
    assert shown.keys() == {"text/html", "text/plain"}
    assert "<p>twin</p>" in shown["text/html"]
    assert "widgets" not in notebook.metadata
    assert [output["text"] for output in notebook.cells[1].outputs] == ["kept\n"]
    # What a kernel says of itself, so that JupyterLab finds nothing to change.
    assert notebook.metadata["kernelspec"]["display_name"] == "Python 3 (ipykernel)"
    assert notebook.metadata["language_info"]["version"] == platform.python_version()


@pytest.mark.parametrize(
    ("tags", "hidden"),
    [
        (["hide-input"], {"source_hidden": True}),
        (["remove-input"], {"source_hidden": True}),
        (["remove-cell"], {"source_hidden": True, "outputs_hidden": True}),
        (["hide-cell"], {"source_hidden": True, "outputs_hidden": True}),
        (["hide-output"], {"outputs_hidden": True}),
        (["exercise-stub"], None),
        ([], None),
    ],
)
def test_what_the_page_hides_is_folded_in_jupyterlab(tags, hidden):
    shown, empty = new_output("stream", text="one"), new_output("display_data", {})
    metadata = {"tags": tags, "jupyter": {"source_hidden": True}}
    cells = [new_code_cell("1", outputs=[out], metadata=dict(metadata)) for out in (shown, empty)]
    one, other = execute_notebooks.tidy(new_notebook(cells=cells)).cells
    assert one.metadata.get("jupyter") == hidden
    # An output that shows nothing needs no bar to unfold it.
    assert "outputs_hidden" not in other.metadata.get("jupyter", {})


def encode(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def decode(code: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"))


def test_a_figure_shrinks_and_looks_the_same():
    height, width = np.mgrid[:300, :400]
    curve = np.clip(255 * np.abs(height - 150 - 90 * np.sin(width / 40)) / 6, 0, 255)
    drawn = np.stack([curve, np.minimum(curve + height / 9, 255), curve], axis=-1)
    before = encode(drawn)
    after = execute_notebooks.shrink(before)
    assert len(after) < 0.6 * len(before)
    assert np.abs(decode(after) - drawn).mean() < 1
    assert execute_notebooks.shrink(after) == after
    cell = new_code_cell("plot()", outputs=[new_output("display_data", {"image/png": before})])
    notebook = execute_notebooks.tidy(new_notebook(cells=[cell]))
    assert notebook.cells[0].outputs[0]["data"]["image/png"] == after


def test_a_figure_stays_as_it_is_where_256_colours_would_show(rng):
    photograph = encode(rng.integers(0, 256, (60, 60, 3)))
    see_through = encode(np.full((60, 60, 4), 127))
    for figure in (photograph, see_through):
        assert execute_notebooks.shrink(figure) == figure


def test_failing_notebook_keeps_its_old_outputs(tmp_path, monkeypatch, capsys):
    path = write_notebook(tmp_path / "bad.ipynb", "1 / 0")
    before = path.read_bytes()
    monkeypatch.setattr(execute_notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["execute_notebooks.py", str(path)])
    assert execute_notebooks.main() == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_run_time_is_recorded_beside_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(execute_notebooks, "BOOK", tmp_path)
    monkeypatch.setattr(execute_notebooks, "RUN_TIMES", tmp_path / "run_times.json")
    notebook = new_notebook(cells=[new_code_cell("1")])
    for name, seconds in [("part/2_b.ipynb", 2.04), ("part/1_a.ipynb", 1.0)]:
        measured = execute_notebooks.describe(seconds, notebook)
        execute_notebooks.record(tmp_path / name, measured)
    chapters = json.loads((tmp_path / "run_times.json").read_text(encoding="utf-8"))["chapters"]
    assert {name: row["seconds"] for name, row in chapters.items()} == {
        "part/1_a": 1.0,
        "part/2_b": 2.0,
    }
    assert chapters["part/1_a"]["cells"] == 1
    assert chapters["part/1_a"]["cores"] >= 1
    assert chapters["part/1_a"]["processor"]


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ({"cores": 1, "processor": "Apple M2"}, "41 seconds on one core (Apple M2), about twice"),
        ({"cores": 8}, "41 seconds on 8 cores, about twice"),  # measured before it had a name
    ],
)
def test_a_card_says_on_what_its_run_time_was_measured(measured, words):
    assert _numbers.in_words({"seconds": 41.3, **measured}).startswith(words)


def test_a_processor_is_called_what_the_system_calls_it(tmp_path, monkeypatch):
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz\n")
    monkeypatch.setattr(_processor, "CPUINFO", info)
    assert _processor.processor_name() == "Intel Core i5-8250U 1.6 GHz"
    info.write_text("processor\t: 0\nFeatures\t: fp asimd\n")  # ARM says no name
    assert _processor.processor_name() == platform.machine()


def test_checks_count_failures_and_errors_as_failed(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 0\n"
        "@pytest.mark.skip(reason='no browser here')\n"
        "def test_skipped(): pass\n"
        "@pytest.fixture\n"
        "def cleanup(): yield; assert 0\n"
        "def test_errs(cleanup): assert 0\n"
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", "test_it.py"]
    subprocess.run(command, cwd=tmp_path, capture_output=True)
    result = run_checks.Result("unit")
    run_checks.count_report(report, result)
    assert result.counts == {"passed": 1, "failed": 3, "skipped": 1}
    assert list(result.skips) == ["no browser here"]


def test_summary_ends_with_the_total(capsys):
    results = [run_checks.Result(name, 1.0) for name in ("lint", "unit")]
    results[0].counts["passed"] = 2
    results[1].counts.update(passed=3, failed=1, skipped=1)
    results[1].skips["no browser here"] = 1
    run_checks.summarise(results)
    printed = capsys.readouterr().out
    assert "Skipped 1: no browser here" in printed
    assert printed.splitlines()[-1] == "5 passed, 1 failed, 1 skipped"


def test_checks_that_never_ran_a_test_have_failed(tmp_path):
    result = run_checks.Result("unit")
    run_checks.run_pytest([*run_checks.PYTEST, str(tmp_path)], {}, result)
    assert result.counts["failed"] == 1


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0)])
def test_set_up_refuses_other_pythons_in_one_line(version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit, match=r"^Python 3\.11, 3\.12 or 3\.13 is needed; .* is 3\.1"):
        setup_env.create_venv()


def test_set_up_says_how_to_get_venv(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"^Python's venv module is missing.*apt install"):
        setup_env.create_venv()


@pytest.fixture
def empty_venv(tmp_path, monkeypatch):
    """Leave a .venv without pip, as an interruption does; note what set-up would do next."""
    venv = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    scripts = venv / setup_env.SCRIPTS.name
    monkeypatch.setattr(setup_env, "SCRIPTS", scripts)
    monkeypatch.setattr(setup_env, "PYTHON", scripts / setup_env.PYTHON.name)
    monkeypatch.setattr(setup_env, "STAMP", venv / ".set-up")
    monkeypatch.setenv("PATH", str(tmp_path))  # no uv of this machine
    done = []
    monkeypatch.setattr(setup_env, "create_venv", lambda: done.append("create"))
    monkeypatch.setattr(setup_env, "install", lambda: done.append("install"))
    return done


def test_set_up_makes_a_venv_again_that_has_no_pip(empty_venv):
    setup_env.set_up()
    assert empty_venv == ["create", "install"]
    setup_env.set_up()
    assert empty_venv == ["create", "install"]


def test_set_up_keeps_a_venv_that_uv_can_fill(empty_venv, monkeypatch):
    monkeypatch.setattr(setup_env, "find_uv", lambda: "uv")
    setup_env.set_up()
    assert empty_venv == ["install"]


def test_an_interrupted_installation_is_done_again(empty_venv, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    setup_env.set_up()
    recorded = setup_env.fingerprint()
    with monkeypatch.context() as patch:
        patch.setattr(setup_env, "fingerprint", lambda: "another lock file")
        patch.setattr(setup_env, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            setup_env.set_up()
    assert setup_env.fingerprint() == recorded  # the old lock file is back, .venv is half new
    empty_venv.clear()
    setup_env.set_up()
    assert empty_venv[-1] == "install"
