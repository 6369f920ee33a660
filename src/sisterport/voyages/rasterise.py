"""Compiled parts of the raster: which cells a polygon fills or crosses, and which edges decide in a cell.

Edges are rows (x1, y1, x2, y2) [deg]. A point is inside if a ray to the east crosses the boundary an odd
number of times (even-odd rule over all rings).
"""

import math
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

OUTSIDE, INSIDE, BOUNDARY = range(3)

EPS = 1e-6
"""Safety margin in cells: a cell that an edge passes this closely counts as crossed."""

FAR = 1e9
"""Longitude of the edges that stand for the part of a boundary east of a cell [deg]."""

_jit = nb.njit(cache=True, nogil=True)


@_jit
def classify(edges: Any, west: float, south: float, per_degree: float, grid: Any) -> None:  # noqa: C901 - three passes
    """Fill `grid` [row from south, column from west] with outside, inside or boundary for one polygon."""
    rows, cols = grid.shape
    grid[:] = OUTSIDE
    for e in range(edges.shape[0]):  # parity at the cell centres: toggle where a ray from the centre ends ...
        u1, v1 = (edges[e, 0] - west) * per_degree, (edges[e, 1] - south) * per_degree
        u2, v2 = (edges[e, 2] - west) * per_degree, (edges[e, 3] - south) * per_degree
        low, high = min(v1, v2), max(v1, v2)
        for r in range(max(0, math.ceil(low - 0.5)), min(rows, math.ceil(high - 0.5))):
            k = min(math.ceil(u1 + (r + 0.5 - v1) * (u2 - u1) / (v2 - v1) - 0.5), cols)
            if k > 0:
                grid[r, k - 1] ^= 1
    for r in range(rows):  # ... and sum from the east
        inside = 0
        for c in range(cols - 1, -1, -1):
            inside ^= grid[r, c]
            grid[r, c] = inside
    for e in range(edges.shape[0]):
        u1, v1 = (edges[e, 0] - west) * per_degree, (edges[e, 1] - south) * per_degree
        u2, v2 = (edges[e, 2] - west) * per_degree, (edges[e, 3] - south) * per_degree
        low, high = min(v1, v2), max(v1, v2)
        left, right = min(u1, u2), max(u1, u2)
        if right < -EPS or left > cols + EPS:
            continue
        for r in range(max(0, math.floor(low - EPS)), min(rows - 1, math.floor(high + EPS)) + 1):
            a, b = left, right
            if high > low:  # the part of the edge within this row
                ua = u1 + (max(low, r - EPS) - v1) * (u2 - u1) / (v2 - v1)
                ub = u1 + (min(high, r + 1 + EPS) - v1) * (u2 - u1) / (v2 - v1)
                a, b = max(left, min(ua, ub)), min(right, max(ua, ub))
            for c in range(max(0, math.floor(a - EPS)), min(cols - 1, math.floor(b + EPS)) + 1):
                grid[r, c] = BOUNDARY


@_jit
def edges_for_cell(edges: Any, west: float, south: float, size: float, out: Any, m: int) -> tuple[int, int]:
    """Write the edges that decide inside one cell to ``out[m:]``; return (parity of all others, new m).

    Edges west of the cell never count. A chain of edges east of it counts by the heights of its two ends
    only: an end above or below the cell is a constant, an end level with the cell becomes one far edge.
    """
    eps = EPS * size
    west, south, east, north = west - eps, south - eps, west + size + eps, south + size + eps
    parity = 0
    before = False  # the edge before belongs to the same chain
    n = edges.shape[0]
    for e in range(n):
        x1, y1, x2, y2 = edges[e]
        chained = max(y1, y2) < south or min(y1, y2) > north or min(x1, x2) > east
        joined = e > 0 and edges[e - 1, 2] == x1 and edges[e - 1, 3] == y1
        if before and not (chained and joined):  # the chain ends at the end of the edge before
            parity, m = _chain_end(edges[e - 1, 3], south, north, parity, out, m)
        if chained and not (before and joined):
            parity, m = _chain_end(y1, south, north, parity, out, m)
        before = chained
        if not chained and max(x1, x2) >= west:
            out[m] = edges[e]
            m += 1
    if before:
        parity, m = _chain_end(edges[n - 1, 3], south, north, parity, out, m)
    return parity, m


@_jit
def _chain_end(y: float, south: float, north: float, parity: int, out: Any, m: int) -> tuple[int, int]:
    if y > north:
        return parity ^ 1, m
    if y >= south:
        out[m, 0] = out[m, 2] = FAR
        out[m, 1] = y
        out[m, 3] = -FAR
        return parity, m + 1
    return parity, m


@_jit
def fill_tile(
    polygons: NDArray[np.int64],
    full: NDArray[np.bool_],
    poly_mask: NDArray[np.int32],
    poly_value: NDArray[np.int32],
    poly_ptr: NDArray[np.int64],
    edges: NDArray[np.float64],
    cells: NDArray[np.int32],
    west: float,
    south: float,
    first_cell: int,
) -> Any:
    """Fill the cells of one tile of one degree.

    Parameters
    ----------
    polygons, full
        Polygons that touch the tile, in ascending precedence, and whether they fill it.
    cells : shape (n, n)
        Holds what is known already (coast); becomes packed values, or ``-number-1`` of boundary cells
        counted from `first_cell`.

    Returns
    -------
    tuple
        For the boundary cells: base value, number of candidates; for the candidates, highest precedence
        first: 2 x polygon + parity, number of edges; and the edges.
    """
    n = cells.shape[0]
    size = 1.0 / n
    k = polygons.size
    grids = np.zeros((k, n, n), np.uint8)
    crossed = np.zeros((n, n), np.int32)
    for p in range(k):
        own = edges[poly_ptr[polygons[p]] : poly_ptr[polygons[p] + 1]]
        if full[p]:
            grids[p] = INSIDE
            continue
        r0 = min(n - 1, max(0, math.floor((min(own[:, 1].min(), own[:, 3].min()) - south) * n - EPS)))
        r1 = min(n, max(r0 + 1, math.floor((max(own[:, 1].max(), own[:, 3].max()) - south) * n + EPS) + 1))
        c0 = min(n - 1, max(0, math.floor((min(own[:, 0].min(), own[:, 2].min()) - west) * n - EPS)))
        c1 = min(n, max(c0 + 1, math.floor((max(own[:, 0].max(), own[:, 2].max()) - west) * n + EPS) + 1))
        classify(own, west + c0 * size, south + r0 * size, float(n), grids[p, r0:r1, c0:c1])
        for r in range(r0, r1):
            for c in range(c0, c1):
                if grids[p, r, c] == BOUNDARY:
                    crossed[r, c] |= poly_mask[polygons[p]]
    for p in range(k):
        mask, value = poly_mask[polygons[p]], poly_value[polygons[p]]
        for r in range(n):
            for c in range(n):
                if grids[p, r, c] == INSIDE and not crossed[r, c] & mask:
                    cells[r, c] = (cells[r, c] & ~mask) | value
    return _boundary_cells(polygons, grids, crossed, poly_mask, poly_ptr, edges, cells, west, south, first_cell)


@_jit
def _boundary_cells(  # noqa: C901, PLR0912 - counting and filling side by side
    polygons: Any, grids: Any, crossed: Any, poly_mask: Any, poly_ptr: Any, edges: Any, cells: Any,
    west: float, south: float, first_cell: int,
) -> Any:  # fmt: skip
    n = cells.shape[0]
    k = polygons.size
    n_cells = n_entries = longest = 0
    for r in range(n):
        for c in range(n):
            if crossed[r, c]:
                n_cells += 1
                for p in range(k):
                    if grids[p, r, c] != OUTSIDE and crossed[r, c] & poly_mask[polygons[p]]:
                        n_entries += 1
    for p in range(k):
        longest = max(longest, poly_ptr[polygons[p] + 1] - poly_ptr[polygons[p]])
    base = np.empty(n_cells, np.int32)
    count = np.zeros(n_cells, np.int32)
    entry = np.empty(n_entries, np.int32)
    entry_edges = np.zeros(n_entries, np.int32)
    kept = np.empty((64 + 4 * n_entries, 4))
    i = j = m = 0
    for r in range(n):
        for c in range(n):
            if not crossed[r, c]:
                continue
            base[i] = cells[r, c]
            cells[r, c] = -(first_cell + i) - 1
            covered = 0  # layers that a polygon of higher precedence fills here
            for p in range(k - 1, -1, -1):
                mask = poly_mask[polygons[p]]
                if grids[p, r, c] == OUTSIDE or not crossed[r, c] & mask or covered & mask:
                    continue
                parity = 1
                start = m
                if grids[p, r, c] == INSIDE:
                    covered |= mask
                else:
                    if m + 2 * longest + 2 > kept.shape[0]:
                        larger = np.empty((2 * kept.shape[0] + 2 * longest + 2, 4))
                        larger[:m] = kept[:m]
                        kept = larger
                    own = edges[poly_ptr[polygons[p]] : poly_ptr[polygons[p] + 1]]
                    parity, m = edges_for_cell(own, west + c / n, south + r / n, 1.0 / n, kept, m)
                entry[j] = 2 * polygons[p] + parity
                entry_edges[j] = m - start
                j += 1
                count[i] += 1
            i += 1
    return base, count, entry[:j].copy(), entry_edges[:j].copy(), kept[:m].copy()
