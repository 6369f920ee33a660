"""The fused kernel: sorted fixes in, segments with sufficient statistics out, one pass over every row.

Per ship: speed, place and raw mode of every fix (`_observe`), debounce (`_settle`), then sums over the intervals
between fixes, cut where mode, place, zone, day or map cell change (`_accumulate`). An interval carries the state of the
fix that begins it. Time at one transmitted speed is first summed by speed (0.1 kn, the resolution of AIS itself), and
the powers and exponentials of the load are taken once per speed and segment: exact, and cheap.

The same rules, one row at a time and without speed in mind: ``tests/voyages/plain.py``.
"""

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from sisterport.engines.functions import (
    correction_at_draught,
    draught_factor,
    load_factor,
    load_functions,
    speed_correction,
)
from sisterport.units import SECONDS_PER_DAY, SECONDS_PER_HOUR
from sisterport.voyages.distance import FAST, TURN, distances_nm
from sisterport.voyages.raster import locate

KEYS = ("group", "place", "mode", "basis", "day", "quality", "cell_lat", "cell_lon")
SUMS = ("start_s", "end_s", "hours", "distance_nm", "positions", "gap_max_h", "hours_derived", "hours_no_draught")
N_STATS = 12
N_VALUES = len(SUMS) + 2 + N_STATS
SEEN, STAYED, SHIFTED, BRIDGED, HOLE = range(5)

PLACE_BITS = 0x07E0FFFF  # area, emission zone and domain; nearness and coast only decide the mode
NO_CELL = -(2**31)
OVERFLOW = -1
_MODE = 3  # a state is one byte: mode + 4 x basis + 16 x quality
_SULPHUR = 8  # option of the fuel's sulphur outside emission zones; those of the zones follow
_STATS = len(SUMS) + 2  # column of the first load statistic

_jit = nb.njit(nogil=True, error_model="numpy", fastmath=FAST)  # only `scan` is cached: cached parts are not inlined


@_jit
def _load_factor(speed: float, ship: Any, law: Any, factor: float, bend: Any) -> float:
    """Return the load factor at a speed; `bend` holds the corrections at the ship's draught, None under a cubic law."""
    if bend is not None:
        factor *= speed_correction(speed / ship[0], bend)
    return load_factor(speed / ship[0], factor, law[1], law[2], law[3])


@_jit
def _hole(k: int, before: float, t: Any, sog: Any, way: Any, opts: Any) -> int:
    """Return what became of a ship in the hole after fix `k`; `HOLE`: it moved, or nobody can say.

    A ship under way at both ends did not stay, even if it is found where it was lost: it went away and came back.
    """
    dt = t[k + 1] - t[k]
    after = 0.0  # unknown counts as at rest
    if sog[k + 1] >= 0:
        after = sog[k + 1] / 10.0
    elif k + 2 < t.size and 0 < t[k + 2] - t[k + 1] <= opts[0]:
        after = way[k + 1] * SECONDS_PER_HOUR / (t[k + 2] - t[k + 1])
    if min(before, after) >= opts[7]:
        return HOLE
    if way[k] <= opts[1]:
        return STAYED
    return SHIFTED if way[k] <= opts[5] and way[k] * SECONDS_PER_HOUR < opts[6] * dt else HOLE


@_jit
def _observe(
    fixes: Any, ship: Any, law: Any, curve: Any, bend: Any, rules: Any, table: Any, zones: Any, opts: Any, scratch: Any
) -> None:
    """Fill the scratch arrays of one ship: distance and speed of the interval ahead, place and state of the fix."""
    t, lat, lon, sog, draught = fixes
    way, speed, index, place, state = scratch
    stop_on, stop_off, edge1, edge2, _, hysteresis, needs_load = rules[:7]
    group = 1 if ship[6] > 0.0 else 0
    modes, kinds = table
    stopped = inside = False
    last_v = 0.0
    factor = ship[2]
    if bend is not None:
        correction_at_draught(curve, 1.0, law[4], law[5], bend)
    last_draught = -1
    n = t.size
    distances_nm(lat, lon, opts[4], way)
    for k in range(n):
        quality = SEEN
        s = sog[k]
        v = s / 10.0 if s >= 0 else last_v
        index[k] = s
        dt = t[k + 1] - t[k] if k + 1 < n else 0
        if dt > opts[0]:
            index[k] = -1
            quality = _hole(k, v, t, sog, way, opts)
            if quality == STAYED:
                way[k] = 0.0
            if quality != HOLE:
                v = 0.0
        elif s < 0 and dt > 0:
            v = way[k] * SECONDS_PER_HOUR / dt
        last_v = v
        if index[k] < 0:
            speed[k] = v
        if v < stop_on:
            stopped = True
        elif v >= stop_off:
            stopped = False
        p = locate(lat[k] * 1e-5, lon[k] * 1e-5, zones)
        near = (p >> 16) & 3
        if hysteresis > 0.0:
            if near == 1:
                inside = True
            elif near == 0:
                inside = False
            near = 1 if inside else 0
        band = 0 if stopped else 1 + (v >= edge1) + (v >= edge2)
        high = 0
        if needs_load > 0.0 and not ship[0] > 0.0:
            high = 2
        elif needs_load > 0.0:
            if draught[k] > 0 and draught[k] != last_draught:
                last_draught = draught[k]
                factor = ship[2] * draught_factor(0.1 * last_draught, ship[1], law[4], law[5], law[0])
                if bend is not None:
                    correction_at_draught(curve, 0.1 * last_draught / ship[1], law[4], law[5], bend)
            high = 1 if _load_factor(v, ship, law, factor, bend) > rules[7] else 0
        kind = kinds[p & 0xFFFF]
        cell = ((((group * 4 + band) * 3 + high) * 7 + kind) * 3 + near) * 5 + ((p >> 18) & 7)
        place[k] = p & PLACE_BITS
        state[k] = modes[cell] + 16 * quality


@_jit
def _settle(t: Any, state: Any, min_run_s: float) -> None:
    """Give runs of one mode that are shorter than `min_run_s` the mode before them; the first run always counts."""
    n = t.size
    mode = state[0] & _MODE
    r0 = 0
    while r0 < n:
        m = state[r0] & _MODE
        r1 = r0 + 1
        while r1 < n and (state[r1] & _MODE) == m:
            r1 += 1
        if r0 == 0 or t[min(r1, n - 1)] - t[r0] >= min_run_s:
            mode = m
        elif mode != m:
            for k in range(r0, r1):
                state[k] = (state[k] & ~_MODE) | mode
        r0 = r1


@_jit
def _fold(
    histogram: Any, low: int, high: int, ship: Any, law: Any, factor: float, bend: Any, sulphur: float, coef: Any,
    out: Any,
) -> None:  # fmt: skip
    """Turn seconds by speed into load statistics and empty the histogram."""
    for s in range(low, high + 1):
        if histogram[s] > 0:
            _load(0.1 * s, histogram[s] / SECONDS_PER_HOUR, ship, law, factor, bend, sulphur, coef, out)
            histogram[s] = 0


@_jit
def _load(
    speed: float, hours: float, ship: Any, law: Any, factor: float, bend: Any, sulphur: float, coef: Any, out: Any
) -> None:
    """Add `hours` at a speed to the load statistics `out`."""
    lf = _load_factor(speed, ship, law, factor, bend)
    load_functions(lf, hours, ship[5] > 0.0, sulphur, ship[3], ship[4], coef, out)


@_jit
def _accumulate(
    group: int, first: int, fixes: Any, ship: Any, law: Any, curve: Any, bend: Any, opts: Any, coef: Any, scratch: Any,
    histogram: Any, keys: Any, values: Any, o: int, holes: Any, h: int,
) -> tuple[int, int]:  # fmt: skip
    """Sum over the intervals of one ship; return the new numbers of segments and holes, or `OVERFLOW`."""
    t, lat, lon, _, draught = fixes
    way, speed, index, place, state = scratch
    hole_max_s, cell = opts[2], int(opts[3])
    is_open = False
    key_place = key_state = 0
    cell_lat = cell_lon = key_lat = key_lon = NO_CELL
    midnight = end_s = lon0 = 0
    seconds = derived = no_draught = longest = moment_lat = moment_lon = positions = counted = 0
    nm = 0.0
    low, high = 1 << 15, -1
    factor = ship[2]
    if bend is not None:
        correction_at_draught(curve, 1.0, law[4], law[5], bend)
    last_draught = -1
    sulphur = opts[_SULPHUR]
    moves = False
    n = t.size
    for k in range(n):
        counted += 1
        t0 = t[k]
        t2 = t[k + 1] if k + 1 < n else t0
        dt = t2 - t0
        if draught[k] > 0 and draught[k] != last_draught:
            if high >= 0:
                _fold(histogram, low, high, ship, law, factor, bend, sulphur, coef, values[o, _STATS:])
                low, high = 1 << 15, -1
            last_draught = draught[k]
            factor = ship[2] * draught_factor(0.1 * last_draught, ship[1], law[4], law[5], law[0])
            if bend is not None:
                correction_at_draught(curve, 0.1 * last_draught / ship[1], law[4], law[5], bend)
        if dt <= 0 and k + 1 < n:
            continue
        now = state[k]
        if dt > hole_max_s and now >> 4 != SEEN:
            now = HOLE << 4
        if cell > 0:
            cell_lat = lat[k] // cell
            cell_lon = lon[k] // cell
        while True:
            same = place[k] == key_place and now == key_state and cell_lat == key_lat and cell_lon == key_lon
            if is_open and (k + 1 == n or not same or t0 >= midnight):
                if high >= 0:
                    _fold(histogram, low, high, ship, law, factor, bend, sulphur, coef, values[o, _STATS:])
                    low, high = 1 << 15, -1
                if k + 1 == n:
                    positions += counted
                w = values[o]
                w[1] = end_s
                w[2] = seconds / SECONDS_PER_HOUR
                w[3] = nm
                w[4] = positions
                w[5] = longest / SECONDS_PER_HOUR
                w[6] = derived / SECONDS_PER_HOUR
                w[7] = no_draught / SECONDS_PER_HOUR
                w[8] = moment_lat / SECONDS_PER_HOUR * 1e-5
                w[9] = (moment_lon + seconds * lon0) / SECONDS_PER_HOUR * 1e-5
                o += 1
                is_open = False
            if k + 1 == n:
                break
            if now >> 4 == HOLE:
                if h >= holes.size:
                    return OVERFLOW, h
                holes[h] = first + k
                h += 1
                break
            if not is_open:
                if o >= keys.shape[0]:
                    return OVERFLOW, h
                is_open = True
                key_place, key_state, key_lat, key_lon = place[k], now, cell_lat, cell_lon
                day = t0 // SECONDS_PER_DAY
                midnight = (day + 1) * SECONDS_PER_DAY
                keys[o, 0] = group
                keys[o, 1] = key_place
                keys[o, 2] = now & _MODE
                keys[o, 3] = now >> 2 & _MODE
                keys[o, 4] = day
                keys[o, 5] = now >> 4
                keys[o, 6] = cell_lat
                keys[o, 7] = cell_lon
                values[o, 0] = t0
                values[o, _STATS:] = 0.0
                seconds = derived = no_draught = longest = moment_lat = moment_lon = positions = 0
                nm = 0.0
                lon0 = lon[k]
                moves = now & _MODE <= 1 and ship[0] > 0.0
                sulphur = opts[_SULPHUR + ((key_place >> 21) & 31)]
            end_s = min(t2, midnight)
            s = end_s - t0
            seconds += s
            positions += counted
            counted = 0
            longest = max(longest, dt)
            nm += way[k] if s == dt else way[k] * s / dt
            moment_lat += s * lat[k]
            dlon = lon[k] - lon0
            if abs(dlon) > TURN // 2:
                dlon -= TURN if dlon > 0 else -TURN
            moment_lon += s * dlon
            if last_draught < 0:
                no_draught += s
            i = index[k]
            if i < 0:
                derived += s
            if moves:
                if i >= 0:
                    histogram[i] += s
                    low = min(low, i)
                    high = max(high, i)
                else:
                    _load(speed[k], s / SECONDS_PER_HOUR, ship, law, factor, bend, sulphur, coef, values[o, _STATS:])
            t0 = end_s
            if t0 >= t2:
                break
    return o, h


@nb.njit(cache=True, nogil=True, error_model="numpy")
def scan(
    starts: NDArray[np.int64], numbers: NDArray[np.int64], fixes: Any, ships: NDArray[np.float64],
    law: NDArray[np.float64], curves: Any, rules: NDArray[np.float64], table: Any, zones: Any,
    opts: NDArray[np.float64], coef: NDArray[np.float64],
    keys: NDArray[np.int32], values: NDArray[np.float64], holes: NDArray[np.int64],
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
    ships : shape (m, 8)
        Reference speed [kn] (0 unknown), reference draught [m] (0 unknown), factor of the load law [-], black-carbon
        exponents for residual and distillate [-], low-load factors apply (1) or not, liquid tanker (1) or not, number
        of its corrections in `curves` (0: none, the law is cubic).
    law : shape (6,)
        Draught exponent, floor, cap, engine-off load, lowest and highest draught ratio [-].
    curves : None, or shape (corrections, draught ratios, speed ratios)
        Corrections of the cubic law (`sisterport.engines.corrections`) [-]; the first is never read.
    rules : shape (8,)
        Stop on, stop off, edge 1, edge 2 [kn], shortest run [s], hysteresis, needs load, load limit [-].
    table : tuple
        Table of the mode rules (int8) and kind of each area (int8).
    zones : tuple
        Arrays of `sisterport.voyages.raster.Zones`.
    opts : shape (9 + zones,)
        Hole [s], stay [nm], longest hole [s], map cell [1e-5 deg] (0: none), Earth radius [nm], shift [nm], rest [kn],
        under way [kn], sulphur outside emission zones and in each of them [percent].
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
    way, speed = np.empty(longest), np.empty(longest)
    index, place, state = np.empty(longest, np.int16), np.empty(longest, np.int32), np.empty(longest, np.int8)
    histogram = np.zeros(32768, np.int64)
    if curves is not None:
        every_bend = np.empty(curves.shape[2])
    o = h = 0
    for n in range(numbers.size):
        a, b = starts[n], starts[n + 1]
        m = b - a
        ship = ships[numbers[n]]
        own = (fixes[0][a:b], fixes[1][a:b], fixes[2][a:b], fixes[3][a:b], fixes[4][a:b])
        scratch = (way[:m], speed[:m], index[:m], place[:m], state[:m])
        if curves is None:  # two kinds of call are compiled, so that the cubic laws pay nothing
            curve = bend = None
        else:
            curve = curves[int(ship[7])]
            bend = every_bend if ship[7] > 0.0 else every_bend[:0]
        _observe(own, ship, law, curve, bend, rules, table, zones, opts, scratch)
        if rules[4] > 0.0:
            _settle(own[0], scratch[4], rules[4])
        o, h = _accumulate(
            n, a, own, ship, law, curve, bend, opts, coef, scratch, histogram, keys, values, o, holes, h
        )  # fmt: skip
        if o == OVERFLOW:
            break
    return o, h
