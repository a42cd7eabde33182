"""The contrastive losses in plain PyTorch, to compare with: as one would write them down.

`benchmarks/contrastive_loss.py` checks that they give the same numbers as ours, then times them;
`tests/cross_modal` compares with them as well.
"""

import torch
from torch.nn import functional as F


def clip(a, b, scale, bias=None, left_out=None):
    """Cross-entropy both ways, after Radford et al. 2021; ``left_out`` marks no negatives."""
    logits = scale * F.normalize(a) @ F.normalize(b).T
    if left_out is not None:
        logits = logits.masked_fill(left_out, -torch.inf)
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def siglip(a, b, scale, bias, left_out=None):
    """A binary cross-entropy for each pair, after Zhai et al. 2023."""
    logits = scale * F.normalize(a) @ F.normalize(b).T + bias
    labels = 2 * torch.eye(len(a), dtype=logits.dtype) - 1
    each = -F.logsigmoid(labels * logits)
    if left_out is not None:
        each = each.masked_fill(left_out, 0)
    return each.sum() / len(a)


def triplet(a, b, margin, mining, left_out=None):
    """Hinges over negatives, row by row, after Schroff et al. 2015 and Faghri et al. 2018."""
    cosines = F.normalize(a) @ F.normalize(b).T
    total = 0.0
    for table in (cosines, cosines.T):
        blocked = None if left_out is None else (left_out if table is cosines else left_out.T)
        for i, row in enumerate(table):
            others = torch.arange(len(row)) != i
            others = others if blocked is None else others & ~blocked[i]
            negatives = row[others]
            if not len(negatives):
                continue
            if mining == "hardest":
                negatives = negatives.max()[None]
            elif mining == "semi-hard":
                farther = negatives[negatives < row[i]]
                negatives = (farther.max() if len(farther) else negatives.min())[None]
            total = total + F.relu(margin - row[i] + negatives).sum()
    return total / (2 * len(a))
