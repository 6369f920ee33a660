"""The one pass over sorted fixes that finds duplicates, jumps and shared MMSIs.

The same rules, one fix at a time and without speed in mind: ``tests/ais/plain.py``.
"""

import math
from typing import Any

import numba as nb
import numpy as np

KEPT, DUPLICATE, SAME_TIME, TELEPORT, SHARED_MMSI = range(5)

_RAD_E5 = math.pi / 180.0 / 1e5


@nb.njit(cache=True, inline="always", error_model="numpy")
def _distance(lat1: int, lon1: int, lat2: int, lon2: int, radius: float) -> float:
    """Return the great-circle distance of two fixes [unit of `radius`] (haversine)."""
    s1 = math.sin(0.5 * (lat2 - lat1) * _RAD_E5)
    s2 = math.sin(0.5 * (lon2 - lon1) * _RAD_E5)
    h = s1 * s1 + math.cos(lat1 * _RAD_E5) * math.cos(lat2 * _RAD_E5) * s2 * s2
    return 2.0 * radius * math.asin(min(1.0, math.sqrt(h)))


@nb.njit(cache=True, inline="always", error_model="numpy")
def _reaches(j: int, i: int, fixes: Any, limits: Any) -> bool:
    """Return whether a ship can be at fix j and, later, at fix i."""
    t, lat, lon = fixes
    if t[i] <= t[j]:
        return False
    over = _distance(lat[j], lon[j], lat[i], lon[i], limits[2]) - limits[1]
    return over * 3600.0 <= limits[0] * (t[i] - t[j])  # type: ignore[no-any-return]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _longest(a: int, b: int, fixes: Any, limits: Any, window: int, scratch: Any, verdict: Any) -> int:
    """Find the longest track through the fixes of one ship (rows a to b); return its last fix.

    `scratch`: fix before each fix, length of the longest track that ends there, largest length so far.
    """
    t, lat, lon = fixes
    before, length, record = scratch
    longest = a
    for i in range(a, b):
        before[i] = -1
        length[i] = 1
        if i > a and t[i] == t[i - 1] and lat[i] == lat[i - 1] and lon[i] == lon[i - 1]:
            verdict[i] = DUPLICATE
            length[i] = 0
        else:
            for j in range(i - 1, max(a - 1, i - 1 - window), -1):
                if length[i] > record[j]:
                    break  # nothing before j can do better: on clean tracks this is the first look
                if length[j] >= length[i] and _reaches(j, i, fixes, limits):
                    before[i] = j
                    length[i] = length[j] + 1
        record[i] = length[i] if i == a else max(record[i - 1], length[i])
        if length[i] > length[longest]:
            longest = i
    return longest


@nb.njit(cache=True, nogil=True, error_model="numpy")
def verdicts(
    mmsi: Any,
    t_s: Any,
    lat_e5: Any,
    lon_e5: Any,
    limit_kn: float,
    slack_nm: float,
    radius_nm: float,
    window: int,
    shared_from: int,
) -> Any:
    """Judge every fix: kept, or why not.

    The ship is the longest track of fixes that can be made at `limit_kn` or less; of equals the one complete first, and
    the later fix before it. So neither a wrong fix nor a second station that repeats an old place can cut off the
    denser track. Fixes off it are jumps or another ship.

    Parameters
    ----------
    mmsi, t_s, lat_e5, lon_e5
        Fixes, sorted by these four columns.
    limit_kn
        Fastest believed speed [kn].
    slack_nm
        Distance that does not count [nm].
    radius_nm
        Earth's radius [nm].
    window
        Fixes that a track may leave out at a time.
    shared_from
        Fixes off the track from which another ship uses the MMSI.

    Returns
    -------
    int8 array
        `KEPT`, `DUPLICATE`, `SAME_TIME` (next to a fix kept for the same second), `TELEPORT` or `SHARED_MMSI`.
    """
    n = mmsi.size
    verdict = np.zeros(n, np.int8)
    before, length = np.empty(n, np.int64), np.empty(n, np.int32)
    scratch = (before, length, np.empty(n, np.int32))
    fixes = (t_s, lat_e5, lon_e5)
    limits = (limit_kn, slack_nm, radius_nm)
    a = 0
    while a < n:
        b = a + 1
        while b < n and mmsi[b] == mmsi[a]:
            b += 1
        end = _longest(a, b, fixes, limits, window, scratch, verdict)
        for i in range(a, b):
            if verdict[i] == KEPT:
                verdict[i] = TELEPORT
        i = end
        while i >= 0:
            verdict[i] = KEPT
            i = before[i]
        _name_the_lost(a, b, fixes, limits, shared_from, verdict)
        a = b
    return verdict


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _name_the_lost(a: int, b: int, fixes: Any, limits: Any, shared_from: int, verdict: Any) -> None:
    """Tell fixes beside a kept one of the same second from jumps, and jumps from another ship."""
    t, lat, lon = fixes
    lost = 0
    for i in range(a, b):
        if verdict[i] != TELEPORT:
            continue
        for step in (-1, 1):
            j = i + step
            while a <= j < b and t[j] == t[i]:
                near = _distance(lat[j], lon[j], lat[i], lon[i], limits[2]) <= limits[1]
                if verdict[j] == KEPT and near:
                    verdict[i] = SAME_TIME
                j += step
        if verdict[i] == TELEPORT:
            lost += 1
    if lost >= shared_from:
        for i in range(a, b):
            if verdict[i] == TELEPORT:
                verdict[i] = SHARED_MMSI
