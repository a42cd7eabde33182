"""A picture or a recording of one's own: what becomes of it on its way to an array."""

import io
import itertools
from functools import lru_cache

import numpy as np

from mmtutorial import widgets
from mmtutorial._checks import check_choice, check_number, check_whole
from mmtutorial._credits import recognise
from mmtutorial._optional import load_optional
from mmtutorial.chapters.background.arrays.pictures import SIDE
from mmtutorial.preprocessing import (
    crop_image,
    log_mel,
    mel_filters,
    read_audio,
    resample_audio,
    resize_image,
    rotate_image,
)
from mmtutorial.preprocessing.audio import opened
from mmtutorial.widgets._upload import (
    OWN,
    PAGE,
    captioned,
    open_picture,
    read_chosen,
    side_by_side,
    to_png,
    upload_controls,
)

SCALES = {"0 to 1": 255, "forgotten, 0 to 255": 1}
BANDS, MOST_BANDS = 32, 128
RATES, HEAR, SECONDS = (16000, 8000, 4000, 2000), 16000, 8  # hertz; seconds that are kept
HOW = ("filtered first", "every n-th sample")
PREPARED = {  # in what needs no kernel
    "as it is": {},
    "turned by 90°": {"turn": 90},
    "the middle half": {"crop": 0.5},
    "not scaled": {"scale": "forgotten, 0 to 255"},
}
KEPT = {
    "16,000 samples a second": {},
    "4,000, filtered first": {"rate": 4000},
    "every fourth sample": {"rate": 4000, "how": "every n-th sample"},
}


@lru_cache(maxsize=2)
def open_recording(content):
    """Read a sound file; return samples, channels, their rate, and the start as a wave at 16 kHz.

    The wave is ``(samples,)`` float32, of `SECONDS` at most.
    """
    wave = read_audio(content, sample_rate=HEAR)
    with opened("the bytes", io.BytesIO(content), len(content)) as file:
        facts = file.frames, file.channels, file.samplerate
    return facts, wave[: SECONDS * HEAR]


class OwnPicture:
    """What the chapter's CNN gets to see of a picture, and what it says.

    Parameters
    ----------
    model : what `train_pictures` returns, for pictures of 32 pixels
    groups : the names of its classes
    examples : pictures by name, ``(height, width, 3)`` uint8
    """

    def __init__(self, model, groups, examples):
        self.model, self.groups = model, groups
        self.examples = {name: to_png(picture) for name, picture in examples.items()}
        self.sources = {name: [recognise(picture)] for name, picture in examples.items()}

    def window(self, page, turn, crop):
        """Turn and crop a picture, and shrink it for the model: ``(32, 32, 3)`` uint8.

        ``page`` is ``(128, 128, 3)`` uint8; ``turn`` is in degrees, counter-clockwise, ``crop`` the
        share of each side that is kept, around the middle. Raises ``ValueError`` beyond 180 degrees
        and for a share outside 0.1..1.
        """
        check_number("turn", turn, least=-180, most=180)
        check_number("crop", crop, least=0.1, most=1)
        side = round(crop * PAGE)
        start = (PAGE - side) // 2
        turned = rotate_image(page[None], turn)
        cut = crop_image(turned, top=start, left=start, height=side, width=side)
        return resize_image(cut, SIDE)[0]

    def probabilities(self, page, turn=0, crop=1.0, scale="0 to 1"):
        """Return what the model believes of a picture, see `window`: ``(classes,)``."""
        check_choice("scale", scale, SCALES)
        seen = self.window(page, turn, crop)[None].astype(np.float32) / SCALES[scale]
        logits = self.model.predict(seen, verbose=0)[0].astype(float)
        shares = np.exp(logits - logits.max())
        return shares / shares.sum()

    def frame(self, example, upload=(), turn=0, crop=1.0, scale="0 to 1"):
        """Show the picture, what the model gets, and what it says, as HTML."""
        shape, page = read_chosen(open_picture, self.examples, example, upload)
        seen = self.window(page, turn, crop)
        table = widgets.probability_table(
            {"the CNN": self.probabilities(page, turn, crop, scale)}, self.groups
        )
        was = f"{example}: {shape[0]} × {shape[1]} × {shape[2]}, uint8"
        largest = seen.max() / SCALES[scale]
        now = f"for the model: {SIDE} × {SIDE} × 3, float32, up to {largest:.3g}"
        sources = self.sources.get(example, ())
        shown = captioned(page, was, PAGE, sources), captioned(seen, now, PAGE)
        return side_by_side(*shown, table._repr_html_(), summary=f"{was}; {now}")


class OwnSound:
    """What is left of a recording at another sample rate, to see and to hear.

    Parameters
    ----------
    examples : dict by name of sound files, as bytes
    sources : whose the examples are, as `mm.widgets.audio_player` takes it
    """

    def __init__(self, examples, sources=None):
        self.examples, self.sources = examples, sources

    def keep(self, wave, rate, how):
        """Return a wave of 16 kHz at another rate: by a filter first, or by every n-th sample."""
        check_choice("rate", rate, RATES)
        check_choice("how", how, HOW)
        if how == "every n-th sample":
            return wave[:: HEAR // rate]
        return resample_audio(wave, HEAR, to=rate)

    def frame(self, example, upload=(), rate=HEAR, how=HOW[0], bands=BANDS, *, before=True):
        """Show the log-mel picture at a rate and with so many mel bands, and play it, as HTML.

        Without ``before``, the recording as it was cannot be heard, and a page is lighter.
        """
        check_whole("bands", bands, least=1, most=MOST_BANDS)
        (samples, channels, own_rate), wave = read_chosen(
            open_recording, self.examples, example, upload
        )
        kept = self.keep(wave, rate, how)
        mel = log_mel(kept, sample_rate=rate, bands=bands)
        was = (
            f"{example}: {samples:,} samples, channels: {channels}, {own_rate:,} samples a second, "
            f"{samples / own_rate:.1f} s"
        )
        now = f"{len(kept):,} samples at {rate:,} a second, {how}; log-mel {mel.shape}"
        played = {"Before": wave} if before else {}
        played["After"] = resample_audio(kept, rate, to=HEAR)
        sources = None if example == OWN else self.sources
        players = "".join(
            widgets.audio_player(
                sound, HEAR, description=f"{title}: {example}", sources=sources
            )._repr_html_()
            for title, sound in played.items()
        )
        picture = captioned(_colour(mel), f"{was}. Now {now}", 2 * PAGE)
        players = f'<div style="width:18rem;max-width:100%">{players}</div>'
        return side_by_side(picture, players, summary=f"{was}; {now}")


def own_picture(own):
    """Let the reader bring a picture, turn and crop it, and ask the model; an `mm.widgets.Live`.

    ``own`` is an `OwnPicture`; without a kernel, its examples can be chosen, prepared in some ways.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    slider = {"readout": True, "continuous_update": False}
    controls = upload_controls([*own.examples], accept="image/*", kind="a picture") | {
        "turn": ipywidgets.IntSlider(0, min=-180, max=180, step=15, description="Turn", **slider),
        "crop": ipywidgets.FloatSlider(
            1, min=0.25, max=1, step=0.05, description="Share of each side", **slider
        ),
        "scale": ipywidgets.Dropdown(options=[*SCALES], description="Scale"),
    }
    pairs = itertools.product(own.examples, PREPARED.values())
    frames = [own.frame(example, **how) for example, how in pairs]
    menus = {"Picture": [*own.examples], "Prepared": [*PREPARED]}
    return widgets.live(own.frame, controls, widgets.frame_chooser(frames, menus))


def own_sound(own):
    """Let the reader bring a recording, and hear it at other sample rates; an `mm.widgets.Live`.

    ``own`` is an `OwnSound`; without a kernel, its examples can be chosen, kept in some ways.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    controls = upload_controls([*own.examples], accept="audio/*", kind="a sound") | {
        "rate": ipywidgets.Dropdown(
            options=[(f"{rate:,}", rate) for rate in RATES], description="Samples a second"
        ),
        "how": ipywidgets.Dropdown(options=HOW, description="How"),
        "bands": ipywidgets.IntSlider(
            BANDS, min=1, max=MOST_BANDS, description="Mel bands", continuous_update=False
        ),
    }
    pairs = itertools.product(own.examples, KEPT.values())
    frames = [own.frame(example, before=False, **how) for example, how in pairs]
    menus = {"Sound": [*own.examples], "Kept": [*KEPT]}
    return widgets.live(own.frame, controls, widgets.frame_chooser(frames, menus))


def most_bands(rate):
    """Return the most mel bands of which none is empty, in frames of 25 ms at a sample rate.

    >>> most_bands(2000)
    39
    """
    points = 2 ** int(np.ceil(np.log2(0.025 * rate)))
    for bands in range(MOST_BANDS, 0, -1):
        try:
            mel_filters(sample_rate=rate, bands=bands, fft_length=points)
        except ValueError:
            continue
        return bands


def _colour(mel):
    """Draw a log-mel picture ``(frames, bands)``: time to the right, pitch upwards."""
    from matplotlib import colormaps

    shades = np.clip(1 + (mel.T[::-1] - mel.max()) / 14, 0, 1)
    picture = (colormaps["viridis"](shades)[..., :3] * 255).astype(np.uint8)
    return picture.repeat(max(1, PAGE // len(picture)), axis=0)
