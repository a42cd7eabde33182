"""Which modality did the work, and how much of it took two together?

Everywhere here ``predict`` is the model: a function from ``{modality: (batch, ...)}`` to scores,
``(batch, classes)`` or any other shape that begins with ``batch``.
"""

from itertools import combinations
from math import comb

import numpy as np

from mmtutorial.evaluation.shuffling import is_packed

MOST_PLAYERS = 6  # 2^6 coalitions; sampling would have to replace the exact sum beyond


def shapley_values(value, players):
    """Share a joint result out among players: each gets its average gain over all orders.

    Parameters
    ----------
    value : function from a ``frozenset`` of players to a number or an array: what they get alone
    players : up to six names

    Returns ``{player: number or array}``. It is the only rule under which the shares add up to
    ``value(all) - value(none)``, who adds nothing gets nothing, equals get equal shares, and the
    shares of a sum of games are the sums of shares. Raises ``ValueError`` for none, repeated, or
    more than six players. Paper: Shapley 1953, A Value for n-Person Games.

    >>> shares = shapley_values(lambda team: len(team) == 2, ["a", "b"])
    >>> float(shares["a"]), float(shares["b"])
    (0.5, 0.5)
    """
    players = tuple(players)
    count = len(players)
    if not 1 <= count <= MOST_PLAYERS or len(set(players)) < count:
        raise ValueError(
            f"players must be 1 to {MOST_PLAYERS} different names (the exact sum doubles with "
            f"each), got {count}: {', '.join(map(repr, players))}"
        )
    teams = [frozenset(team) for size in range(count + 1) for team in combinations(players, size)]
    worth = {team: np.asarray(value(team), dtype=float) for team in teams}
    wrong = [sorted(team) for team in teams if not np.isfinite(worth[team]).all()]
    if wrong:
        raise ValueError(f"value must return finite numbers, but not for {wrong[0]}")
    return {
        player: sum(
            (worth[team | {player}] - worth[team]) / (count * comb(count - 1, len(team)))
            for team in teams
            if player not in team
        )
        for player in players
    }


def modality_shapley(predict, inputs, *, background):
    """How much of each output does the model owe to each modality? Exact, up to six of them.

    Parameters
    ----------
    predict : model, ``{modality: (batch, ...)} -> (batch, ...)``
    inputs : dict of arrays, ``(batch, ...)`` each: the items to explain
    background : dict of arrays, ``(rows, ...)`` each: what stands in for an absent modality. One
        row is a baseline, such as zeros or an empty text; a sample of other items asks what the
        model says on average when it does not know this modality. One background row fills all
        absent modalities, and outputs are averaged over the rows

    Returns ``{modality: (batch, ...)}`` of the model's output shape; over modalities they add up
    to the output for the item minus the mean output for the background. Costs ``2^modalities *
    rows`` calls of ``predict``. Raises ``ValueError`` for more than six modalities, for
    ``"presence"`` among them, and if inputs and background differ in their names or in the shape
    of a row; ``TypeError`` for clips. Papers: Shapley 1953;
    Lundberg and Lee 2017, A Unified Approach to Interpreting Model Predictions; Parcalabescu and
    Frank 2023, MM-SHAP, which shares out single tokens and patches.

    >>> item, nothing = {"a": np.array([3.0]), "b": np.array([2.0])}, np.array([0.0])
    >>> shares = modality_shapley(
    ...     lambda x: x["a"] * x["b"], item, background={"a": nothing, "b": nothing}
    ... )
    >>> shares["a"], shares["b"]
    (array([3.]), array([3.]))
    """
    inputs = _check_rows("inputs", inputs)
    background = _check_rows("background", background)
    if inputs.keys() != background.keys():
        raise ValueError(
            f"background must hold {sorted(inputs)} as inputs do, got {sorted(background)}"
        )
    for name, rows in inputs.items():
        if rows.shape[1:] != background[name].shape[1:]:
            raise ValueError(
                f"a row of {name!r} must have one shape, got {rows.shape[1:]} in inputs and "
                f"{background[name].shape[1:]} in background"
            )
    fillers = len(next(iter(background.values())))

    def value(present):
        if len(present) == len(inputs):
            return predict(inputs)
        total = 0.0
        for row in range(fillers):
            filled = {
                name: rows if name in present else np.repeat(
                    background[name][row : row + 1], len(rows), axis=0
                )
                for name, rows in inputs.items()
            }  # fmt: skip
            total = total + np.asarray(predict(filled), dtype=float)
        return total / fillers

    return shapley_values(value, inputs)


def emap(predict, inputs, *, batch_size=8192, progress=False):
    """What is left of a model that may only add up what two modalities say, each by itself?

    The outputs for all pairs of one item's first and another item's second modality are averaged
    over rows and columns: the result is the sum ``f(a) + g(b)`` that is closest to the model on
    these pairs. What the model loses by it is its cross-modal interaction.

    Parameters
    ----------
    predict : model, ``{modality: (batch, ...)} -> (batch, classes)`` of logits or log-probabilities
    inputs : dict of two arrays, ``(items, ...)`` each
    batch_size : about how many of the ``items * items`` pairs to predict at once
    progress : whether to show a bar

    Returns ``(items, classes)``. Raises ``ValueError`` unless there are two modalities, without
    ``"presence"``, and ``TypeError`` for clips. Paper:
    Hessel and Lee 2020, Does My Multimodal Model Learn Cross-Modal Interactions?

    >>> xor = emap(lambda x: x["a"] * x["b"], {"a": np.array([1, 1, -1, -1]),
    ...                                        "b": np.array([1, -1, 1, -1])})
    >>> bool((xor == 0).all())
    True
    """
    from tqdm.auto import tqdm

    inputs = _check_rows("inputs", inputs)
    if len(inputs) != 2:
        raise ValueError(f"inputs must hold two modalities, got {len(inputs)}: {sorted(inputs)}")
    (first, a), (second, b) = inputs.items()
    count = len(a)
    step = max(1, batch_size // count)
    of_first, of_second = [], 0.0
    for start in tqdm(range(0, count, step), desc="pairs", disable=not progress):
        block = a[start : start + step]
        pairs = {first: np.repeat(block, count, axis=0), second: np.concatenate([b] * len(block))}
        outputs = np.asarray(predict(pairs), dtype=float)
        outputs = outputs.reshape(len(block), count, *outputs.shape[1:])
        of_first.append(outputs.mean(axis=1))
        of_second = of_second + outputs.sum(axis=0) / count
    of_first = np.concatenate(of_first)
    return of_first + of_second - of_first.mean(axis=0)


def _check_rows(argument, inputs):
    """Return inputs as arrays, all with the same number of rows, at least one."""
    if "presence" in inputs:
        raise ValueError(f"{argument} must hold modalities alone here, got 'presence' among them")
    for name, rows in inputs.items():
        if is_packed(rows):
            advice = "turn them into arrays first, such as log_mel and pad_audio"
            raise TypeError(f"{argument}[{name!r}] holds clips; {advice}")
    inputs = {name: np.asarray(rows) for name, rows in inputs.items()}
    counts = {name: len(rows) if rows.ndim else 0 for name, rows in inputs.items()}
    if not counts or len(set(counts.values())) > 1 or not min(counts.values()):
        raise ValueError(
            f"{argument} must hold one row an item for every modality, and at least one, "
            f"got rows {counts}"
        )
    return inputs
