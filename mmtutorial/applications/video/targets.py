"""From boxes in pixels to what a grid is trained on, and back."""

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_whole


def grid_targets(
    boxes: ArrayLike, visible: ArrayLike, *, size: int, grid: int
) -> tuple[np.ndarray, np.ndarray]:
    """Which cells does each thing cover, and how far is it from there to its edges?

    Parameters
    ----------
    boxes : ``(..., objects, 4)``: top, left, bottom, right, pixels
    visible : ``(..., objects)``: what is there to be seen
    size : pixels of the picture's side
    grid : cells of the grid's side

    Returns ``cells (..., objects, grid, grid)``, 1 where the middle of a cell lies in the box of a
    visible thing, else 0, and ``edges (..., grid, grid, 4)``, the distances from the middle of each
    cell up, left, down and right to the edges of the thing that covers it (the last, if several
    do), in cells; 0 elsewhere. Raises ``ValueError`` for boxes of another shape.

    >>> cells, edges = grid_targets([[8, 0, 24, 16]], [True], size=32, grid=4)
    >>> cells[0].astype(int).tolist(), edges[1, 1].tolist()
    ([[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]], [0.5, 1.5, 1.5, 0.5])
    """
    boxes, visible = check_array("boxes", boxes).astype(np.float32), check_array("visible", visible)
    if boxes.ndim < 2 or boxes.shape[-1] != 4 or boxes.shape[:-1] != visible.shape:
        raise ValueError(
            "boxes must be (..., objects, 4) beside visible (..., objects), got "
            f"{boxes.shape} and {visible.shape}"
        )
    size, grid = check_whole("size", size, least=1), check_whole("grid", grid, least=1)
    step = size / grid
    middle = (np.arange(grid) + 0.5) * step
    top, left, bottom, right = (boxes[..., edge, None] for edge in range(4))
    rows, columns = (
        (middle >= low) & (middle < high) for low, high in ((top, bottom), (left, right))
    )
    covered = rows[..., :, None] & columns[..., None, :] & visible.astype(bool)[..., None, None]
    away = [middle - top, middle - left, bottom - middle, right - middle]
    away = [each[..., :, None] if i % 2 == 0 else each[..., None, :] for i, each in enumerate(away)]
    away = np.stack(np.broadcast_arrays(*away), axis=-1) / step
    edges = np.zeros((*covered.shape[:-3], grid, grid, 4), np.float32)
    for thing in range(covered.shape[-3]):
        edges = np.where(covered[..., thing, :, :, None], away[..., thing, :, :, :], edges)
    return covered.astype(np.float32), edges


def boxes_at(cells: ArrayLike, edges: ArrayLike, *, size: int) -> np.ndarray:
    """Return the boxes that a grid gives at chosen cells, in pixels.

    ``cells (...,)`` are places in the grid, counted row by row; ``edges (..., grid, grid, 4)`` as
    `grid_targets` returns. Returns ``(..., 4)``: top, left, bottom, right, cut at the picture's
    edge. Raises ``ValueError`` for cells that the grid does not have, and arrays that do not fit.

    >>> edges = np.full((4, 4, 4), 0.5)
    >>> boxes_at(5, edges, size=32).tolist()
    [8.0, 8.0, 16.0, 16.0]
    """
    edges = check_array("edges", edges).astype(np.float32)
    cells, size = check_array("cells", cells, kinds="iu"), check_whole("size", size, least=1)
    square = edges.ndim >= 3 and edges.shape[-3] == edges.shape[-2] > 0
    if not square or edges.shape[-1] != 4 or edges.shape[:-3] != cells.shape:
        raise ValueError(
            f"edges must be (..., grid, grid, 4) beside cells (...,), got {edges.shape} and "
            f"{cells.shape}"
        )
    grid = edges.shape[-2]
    if cells.size and not 0 <= cells.min() <= cells.max() < grid * grid:
        raise ValueError(
            f"cells must lie in 0..{grid * grid - 1}, got {cells.min()}..{cells.max()}"
        )
    flat = edges.reshape(*edges.shape[:-3], grid * grid, 4)
    away = np.take_along_axis(flat, cells[..., None, None], axis=-2)[..., 0, :]
    away = np.maximum(away, 0)  # a network may say less than nothing
    row, column = np.divmod(cells, grid)
    row, column = row + 0.5, column + 0.5
    ends = [row - away[..., 0], column - away[..., 1], row + away[..., 2], column + away[..., 3]]
    return np.clip(np.stack(ends, axis=-1) * size / grid, 0, size)
