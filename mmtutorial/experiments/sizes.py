"""How many numbers is a sample of each kind, and how many come every second?"""

import numpy as np


def sample_sizes(kinds):
    """Say how large samples are: columns for a table with a row for each.

    ``kinds`` maps a name to a sample, ``(steps, ...)``, and its steps a second (0 where nothing
    passes). Returns ``{column: {name: text}}``.

    >>> sample_sizes({"clip": (np.zeros((8, 10, 10, 3)), 25)})["numbers / s"]
    {'clip': '7,500'}
    """
    columns = {head: {} for head in ("shape", "numbers", "steps / s", "numbers / s")}
    for name, (sample, steps) in kinds.items():
        step = np.prod(sample.shape[1:], dtype=int)
        speed = [f"{number:,.0f}" if steps else "—" for number in (steps, steps * step)]
        facts = (" × ".join(map(str, sample.shape)), f"{sample.size:,}", *speed)
        for column, fact in zip(columns.values(), facts, strict=True):
            column[name] = fact
    return columns
