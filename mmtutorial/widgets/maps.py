"""A scatter plot of many items to walk through; it needs no kernel and no network."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib import resources

import numpy as np

from mmtutorial._checks import check_array, check_counts, check_dict, check_texts
from mmtutorial._credits import credit_html
from mmtutorial.widgets._html import (
    HtmlBlock,
    check_filled_text,
    check_filled_texts,
    check_sources,
    check_start,
    webp_url,
)

MAX_MAPS, MAX_GROUPS = 4, 8  # as many as the style sheet knows places, shapes and colours for
COLUMNS = 20  # tiles in a row of the sheet of pictures
MARGIN = 4  # per cent of the plane that stay free on each side

# The browser's own controls are used: they answer to keys, touch and screen readers by themselves.
# The slider walks through the items of the chosen group; whatever else chooses an item moves it.
_ITEMS = (
    "const box=this.closest('.mm-map'),slider=box.querySelector('[type=range]'),"
    "group=box.querySelector('.mm-map-groups :checked'),"
    "all=[...box.querySelectorAll('.mm-map-plane>i'+"
    "(group.value==='all'?'':'.'+group.value))];"
)
_SHOW = _ITEMS + (
    "slider.max=all.length-1;"
    "const item=all[slider.value],card=box.querySelector('.mm-map-card'),"
    "kind=box.querySelector('[value='+item.className+']').dataset.name,said=item.dataset;"
    "card.firstElementChild.className=item.className;"
    "card.firstElementChild.style.cssText=item.style.cssText;"
    "box.querySelector('.mm-map-plane>b').style.cssText=item.style.cssText;"
    "card.querySelector('strong').textContent=said.name;"
    "card.querySelector('em').textContent=kind;"
    "card.querySelector('small').textContent=said.words;"
    "slider.setAttribute('aria-valuetext',said.name+', '+kind+(said.words&&': ')+said.words)"
)
_PICK = _ITEMS + (
    "let best=0,near=32;"
    "all.forEach((item,i)=>{const r=item.getBoundingClientRect(),"
    "far=Math.hypot(r.x+r.width/2-event.clientX,r.y+r.height/2-event.clientY);"
    "if(far<near){near=far;best=i}});"
    "if(near<32){slider.value=best;slider.dispatchEvent(new Event('input'))}"
)
_FIRST = _ITEMS + "slider.value=0;slider.dispatchEvent(new Event('input'))"


class PointMap(HtmlBlock):
    """The map and its controls, as one block of HTML."""


def point_map(
    maps: Mapping[str, np.ndarray],
    names: Sequence[str],
    groups: Sequence[str],
    *,
    description: str,
    notes: Mapping[str, str],
    words: Sequence[str] | None = None,
    pictures: np.ndarray | None = None,
    axes: tuple[str, str] = ("first direction", "second direction"),
    start: int = 0,
    sources: Sequence[str] | None = None,
) -> PointMap:
    """Let the reader walk through a map of items, and see them move from one map to another.

    Parameters
    ----------
    maps
        Each map's title and the items' places in it, `(items, 2)`. Each axis fills the plane.
    names, groups
        What each item is called, and the group it belongs to: a shape and a colour.
    description
        What the map shows: its visible title, which screen readers say.
    notes
        For each map one sentence with what is to be seen in it; it stands below the plane.
    words
        More words about each item, shown with its name; none unless given.
    pictures
        `(items, height, width, 3)` uint8: a small picture of each. 32 pixels per side are enough.
    axes
        What the horizontal and the vertical axis are.
    start
        Which item shows first, in print, and where scripts are off.
    sources
        Whose pictures they are, where they were changed after they were loaded: "noto", say.

    Raises
    ------
    ValueError
        If there is no map or more than 4, no item or more than 8 groups, if places are no finite
        numbers, if there are not two axes, if a source is unknown, or if the arguments do not speak
        of the same items and maps.
    TypeError
        If what should be a dict, a list, a text or an array of numbers is none.

    Examples
    --------
    >>> places = {"by size": [[0, 0], [1, 2]], "by age": [[3, 1], [0, 0]]}
    >>> notes = {"by size": "Cats are smaller.", "by age": "Cats are older."}
    >>> point_map(places, ["Tom", "Rex"], ["cat", "dog"], description="Pets", notes=notes)
    PointMap 'Pets': 2 items in 2 groups, 2 maps
    """
    check_filled_text("description", description, "what the map shows")
    names = check_filled_texts("names", names, "what its item is called")
    groups = check_filled_texts("groups", groups, "to what its item belongs")
    words = [""] * len(names) if words is None else check_texts("words", words)
    check_counts({"names": names, "groups": groups, "words": words})
    axes = check_filled_texts("axes", axes, "what each axis is", count=2)
    kinds = list(dict.fromkeys(groups))
    if not 1 <= len(kinds) <= MAX_GROUPS:
        raise ValueError(f"groups must name 1 to {MAX_GROUPS} groups, got {kinds}")
    check_dict("maps", maps, '{"size": places}')
    check_dict("notes", notes, '{"size": "Cats are smaller."}')
    if not 1 <= len(maps) <= MAX_MAPS or list(notes) != list(maps):
        raise ValueError(
            f"maps must hold 1 to {MAX_MAPS} maps, and notes one sentence for each in the same "
            f"order; got {list(maps)} and {list(notes)}"
        )
    places = [_percent(title, place, len(names)) for title, place in maps.items()]
    for title, note in notes.items():
        check_filled_text("maps and notes: a title", title, "what the map shows")
        check_filled_text(f"notes[{title!r}]", note, "what is to be seen in this map")
    start, sources = check_start(start, len(names)), check_sources(sources)

    codes = [kinds.index(group) for group in groups]
    styles = [_style(i, [place[i] for place in places]) for i in range(len(names))]
    points = "".join(
        f'<i class="g{code}" style="{style}" data-name="{escape(name)}" '
        f'data-words="{escape(said)}"></i>'
        for code, style, name, said in zip(codes, styles, names, words, strict=True)
    )
    sheet = "" if pictures is None else _sheet(pictures, len(names))
    own = sha256((description + points).encode()).hexdigest()[:8]  # radios need a name of their own
    style = resources.files(__package__).joinpath("point_map.css").read_text(encoding="utf-8")
    spoken = f"{names[start]}, {groups[start]}" + (words[start] and f": {words[start]}")
    parts = [
        f'<div class="mm-map" role="group" aria-label="{escape(description)}" style="{sheet}">',
        f"<style>{style}</style>",
        _choice("Map", f"map-{own}", [(f"m{k}", title, "") for k, title in enumerate(maps)]),
        _choice("Show", f"show-{own}", [("shapes", "shapes", ""), ("pictures", "pictures", "")])
        if sheet
        else "",
        _choice(
            "Group",
            f"group-{own}",
            [("all", "all", "")]
            + [
                (f"g{code}", kind, f" ({codes.count(code)})<i class='g{code}'></i>")
                for code, kind in enumerate(kinds)
            ],
            f' class="mm-map-groups" onchange="{escape(_FIRST)}"',
        ),
        f'<div class="mm-map-plane" role="img" aria-label="{escape(description)}: {len(names)} '
        f'items in {len(kinds)} groups. The sentence below says what is to be seen." '
        f'onpointermove="{escape(_PICK)}" onclick="{escape(_PICK)}">{points}'
        f'<b style="{styles[start]}"></b>'
        f"<span>{escape(axes[0])}</span><span>{escape(axes[1])}</span></div>",
        *(
            f'<p class="mm-map-note m{k}" data-map="{escape(title)}">{escape(note)}</p>'
            for k, (title, note) in enumerate(notes.items())
        ),
        '<label class="mm-map-walk">Walk through the items'
        f'<input type="range" min="0" max="{len(names) - 1}" value="{start}" autocomplete="off" '
        f'aria-valuetext="{escape(spoken)}" oninput="{escape(_SHOW)}"></label>',
        f'<div class="mm-map-card"><i class="g{codes[start]}" style="{styles[start]}"></i>'
        f"<span><strong>{escape(names[start])}</strong> <em>{escape(groups[start])}</em><br>"
        f"<small>{escape(words[start])}</small></span></div>"
        f"{credit_html(() if pictures is None else pictures, sources)}</div>",
    ]
    counts = f"{len(names)} items in {len(kinds)} groups, {len(maps)} maps"
    return PointMap("".join(parts), f"PointMap {description!r}: {counts}")


def _choice(legend, name, options, extra=""):
    """Write a row of radio buttons; the first is chosen."""
    labels = "".join(
        f'<label><input type="radio" name="{name}" value="{value}" data-name="{escape(text)}" '
        f'autocomplete="off"{" checked" if i == 0 else ""}>{escape(text)}{after}</label>'
        for i, (value, text, after) in enumerate(options)
    )
    return f"<fieldset{extra}><legend>{legend}</legend>{labels}</fieldset>"


def _style(i, places):
    """Write an item's place in every map, in per cent, and in the sheet of pictures."""
    row, column = divmod(i, COLUMNS)
    where = "".join(f"--x{k}:{x:.1f};--y{k}:{y:.1f};" for k, (x, y) in enumerate(places))
    return f"{where}--u:{column};--v:{row}"


def _percent(title, places, count):
    """Stretch places to per cent of the plane, from its upper left corner."""
    # A quarter is exact, and the span of a quarter of the largest numbers finite.
    places = check_array(f"maps[{title!r}]", places).astype(float) / 4
    if places.shape != (count, 2):
        raise ValueError(
            f"maps[{title!r}] must hold numbers of shape ({count}, 2), a place for each of the "
            f"names; got shape {places.shape}"
        )
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    share = (places - low) / np.where(span > 0, span, 1)
    share = np.where(span > 0, share, 0.5)
    share[:, 1] = 1 - share[:, 1]  # a page counts from the top
    return MARGIN + (100 - 2 * MARGIN) * share


def _sheet(pictures, count):
    """Pack the pictures into one sheet of tiles, as the CSS that shows it."""
    from PIL import Image

    pictures = check_array("pictures", pictures)
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[::3] != (count, 3):
        raise ValueError(
            f"pictures must be uint8 of shape ({count}, height, width, 3), one for each of the "
            f"names; got {pictures.dtype} of shape {pictures.shape}"
        )
    _, height, width, _ = pictures.shape
    rows = -(-count // COLUMNS)
    tiles = np.full((rows * COLUMNS, height, width, 3), 255, np.uint8)
    tiles[:count] = pictures
    tiles = tiles.reshape(rows, COLUMNS, height, width, 3).swapaxes(1, 2)
    sheet = Image.fromarray(tiles.reshape(rows * height, COLUMNS * width, 3))
    return f"--columns:{COLUMNS};--sheet:url({webp_url(sheet, quality=80, method=6)})"
