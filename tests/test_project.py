"""The promises that the repository as a whole makes: its files, its wheel, its imports."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import mmtutorial as mm

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mmtutorial"
MODULES = sorted(PACKAGE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]
HEAVY = {"keras", "tensorflow", "torch", "jax"}


def tracked_texts() -> list[tuple[str, str]]:
    """Name and text of every text file that git tracks or would add."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout, so nobody says which files are the project's")
    texts = []
    for name in filter(None, listing.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content[:8192]:
            texts.append((name, content.decode("utf-8", errors="replace")))
    return texts


def modules_loaded_by(code: str, **environment: str) -> set[str]:
    """Run code in a new Python, outside the repository; return the top-level modules it loaded."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(sys.prefix),
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def imported_names(module: Path) -> set[str]:
    """Every module that this one imports, by its absolute name."""
    names = set()
    parents = module.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parents[: -node.level]) if node.level else ""
            origin = ".".join(filter(None, [base, node.module]))
            names |= {origin} | {f"{origin}.{alias.name}" for alias in node.names}
    return names


# Imports


def test_import_loads_nothing_heavy():
    loaded = modules_loaded_by("import mmtutorial")
    assert not loaded & (HEAVY | {"numpy", "scipy", "matplotlib", "IPython", "ipywidgets"})


def test_every_module_is_reached_from_the_package():
    modules = {path.stem for path in PACKAGE.glob("*.py") if path.stem[0] != "_"}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert modules | packages == set(mm.__all__)


@pytest.mark.parametrize("subpackage", ["data", "preprocessing", "evaluation"])
def test_subpackages_without_layers_never_load_keras(subpackage):
    code = f"import mmtutorial.{subpackage} as part; [getattr(part, name) for name in dir(part)]"
    assert not modules_loaded_by(code) & HEAVY


def test_no_data_set_needs_keras_to_load():
    code = (
        "import mmtutorial as mm\n"
        "loaders = [name for name in dir(mm.data) if name.startswith('load_')]\n"
        "assert len(loaders) >= 4, loaders\n"
        "for name in loaders:\n"
        "    data = getattr(mm.data, name)()\n"
        "    assert all(len(part[:2]) == 2 and part[0] is not None\n"
        "               for part in data.test.inputs.values())\n"
    )
    assert not modules_loaded_by(code) & HEAVY


PARTS = {"fusion", "cross_modal", "multi_task", "applications"}
TOP = {"experiments", "results", "plots", "widgets", "exercises"}  # for notebooks and benchmarks
FORBIDDEN = {
    # A part never imports another part, the ground floor never a part, and neither the top.
    "preprocessing": PARTS | {"data", "encoders", "evaluation"},
    "encoders": PARTS | {"data"},
    "data": PARTS | {"encoders", "evaluation"},
    "evaluation": PARTS | {"data", "encoders"},
    **{part: PARTS - {part} for part in PARTS},
    "fusion": (PARTS - {"fusion"}) | {"data"},
}


@pytest.mark.parametrize("part", sorted(FORBIDDEN))
def test_imports_run_downhill(part):
    forbidden = {f"mmtutorial.{name}" for name in FORBIDDEN[part] | TOP}
    for module in (PACKAGE / part).rglob("*.py"):
        wrong = {
            name
            for name in imported_names(module)
            if any(name == f or name.startswith(f + ".") for f in forbidden)
        }
        assert not wrong, f"{module.relative_to(ROOT)} imports {wrong}"


def test_only_the_named_modules_know_tensorflow():
    allowed = {"distributed.py"}
    knowing = {
        module.name
        for module in MODULES
        if any(name.partition(".")[0] == "tensorflow" for name in imported_names(module))
    }
    assert knowing <= allowed


# Sources


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_module_fits_in_one_sitting(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) < 250


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_module_runs_no_hidden_code(module):
    banned = {"pickle", "marshal", "shelve", "dill", "joblib"}
    assert not {name.partition(".")[0] for name in imported_names(module)} & banned
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert getattr(node.func, "id", "") not in {"eval", "exec", "compile"}
            options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert options.get("allow_pickle", "False") == "False"


@pytest.mark.parametrize(
    "pattern",
    [
        r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|npmmirror\.com",
        r"deb\.debian\.org|download\.pytorch\.org|conda\.anaconda\.org",
        r"(?<![\w.~$}-])/(home|root|work|tmp|Users)/\w",
        r"file:///[\w]",
    ],
)
def test_no_file_names_a_registry_or_a_machine(pattern):
    found = [
        f"{name}: {match.group()}"
        for name, text in tracked_texts()
        for match in [re.search(pattern, text)]
        if match
    ]
    assert not found


def test_every_file_agrees_on_the_repository():
    owner_name = REPOSITORY.removeprefix("https://github.com/")
    required = {"_config.yml", "CITATION.cff", "CHANGELOG.md", "pyproject.toml"}
    texts = dict(tracked_texts())
    for name in required:
        assert REPOSITORY in texts[name], f"{name} does not name {REPOSITORY}"
    for name, text in texts.items():
        for found in re.findall(r"github\.com/([\w.-]+/mmtutorial)\b", text):
            assert found == owner_name, f"{name} names {found}"


# Versions and requirements


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    release = re.search(
        r"^## \[(.+?)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )
    assert PROJECT["version"] == mm.__version__ == citation["version"] == release.group(1)
    assert citation["date-released"] == release.group(2)


def test_conda_environment_is_in_step():
    *_, pip = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    expected = {*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["book"], "-e ."}
    assert set(pip["pip"]) == expected


def test_lock_holds_every_requirement_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.M))
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["book"], *extras["test"], *extras["data"]]
    assert {re.match(r"[\w.-]+", requirement).group() for requirement in wanted} <= locked
    assert "://" not in lock


def test_package_does_not_require_the_tools_of_the_book():
    names = {re.match(r"[\w.-]+", requirement).group() for requirement in PROJECT["dependencies"]}
    assert not names & {"jupyter-book", "jupyterlab", "matplotlib", "ipywidgets", "scikit-learn"}


# What is shipped


def test_wheel_carries_the_data_and_loads_it(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 45e6
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import mmtutorial as mm; dataset = mm.data.load_emoji(); assert len(dataset.test)\n"
        f"assert mm.__file__.startswith({str(tmp_path)!r}), mm.__file__"
    )
    modules_loaded_by(code, PYTHONPATH=str(tmp_path / "site"))
    licences = list((tmp_path / "site").glob("*.dist-info/licenses/**/LICENSE*"))
    assert len(licences) >= 3, "code, text and every data set bring their licence"


def test_data_sets_stay_small_and_bring_their_licences():
    files = [path for path in (PACKAGE / "data" / "files").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 45e6
    for folder in (PACKAGE / "data" / "files").iterdir():
        assert list(folder.glob("LICENSE*")), f"{folder.name} has no licence"
        assert (folder / "SHA256SUMS").exists()


def test_every_chapter_was_measured_and_takes_under_a_minute():
    chapters = json.loads((ROOT / "book" / "run_times.json").read_text(encoding="utf-8"))[
        "chapters"
    ]
    notebooks = (ROOT / "book").rglob("[0-9]*.ipynb")
    names = {
        path.relative_to(ROOT / "book").with_suffix("").as_posix()
        for path in notebooks
        if ".ipynb_checkpoints" not in path.parts
    }
    assert names == set(chapters)
    assert all(row["seconds"] < 60 for row in chapters.values())
