"""The promises that the repository as a whole makes: its files, its wheel, its imports."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import write_addresses
import yaml
from import_graph import (
    breaks_a_room_rule,
    imported_names,
    own_names,
    room_of,
    rooms_named,
    texts_in_code,
)

import mmtutorial as mm

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mmtutorial"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "book").glob("*/[0-9]*.ipynb"))
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


# Imports


def test_import_loads_nothing_heavy():
    loaded = modules_loaded_by("import mmtutorial")
    assert not loaded & (HEAVY | {"numpy", "scipy", "matplotlib", "IPython", "ipywidgets"})


def test_every_module_is_reached_from_the_package():
    modules = {path.stem for path in PACKAGE.glob("*.py") if path.stem[0] != "_"}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    functions = {"load_model"}
    assert modules | packages | functions == set(mm.__all__)


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
        "    if isinstance(data, mm.data.Dataset):\n"
        "        assert all(len(part[:2]) == 2 and part[0] is not None\n"
        "                   for part in data.test.inputs.values())\n"
    )
    assert not modules_loaded_by(code) & HEAVY


GROUND = {"data", "preprocessing", "encoders", "evaluation"}
PARTS = {"fusion", "cross_modal", "multi_task", "applications"}
MAY_IMPORT = {
    # The ground floor knows no part, encoders and the parts know nothing of data sets, and a part
    # knows no other part. Who is not named here may import nothing.
    "preprocessing": set(),
    "data": {"preprocessing"},
    "encoders": {"preprocessing", "evaluation"},
    "evaluation": {"preprocessing"},
    **{part: GROUND - {"data"} for part in PARTS},
    "tasks": GROUND | PARTS,
    "command": GROUND | PARTS,
    "__main__": {"command"},
    "results": {"evaluation"},
    "studies": {"evaluation", "results"},
    "plots": {"preprocessing", "evaluation"},
    "widgets": {"preprocessing", "evaluation", "plots"},
    "exercises": {"evaluation"},
    "chapters": None,  # what is below; the rooms have rules of their own
}
ERROR = {"data", "data.DataError", "data.dataset", "data.dataset.DataError"}
ROOM_MODULES = [module for module in MODULES if room_of(module)]
ROOMS = sorted({room_of(module) for module in ROOM_MODULES})
# A room is named as its part of the package, where there is one: that may be named, in full.
NAME_OF_A_ROOM = re.compile(
    rf"(?<!mm\.)(?<!mmtutorial\.)\b({'|'.join(ROOMS).replace('/', '[./]')})\b|\bchapters[./]\w"
)
OUTSIDE_ROOMS = [module for module in MODULES if "chapters" not in module.parts]


def floor_of(module: Path) -> str:
    """The package or module, right under ``mmtutorial``, that a module belongs to."""
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def tops(names: set[str]) -> set[str]:
    """The packages and modules, right under ``mmtutorial``, that these names lead to."""
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("floor", sorted({*map(floor_of, MODULES)} - {"__init__", "chapters"}))
def test_imports_run_downhill(floor):
    """Private helpers, such as ``_checks``, know nothing; all may know how to raise DataError."""
    private = floor.startswith("_") and floor not in MAY_IMPORT
    allowed = {floor} | (set() if private else MAY_IMPORT[floor])
    for module in MODULES:
        if floor_of(module) == floor:
            names = {top for top in tops(own_names(module) - ERROR) if not top.startswith("_")}
            assert names <= allowed, f"{module.relative_to(ROOT)} imports {names - allowed}"


def test_every_package_has_a_place_in_the_house():
    named = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert named <= MAY_IMPORT.keys()


@pytest.mark.parametrize("module", ROOM_MODULES, ids=lambda m: m.relative_to(PACKAGE).as_posix())
def test_no_room_imports_another_room_and_inside_a_room_imports_run_one_way(module):
    """study -> experiment; exercises, figures and tables -> the shared part of their kind."""
    assert not breaks_a_room_rule(module)


@pytest.mark.parametrize(
    "module",
    [module for module in ROOM_MODULES if module.stem == "exercises"],
    ids=lambda module: room_of(module),
)
def test_an_exercise_needs_nothing_but_numpy_scipy_and_its_engine(module):
    allowed = {"numpy", "scipy", "mmtutorial", *sys.stdlib_module_names}
    assert tops(imported_names(module)) <= allowed


def test_only_notebooks_and_tests_import_a_room():
    others = [path for name in ("benchmarks", "tools") for path in (ROOT / name).glob("*.py")]
    for module in [*OUTSIDE_ROOMS, *others]:
        wrong = {name for name in own_names(module) if name.partition(".")[0] == "chapters"}
        assert not wrong, f"{module.relative_to(ROOT)} imports {wrong}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_no_room_but_its_own(notebook):
    own = f"{notebook.parent.name}/{notebook.stem.partition('_')[2]}"
    assert rooms_named(own_names(notebook)) <= {own}


@pytest.mark.parametrize("module", OUTSIDE_ROOMS, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_outside_chapters_nothing_knows_the_name_of_a_chapter(module):
    """Nothing but a docstring's example, such as ``load("fusion/joining")``."""
    assert not [text for text in texts_in_code(module) if NAME_OF_A_ROOM.search(text)]


def test_a_text_that_names_a_chapter_is_found(tmp_path):
    module = tmp_path / "module.py"
    for line in ('load("fusion/joining")', 'f"fusion.joining.{x}"', '"chapters/new_part/x"'):
        module.write_text(f'def f():\n    """As in load("fusion/joining")."""\n    {line}\n')
        (found,) = filter(NAME_OF_A_ROOM.search, texts_in_code(module))
        assert found in line


def test_the_rules_for_rooms_find_what_breaks_them(tmp_path):
    """Each planted line breaks one rule, in one of the ways in which an import can be written."""
    room = PACKAGE / "chapters" / "fusion" / "joining"
    planted = {
        "experiment.py": [
            "from mmtutorial.chapters.fusion import attention",
            "import mmtutorial.chapters.fusion.attention.scenes",
            "import mmtutorial as mm\nmm.chapters.fusion.attention.scenes",
            "from mmtutorial import chapters\nchapters.fusion.attention",
            "from ..attention import scenes",
            "def late():\n    from mmtutorial.chapters.fusion.attention import scenes",
            "from .study import run",
            "from mmtutorial.chapters.fusion.joining import exercises",
        ],
        "study.py": ["from .figures import draw", "from .live import frame"],
        "figures.py": ["from mmtutorial.tasks import emoji", "from . import experiment"],
        "tables.py": ["import mmtutorial as mm\nmm.evaluation.interval"],
        "exercises.py": ["from .experiment import train", "from mmtutorial.data import load_emoji"],
    }
    fine = {
        "experiment.py": ["from mmtutorial.tasks import emoji", "from . import cost"],
        "study.py": ["from .experiment import run\nfrom mmtutorial import results"],
        "figures.py": ["from mmtutorial.plots.colours import COLOURS"],
        "exercises.py": ["from mmtutorial.exercises import Exercise"],
    }
    for expected, cases in ((True, planted), (False, fine)):
        for name, lines in cases.items():
            for line in lines:
                copy = tmp_path / (room / name).relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(line, encoding="utf-8")
                assert bool(breaks_a_room_rule(copy, tmp_path)) is expected, line


def test_only_the_named_modules_know_tensorflow():
    allowed = {"distributed.py", "_paths.py", "_tape.py"}  # CTC, and a gradient for each task
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


def test_every_address_is_that_of_pyproject():
    stale = write_addresses.find_stale(ROOT, *write_addresses.read_project())
    assert not stale, f"run python tools/write_addresses.py: {[path.name for path in stale]}"


def test_no_other_file_names_the_repository():
    """What `tools/write_addresses.py` does not know, a fork would have to find by hand."""
    notebooks = {path.relative_to(ROOT).as_posix() for path in NOTEBOOKS}
    owner_name = REPOSITORY.removeprefix("https://github.com/")
    naming = {name for name, text in tracked_texts() if owner_name in text}
    assert naming == {*write_addresses.COPIES, *notebooks}


def test_a_fork_changes_its_address_everywhere_and_nothing_else():
    address, (_, version) = "https://github.com/some-one/fork.2", write_addresses.read_project()
    stale = write_addresses.find_stale(ROOT, address, version)
    written = (*write_addresses.COPIES, *write_addresses.LINKING)
    assert stale.keys() == {*(ROOT / name for name in written), *NOTEBOOKS}
    sites = (write_addresses.find_site(address), write_addresses.find_site(REPOSITORY))
    for path, text in stale.items():
        undone = text.replace(address, REPOSITORY).replace(*sites)
        assert undone == path.read_text(encoding="utf-8")


def test_the_parts_in_readme_are_those_of_the_book():
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text(encoding="utf-8"))["parts"]
    parts = {part["caption"]: part["chapters"] for part in toc if part.get("numbered")}
    site = write_addresses.find_site(REPOSITORY)
    row = rf"\| \[(.+)\]\({re.escape(site)}(.+)\.html\) \| (\d+) \|"
    found = re.findall(row, (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found == [(name, files[0]["file"], str(len(files))) for name, files in parts.items()]


def test_the_ten_lines_in_readme_show_what_words_are_worth(capsys):
    (code,) = re.findall(r"(?s)```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"))
    assert "range(5)" in code
    scope = {}
    exec(compile(code.replace("range(5)", "range(2)"), "README.md", "exec"), scope)
    image, both = (scope["found"][name] for name in ("image", "concat"))
    assert both.min() > image.max() + 0.05
    assert "±" in capsys.readouterr().out


# Versions and requirements


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    release = re.search(
        r"^## \[(.+?)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )
    assert PROJECT["version"] == mm.__version__ == citation["version"] == release.group(1)
    assert citation["date-released"] == release.group(2)


def names_of(*extras: str) -> set[str]:
    """The distributions that the package requires, and those of the named extras."""
    wanted = [*PROJECT["dependencies"]]
    for extra in extras:
        for requirement in PROJECT["optional-dependencies"][extra]:
            own = re.fullmatch(r"mmtutorial\[(\w+)\]", requirement)
            wanted += names_of(own.group(1)) if own else [requirement]
    return {re.match(r"[\w.-]+", requirement).group() for requirement in wanted}


def test_conda_environment_holds_the_book():
    *_, pip = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert pip["pip"] == ["-e .[book]"]
    assert names_of("run") < names_of("book")


def test_lock_holds_every_requirement_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert names_of("book", "test", "data") <= set(re.findall(r"^([\w.-]+)==", lock, re.M))
    assert "://" not in lock


def test_chapters_import_what_run_brings_and_no_more():
    brought_by = packages_distributions()
    imported = {
        name.partition(".")[0]: path.name
        for path in [*NOTEBOOKS, *MODULES]
        for name in imported_names(path)
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "mmtutorial"}
        if (path.name, name.partition(".")[0]) != ("cluster.py", "distributed")  # an extra's
    }
    distributions = {top: {name.lower() for name in brought_by[top]} for top in imported}
    allowed = names_of("run")
    strange = {imported[top]: names for top, names in distributions.items() if not names & allowed}
    assert not strange, "in no requirement of the package or of its extra `run`"
    assert names_of("run") - names_of() <= set().union(*distributions.values())


def test_what_is_loaded_on_demand_counts_as_imported(tmp_path):
    (tmp_path / "module.py").write_text('def f():\n    return load_optional("faiss.x", "f")\n')
    assert imported_names(tmp_path / "module.py", tmp_path) == {"faiss.x"}


def test_package_does_not_require_the_tools_of_the_book():
    names = {re.match(r"[\w.-]+", requirement).group() for requirement in PROJECT["dependencies"]}
    assert not names & {"jupyter-book", "jupyterlab", "matplotlib", "ipywidgets", "scikit-learn"}


# What is shipped


def test_wheel_carries_the_data_and_loads_it(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 80e6
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
    assert sum(path.stat().st_size for path in files) < 60e6
    for folder in (PACKAGE / "data" / "files").iterdir():
        assert list(folder.glob("LICENSE*")), f"{folder.name} has no licence"
        assert (folder / "SHA256SUMS").exists()


def test_install_says_how_large_the_data_are():
    said = re.search(r"\| of it the data \| (\d+) MB", (ROOT / "book/start/install.md").read_text())
    files = [path for path in (PACKAGE / "data" / "files").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    assert int(said[1]) == pytest.approx(size, rel=0.1)


def test_every_chapter_was_measured_and_takes_under_a_minute_and_all_under_ten():
    chapters = json.loads((ROOT / "book" / "run_times.json").read_text(encoding="utf-8"))[
        "chapters"
    ]
    notebooks = (ROOT / "book").rglob("[0-9]*.ipynb")
    names = {
        path.relative_to(ROOT / "book").with_suffix("").as_posix()
        for path in notebooks
        if ".ipynb_checkpoints" not in path.parts
    }
    assert names == set(chapters), "run `make notebooks NB=...` for the new or renamed one"
    assert all(row["seconds"] < 60 for row in chapters.values())
    # As stored by `make notebooks` on two quiet cores.
    assert sum(row["seconds"] for row in chapters.values()) < 600
