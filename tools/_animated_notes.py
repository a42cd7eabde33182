"""What is odd about the animated emoji? Measured on every clip, for the data card."""

import numpy as np

WHITE = 250  # a pixel whose darkest channel is below this belongs to the drawing


def measure(pictures, seconds, frames, shipped):
    """Measure one clip; differences are means over pixels and channels, in levels of 255.

    ``pictures`` are all of the source, ``frames`` the sampled ones, ``shipped`` those as stored.
    """
    steps = _steps(pictures)
    ink = 255 - frames.min(axis=3).mean(axis=(1, 2))
    return {
        "motion": float(_steps(shipped).mean()),
        "still": int((_steps(frames) == 0).sum()),
        "moving_pixels": float((_differences(frames).max(axis=3) > 10).mean()),
        "source_step": float(np.median(steps)),
        "seam": float(_steps(pictures[[-1, 0]])[0] / steps.max()),
        "ink": float(ink.min() / ink.max()),
        "error": float(np.abs(shipped.astype(int) - frames).mean()),
        "seconds": float(seconds.sum()),
    }


def _differences(frames):
    return np.abs(np.diff(frames.astype(np.int16), axis=0))


def _steps(frames):
    return _differences(frames).mean(axis=(1, 2, 3))


def twins(clips, least=0.9):
    """Return pairs of rows that show one animation, perhaps in other colours.

    Their silhouettes overlap (intersection over union) and, where they do, their brightness rises
    and falls together (correlation), both by ``least`` or more over all frames.
    """
    masks = np.stack([(clip.min(axis=3) < WHITE).ravel() for clip in clips]).astype(np.float32)
    both = masks @ masks.T
    union = masks.sum(axis=1)[:, None] + masks.sum(axis=1) - both
    pairs = np.argwhere(np.triu(both >= least * union, 1)).tolist()
    grey = {row: clips[row].mean(axis=3).ravel() for row in {row for pair in pairs for row in pair}}
    return [pair for pair in pairs if _alike(*(grey[row] for row in pair), masks[pair]) >= least]


def _alike(first, second, masks):
    shared = masks.all(axis=0)
    return np.corrcoef(first[shared], second[shared])[0, 1]


def flaws(entries, facts, clips, dropped, moving):
    """List what a user should know; ``entries`` and ``facts`` have one item per shipped clip."""
    names = [entry["name"]["en"] for entry in entries]
    motion = np.array([fact["motion"] for fact in facts])
    order = np.argsort(motion)
    low, middle, high = np.percentile(motion, [5, 50, 95])
    seconds = np.array([fact["seconds"] for fact in facts])
    share = np.mean([fact["moving_pixels"] for fact in facts])
    named = list(zip(names, facts, strict=True))
    shaking = [name for name, fact in named if fact["motion"] < 1.5 * fact["source_step"]]
    jumps = [name for name, fact in named if fact["seam"] > 1.5]
    repeats = [name for name, fact in named if fact["still"]]
    leaving = [name for name, fact in named if fact["ink"] < 0.3]
    pairs = twins(clips)
    apart = [pair for pair in pairs if len({entries[row]["split"] for row in pair}) > 1]
    alike = sorted({row for pair in pairs for row in pair})
    return [
        f"the motion is small: from one frame to the next, a pixel changes by {middle:.1f} of 255 "
        f"levels (mean of a clip, median of the clips; 5 to 95 %: {low:.1f} to {high:.1f}), and "
        f"{share:.0%} of the pixels by more than 10; least: {_list(names, order[:3])}; most: "
        f"{_list(names, order[:-4:-1])}",
        f"{len(dropped)} animations that change by less than 1 level were left out "
        f"({', '.join(sorted(dropped))})",
        f"{moving} emoji move; of each concept one is here, the one without gender and hair where "
        "it was drawn, and none with a skin tone",
        f"a loop lasts {seconds.min():.1f} to {seconds.max():.1f} seconds (median "
        f"{np.median(seconds):.1f}) and 16 frames are taken of it, so the time between two frames "
        "differs from clip to clip",
        f"{len(shaking)} clips change nearly as much from one picture of the source to the next as "
        "from frame to frame: they shake faster than 16 frames can follow, or the source has few "
        f"pictures ({', '.join(shaking)}); the order of their frames says little",
        f"{len(jumps)} clips do not close their loop, but jump from the last picture to the first "
        f"({', '.join(jumps)})",
        f"{len(leaving)} drawings all but leave the picture for a moment ({', '.join(leaving)}), "
        f"and {len(repeats)} repeat a frame, because the source has too few ({', '.join(repeats)})",
        f"{len(alike)} clips show the animation of another concept, most in another colour "
        f"({_list(names, alike)}); {len(apart)} of the {len(pairs)} pairs lie in different splits",
        "four groups have only "
        f"{sum(entry['group'] in SMALL for entry in entries)} clips together; by default they are "
        "not loaded",
        "the designers are those of Fluent 3D, the test artist of load_emoji: train on these "
        "clips, and its test is no longer strange to the model",
        f"a clip is stored with {COLOURS} colours, which changes a pixel by "
        f"{np.mean([fact['error'] for fact in facts]):.1f} levels on average; still pixels stay "
        "still",
    ]


SMALL = {"food-drink", "activities", "objects", "symbols", "flags"}
COLOURS = 256


def _list(names, rows):
    return ", ".join(names[row] for row in rows)
