"""A clip that plays in a page without a kernel, with boxes drawn over it, and told in words."""

import html
import json
from collections.abc import Mapping, Sequence

import numpy as np

from mmtutorial._checks import check_array, check_dict, check_number, check_text
from mmtutorial._credits import credit_html
from mmtutorial._images import check_images
from mmtutorial.widgets._html import (
    HtmlBlock,
    check_filled_text,
    check_filled_texts,
    check_sources,
    check_start,
    webp_url,
)

MOST_BOXES = 2  # as many as there are lines to tell apart
LINES = ("3px solid #f2f230", "3px dashed #fff")  # both on a dark rim, seen on any picture
LONGEST = 16383  # pixels of a WebP picture

# The browser's own slider and button are used: they answer to keys, touch and screen readers.
_SHOW = (
    "const box=this.closest('.mm-clip'),at=+this.value,now=JSON.parse(box.dataset.frames)[at];"
    "box.querySelector('.mm-clip-view').style.backgroundPositionX=100*at/this.max+'%';"
    "box.querySelectorAll('.mm-clip-view>i').forEach((line,k)=>{const b=now.b[k];"
    "line.style.display=b?'':'none';"
    "if(b)['top','left','height','width'].forEach((side,j)=>line.style[side]=b[j]+'%')});"
    "box.querySelector('.mm-clip-said').textContent=now.t;"
    "this.setAttribute('aria-valuetext',now.t)"
)
_PLAY = (
    "const box=this.closest('.mm-clip'),slider=box.querySelector('[type=range]');"
    "if(box.timer){clearInterval(box.timer);box.timer=0;this.textContent='Play'}"
    "else{this.textContent='Pause';box.timer=setInterval(()=>{"
    "if(!box.isConnected||!box.offsetParent){clearInterval(box.timer);box.timer=0;"
    "this.textContent='Play';return}"
    "slider.value=(+slider.value+1)%(+slider.max+1);"
    "slider.dispatchEvent(new Event('input'))},PERIOD)}"
)
_KEYS = (
    "if(event.key===' '&&event.target.type==='range'){event.preventDefault();"
    "this.querySelector('button').click()}"
)


class ClipPlayer(HtmlBlock):
    """The clip and its controls, as one block of HTML."""


def clip_player(
    frames: np.ndarray,
    *,
    description: str,
    said: Sequence[str],
    boxes: Mapping[str, np.ndarray] | None = None,
    rate: float = 6.0,
    start: int = 0,
    caption: str = "",
    sources: Sequence[str] | None = None,
) -> ClipPlayer:
    """Play a clip in the page, with what was found drawn over it; it needs no kernel.

    It stands still until the reader plays it: by its button, by the space bar, or frame by frame
    with the arrow keys on its slider.

    Parameters
    ----------
    frames
        `(frames, height, width, 3)` uint8, at least two.
    description
        What the clip shows from beginning to end, for readers who cannot see it: one or two
        sentences. It stands below the clip, too.
    said
        A short text for each frame: what is found in it. The slider says it.
    boxes
        Up to two named tracks, such as ``{"found": ..., "truth": ...}``, each `(frames, 4)`: top,
        left, bottom, right in pixels, NaN in a frame without; the first is a solid line, the
        second a dashed one.
    rate
        Frames a second.
    start
        Which frame shows first, in print, and where scripts are off.
    caption
        A line above the clip, such as the words that were asked for; none unless given.
    sources
        Of what the frames are made, if they were composed or changed: "animated_emoji", say.

    Raises
    ------
    ValueError
        If there are fewer than two frames or more than a picture holds, not one text for each, more
        than two tracks or one of another length, a rate that is not above 0, an empty text, or an
        unknown source.
    TypeError
        If what should be an array, a dict, a list or a text is none.

    Examples
    --------
    >>> frames = np.zeros((3, 8, 8, 3), np.uint8)
    >>> clip_player(frames, description="A dark room.", said=["nothing", "nothing", "nothing"])
    ClipPlayer 'A dark room.': 3 frames of 8 x 8 pixels
    """
    frames = _check_frames(frames)
    count, height, width, _ = frames.shape
    check_filled_text("description", description, "what the clip shows")
    said = check_filled_texts("said", said, "what its frame shows", count=count)
    tracks = _check_boxes({} if boxes is None else boxes, count)
    period = round(1000 / check_number("rate", rate, above=0, most=60))
    start, esc = check_start(start, count), html.escape
    states = [
        {"t": text, "b": [_percent(track[i], height, width) for track in tracks.values()]}
        for i, text in enumerate(said)
    ]
    lines = "".join(
        f'<i style="position:absolute;box-sizing:border-box;border:{line};'
        f'outline:1px solid #000;{_placed(states[start]["b"][k])}"></i>'
        for k, line in zip(range(len(tracks)), LINES, strict=False)
    )
    names = [
        f"{kind} line: {esc(name)}" for kind, name in zip(("solid", "dashed"), tracks, strict=False)
    ]
    credit = credit_html(frames, check_sources(sources))
    above = f"<p><strong>{esc(caption)}</strong></p>" if check_text("caption", caption) else ""
    legend = f" <small>({'; '.join(names)})</small>" if names else ""
    block = (
        f'<div class="mm-clip" role="group" aria-label="{esc(caption or description)}" '
        f'data-frames="{esc(json.dumps(states, ensure_ascii=False))}" onkeydown="{esc(_KEYS)}" '
        'style="background:#fff;color:#1a1a1a;padding:12px;border-radius:8px;max-width:18rem">'
        f'{above}<div class="mm-clip-view" role="img" aria-label="{esc(description)}" '
        f'style="position:relative;width:100%;aspect-ratio:{width}/{height};overflow:hidden;'
        f"image-rendering:pixelated;background-image:url({_strip(frames)});"
        f"background-size:{100 * count}% 100%;background-repeat:no-repeat;"
        f'background-position-x:{100 * start / (count - 1):g}%">{lines}</div>'
        '<p style="display:flex;gap:8px;align-items:center;margin:8px 0 0">'
        f'<button type="button" onclick="{esc(_PLAY.replace("PERIOD", str(period)))}">Play</button>'
        f'<input type="range" min="0" max="{count - 1}" value="{start}" autocomplete="off" '
        f'aria-label="Frame" aria-valuetext="{esc(said[start])}" oninput="{esc(_SHOW)}" '
        'style="flex:1;min-width:6rem"></p>'
        f'<p class="mm-clip-said" aria-hidden="true" style="margin:4px 0">{esc(said[start])}</p>'
        f'<p style="margin:4px 0"><small>{esc(description)}</small>{legend}</p>{credit}</div>'
    )
    size = f"{count} frames of {width} x {height} pixels"
    return ClipPlayer(block, f"ClipPlayer {description!r}: {size}")


def _check_frames(frames):
    frames = check_images(frames, name="frames", axis="frames")
    if frames.dtype != np.uint8 or frames.shape[-1] != 3:
        raise TypeError(f"frames must be uint8 of 3 channels, got {frames.dtype} {frames.shape}")
    if len(frames) < 2 or len(frames) * frames.shape[2] > LONGEST:
        raise ValueError(
            f"frames must be 2 or more, together at most {LONGEST} pixels wide, got {len(frames)} "
            f"of {frames.shape[2]} pixels"
        )
    return frames


def _check_boxes(boxes, count):
    check_dict("boxes", boxes, '{"found": tracks}')
    if len(boxes) > MOST_BOXES:
        raise ValueError(f"boxes must hold at most {MOST_BOXES} tracks, got {len(boxes)}")
    tracks = {}
    for name, track in boxes.items():
        check_filled_text("a name in boxes", name, "whose boxes they are")
        track = check_array(f"boxes[{name!r}]", track, finite=False).astype(float)
        if track.shape != (count, 4):
            raise ValueError(
                f"boxes[{name!r}] must be of shape ({count}, 4), a box for each frame, got "
                f"{track.shape}"
            )
        tracks[name] = track
    return tracks


def _percent(box, height, width):
    """Return top, left, height and width in per cent of the picture; None for no box."""
    if not np.isfinite(box).all():
        return None
    top, left, bottom, right = box
    shares = top / height, left / width, (bottom - top) / height, (right - left) / width
    return [round(100 * float(share), 1) for share in shares]


def _placed(box):
    if box is None:
        return "display:none"
    names = ("top", "left", "height", "width")
    return ";".join(f"{name}:{share}%" for name, share in zip(names, box, strict=True))


def _strip(frames):
    """Pack the frames side by side into one picture, as the address that holds it."""
    from PIL import Image

    count, height, width, _ = frames.shape
    strip = frames.swapaxes(0, 1).reshape(height, count * width, 3)
    return webp_url(Image.fromarray(np.ascontiguousarray(strip)), quality=80, method=4)
