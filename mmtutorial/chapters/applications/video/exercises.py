"""The exercises of the chapter "Video and text"."""

import numpy as np

from mmtutorial.exercises.engine import Exercise


def _time_iou(said, true):
    either = said | true
    return float((said & true).sum() / either.sum()) if either.any() else 1.0


def _draw_times():
    rng = np.random.default_rng(0)
    cases = [(rng.random(16) < 0.5, rng.random(16) < p) for p in (0.3, 0.7)]
    return [*cases, (np.zeros(16, bool), np.zeros(16, bool))]


TIME_IOU = Exercise(
    "time_iou",
    reference=_time_iou,
    cases=_draw_times,
    given="{said.size} frames, of which {said} are said",
    asked="one number from 0 to 1",
    mistakes={
        "That is the share of frames on which both agree. Frames in which nothing is, and nothing "
        "is said, make any answer look good.": lambda said, true: float(np.mean(said == true)),
        "You divide by the true frames: that is recall, and saying that all frames show it "
        "gets 1.": lambda said, true: (
            float((said & true).sum() / true.sum()) if true.any() else 1.0
        ),
        "You divide by the frames that are said: that is precision, and one sure frame gets 1.": (
            lambda said, true: float((said & true).sum() / said.sum()) if said.any() else 1.0
        ),
        "Where it is never there and never said, nothing is wrong: return 1.": lambda said, true: (
            float((said & true).sum() / max((said | true).sum(), 1))
        ),
    },
    hint="Count the frames that both have, and those that at least one has.",
    success="It is the overlap of boxes, with moments in place of pixels.",
)


def _spans(visible):
    edges = np.flatnonzero(np.diff(np.pad(visible.astype(int), 1)))
    return [(int(a), int(b - 1)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _draw_visible():
    rows = ("0011100000110001", "1111111111111111", "0000000000000000", "1000000000000001")
    return [(np.array([letter == "1" for letter in row]),) for row in rows]


def _first_and_last(visible):
    where = np.flatnonzero(visible)
    return [(int(where[0]), int(where[-1]))] if len(where) else []


def _without_edges(visible):
    steps = np.diff(visible.astype(int))
    begins, ends = np.flatnonzero(steps == 1) + 1, np.flatnonzero(steps == -1)
    return [(int(a), int(b)) for a, b in zip(begins, ends, strict=False)]


SPANS = Exercise(
    "spans",
    reference=_spans,
    cases=_draw_visible,
    given="frames in which it is seen: {visible}",
    asked="a list of pairs, the first and the last frame of each run",
    mistakes={
        "You return one pair from the first frame to the last; it may have been away in "
        "between.": _first_and_last,
        "You miss what is there in the very first frame, or still in the last: pad with one "
        "frame of nothing on each side.": _without_edges,
        "Your second number is the frame behind the run, not its last.": lambda visible: [
            (a, b + 1) for a, b in _spans(visible)
        ],
    },
    hint="Where does the row change from 0 to 1, and where back? np.diff of the row, with a 0 "
    "before and behind it, says so.",
    success="That is how a row of scores becomes an answer to *when*.",
)


def _conv_over_time(frames, kernel):
    reach = len(kernel) // 2
    padded = np.pad(frames, ((reach, reach), (0, 0)))
    return sum(weight * padded[place : place + len(frames)] for place, weight in enumerate(kernel))


def _draw_frames():
    rng = np.random.default_rng(0)
    kernels = ([-1.0, 0.0, 1.0], [0.2, 0.5, 0.3], [1.0, 2.0, -1.0, 0.5, 0.0])
    return [(rng.normal(size=(7, 3)), np.array(kernel)) for kernel in kernels]


CONV = Exercise(
    "conv_over_time",
    reference=_conv_over_time,
    cases=_draw_frames,
    given="{frames.shape[0]} frames of {frames.shape[1]} numbers, and the kernel {kernel}",
    asked="an array of the same shape",
    mistakes={
        "Your kernel runs backwards. Networks do not turn it round, as mathematics does: its "
        "first weight belongs to the frame before.": lambda frames, kernel: _conv_over_time(
            frames, kernel[::-1]
        ),
        "Before the first frame and behind the last stand zeros, not copies of them.": (
            lambda frames, kernel: _conv_over_time(
                np.pad(
                    frames,
                    ((len(kernel) // 2, len(kernel) // 2), (0, 0)),
                    mode="edge",
                ),
                kernel,
            )[len(kernel) // 2 : -(len(kernel) // 2)]
        ),
        "You begin with the frame itself; the middle of the kernel belongs to it.": (
            lambda frames, kernel: sum(
                weight * np.pad(frames, ((0, len(kernel)), (0, 0)))[place : place + len(frames)]
                for place, weight in enumerate(kernel)
            )
        ),
        "You take the mean over the kernel; take the sum.": lambda frames, kernel: (
            _conv_over_time(frames, kernel) / len(kernel)
        ),
    },
    hint="Pad with zeros, move the padded frames along the kernel, and add them up, each times its "
    "weight.",
    success="With the kernel (-1, 0, 1) it tells what is coming from what is going: no mean over "
    "frames can.",
)

EXERCISES = (TIME_IOU, SPANS, CONV)
