"""Build the arrays of the raster: which tiles and cells are uniform, what has to be tested in others."""

from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sisterport.voyages import coast
from sisterport.voyages.rasterise import BOUNDARY, EPS, OUTSIDE, classify, fill_tile

COAST_SHIFT = 18
"""Where the coast class begins in a packed place, see `sisterport.voyages.raster`."""

Polygon: TypeAlias = tuple[BaseGeometry, int, int]
"""A polygon, the bits of its layer and the bits that it sets."""


def raster_arrays(
    polygons: list[Polygon], base: int, classes: NDArray[np.int8] | None, n: int
) -> tuple[NDArray[Any], ...]:
    """Return the arrays of `sisterport.voyages.raster.locate`.

    Parameters
    ----------
    polygons
        In ascending precedence within each layer.
    base
        Bits that are set everywhere.
    classes
        Coast classes, see `sisterport.voyages.coast.grid_classes`; None: unknown everywhere.
    n
        Cells per degree in tiles that a boundary crosses.
    """
    mask = np.array([m for _, m, _ in polygons], np.int32)
    values = np.array([v for _, _, v in polygons], np.int32)
    edges, ptr = _edges(polygons) if polygons else (np.empty((0, 4)), np.zeros(1, np.int64))
    tile, owner, fill = _touched_tiles(edges, ptr)
    builder = _Builder(classes, base)
    starts = np.flatnonzero(np.r_[True, tile[1:] != tile[:-1]]) if tile.size else np.empty(0, np.int64)
    for a, b in zip(starts, np.r_[starts[1:], tile.size], strict=True):
        row, col = divmod(int(tile[a]), 360)
        if fill[a:b].all():
            place = 0
            for p in owner[a:b]:
                place = (place & ~int(mask[p])) | int(values[p])
            builder.uniform[row, col] |= place
        else:
            cells = builder.start(row, col, n)
            found = fill_tile(
                owner[a:b],
                fill[a:b],
                mask,
                values,
                ptr,
                edges,
                cells,
                col - 180.0,
                row - 90.0,
                builder.n_cells,
            )
            builder.add(row, col, cells, found)
    return (*builder.arrays(), mask, values)


def _edges(polygons: list[Polygon]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the edges of all rings and where each polygon's begin."""
    rings, owner = shapely.get_rings([g for g, _, _ in polygons], return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.hstack([xy[:-1], xy[1:]])[same]
    of_polygon = owner[ring[:-1][same]]
    return np.ascontiguousarray(edges), np.searchsorted(of_polygon, np.arange(len(polygons) + 1)).astype(np.int64)


def _touched_tiles(
    edges: NDArray[np.float64], ptr: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return tile, polygon and whether the polygon fills the tile, sorted by tile, then by precedence."""
    tiles, owners, fills = [], [], []
    for p in range(ptr.size - 1):
        own = edges[ptr[p] : ptr[p + 1]]
        c0, c1 = _span(own[:, 0].min() + 180.0, own[:, 0].max() + 180.0, 360)
        r0, r1 = _span(own[:, 1].min() + 90.0, own[:, 1].max() + 90.0, 180)
        if r1 - r0 == 1 and c1 - c0 == 1:
            tiles.append(np.array([r0 * 360 + c0]))
            fills.append(np.array([False]))
        else:
            grid = np.zeros((r1 - r0, c1 - c0), np.uint8)
            classify(own, c0 - 180.0, r0 - 90.0, 1.0, grid[:, :])
            rows, cols = np.nonzero(grid != OUTSIDE)
            tiles.append((rows + r0) * 360 + cols + c0)
            fills.append(grid[rows, cols] != BOUNDARY)
        owners.append(np.full(tiles[-1].size, p))
    if not tiles:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_)
    tile, owner, fill = (np.concatenate(parts) for parts in (tiles, owners, fills))
    order = np.argsort(tile, kind="stable")
    return tile[order], owner[order], fill[order]


def _span(low: float, high: float, limit: int) -> tuple[int, int]:
    first = min(max(int(low - EPS), 0), limit - 1)
    return first, max(first + 1, min(int(high + EPS) + 1, limit))


class _Builder:
    """Collects tiles; those where only the coast varies keep the resolution of the coast grid."""

    def __init__(self, classes: NDArray[np.int8] | None, base: int) -> None:
        self.base = base
        self.classes = classes
        self.per_degree = 0 if classes is None else classes.shape[0] // 180
        self.uniform = np.full((180, 360), base, np.int32)
        self.n_cells = 0
        self.tiles: list[tuple[int, int, NDArray[np.int32]]] = []
        self.found: list[Any] = []

    def start(self, row: int, col: int, n: int) -> NDArray[np.int32]:
        """Return the cells of a tile with what is known everywhere: domain and coast at the cell centre."""
        if self.classes is None:
            return np.full((n, n), self.base, np.int32)
        centre = (np.arange(n) + 0.5) / n
        lat, lon = np.meshgrid(row - 90.0 + centre, col - 180.0 + centre, indexing="ij")
        return self.base | coast.classify(coast.coast_distance_nm(lat, lon)) << COAST_SHIFT

    def add(self, row: int, col: int, cells: NDArray[np.int32], found: Any) -> None:
        self.tiles.append((row, col, cells))
        self.found.append(found)
        self.n_cells += found[0].size

    def _coast_tiles(self) -> None:
        """Add the coast to uniform tiles; where it varies, make a tile of the coast grid's own cells."""
        if self.classes is None:
            return
        k = self.per_degree
        blocks = self.classes.reshape(180, k, 360, k)
        low, high = blocks.min(axis=(1, 3)), blocks.max(axis=(1, 3))
        fine = {(row, col) for row, col, _ in self.tiles}
        for row, col in np.argwhere(low != high).tolist():
            if (row, col) not in fine:
                part = blocks[row, :, col, :].astype(np.int32) << COAST_SHIFT
                self.tiles.append((row, col, self.uniform[row, col] | part))
        self.uniform |= low.astype(np.int32) << COAST_SHIFT  # of no effect where there is a tile

    def arrays(self) -> tuple[NDArray[Any], ...]:
        self._coast_tiles()
        coarse = self.uniform
        for number, (row, col, _) in enumerate(self.tiles):
            coarse[row, col] = -number - 1
        tile_n = np.array([cells.shape[0] for _, _, cells in self.tiles], np.int64)
        cells = [cells.ravel() for _, _, cells in self.tiles]
        base, count, entry, n_edges, edges = zip(*self.found, strict=True) if self.found else ((),) * 5
        return (
            coarse,
            _pointers(tile_n * tile_n)[:-1].copy(),
            tile_n,
            np.concatenate(cells) if cells else np.empty(0, np.int32),
            np.concatenate(base) if base else np.empty(0, np.int32),
            _pointers(np.concatenate(count) if count else np.empty(0, np.int64)),
            np.concatenate(entry) if entry else np.empty(0, np.int32),
            _pointers(np.concatenate(n_edges) if n_edges else np.empty(0, np.int64)),
            np.concatenate(edges) if edges else np.empty((0, 4)),
        )


def _pointers(counts: NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
