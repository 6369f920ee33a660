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
def _step(j: int, i: int, fixes: Any, limits: Any) -> tuple[float, float]:
    """Return speed [kn] (infinite: cannot be made) and distance [nm] of the step from fix j to fix i."""
    t, lat, lon = fixes
    nm = _distance(lat[j], lon[j], lat[i], lon[i], limits[2])
    over = nm - limits[1]
    if over <= 0.0:
        return 0.0, nm
    if t[i] == t[j]:
        return np.inf, nm
    kn = over * 3600.0 / (t[i] - t[j])
    return (kn if kn <= limits[0] else np.inf), nm


@nb.njit(cache=True, inline="always", error_model="numpy")
def _nearest(i: int, last: Any, used: int, fixes: Any, limits: Any) -> int:
    """Return the slot of the track whose end reaches fix i most slowly, of equals the nearest; -1: none."""
    best = -1
    best_kn = np.inf
    best_nm = np.inf
    for s in range(used):
        kn, nm = _step(last[s], i, fixes, limits)
        if kn < best_kn or (kn == best_kn and kn < np.inf and nm < best_nm):
            best = s
            best_kn = kn
            best_nm = nm
    return best


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _branch(i: int, last: Any, used: int, back: int, parent: Any, length: Any, fixes: Any, limits: Any) -> int:
    """Return the fix up to `back` steps behind the end of a track from which fix i goes on; -1: none."""
    best = -1
    for s in range(used):
        j = parent[last[s]]
        steps = 1
        while j >= 0 and steps <= back:
            if _step(j, i, fixes, limits)[0] < np.inf:
                if best < 0 or length[j] > length[best]:
                    best = j
                break
            j = parent[j]
            steps += 1
    return best


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _follow(a: int, b: int, fixes: Any, limits: Any, slots: int, back: int, scratch: Any, verdict: Any) -> int:
    """Link every fix of one ship (rows a to b) to the one before it; return the end of the longest track."""
    t, lat, lon = fixes
    track, parent, length, _ = scratch
    last = np.empty(slots, np.int64)
    used = 0
    tracks = 0
    longest = a
    for i in range(a, b):
        parent[i] = -1
        if i > a and t[i] == t[i - 1] and lat[i] == lat[i - 1] and lon[i] == lon[i - 1]:
            verdict[i] = DUPLICATE
            continue
        best = _nearest(i, last, used, fixes, limits)
        if best >= 0:
            parent[i] = last[best]
            track[i] = track[last[best]]
            if t[i] == t[last[best]]:
                verdict[i] = SAME_TIME  # the first fix of that second goes on standing for the track
                continue
        else:
            parent[i] = _branch(i, last, used, back, parent, length, fixes, limits)
            track[i] = a + tracks
            tracks += 1
            best = used
            if used < slots:
                used += 1
            else:  # the track that was silent for longest gives way
                best = 0
                for s in range(1, used):
                    if last[s] < last[best]:
                        best = s
        last[best] = i
        length[i] = 1 if parent[i] < 0 else length[parent[i]] + 1
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
    slots: int,
    shared_from: int,
) -> Any:
    """Judge every fix: kept, or why not.

    A fix joins the track from whose end it can be reached most slowly, if at `limit_kn` or less. Else it
    opens a track, which branches off an earlier fix if one lies fewer than `shared_from` fixes behind the
    end of a track and can reach it: so one bad fix after a hole does not cut off all that follows. The
    longest way back from any fix is the ship (of equals the one complete first); fixes off it are jumps or
    another ship.

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
    slots
        Tracks followed at the same time; one more replaces the one silent for longest.
    shared_from
        Lost fixes of one track from which it is another ship rather than a jump.

    Returns
    -------
    int8 array
        `KEPT`, `DUPLICATE`, `SAME_TIME`, `TELEPORT` or `SHARED_MMSI`.
    """
    n = mmsi.size
    verdict = np.zeros(n, np.int8)
    parent = np.empty(n, np.int64)
    lost = np.zeros(n, np.int32)
    scratch = (np.empty(n, np.int64), parent, np.zeros(n, np.int32), lost)
    track = scratch[0]
    fixes = (t_s, lat_e5, lon_e5)
    limits = (limit_kn, slack_nm, radius_nm)
    a = 0
    while a < n:
        b = a + 1
        while b < n and mmsi[b] == mmsi[a]:
            b += 1
        i = _follow(a, b, fixes, limits, slots, shared_from - 1, scratch, verdict)
        kept = scratch[2]  # lengths are done with: now 0 marks the fixes of the ship
        while i >= 0:
            kept[i] = 0
            i = parent[i]
        for i in range(a, b):
            if verdict[i] == KEPT and kept[i] > 0:
                lost[track[i]] += 1
        for i in range(a, b):
            off = kept[i] > 0 if verdict[i] == KEPT else verdict[i] == SAME_TIME and kept[parent[i]] > 0
            if off:
                verdict[i] = SHARED_MMSI if lost[track[i]] >= shared_from else TELEPORT
        a = b
    return verdict
