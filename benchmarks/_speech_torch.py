"""The recogniser, its loss and its decoders in plain PyTorch, to compare with.

As one would write them: `torch.nn.functional.ctc_loss`, the best path by `unique_consecutive`, and
prefix beam search over Python's dicts. `benchmarks/speech.py` checks that they agree with ours,
then times them.
"""

import math

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Look over nine steps, mix, and add to what came in."""

    def __init__(self, width, dropout, kernel=9):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.look = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.mix = nn.Sequential(
            nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width), nn.Dropout(dropout)
        )

    def forward(self, steps):
        """Return steps of the same shape, ``(batch, steps, width)``."""
        return steps + self.mix(self.look(self.norm(steps).transpose(1, 2)).transpose(1, 2))


class Recognizer(nn.Module):
    """Two convolutions, separable blocks, a GRU in both directions, scores of letters."""

    def __init__(self, bands, classes, recipe):
        super().__init__()
        filters, width, units = recipe.filters, recipe.width, recipe.units
        self.standardise = nn.BatchNorm1d(bands, affine=False)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, filters, 3, stride=(stride, 2), padding=1, bias=False)
            for before, stride in zip((1, filters), recipe.time_strides, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(filters) for _ in recipe.time_strides)
        self.project = nn.Linear(-(-bands // 4) * filters, width)
        self.blocks = nn.Sequential(*(Block(width, recipe.dropout) for _ in range(recipe.blocks)))
        self.last_norm = nn.LayerNorm(width)
        self.rnn = nn.GRU(width, units // 2, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(recipe.dropout)
        self.head = nn.Linear(units, classes)

    def forward(self, spectrograms):
        """Return logits, ``(batch, steps, classes)``."""
        maps = self.standardise(spectrograms.transpose(1, 2)).transpose(1, 2)[:, None]
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            maps = torch.relu(norm(convolution(maps)))
        steps = self.blocks(self.project(maps.permute(0, 2, 3, 1).flatten(2)))
        return self.head(self.drop(self.rnn(self.last_norm(steps))[0]))


def ctc_loss(logits, labels, logit_lengths, label_lengths):
    """Return the loss of each row, as PyTorch computes it."""
    log_p = torch.log_softmax(logits, dim=2).transpose(0, 1)
    return functional.ctc_loss(log_p, labels, logit_lengths, label_lengths, reduction="none")


def greedy(logits, lengths):
    """Return the letters of the likeliest path of each row."""
    found = []
    for row, length in zip(logits.argmax(dim=2), lengths, strict=True):
        path = torch.unique_consecutive(row[:length])
        found.append(path[path != 0].tolist())
    return found


def beam(logits, lengths, width, threshold):
    """Return the likeliest text of each row, over its paths, after Graves and Hannun et al."""
    log_p = torch.log_softmax(logits.double(), dim=2)
    rows = zip(log_p, lengths, strict=True)
    return [_search(row[:length].tolist(), width, math.log(threshold)) for row, length in rows]


def _search(frames, width, threshold):
    nothing = (-math.inf, -math.inf)
    prefixes = {(): (0.0, -math.inf)}  # text: log-probability with a blank at its end, without
    for frame in frames:
        letters = [letter for letter in range(1, len(frame)) if frame[letter] > threshold]
        grown = {}
        for text, (blank, letter) in prefixes.items():
            both = _add(blank, letter)
            old = grown.get(text, nothing)
            stays = letter + frame[text[-1]] if text else -math.inf
            grown[text] = _add(old[0], both + frame[0]), _add(old[1], stays)
            for new in letters:
                longer = (*text, new)
                old = grown.get(longer, nothing)
                before = blank if text and text[-1] == new else both
                grown[longer] = old[0], _add(old[1], before + frame[new])
        ranked = sorted(grown.items(), key=lambda item: -_add(*item[1]))
        prefixes = dict(ranked[:width])
    return list(max(prefixes, key=lambda text: _add(*prefixes[text])))


def _add(a, b):
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))
