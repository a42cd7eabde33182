"""Methods on the gradients of several tasks in plain PyTorch, to compare with.

As their authors' code and those after it write them down: the projections of PCGrad one pair at a
time, MGDA by Frank-Wolfe on the inner products, CAGrad by SciPy's SLSQP on them, IMTL-G by its
formula. `benchmarks/multi_task_steps.py` checks that they agree with ours, then times them.
"""

import numpy as np
import torch
from scipy.optimize import minimize


def pcgrad(grads):
    """Each gradient gives up what points against the others, after Yu et al. 2020."""
    left = grads.clone()
    for i, own in enumerate(left):
        for j, other in enumerate(grads):
            inner = own @ other
            if i != j and inner < 0:
                own -= inner / (other @ other) * other
    return left.sum(dim=0)


def mgda(grads, steps=250, stop=1e-5):
    """The point of the hull nearest to zero, by Frank-Wolfe, after Sener and Koltun 2018."""
    gram = (grads @ grads.T).double()
    weights = torch.full((len(grads),), 1 / len(grads), dtype=torch.float64)
    for _ in range(steps):
        inner = gram @ weights
        nearest = torch.argmin(inner)
        own, other, both = weights @ inner, gram[nearest, nearest], inner[nearest]
        share = torch.clamp((own - both) / (own + other - 2 * both), 0, 1)
        weights = (1 - share) * weights
        weights[nearest] += share
        if share < stop:
            break
    return weights.float() @ grads


def cagrad(grads, c=0.5):
    """The best direction around the average, by its dual, after Liu et al. 2021."""
    gram = (grads @ grads.T).double().numpy()
    scale = gram.diagonal().max()
    gram, tasks = gram / scale, len(gram)
    average = gram.mean(axis=0)
    radius = c * np.sqrt(average.mean())

    def dual(weights):
        return weights @ average + radius * np.sqrt(weights @ gram @ weights + 1e-12)

    found = minimize(
        dual,
        np.full(tasks, 1 / tasks),
        bounds=[(0, 1)] * tasks,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
    )
    mixed = torch.tensor(found.x, dtype=torch.float32) @ grads
    return grads.mean(dim=0) + radius * scale**0.5 / mixed.norm() * mixed


def imtl_g(grads):
    """The step with equal projections on all gradients, after Liu et al. 2021."""
    units = grads / grads.norm(dim=1, keepdim=True)
    apart, turned = grads[0] - grads[1:], units[0] - units[1:]
    others = (grads[0] @ turned.T) @ torch.linalg.inv(apart @ turned.T)
    return (1 - others.sum()) * grads[0] + others @ grads[1:]
