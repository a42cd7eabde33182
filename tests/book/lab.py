"""A real JupyterLab that runs cells of a chapter, for tests that type, drag, and see an answer."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import execute_notebooks
import nbformat
from nbformat.v4 import new_notebook

from .conftest import BOOK, PATIENCE, ROOT

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
                    said = json.loads(text)
                    # It says where it listens a moment before it does.
                    place = (said["hostname"], said["port"])
                    with suppress(OSError), socket.create_connection(place):
                        return said["url"]
            assert self.server.poll() is None, (self.folder / "log.txt").read_text()
            time.sleep(0.5)
        raise TimeoutError((self.folder / "log.txt").read_text())

    def _end_kernels(self, tab):
        """End the kernels that earlier tests left: each holds a gigabyte of memory."""
        address, key = f"{self.address}api/kernels", {"Authorization": f"token {self.token}"}
        for kernel in tab.request.get(address, headers=key).json():
            tab.request.delete(f"{address}/{kernel['id']}", headers=key)

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
        self._end_kernels(tab)
        # In a workspace of its own, or Lab opens what the test before had open, too.
        tab.goto(f"{self.address}lab/workspaces/{workspace}/tree/{name}?token={self.token}")
        tab.wait_for_function(READY)
        tab.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        tab.wait_for_function(
            f"() => document.querySelector('.mm-live') || ({ERRORS})().length",
            polling=500,  # to ask at each frame takes the processor away from the kernel
            timeout=TRAINING,
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


def shown(figure, text):
    """Wait until the figure shows a text."""
    figure.get_by_text(text).first.wait_for()


def refused(figure, sentence):
    """Wait until the figure says what is wrong with an entry."""
    figure.get_by_role("alert").filter(has_text=sentence).wait_for()


def answers(figure):
    """Return the numbers of the row of the right class, by column."""
    names = figure.locator("thead th").all_inner_texts()
    right = figure.locator("tbody tr", has_text="✓").first.locator("td").all_inner_texts()
    return dict(zip(names, map(float, right), strict=True))


@contextmanager
def answered(figure):
    """Wait until the figure shows something else than it did before the code inside."""
    answer = figure.locator(".widget-html").last
    before = answer.inner_html()
    yield
    figure.page.wait_for_function(
        "([answer, before]) => answer.innerHTML !== before", arg=[answer.element_handle(), before]
    )


def move(figure, name, key):
    """Move a slider by a key, and wait for the answer."""
    with answered(figure):
        figure.get_by_role("slider", name=name).press(key)


def choose(figure, name, label):
    """Choose from a menu, and wait for the answer."""
    with answered(figure):
        figure.get_by_label(name, exact=True).select_option(label=label)


def fill(figure, name, text):
    """Type into a field in place of what is there, and wait for the answer."""
    with answered(figure):
        figure.get_by_label(name, exact=True).fill(text)
