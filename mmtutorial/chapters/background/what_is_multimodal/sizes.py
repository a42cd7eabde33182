"""How many numbers is a sample of each kind, and how many come every second?"""

import numpy as np

from mmtutorial._checks import check_array, check_dict, check_number


def sample_sizes(kinds):
    """Say how large samples are: columns for a table with a row for each.

    ``kinds`` maps a name to a sample, ``(steps, ...)``, and its steps a second (0 where nothing
    passes). Returns ``{column: {name: text}}``.

    >>> sample_sizes({"clip": (np.zeros((8, 10, 10, 3)), 25)})["numbers / s"]
    {'clip': '7,500'}
    """
    columns = {head: {} for head in ("shape", "numbers", "steps / s", "numbers / s")}
    for name, pair in check_dict("kinds", kinds, '{"clip": (frames, 25)}').items():
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise TypeError(f"kinds[{name!r}] must be (sample, steps a second), got {pair!r}")
        sample, steps = pair
        sample = check_array(f"kinds[{name!r}]", sample, kinds="biufOUS", finite=False)
        if not sample.ndim:
            raise ValueError(f"kinds[{name!r}] must hold a sample of steps, (steps, ...), got one")
        check_number(f"kinds[{name!r}][1], steps a second,", steps, least=0)
        step = np.prod(sample.shape[1:], dtype=int)
        speed = [f"{number:,.0f}" if steps else "—" for number in (steps, steps * step)]
        facts = (" × ".join(map(str, sample.shape)), f"{sample.size:,}", *speed)
        for column, fact in zip(columns.values(), facts, strict=True):
            column[name] = fact
    return columns
