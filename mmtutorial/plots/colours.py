"""The colours of Okabe and Ito, which colour-blind readers can tell apart, and their markers.

Violet and olive are two more, for what is no modality and has its name beside it.
"""

COLOURS = {
    "image": "#0072B2",
    "text": "#D55E00",
    "joint": "#009E73",
    "chance": "#666666",
    "accent": "#CC79A7",
    "speech": "#E69F00",
    "sound": "#56B4E9",
    "violet": "#8465C8",
    "olive": "#8C7D00",
}
MARKERS = [
    (COLOURS["image"], "s"),
    (COLOURS["joint"], "o"),
    (COLOURS["text"], "D"),
    (COLOURS["accent"], "^"),
]
