"""The live figures in a real JupyterLab: run the chapter's cells, type, drag, and see an answer."""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import execute_notebooks
import nbformat
import pytest
from nbformat.v4 import new_notebook

from .conftest import BOOK, PATIENCE, ROOT

pytestmark = pytest.mark.browser
TRAINING = 5 * PATIENCE  # milliseconds: a few seconds on two idle cores, minutes on busy ones
ERRORS = """() => jupyterapp.shell.currentWidget.model.toJSON().cells
    .flatMap(cell => cell.outputs ?? []).filter(output => output.output_type === 'error')
    .map(output => output.evalue)"""
READY = """() => {
    const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return context?.isReady && context.session?.kernel?.status === 'idle';
}"""


class Lab:
    """A running JupyterLab with a folder of its own, which knows nothing of the user's."""

    def __init__(self, folder: Path):
        self.folder, self.token = folder, secrets.token_hex(16)
        homes = ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR",
                 "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
        own = {name: str(folder / name.lower()) for name in homes}
        # All cells are there at once: one out of sight could be neither found nor used.
        tracker = Path(own["JUPYTERLAB_SETTINGS_DIR"], "@jupyterlab", "notebook-extension")
        tracker.mkdir(parents=True)
        (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        options = {
            "ServerApp.root_dir": folder,
            "ServerApp.port": 0,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,  # as in a container
            "IdentityProvider.token": self.token,
            "LabApp.expose_app_in_browser": True,
        }
        self.log = (folder / "log.txt").open("w")
        self.server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())],
            env=os.environ | own | {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.address = self._wait_for_address(Path(own["JUPYTER_RUNTIME_DIR"]))

    def _wait_for_address(self, runtime):
        for _ in range(PATIENCE // 500):
            for file in runtime.glob(f"jpserver-{self.server.pid}.json"):
                if text := file.read_text():
                    return json.loads(text)["url"]
            assert self.server.poll() is None, (self.folder / "log.txt").read_text()
            time.sleep(0.5)
        raise TimeoutError((self.folder / "log.txt").read_text())

    def run(self, browser, chapter, cells):
        """Open a notebook of some cells of a chapter, by name, run them all, and return the tab."""
        known = {c["id"]: c for c in nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells}
        notebook = new_notebook(cells=[known[name] for name in cells])
        notebook.metadata["kernelspec"] = execute_notebooks.KERNEL
        for cell in notebook.cells:
            cell.outputs = []
        name, workspace = f"{Path(chapter).name}.ipynb", Path(chapter).name
        nbformat.write(notebook, self.folder / name)
        tab = browser.new_page(viewport={"width": 1280, "height": 1000})
        tab.set_default_timeout(PATIENCE)
        # In a workspace of its own, or Lab opens what the test before had open, too.
        tab.goto(f"{self.address}lab/workspaces/{workspace}/tree/{name}?token={self.token}")
        tab.wait_for_function(READY)
        tab.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        tab.wait_for_function(
            f"() => document.querySelector('.mm-live') || ({ERRORS})().length", timeout=TRAINING
        )
        tab.wait_for_function(READY)  # the cell may go on after its figure
        assert tab.evaluate(ERRORS) == []
        figure = tab.locator(".mm-live")
        figure.scroll_into_view_if_needed()
        return tab, figure

    def close(self):
        self.server.terminate()
        self.server.wait(timeout=60)
        self.log.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Start JupyterLab once for all tests."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


def shown(figure, text):
    """Wait until the figure shows a text."""
    figure.get_by_text(text).first.wait_for()


def answers(figure):
    """Return the numbers of the row of the right class, by column."""
    names = figure.locator("thead th").all_inner_texts()
    right = figure.locator("tbody tr", has_text="✓").first.locator("td").all_inner_texts()
    return dict(zip(names, map(float, right), strict=True))


def move(figure, name, key):
    """Move a slider by a key, and wait for the answer."""
    before = figure.locator(".widget-html").last.inner_html()
    figure.get_by_role("slider", name=name).press(key)
    figure.page.wait_for_function(
        "([figure, before]) => [...figure.querySelectorAll('.widget-html')].at(-1).innerHTML "
        "!== before",
        arg=[figure.element_handle(), before],
    )


def test_the_reader_types_words_to_any_emoji(browser, lab):
    cells = [
        "joining-02",
        "joining-04",
        "joining-19",
        "joining-21-a",
        "joining-21",
        "joining-own-words",
    ]
    tab, figure = lab.run(browser, "fusion/1_joining", cells)
    shown(figure, "rocket, with the words: space")
    with_space = answers(figure)
    words = figure.get_by_label("Words", exact=True)
    words.fill("animal")
    shown(figure, "rocket, with the words: animal")
    with_animal = answers(figure)
    assert with_animal["picture"] == with_space["picture"]
    assert with_animal["words"] < 0.5 < with_space["words"]
    assert with_animal["late fusion"] < 0.5 < with_space["late fusion"]

    move(figure, "Weight of the picture", "End")
    assert answers(figure)["late fusion"] == pytest.approx(with_space["picture"], abs=0.011)

    words.fill("@@@")
    figure.get_by_role("alert").wait_for()
    shown(figure, "try another word")
    words.fill("tiger, big")
    figure.get_by_label("Emoji", exact=True).select_option(label="tiger face")
    shown(figure, "tiger face, with the words: tiger, big")
    assert figure.get_by_role("alert").count() == 0
    tab.close()


def test_the_reader_drags_the_gate_and_spoils_the_picture(browser, lab):
    cells = ["gates-02", "gates-04", "gates-20-a", "gates-20", "gates-33"]
    tab, figure = lab.run(browser, "fusion/2_gates_and_tensors", cells)
    figure.get_by_label("Emoji", exact=True).select_option(label="dumpling (114)")
    shown(figure, "dumpling, picture as it is")
    ends = {}
    for key, place in {"Home": "0.00", "End": "1.00"}.items():
        move(figure, "Gate", key)
        shown(figure, f"held at {place}")
        ends[place] = answers(figure)[f"held at {place}"]
    assert max(ends.values()) < 0.5

    whole = answers(figure)
    figure.get_by_label("Picture", exact=True).select_option(label="static")
    shown(figure, "dumpling, picture static")
    assert answers(figure).keys() != whole.keys()  # its own gates have moved
    figure.get_by_label("Words", exact=True).select_option(label="another emoji's")
    shown(figure, "words another emoji's")
    tab.close()


def test_the_reader_searches_by_words_of_their_own(browser, lab):
    tab, figure = lab.run(browser, "cross_modal/3_retrieval", ["retrieval-02", "retrieval-43"])
    shown(figure, "Read as: hot, drink.")
    words = figure.get_by_label("Your words", exact=True)
    words.fill("a red heart")
    shown(figure, "Read as: red heart.")
    words.fill("火箭")
    shown(figure, "Read as: 火箭.")
    words.fill("rocketship")
    shown(figure, "Not known: “rocketship”, taken for “rockets”.")
    assert figure.get_by_role("listitem").count() == 10
    tab.close()


def test_the_reader_composes_a_scene_and_asks_about_it(browser, lab):
    cells = ["vision-language-02", "vision-language-04", "vision-language-13", "vision-language-55"]
    tab, figure = lab.run(browser, "cross_modal/5_vision_language", cells)
    shown(figure, "It answers: red")
    question = figure.get_by_label("Question", exact=True)
    for number, name in (("two", None), ("three", "Top right")):
        if name:
            figure.get_by_label(name, exact=True).select_option(label="speedboat")
        question.fill("how many are there?")
        shown(figure, f"It answers: {number}")
    question.fill("how many zebras?")
    shown(figure, "It has never read: zebras.")
    question.fill(" ")
    figure.get_by_role("alert").wait_for()
    tab.close()


def test_the_reader_sorts_the_transfer_matrix(browser, lab):
    numbers = ("02", "04", "08", "12", "37", "44", "46")
    tab, figure = lab.run(browser, "multi_task/1_sharing", [f"sharing-{each}" for each in numbers])
    names = figure.locator("tbody th")
    assert names.first.inner_text() == "artist"
    figure.get_by_label("Rows sorted by", exact=True).select_option(label="subgroup")
    figure.locator("tbody tr:first-child th", has_text="subgroup").wait_for()
    rows = names.all_inner_texts()
    figure.get_by_label("Show", exact=True).select_option(label="affinity by look-ahead")
    shown(figure, "affinity by look-ahead, per cent")
    assert sorted(names.all_inner_texts()) == sorted(rows)
    tab.close()


def test_the_reader_sets_the_unit_and_the_noise_of_a_task(browser, lab):
    tab, figure = lab.run(browser, "multi_task/2_balancing", ["balancing-02", "balancing-58"])
    weight = figure.locator("tbody tr", has_text="inverse").locator("td").nth(1)
    before = float(weight.inner_text())
    move(figure, "Labels of B times", "End")
    assert float(weight.inner_text()) < before / 10
    move(figure, "Noise of B", "End")
    assert figure.get_by_role("alert").count() == 0
    tab.close()


def test_the_reader_chooses_where_the_paths_begin(browser, lab):
    tab, figure = lab.run(browser, "multi_task/3_conflict", ["conflict-02", "conflict-65"])

    def ends(method):
        row = figure.locator("tbody tr", has_text=method)
        return row.locator("td").last.inner_text()

    assert ends("IMTL-G") == "below the valleys"
    move(figure, "Rate", "Home")
    assert ends("sum") == "in a valley"
    move(figure, "Start, first weight", "End")
    move(figure, "Start, second weight", "Home")
    assert ends("sum") == "below the valleys"
    tab.close()
