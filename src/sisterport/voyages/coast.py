"""Distance to the coast from a small grid of the NOAA GLOBE land mask, and the classes of the mode rules."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sisterport.errors import ReferenceDataError
from sisterport.reference import path, value

UNKNOWN, INLAND, NEAR, OFFSHORE, OPEN_SEA = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoastGrid:
    """Signed distance to the coast: rows go south, columns go east.

    Attributes
    ----------
    steps : ndarray of int8
        Distance in steps, positive at sea, negative inland.
    step_nm, cap_nm : float
        Size of a step and largest distance in the grid [nm].
    per_degree : int
        Cells per degree.
    """

    steps: NDArray[np.int8]
    step_nm: float
    cap_nm: float
    per_degree: int


@cache
def coast_grid() -> CoastGrid | None:
    """Return the grid of the reference data, or None if this installation has none."""
    try:
        file = path("coast_distance")
    except ReferenceDataError:
        return None
    if not file.is_file():
        return None
    with np.load(file) as data:
        steps = data["signed_distance_steps_diff_east"]
        np.cumsum(steps, axis=1, dtype=np.int8, out=steps)  # differences eastward, to pack well
        steps.flags.writeable = False
        return CoastGrid(
            steps=steps,
            step_nm=float(data["step_nm"]),
            cap_nm=float(data["cap_nm"]),
            per_degree=round(1.0 / float(data["cell_deg"])),
        )


@nb.njit(cache=True, nogil=True)
def _bilinear(lat: Any, lon: Any, steps: Any, per_degree: int, out: Any) -> None:  # type: ignore[no-untyped-def,unused-ignore]
    rows, cols = steps.shape
    for i in range(lat.size):
        v = min(max((90.0 - lat[i]) * per_degree - 0.5, 0.0), rows - 1.0)
        u = (lon[i] + 180.0) * per_degree - 0.5
        r = min(int(v), rows - 2)
        c = int(np.floor(u))
        fv, fu = v - r, u - c
        a, b = c % cols, (c + 1) % cols
        north = steps[r, a] * (1.0 - fu) + steps[r, b] * fu
        south = steps[r + 1, a] * (1.0 - fu) + steps[r + 1, b] * fu
        out[i] = north * (1.0 - fv) + south * fv


def coast_distance_nm(lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.float64]:
    """Return the distance to the nearest coast by bilinear interpolation, positive at sea, negative inland.

    Parameters
    ----------
    lat_deg, lon_deg
        Position [deg], WGS 84.

    Returns
    -------
    ndarray
        Distance [nm], capped at 31.75; mean error 0.2 nm near the coast. Lakes and rivers count as land.

    Raises
    ------
    ReferenceDataError
        If this installation has no coast grid.

    Examples
    --------
    >>> open_sea, ohio = coast_distance_nm([40.0, 40.0], [-60.0, -83.0])
    >>> bool(open_sea > 30), bool(ohio < -30)
    (True, True)
    """
    grid = coast_grid()
    if grid is None:
        raise ReferenceDataError("no coast grid: reference table 'coast_distance' is absent")
    lat, lon = np.broadcast_arrays(np.asarray(lat_deg, np.float64), np.asarray(lon_deg, np.float64))
    out = np.empty(lat.size)
    _bilinear(np.ascontiguousarray(lat.ravel()), np.ascontiguousarray(lon.ravel()), grid.steps, grid.per_degree, out)
    return (out * grid.step_nm).reshape(lat.shape)


def classify(distance_nm: ArrayLike) -> NDArray[np.int32]:
    """Return the class of a signed distance.

    Returns
    -------
    ndarray
        1 inland (more than 1 nm inside the coastline), 2 up to 1 nm from the coast, 3 up to 5 nm, 4 open
        sea; 0 unknown is kept for places without a grid.

    Examples
    --------
    >>> classify([-3.0, -1.0, 0.5, 5.0, 9.0]).tolist()
    [1, 2, 2, 3, 4]
    """
    near, far = value("coast_near_nm"), value("coast_far_nm")
    d = np.asarray(distance_nm, np.float64)
    return np.select([d < -value("coast_inland_nm"), d <= near, d <= far], [INLAND, NEAR, OFFSHORE], OPEN_SEA).astype(
        np.int32
    )


def grid_classes() -> NDArray[np.int8] | None:
    """Return the class of each cell of the coast grid, rows going **north**; None without a grid."""
    grid = coast_grid()
    if grid is None:
        return None
    table = classify(np.arange(-128, 128) * grid.step_nm).astype(np.int8)
    return table[grid.steps[::-1].astype(np.int16) + 128]
