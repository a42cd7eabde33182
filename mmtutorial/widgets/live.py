"""A figure that answers a running kernel, and its twin for where there is none."""

import asyncio
import html
import inspect
import traceback
from collections.abc import Callable, Mapping
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

    def __init__(self, update: Callable, controls: dict, twin: Any):
        widgets = load_optional("ipywidgets", USER)
        self._update, self._controls, self._timer = update, controls, None
        self._figure, self._status = widgets.HTML(_html_of(self._ask())), widgets.HTML()
        named = {"output_type": "display_data", "metadata": {}}
        named["data"] = {"application/javascript": _NAME_SLIDERS}
        output = widgets.Output(outputs=(named,))
        self._box = widgets.VBox([*controls.values(), self._status, self._figure, output])
        self._box.add_class("mm-live")
        for control in controls.values():
            control.style.description_width = "10rem"
            control.layout.width = "min(100%, 32rem)"
            control.observe(self._change, "value")
        self._twin = (
            f'<div class="mm-twin">{_html_of(twin)}'
            f'<p class="mm-twin-hint"><em>{HINT}</em></p></div>'
        )

    def _ask(self):
        return self._update(**{name: control.value for name, control in self._controls.items()})

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
        """Show what the controls ask for; a wrong entry gets a sentence, an error its traceback."""
        self._status.value = _WORKING
        try:
            self._figure.value = _html_of(self._ask())
        except (ValueError, TypeError) as problem:
            self._status.value = _PROBLEM.format(html.escape(str(problem)))
        except Exception as error:
            what = html.escape(f"{type(error).__name__}: {error}")
            where = html.escape(traceback.format_exc())
            self._status.value = f"{_PROBLEM.format(what)}<pre>{where}</pre>"
            raise
        else:
            self._status.value = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        return {VIEW: view, "text/html": self._twin, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Live: {', '.join(control.description for control in self._controls.values())}"


def live(update: Callable[..., Any], controls: Mapping[str, Any], twin: Any) -> Live:
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

    Raises
    ------
    ValueError
        If there is no control, or one has no description.
    TypeError
        If `update` is no function of the controls, or what should be a control or HTML is none.

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
    try:
        inspect.signature(update).bind(**controls)
    except TypeError as error:
        raise TypeError(f"controls must be the arguments of update, got {error}") from error
    return Live(update, controls, twin)


def _html_of(block: HtmlBlock | str, name: str = "update's result") -> str:
    """Return the HTML of a block, or a text as it is."""
    if isinstance(block, str):
        return block
    return check_like(name, block, "HTML", "_repr_html_")._repr_html_()
