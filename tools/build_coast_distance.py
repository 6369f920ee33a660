"""Build ``coast_distance.npz``: signed distance to the coastline, whole globe.

Source: the land/ocean mask of NOAA's GLOBE 1-km digital elevation model (US
government work, public domain), as carried by the Python package
``global-land-mask`` 1.0.0 (MIT, Copyright (c) 2019 Todd Karin). In the mask
True is ocean (GLOBE's no-data value), False is land; lakes and the Caspian
Sea are land, so a ship on a lake or up a river comes out "inland".

Method: the mask has 21,600 x 43,200 cells of 1/120 degree. It is cut into
latitude bands of two degrees or less. Each band, widened by an overlap of
more than the largest distance stored, goes through a Euclidean distance
transform with the cell size in nautical miles: 0.5 north-south, and
0.5 * cos(latitude of the band's middle) east-west. Columns are wrapped at the
dateline. Towards the poles bands get narrower, so that cos(lat) within one
stays within 2 % of its middle, down to four rows (polewards of about 88 degrees
the east-west scale is rough).

Positive is at sea, negative is inland. The distance of a cell to the
coastline is its distance to the nearest cell centre of the other kind, less
half a cell, i.e. zero lies between a land cell and an ocean cell. The full
resolution field is then averaged over square blocks, stored as int8 in steps
of 0.25 nm and capped at +-31.75 nm. Meant for bilinear interpolation between
the block centres. On file each row holds the differences from cell to cell
going east (int8, wrapping around), which nearly halves the file; undo it with
    steps = np.cumsum(data["signed_distance_steps_diff_east"], axis=1, dtype=np.int8)

Usage:
    python tools/build_coast_distance.py WHEEL_OR_NPZ OUT.npz [--cells-per-degree 24]
        [--check N]

``--check N`` measures the result against the full resolution distance at N
random points within 10 nm of the coast (fixed seed).
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
from scipy.ndimage import distance_transform_edt

STEP_NM = 0.25
CAP_NM = 127 * STEP_NM
PER_DEGREE = 120  # cells of the mask per degree
CELL_NM = 60.0 / PER_DEGREE


def load_mask(path: Path) -> np.ndarray:
    """Ocean mask, row 0 northernmost, column 0 at 180 W, from a wheel or npz."""
    if path.suffix == ".npz":
        source = path
    else:
        with zipfile.ZipFile(path) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith("mask_compressed.npz"))
            source = io.BytesIO(wheel.read(name))
    with np.load(source) as data:
        mask = data["mask"]
    if mask.shape != (180 * PER_DEGREE, 360 * PER_DEGREE):
        raise SystemExit(f"unexpected mask shape {mask.shape}")
    return mask


def bands(block: int) -> list[tuple[int, int]]:
    """Row ranges, multiples of ``block`` high, over which cos(lat) varies little."""
    out, row, total = [], 0, 180 * PER_DEGREE
    while row < total:
        colat = min(row, total - row) / PER_DEGREE  # degrees from the nearer pole
        rows = int(np.clip(0.04 * colat * PER_DEGREE, 4, 240))
        rows = min(rows, (total // 2 if row < total // 2 else total) - row)  # the south mirrors the north
        rows = max(block, rows // block * block)
        out.append((row, min(row + rows, total)))
        row = out[-1][1]
    return out


def band_distance(mask: np.ndarray, top: int, bottom: int) -> np.ndarray:
    """Signed distance in nm at full resolution for rows [top, bottom)."""
    margin = int(np.ceil((CAP_NM + 1) / CELL_NM))
    upper, lower = max(0, top - margin), min(mask.shape[0], bottom + margin)
    # A cell's footprint is [row, row + 1) / 120 degrees south of the north pole.
    lat = 90.0 - (top + bottom) / 2 / PER_DEGREE
    east = CELL_NM * max(np.cos(np.radians(lat)), 1e-3)
    wrap = min(int(np.ceil((CAP_NM + 1) / east)), mask.shape[1] // 2)
    part = np.concatenate([mask[upper:lower, -wrap:], mask[upper:lower], mask[upper:lower, :wrap]], axis=1)
    keep = (slice(top - upper, bottom - upper), slice(wrap, wrap + mask.shape[1]))
    if part.all():
        return np.full((bottom - top, mask.shape[1]), CAP_NM, np.float32)
    if not part.any():
        return np.full((bottom - top, mask.shape[1]), -CAP_NM, np.float32)
    half = 0.25 * (CELL_NM + east)  # half a cell, mean of the two directions
    sea = distance_transform_edt(part, sampling=(CELL_NM, east))[keep].astype(np.float32)
    land = distance_transform_edt(~part, sampling=(CELL_NM, east))[keep].astype(np.float32)
    signed = np.where(sea > 0, sea - half, half - land)
    return np.clip(signed, -CAP_NM, CAP_NM)


def build(mask: np.ndarray, cells_per_degree: int, full: np.ndarray | None = None) -> np.ndarray:
    """Block-averaged int8 grid; fills ``full`` with the full field if given."""
    block = PER_DEGREE // cells_per_degree
    out = np.empty((180 * cells_per_degree, 360 * cells_per_degree), np.int8)
    for top, bottom in bands(block):
        dist = band_distance(mask, top, bottom)
        if full is not None:
            full[top:bottom] = dist
        mean = dist.reshape((bottom - top) // block, block, -1, block).mean(axis=(1, 3))
        out[top // block : bottom // block] = np.rint(mean / STEP_NM)
    return out


def save(path: Path, grid: np.ndarray, cells_per_degree: int) -> None:
    """Write the grid as differences eastward, with what is needed to read it."""
    cell = 1.0 / cells_per_degree
    diff = grid.copy()
    diff[:, 1:] -= grid[:, :-1]  # wraps around in int8, and so does the cumsum
    np.savez_compressed(
        path,
        signed_distance_steps_diff_east=diff,
        decode=np.str_("signed_distance_steps = np.cumsum(diff_east, axis=1, dtype=np.int8); nm = steps * step_nm"),
        step_nm=np.float64(STEP_NM),
        cap_nm=np.float64(CAP_NM),
        first_lat_deg=np.float64(90.0 - cell / 2),  # centre of row 0, rows go south
        first_lon_deg=np.float64(-180.0 + cell / 2),  # centre of column 0, columns go east
        cell_deg=np.float64(cell),
        sign=np.str_("positive at sea, negative inland"),
        source=np.str_(
            "NOAA GLOBE 1-km DEM land/ocean mask (public domain), "
            "via global-land-mask 1.0.0 (MIT, Copyright (c) 2019 Todd Karin)"
        ),
    )


def interpolate(grid: np.ndarray, cells_per_degree: int, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Bilinear signed distance in nm, wrapping at the dateline (used by --check)."""
    rows, cols = grid.shape
    y = np.clip((90.0 - np.asarray(lat)) * cells_per_degree - 0.5, 0, rows - 1)
    x = (np.asarray(lon) + 180.0) * cells_per_degree - 0.5
    i, j = np.minimum(np.floor(y).astype(int), rows - 2), np.floor(x).astype(int)
    fy, fx = y - i, x - j
    a, b = j % cols, (j + 1) % cols
    g = lambda r, c: grid[r, c].astype(np.float64)  # noqa: E731
    north = g(i, a) * (1 - fx) + g(i, b) * fx
    south = g(i + 1, a) * (1 - fx) + g(i + 1, b) * fx
    return STEP_NM * (north * (1 - fy) + south * fy)


def check(grid: np.ndarray, cells_per_degree: int, full: np.ndarray, n: int) -> None:
    """Print errors against the full resolution field near the coast."""
    rng = np.random.default_rng(20240101)
    lat_parts, lon_parts, true_parts, found = [], [], [], 0
    while found < n:  # random over the sphere between 60 S and 72 N
        lat = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(-60)), np.sin(np.radians(72)), 400_000)))
        lon = rng.uniform(-180, 180, lat.size)
        true = full[((90 - lat) * PER_DEGREE).astype(int), ((lon + 180) * PER_DEGREE).astype(int)]
        near = np.abs(true) <= 10
        lat_parts.append(lat[near]), lon_parts.append(lon[near]), true_parts.append(true[near])
        found += int(near.sum())
    lat, lon, true = (np.concatenate(p)[:n] for p in (lat_parts, lon_parts, true_parts))
    got = interpolate(grid, cells_per_degree, lat, lon)
    err = got - true
    for name, pick in (("all", slice(None)), ("at sea", true > 0), ("inland", true < 0)):
        e = err[pick]
        print(
            f"{name:7s} n={e.size:6d} mean abs {np.abs(e).mean():.3f} nm, p95 {np.percentile(np.abs(e), 95):.3f},"
            f" max {np.abs(e).max():.2f}, bias {e.mean():+.3f}"
        )
    for limit in (-1.0, 0.0, 1.0, 3.0):
        wrong = (got > limit) != (true > limit)
        print(f"other side of {limit:+.0f} nm than at full resolution: {100 * wrong.mean():.2f} % of these points")


def main() -> None:
    """Build the grid; with --check compare it with the full resolution."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mask", type=Path, help="global-land-mask wheel, or its mask npz")
    parser.add_argument("out", type=Path)
    parser.add_argument("--cells-per-degree", type=int, default=24, choices=(10, 12, 15, 20, 24, 30))
    parser.add_argument("--check", type=int, default=0, metavar="N")
    args = parser.parse_args()
    mask = load_mask(args.mask)
    full = np.empty(mask.shape, np.float32) if args.check else None
    grid = build(mask, args.cells_per_degree, full)
    save(args.out, grid, args.cells_per_degree)
    print(f"{args.out}: {args.out.stat().st_size:,} bytes, grid {grid.shape}")
    if full is not None:
        check(grid, args.cells_per_degree, full, args.check)


if __name__ == "__main__":
    main()
