"""The fused kernel: sorted fixes in, segments with sufficient statistics out, one pass over every row.

Per ship: speed, place and raw mode of every fix (`_observe`), debounce (`_settle`), then sums over the intervals
between fixes, cut where mode, place, zone, day or map cell change (`_accumulate`). An interval carries the state of the
fix that begins it. Time at one transmitted speed is first summed by speed (0.1 kn, the resolution of AIS itself), and
the powers and exponentials of the load are taken once per speed and segment: exact, and cheap.

The same rules, one row at a time and without speed in mind: ``tests/voyages/plain.py``.
"""

import math
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from sisterport.engines.functions import draught_factor, load_factor, load_functions
from sisterport.voyages.raster import locate

KEYS = ("group", "place", "mode", "basis", "day", "quality", "cell_lat", "cell_lon")
SUMS = (
    "start_s",
    "end_s",
    "hours",
    "distance_nm",
    "positions",
    "gap_max_h",
    "hours_derived",
    "hours_no_draught",
)
N_STATS = 12
N_VALUES = len(SUMS) + 2 + N_STATS
SEEN, STAYED, BRIDGED, HOLE = range(4)

PLACE_BITS = 0x01E0FFFF  # area, emission zone and domain; nearness and coast only decide the mode
NO_CELL = -(2**31)
OVERFLOW = -1
_DAY = 86_400
_RAD = math.pi / 180.0 * 1e-5  # of a fixed-point degree
_HALF_TURN = 18_000_000
_HALF_DEGREE = 50_000
_MODE = 3  # mode and basis share a byte: mode + 4 x basis

_jit = nb.njit(cache=True, inline="always", error_model="numpy", fastmath=True)


@_jit
def distance_nm(lat1: int, lon1: int, lat2: int, lon2: int, radius_nm: float) -> float:
    """Return the distance on the sphere between points in 1e-5 deg [nm].

    Equirectangular below half a degree (error < 1e-4), else haversine. Differences are taken as whole numbers: no motion
    is exactly 0.
    """
    dlon = lon2 - lon1
    if dlon > _HALF_TURN:
        dlon -= 2 * _HALF_TURN
    elif dlon < -_HALF_TURN:
        dlon += 2 * _HALF_TURN
    dlat = lat2 - lat1
    if abs(dlat) < _HALF_DEGREE and abs(dlon) < _HALF_DEGREE:
        x = dlon * math.cos(0.5 * (lat1 + lat2) * _RAD)
        return radius_nm * _RAD * math.sqrt(dlat * dlat + x * x)
    s1 = math.sin(0.5 * dlat * _RAD)
    s2 = math.sin(0.5 * dlon * _RAD)
    h = s1 * s1 + math.cos(lat1 * _RAD) * math.cos(lat2 * _RAD) * s2 * s2
    return 2.0 * radius_nm * math.asin(min(1.0, math.sqrt(h)))


@_jit
def _fold(
    histogram: Any,
    low: int,
    high: int,
    ship: Any,
    law: Any,
    draught: float,
    sulphur: float,
    coef: Any,
    stats: Any,
) -> None:
    """Turn hours by speed into load statistics and empty the histogram."""
    factor = ship[2] * draught
    for s in range(low, high + 1):
        hours = histogram[s]
        if hours > 0.0:
            lf = load_factor(0.1 * s / ship[0], factor, law[1], law[2], law[3])
            load_functions(lf, hours, ship[5] > 0.0, sulphur, ship[3], ship[4], coef, stats)
            histogram[s] = 0.0


@_jit
def _kind(place: int, table: Any) -> int:
    """Return the kind of area of a packed place."""
    return table[1][place & 0xFFFF]  # type: ignore[no-any-return]


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _observe(
    a: int,
    b: int,
    fixes: Any,
    ship: Any,
    law: Any,
    rules: Any,
    table: Any,
    zones: Any,
    opts: Any,
    scratch: Any,
) -> None:
    """Fill the scratch arrays of one ship: distance and speed of the interval ahead, place, raw mode, quality."""
    t, lat, lon, sog, draught = fixes
    dist, speed, index, place, raw, quality = scratch
    hole_s, stay_nm, radius = opts[0], opts[1], opts[4]
    stop_on, stop_off, edge1, edge2, _, hysteresis, needs_load = rules[:7]
    stopped = inside = False
    last_v = 0.0
    factor = ship[2]
    last_draught = -1
    for i in range(a, b):
        k = i - a
        y = lat[i] * 1e-5
        x = lon[i] * 1e-5
        q = SEEN
        v = sog[i] / 10.0 if sog[i] >= 0 else last_v
        index[k] = sog[i]
        dist[k] = 0.0
        if i + 1 < b:
            dt = t[i + 1] - t[i]
            d = distance_nm(lat[i], lon[i], lat[i + 1], lon[i + 1], radius)
            dist[k] = d
            if dt > hole_s:
                index[k] = -1
                if d <= stay_nm:
                    q = STAYED
                    v = 0.0
                    dist[k] = 0.0
                else:
                    v_hole = d * 3600.0 / dt
                    q = HOLE
                    if v_hole < stop_on:  # lay still for most of the hole
                        q = BRIDGED
                        v = v_hole
            elif sog[i] < 0 and dt > 0:
                v = d * 3600.0 / dt
        last_v = v
        if v < stop_on:
            stopped = True
        elif v >= stop_off:
            stopped = False
        p = locate(y, x, zones)
        near = (p >> 16) & 3
        if hysteresis > 0.0:
            if near == 1:
                inside = True
            elif near == 0:
                inside = False
            near = 1 if inside else 0
        band = 0 if stopped else 1 + (v >= edge1) + (v >= edge2)
        high = 0
        if needs_load > 0.0 and ship[0] > 0.0:
            if draught[i] > 0 and draught[i] != last_draught:
                last_draught = draught[i]
                factor = ship[2] * draught_factor(0.1 * last_draught, ship[1], law[4], law[5], law[0])
            high = 1 if load_factor(v / ship[0], factor, law[1], law[2], law[3]) > rules[7] else 0
        kind = _kind(p, table)
        group = 1 if ship[6] > 0.0 else 0
        raw[k] = table[0][((((group * 4 + band) * 2 + high) * 7 + kind) * 3 + near) * 5 + ((p >> 18) & 7)]
        speed[k] = v
        place[k] = p
        quality[k] = q


@_jit
def _settle(a: int, b: int, t: Any, raw: Any, min_run_s: float) -> None:
    """Give runs of one mode that are shorter than `min_run_s` the mode before them; the first run always counts."""
    n = b - a
    mode = raw[0] & _MODE
    r0 = 0
    while r0 < n:
        m = raw[r0] & _MODE
        r1 = r0 + 1
        while r1 < n and (raw[r1] & _MODE) == m:
            r1 += 1
        end = t[a + r1] if r1 < n else t[b - 1]
        if r0 == 0 or end - t[a + r0] >= min_run_s:
            mode = m
        elif mode != m:
            for k in range(r0, r1):
                raw[k] = (raw[k] & ~_MODE) | mode
        r0 = r1


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _accumulate(
    a: int, b: int, group: int, fixes: Any, ship: Any, law: Any, opts: Any, coef: Any, scratch: Any,
    histogram: Any, keys: Any, values: Any, o: int, holes: Any, h: int,
) -> tuple[int, int]:  # fmt: skip
    """Sum over the intervals of one ship; return the new numbers of segments and holes, or `OVERFLOW`."""
    t, lat, lon, _, draught = fixes
    dist, speed, index, place, raw, quality = scratch
    hole_max_s, cell, s_zone, s_open = opts[2], int(opts[3]), opts[5], opts[6]
    is_open = False
    low, high = 1 << 15, -1
    t_factor = 1.0
    last_draught = -1
    counted = 0.0
    sulphur = s_open
    base = len(SUMS)
    for i in range(a, b):
        k = i - a
        if draught[i] > 0 and draught[i] != last_draught:
            if is_open and high >= 0:
                _fold(histogram, low, high, ship, law, t_factor, sulphur, coef, values[o, base + 2 :])
                low, high = 1 << 15, -1
            last_draught = draught[i]
            t_factor = draught_factor(0.1 * last_draught, ship[1], law[4], law[5], law[0])
        counted += 1.0
        dt = t[i + 1] - t[i] if i + 1 < b else 0
        if dt <= 0:
            continue
        q = quality[k]
        if q != SEEN and dt > hole_max_s:
            q = HOLE
        mode = raw[k] & _MODE
        key_place = place[k] & PLACE_BITS
        cell_lat = cell_lon = NO_CELL
        if cell > 0:
            cell_lat = lat[i] // cell
            cell_lon = lon[i] // cell
        t0 = t[i]
        end = t[i + 1]
        while t0 < end:
            day = t0 // _DAY
            t1 = min(end, (day + 1) * _DAY)
            if is_open and (
                q == HOLE
                or keys[o, 1] != key_place
                or keys[o, 2] != mode
                or keys[o, 3] != raw[k] >> 2
                or keys[o, 4] != day
                or keys[o, 5] != q
                or keys[o, 6] != cell_lat
                or keys[o, 7] != cell_lon
            ):
                if high >= 0:
                    _fold(histogram, low, high, ship, law, t_factor, sulphur, coef, values[o, base + 2 :])
                    low, high = 1 << 15, -1
                o += 1
                is_open = False
            if q == HOLE:
                if h >= holes.size:
                    return OVERFLOW, h
                holes[h] = i
                h += 1
                break
            if not is_open:
                if o >= keys.shape[0]:
                    return OVERFLOW, h
                is_open = True
                keys[o, 0] = group
                keys[o, 1] = key_place
                keys[o, 2] = mode
                keys[o, 3] = raw[k] >> 2
                keys[o, 4] = day
                keys[o, 5] = q
                keys[o, 6] = cell_lat
                keys[o, 7] = cell_lon
                values[o, :] = 0.0
                values[o, 0] = t0
                sulphur = s_zone if (key_place >> 21) & 7 else s_open
            hours = (t1 - t0) / 3600.0
            w = values[o]
            w[1] = t1
            w[2] += hours
            w[3] += dist[k] * (t1 - t0) / dt
            w[4] += counted
            counted = 0.0
            w[5] = max(w[5], dt / 3600.0)
            if index[k] < 0:
                w[6] += hours
            if last_draught < 0:
                w[7] += hours
            w[base] += hours * lat[i] * 1e-5
            w[base + 1] += hours * lon[i] * 1e-5
            if mode <= 1 and ship[0] > 0.0:
                s = index[k]
                if s >= 0:
                    histogram[s] += hours
                    low = min(low, s)
                    high = max(high, s)
                else:
                    lf = load_factor(speed[k] / ship[0], ship[2] * t_factor, law[1], law[2], law[3])
                    load_functions(lf, hours, ship[5] > 0.0, sulphur, ship[3], ship[4], coef, w[base + 2 :])
            t0 = t1
    if is_open:
        if high >= 0:
            _fold(histogram, low, high, ship, law, t_factor, sulphur, coef, values[o, base + 2 :])
        values[o, 4] += counted
        o += 1
    return o, h


@nb.njit(cache=True, nogil=True, error_model="numpy")
def scan(
    starts: NDArray[np.int64], numbers: NDArray[np.int64], fixes: Any, ships: NDArray[np.float64],
    law: NDArray[np.float64], rules: NDArray[np.float64], table: Any, zones: Any, opts: NDArray[np.float64],
    coef: NDArray[np.float64], keys: NDArray[np.int32], values: NDArray[np.float64], holes: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """Run whole ships through the kernel.

    Parameters
    ----------
    starts : shape (n + 1,)
        First row of each ship, then the number of rows.
    numbers : shape (n,)
        Row of each ship in `ships`.
    fixes : tuple of arrays
        t [s], lat, lon [1e-5 deg], sog [0.1 kn, negative unknown], draught [0.1 m, not positive unknown].
    ships : shape (m, 7)
        Reference speed [kn] (0 unknown), reference draught [m] (0 unknown), factor of the load law [-], black-carbon
        exponents for residual and distillate [-], low-load factors apply (1) or not, liquid tanker (1) or not.
    law : shape (6,)
        Draught exponent, floor, cap, engine-off load, lowest and highest draught ratio [-].
    rules : shape (8,)
        Stop on, stop off, edge 1, edge 2 [kn], shortest run [s], hysteresis, needs load, load limit [-].
    table : tuple
        Table of the mode rules (int8) and kind of each area (int8).
    zones : tuple
        Arrays of `sisterport.voyages.raster.Zones`.
    opts : shape (7,)
        Hole [s], stay [nm], longest hole [s], map cell [1e-5 deg] (0: none), Earth radius [nm], sulphur inside and
        outside emission zones [percent].
    coef
        `sisterport.engines.load_coefficients`.
    keys, values, holes
        Filled: shapes (k, 8), (k, 22), (k,); `holes` gets the row before each hole that is still to be bridged.

    Returns
    -------
    segments, holes : int
        How many were written; `OVERFLOW` for segments if an array was too small.
    """
    longest = 1
    for n in range(numbers.size):
        longest = max(longest, starts[n + 1] - starts[n])
    scratch = (
        np.empty(longest),
        np.empty(longest),
        np.empty(longest, np.int16),
        np.empty(longest, np.int32),
        np.empty(longest, np.int8),
        np.empty(longest, np.int8),
    )
    histogram = np.zeros(32768)
    o = h = 0
    for n in range(numbers.size):
        a, b = starts[n], starts[n + 1]
        ship = ships[numbers[n]]
        _observe(a, b, fixes, ship, law, rules, table, zones, opts, scratch)
        if rules[4] > 0.0:
            _settle(a, b, fixes[0], scratch[4], rules[4])
        o, h = _accumulate(a, b, n, fixes, ship, law, opts, coef, scratch, histogram, keys, values, o, holes, h)
        if o == OVERFLOW:
            break
    return o, h
