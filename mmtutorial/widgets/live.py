"""A figure that answers a running kernel, and its twin for where there is none."""

import asyncio
import html
import inspect
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any

from mmtutorial._checks import check_callable, check_dict, check_like, check_text
from mmtutorial._optional import load_optional
from mmtutorial.widgets._html import HtmlBlock, check_filled_text

USER = "a live figure"
VIEW = "application/vnd.jupyter.widget-view+json"
TYPING = 0.4  # seconds without a key after which what was typed counts
HINT = "Live in the notebook: run this cell there, and the figure answers to your own choices."
_WORKING = "…"
_PROBLEM = '<p role="alert" style="margin:4px 0;font-weight:600">{}</p>'

# The handle of ipywidgets' slider has no name that a screen reader could say: give it its label's.
_NAME_SLIDERS = """
const named = setInterval(() => {
  const box = element.closest('.mm-live');
  if (!box) return;
  clearInterval(named);
  for (const handle of box.querySelectorAll('[role=slider]'))
    handle.ariaLabel = handle.closest('.widget-inline-hbox').querySelector('label').textContent;
}, 100);
"""


class Live:
    """Controls and what they show, for a kernel; a block of HTML for pages without one."""

    def __init__(
        self,
        update: Callable,
        controls: dict,
        twin: Any,
        work: Callable | None = None,
        verb: str = "Train",
    ):
        widgets = load_optional("ipywidgets", USER)
        self._update, self._controls, self._timer = update, controls, None
        self._work, self._stopped = work, threading.Event()
        self._start = widgets.Button(description=verb)
        self._stop = widgets.Button(description="Stop", disabled=True)
        self._start.on_click(self._begin)
        self._stop.on_click(lambda _: self._stopped.set())
        buttons = [widgets.HBox([self._start, self._stop])] if work else []
        self._figure, self._status = widgets.HTML(_html_of(self._ask())), widgets.HTML()
        named = {"output_type": "display_data", "metadata": {}}
        named["data"] = {"application/javascript": _NAME_SLIDERS}
        output = widgets.Output(outputs=(named,))
        parts = [*controls.values(), *buttons, self._status, self._figure, output]
        self._box = widgets.VBox(parts)
        self._box.add_class("mm-live")
        for control in controls.values():
            control.style.description_width = "10rem"
            control.layout.width = "min(100%, 32rem)"
            control.observe(self._change, "value")
        self._twin = (
            f'<div class="mm-twin">{_html_of(twin)}'
            f'<p class="mm-twin-hint"><em>{HINT}</em></p></div>'
        )

    def _values(self):
        return {name: control.value for name, control in self._controls.items()}

    def _ask(self):
        return self._update(**self._values())

    def _change(self, change):
        """Answer a control: at once, or, where the reader is typing, after the last key."""
        from ipywidgets import Text, Textarea

        if self._timer:
            self._timer.cancel()
            self._timer = None
        typing = isinstance(change["owner"], (Text, Textarea))
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a script, where nobody types
            typing = False
        if typing:
            self._timer = loop.call_later(TYPING, self._answer)
        else:
            self._answer()

    def _answer(self):
        """Show what the controls ask for."""
        with self._problems_told():
            self._figure.value = _html_of(self._ask())

    @contextmanager
    def _problems_told(self):
        """Tell a wrong entry by a sentence, an error by its traceback."""
        self._status.value = _WORKING
        try:
            yield
        except (ValueError, TypeError) as problem:
            self._status.value = _PROBLEM.format(html.escape(str(problem)))
        except Exception as error:
            what = html.escape(f"{type(error).__name__}: {error}")
            where = html.escape(traceback.format_exc())
            self._status.value = f"{_PROBLEM.format(what)}<pre>{where}</pre>"
            raise
        else:
            self._status.value = ""

    def _begin(self, _):
        """Begin the work beside the kernel's main thread, which must stay free to hear *Stop*."""
        self._stopped.clear()
        self._set_working(True)
        threading.Thread(target=self._do_work, args=(self._values(),), daemon=True).start()

    def _do_work(self, values):
        def step():
            self._figure.value = _html_of(self._update(**values))
            return not self._stopped.is_set()

        try:
            with self._problems_told():
                self._work(step, **values)
                step()
        finally:
            self._set_working(False)

    def _set_working(self, working):
        """Let the reader stop the work, or start it and set the controls, never both."""
        self._stop.disabled = not working
        for control in (*self._controls.values(), self._start):
            control.disabled = working

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        return {VIEW: view, "text/html": self._twin, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Live: {', '.join(control.description for control in self._controls.values())}"


def live(
    update: Callable[..., Any],
    controls: Mapping[str, Any],
    twin: Any,
    *,
    work: Callable[..., Any] | None = None,
    verb: str = "Train",
) -> Live:
    """Show a figure that answers its controls in a kernel, and its twin where there is none.

    Jupyter shows the controls. What `make notebooks` stores, and so a built page or GitHub shows,
    is the twin, with a line that says so.

    Parameters
    ----------
    update
        Called with the value of each control by its name; returns HTML, as text or as what a
        function of `mm.widgets` makes. It should take less than a second. The sentence of a
        `ValueError` or a `TypeError` is shown to the reader, beside the last figure.
    controls
        Controls of ipywidgets by the name of the argument that they set; each has a
        ``description``, which screen readers say. What is typed counts once the reader pauses.
    twin
        HTML of the same kind, which needs no kernel, such as a `figure_slider`.
    work
        None, or what a button starts, because it takes longer, such as a training: it is called
        with a function ``step`` and the values of the controls, in a thread of its own. It calls
        ``step()`` whenever there is news; the figure is then updated, and ``step()`` returns False
        once the reader has pressed *Stop*. Then it should end, and keep what it has.
    verb
        What the button says.

    Raises
    ------
    ValueError
        If there is no control, or one has no description.
    TypeError
        If `update` or `work` is no function of the controls, or what should be a control or HTML is
        none.

    Examples
    --------
    >>> from ipywidgets import Text
    >>> live(lambda name: f"<b>{name}</b>", {"name": Text("you", description="Name")}, "<b>you</b>")
    Live: Name
    """
    check_callable("update", update)
    controls = check_dict("controls", controls, '{"words": ipywidgets.Text(description="Words")}')
    if not controls:
        raise ValueError("controls must hold at least one control, got none")
    for name, control in controls.items():
        check_text("a name in controls", name)
        parts = ("value", "description", "observe", "style", "layout")
        check_like(f"controls[{name!r}]", control, "a control of ipywidgets", *parts)
        check_filled_text(f"controls[{name!r}].description", control.description, "what it sets")
    _html_of(twin, "twin")
    _check_arguments("update", update, controls)
    if work is not None:
        _check_arguments("work, after step", check_callable("work", work), controls, bool)
    check_filled_text("verb", verb, "what its button starts")
    return Live(update, controls, twin, work, verb)


def _check_arguments(name: str, function: Callable, controls: Mapping, *before: Any) -> None:
    """Refuse a function that cannot be called with what is before, and the controls by name."""
    try:
        inspect.signature(function).bind(*before, **controls)
    except (TypeError, ValueError) as error:  # the second for a class of Python's own
        raise TypeError(f"controls must be the arguments of {name}, got {error}") from error


def _html_of(block: HtmlBlock | str, name: str = "update's result") -> str:
    """Return the HTML of a block, or a text as it is."""
    if isinstance(block, str):
        return block
    return check_like(name, block, "HTML", "_repr_html_")._repr_html_()
