"""One of several blocks of HTML, chosen by menus: all of them are made beforehand."""

import html
import itertools
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from mmtutorial._checks import check_dict, check_like, check_list
from mmtutorial.widgets._html import HtmlBlock, check_filled_text, check_filled_texts

_SHOW = (
    "const box=this.closest('.mm-frames'),"
    "at=[...box.querySelectorAll('select')].map(menu=>menu.value).join(' ');"
    "for(const frame of box.querySelectorAll('[data-at]'))"
    "frame.style.display=frame.dataset.at==at?'':'none'"
)


def frame_chooser(frames: Sequence, menus: Mapping[str, Sequence[str]]) -> HtmlBlock:
    """Show one of several blocks at a time, chosen by one menu or more; it needs no kernel.

    Parameters
    ----------
    frames
        What functions of `mm.widgets` make, one for each choice of all menus, the last menu
        changing fastest, as `itertools.product` counts. The first is shown first.
    menus
        For each menu, by its visible name, the texts to choose from.

    Raises
    ------
    ValueError
        If there is no menu, or not one frame for each choice.
    TypeError
        If what should be a list, a text or HTML is none.

    Examples
    --------
    >>> from mmtutorial.widgets import probability_table
    >>> frames = [probability_table({"words": [p, 1 - p]}, ["cat", "dog"]) for p in (0.2, 0.7)]
    >>> frame_chooser(frames, {"Words": ["bark", "meow"]})
    frame_chooser: 2 frames by 'Words'
    """
    menus = check_dict("menus", menus, '{"Words": ["bark", "meow"]}')
    for name, texts in menus.items():
        check_filled_text("a name in menus", name, "what its menu chooses")
        check_filled_texts(f"menus[{name!r}]", texts, "what it chooses")
    frames = check_list("frames", frames, "blocks of HTML")
    for i, frame in enumerate(frames):
        check_like(f"frames[{i}]", frame, "HTML", "_repr_html_")
    wanted = prod(map(len, menus.values()))
    if not menus or len(frames) != wanted:
        raise ValueError(
            f"frames must hold one for each choice of the menus, {wanted}, got {len(frames)}"
        )
    choices = itertools.product(*(range(len(texts)) for texts in menus.values()))
    blocks = "".join(map(_frame, choices, frames))
    chosen = "".join(_menu(name, texts) for name, texts in menus.items())
    names = ", ".join(map(repr, menus))
    block = (
        '<div class="mm-frames"><p style="display:flex;flex-wrap:wrap;gap:4px 16px;'
        f'margin:0 0 8px">{chosen}</p><div aria-live="polite">{blocks}</div></div>'
    )
    return HtmlBlock(block, f"frame_chooser: {len(frames)} frames by {names}")


def _frame(choice: tuple[int, ...], frame: HtmlBlock) -> str:
    """Write a frame with the choice that shows it; the first one shows at first."""
    style = "display:none" if any(choice) else ""
    return (
        f'<div data-at="{" ".join(map(str, choice))}" style="{style}">{frame._repr_html_()}</div>'
    )


def _menu(name: str, texts: Any) -> str:
    """Write a menu and its name."""
    options = "".join(
        f'<option value="{i}">{html.escape(text)}</option>' for i, text in enumerate(texts)
    )
    return (
        f"<label>{html.escape(name)} "
        f'<select autocomplete="off" onchange="{html.escape(_SHOW)}">{options}</select></label>'
    )
