"""Modality attribution: which modality did the work, and how much of it took two together?

Everywhere here ``predict`` is the model: a function from ``{modality: (batch, ...)}`` to scores,
``(batch, classes)`` or any other shape that begins with ``batch``.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_callable, check_flag, check_whole
from mmtutorial.evaluation._inputs import check_outputs, check_rows

MAX_PLAYERS = 6  # 2^6 coalitions; sampling would have to replace the exact sum beyond


def shapley_values(
    value: Callable[[frozenset], ArrayLike], players: Sequence[str]
) -> dict[str, np.ndarray]:
    """Shapley values: share a joint result out by the average gain of each player over all orders.

    Parameters
    ----------
    value : function from a ``frozenset`` of players to a number or an array: what they get alone
    players : up to six names

    Returns ``{player: number or array}``. It is the only rule under which the shares add up to
    ``value(all) - value(none)``, what adds nothing gets nothing, equals get equal shares, and the
    shares of a sum of games are the sums of shares. Raises ``ValueError`` for none, repeated, or
    more than six players, and for values that are not finite or of several shapes; ``TypeError``
    for players that are no list of names. Paper: Shapley 1953, A Value for n-Person Games.

    >>> shares = shapley_values(lambda coalition: len(coalition) == 2, ["a", "b"])
    >>> float(shares["a"]), float(shares["b"])
    (0.5, 0.5)
    """
    check_callable("value", value)
    if isinstance(players, (str, bytes)) or not isinstance(players, Iterable):
        raise TypeError(f"players must be a list of names, got {players!r}")
    players = tuple(players)
    if wrong := [player for player in players if not isinstance(player, Hashable)]:
        raise TypeError(f"players must be names, got {wrong[0]!r}")
    count = len(players)
    if not 1 <= count <= MAX_PLAYERS or len(set(players)) < count:
        raise ValueError(
            f"players must be 1 to {MAX_PLAYERS} different names (the exact sum doubles with "
            f"each), got {count}: {', '.join(map(repr, players))}"
        )
    coalitions = [
        frozenset(coalition)
        for size in range(count + 1)
        for coalition in combinations(players, size)
    ]
    payoff = {
        coalition: check_array("value", value(coalition), finite=False) for coalition in coalitions
    }
    if len(shapes := {array.shape for array in payoff.values()}) > 1:
        raise ValueError(f"value must return one shape for all coalitions, got {sorted(shapes)}")
    payoff = {coalition: array.astype(float) for coalition, array in payoff.items()}
    wrong = [
        sorted(coalition) for coalition in coalitions if not np.isfinite(payoff[coalition]).all()
    ]
    if wrong:
        raise ValueError(f"value must return finite numbers, but not for {wrong[0]}")
    return {
        player: sum(
            (payoff[coalition | {player}] - payoff[coalition])
            / (count * comb(count - 1, len(coalition)))
            for coalition in coalitions
            if player not in coalition
        )
        for player in players
    }


def modality_shapley(
    predict: Callable[[dict], ArrayLike],
    inputs: dict[str, ArrayLike],
    *,
    background: dict[str, ArrayLike],
) -> dict[str, np.ndarray]:
    """Shapley values: how much of each output is owed to each modality? Exact, up to six of them.

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
    of a row, or if ``predict`` returns other rows or what is not finite; ``TypeError`` for clips.
    Papers: Shapley 1953; Lundberg and Lee 2017, A Unified Approach to Interpreting Model
    Predictions; Parcalabescu and Frank 2023, MM-SHAP, which shares out single tokens and patches.

    >>> item, nothing = {"a": np.array([3.0]), "b": np.array([2.0])}, np.array([0.0])
    >>> shares = modality_shapley(
    ...     lambda x: x["a"] * x["b"], item, background={"a": nothing, "b": nothing}
    ... )
    >>> shares["a"], shares["b"]
    (array([3.]), array([3.]))
    """
    inputs = _check_modalities("inputs", inputs)
    background = _check_modalities("background", background)
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
    background_rows, model = len(next(iter(background.values()))), check_outputs(predict)

    def value(present):
        if len(present) == len(inputs):
            return model(inputs)
        total = 0.0
        for row in range(background_rows):
            filled = {
                name: rows if name in present else np.repeat(
                    background[name][row : row + 1], len(rows), axis=0
                )
                for name, rows in inputs.items()
            }  # fmt: skip
            total = total + model(filled)
        return total / background_rows

    return shapley_values(value, inputs)


def emap(
    predict: Callable[[dict], ArrayLike],
    inputs: dict[str, ArrayLike],
    *,
    batch_size: int = 8192,
    progress: bool = False,
) -> np.ndarray:
    """EMAP: what is left of a model that may only add up a function of each of two modalities?

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
    ``"presence"``, and if ``predict`` returns other rows or what is not finite, such as the
    logarithm of 0; ``TypeError`` for clips. Paper: Hessel and Lee 2020, Does My Multimodal Model
    Learn Cross-Modal Interactions?

    >>> xor = emap(lambda x: x["a"] * x["b"], {"a": np.array([1, 1, -1, -1]),
    ...                                        "b": np.array([1, -1, 1, -1])})
    >>> bool((xor == 0).all())
    True
    """
    from tqdm.auto import tqdm

    inputs, model = _check_modalities("inputs", inputs), check_outputs(predict)
    check_whole("batch_size", batch_size, least=1)
    check_flag("progress", progress)
    if len(inputs) != 2:
        raise ValueError(f"inputs must hold two modalities, got {len(inputs)}: {sorted(inputs)}")
    (first, a), (second, b) = inputs.items()
    count = len(a)
    step = max(1, batch_size // count)
    of_first, of_second = [], 0.0
    for start in tqdm(range(0, count, step), desc="pairs", disable=not progress):
        block = a[start : start + step]
        pairs = {first: np.repeat(block, count, axis=0), second: np.concatenate([b] * len(block))}
        outputs = model(pairs)
        outputs = outputs.reshape(len(block), count, *outputs.shape[1:])
        of_first.append(outputs.mean(axis=1))
        of_second = of_second + outputs.sum(axis=0) / count
    of_first = np.concatenate(of_first)
    return of_first + of_second - of_first.mean(axis=0)


def _check_modalities(argument, inputs):
    """Return inputs as arrays of one number of rows, modalities alone."""
    if isinstance(inputs, dict) and "presence" in inputs:
        raise ValueError(f"{argument} must hold modalities alone here, got 'presence' among them")
    return check_rows(argument, inputs)
