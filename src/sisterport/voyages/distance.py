"""Distances between fixes, compiled: short ones without branches, so that several are worked out at once."""

import math
from typing import Any

import numba as nb
import numpy as np

FAST = {"contract", "nsz"}  # infinite limits are in use, and a speed must compare exactly: no more than that
TURN = 36_000_000
"""A whole turn [1e-5 deg]."""

_RAD = math.pi / 180.0 * 1e-5  # of a fixed-point degree
_HALF_DEGREE = 50_000
_inline = nb.njit(inline="always", error_model="numpy", fastmath=FAST)


@_inline
def _turned(dlon: float) -> float:
    """Return a difference of longitudes [1e-5 deg] the short way round."""
    return dlon - TURN * np.rint(dlon / TURN)  # type: ignore[no-any-return]


@_inline
def _cos(x: float) -> float:
    """Return the cosine for |x| <= pi/2: Taylor to x^14, error < 1e-10; a loop of it runs on several rows at once."""
    z = x * x
    c = 1.0 / 479_001_600 - z / 87_178_291_200
    c = -1.0 / 3_628_800 + z * c
    c = 1.0 / 40_320 + z * c
    c = -1.0 / 720 + z * c
    c = 1.0 / 24 + z * c
    return 1.0 + z * (-0.5 + z * c)


@_inline
def _near_nm(lat1: float, lat2: float, dlon: float, radius_nm: float) -> float:
    """Return the equirectangular distance [nm], for less than half a degree (error < 1e-4)."""
    dlat = lat2 - lat1
    x = dlon * _cos(0.5 * (lat1 + lat2) * _RAD)
    return radius_nm * _RAD * math.sqrt(dlat * dlat + x * x)


@_inline
def _far_nm(lat1: float, lat2: float, dlon: float, radius_nm: float) -> float:
    """Return the haversine distance [nm]."""
    s1 = math.sin(0.5 * (lat2 - lat1) * _RAD)
    s2 = math.sin(0.5 * dlon * _RAD)
    h = s1 * s1 + math.cos(lat1 * _RAD) * math.cos(lat2 * _RAD) * s2 * s2
    return 2.0 * radius_nm * math.asin(min(1.0, math.sqrt(h)))


@nb.njit(nogil=True, error_model="numpy", fastmath=FAST)
def distances_nm(lat: Any, lon: Any, radius_nm: float, out: Any) -> None:
    """Fill `out` with the distance on the sphere from each point [1e-5 deg] to the next [nm]; the last is 0.

    Equirectangular below half a degree (error < 1e-4), else haversine. Differences are of whole numbers: no motion is
    exactly 0.
    """
    n = lat.size
    for k in range(n - 1):  # without branches, so that it is done for several rows at once
        lat1, lat2 = float(lat[k]), float(lat[k + 1])
        dlon = _turned(float(lon[k + 1]) - float(lon[k]))
        far = max(abs(lat2 - lat1), abs(dlon)) >= _HALF_DEGREE
        out[k] = -1.0 if far else _near_nm(lat1, lat2, dlon, radius_nm)
    for k in range(n - 1):
        if out[k] < 0.0:
            out[k] = _far_nm(float(lat[k]), float(lat[k + 1]), _turned(float(lon[k + 1]) - float(lon[k])), radius_nm)
    out[n - 1] = 0.0
