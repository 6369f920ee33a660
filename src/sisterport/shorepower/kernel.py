"""The compiled matcher: all pairs of ships and berths, 13 checks each, in three-valued logic.

A *connection* is one row of inlets with one row of outlets. `_verdict` puts a connection to the checks; a pair of ship
and berth takes the best of its connections. Checks on words are looked up in tables (`sisterport.shorepower.facets`),
checks on numbers are counted out here, without branches: both are much faster than asking.

Rows that are only 'possible' may not exist, but of the rows that share a voltage (or a frequency) of one outlet at
least one does: `_open_pair` takes the least favourable selection.

The same rules, row by row and without numpy: ``tests/shorepower/plain.py``.
"""

from typing import Any

import numba as nb
import numpy as np

from sisterport.shorepower.checks import CHECKS, DOCUMENTS, FREQUENCY, PLUGS, POWER, REACH, TIME, VOLTAGE
from sisterport.shorepower.grades import IMPOSSIBLE, PARTIAL
from sisterport.shorepower.kleene import FALSE, TRUE, at_most, compiled
from sisterport.units import KVA_PER_MVA

HALF = np.iinfo(np.uint16).bits  # of the bits of the checks: false ones are in the low half, true ones in the high one
ALL = (1 << CHECKS) - 1
_POWER, _FREQUENCY = 1 << (POWER - 1), 1 << (FREQUENCY - 1)
NOT_KNOWN = -1.0  # share of power
BIG = float(np.finfo(np.float32).max)  # no limit
LIMIT_LOW = 1 << TRUE.bit_length()  # beside the answer: the transformer on board may limit the power
LIMIT_HIGH = LIMIT_LOW << 1  # and does limit it
_ANSWER = LIMIT_LOW - 1


@compiled
def bits_of(value: int, check: int) -> int:
    """Return a check's value as two bits: false in the low half, true in the high one."""
    return (int(value == FALSE) << (check - 1)) | (int(value == TRUE) << (check - 1 + HALF))


@compiled
def _along_quay(i: Any, o: Any, sides: Any) -> int:
    """Side and reach over all mooring shifts; the stern lies at the beginning if the ship lies port side alongside."""
    reach_low = max(o.reach_low, i.cable_low)
    reach_high = max(o.reach_high, i.cable_high)
    last_low, last_high = o.to_low + reach_low, o.to_high + reach_high
    first_low, first_high = o.from_low - reach_high, o.from_high - reach_low
    free_low, free_high = o.length_low - i.length_high, o.length_high - i.length_low
    port = min(
        at_most(min(0.0, free_low) + i.stern_low, min(0.0, free_high) + i.stern_high, last_low, last_high),
        at_most(first_low, first_high, max(0.0, free_low) + i.stern_low, max(0.0, free_high) + i.stern_high),
    )
    short_low, short_high = min(i.length_low, o.length_low), min(i.length_high, o.length_high)
    long_low, long_high = max(i.length_low, o.length_low), max(i.length_high, o.length_high)
    starboard = min(
        at_most(short_low - i.stern_high, short_high - i.stern_low, last_low, last_high),
        at_most(first_low, first_high, long_low - i.stern_high, long_high - i.stern_low),
    )
    return sides[i.sides, o.sides, port, starboard]  # type: ignore[no-any-return]


@compiled
def _verdict(
    r: Any,
    a: int,
    b: int,
    documents: int,
    stay_low: float,
    stay_high: float,
    useful_h: float,
    grades: Any,
) -> tuple[int, int, int, float]:
    """Return the checks as bits, best and worst grade, and the share of power of one connection."""
    i, o = r.inlets[a], r.outlets[b]
    volts = r.volts[a, o.kv_code]
    to_be_built = (i.free | o.free) * TRUE
    bits = r.kind[i.kind, o.kind] | r.cable[i.cable, o.cable]
    bits |= r.protection[i.protection, o.protection] | r.zone[i.zone, o.zone]

    carried_low = max(o.kv_low * min(i.amps_low, o.amps_low) * min(i.plugs_low, o.plugs_low) / KVA_PER_MVA, o.fit)
    carried_high = max(o.kv_high * min(i.amps_high, o.amps_high) * min(i.plugs_high, o.plugs_high) / KVA_PER_MVA, o.fit)
    low, high = min(o.power_low, carried_low), min(o.power_high, carried_high)
    low = min(low, i.transformer_low) if volts & LIMIT_LOW else low
    high = min(high, i.transformer_high) if volts & LIMIT_HIGH else high
    power = at_most(i.need_low, i.need_high, low, high)
    plugs = at_most(1.0, 1.0, max(min(i.plugs_low, o.plugs_low), o.fit), max(min(i.plugs_high, o.plugs_high), o.fit))
    plugs = min(
        plugs,
        r.plug[i.plug, o.plug],
        at_most(i.need_low, i.need_high, carried_low, carried_high),
    )
    reach = min(
        _along_quay(i, o, r.sides),
        at_most(o.height_min_low, o.height_min_high, i.height_min_low, i.height_min_high),
        at_most(i.height_max_low, i.height_max_high, o.height_max_low, o.height_max_high),
    )
    time = at_most(o.hours_low + useful_h, o.hours_high + useful_h, stay_low, stay_high)
    bits |= i.present_bits | o.present_bits
    bits |= bits_of(volts & _ANSWER, VOLTAGE) | bits_of(r.hertz[a, o.hz_code], FREQUENCY)
    bits |= bits_of(power, POWER) | bits_of(plugs, PLUGS) | bits_of(max(reach, to_be_built), REACH)
    bits |= bits_of(time, TIME) | bits_of(documents, DOCUMENTS)

    false, not_true = bits & ALL, ALL & ~(bits >> HALF)
    best = grades[false & ~_POWER if high > 0.0 else false]
    worst = grades[not_true & ~_POWER if low > 0.0 else not_true]
    best = max(best, PARTIAL) if power == FALSE else best
    worst = worst if power == TRUE else max(worst, PARTIAL)
    best = IMPOSSIBLE if stay_high < useful_h else best
    worst = IMPOSSIBLE if stay_low < useful_h else worst

    share = low / i.need_high if i.need_known and low > 0.0 else NOT_KNOWN
    share = 0.0 if high == 0.0 else share
    return bits, best, worst, 1.0 if power == TRUE else min(1.0, share)


@compiled
def _pair(
    r: Any,
    n: int,
    ship: int,
    berth: int,
    documents: int,
    stay_low: float,
    stay_high: float,
    useful_h: float,
    grades: Any,
    out: Any,
) -> None:
    """Write the verdict of one pair into row `n` of `out`."""
    best, worst, chosen_worst = IMPOSSIBLE + 1, IMPOSSIBLE + 1, IMPOSSIBLE + 1
    bits, share, inlet, outlet = 0, NOT_KNOWN, 0, 0
    for a in range(r.ships[ship], r.ships[ship + 1]):
        for b in range(r.berths[berth], r.berths[berth + 1]):
            found, lo, hi, power = _verdict(r, a, b, documents, stay_low, stay_high, useful_h, grades)
            worst = min(worst, hi)
            if lo < best or (lo == best and hi < chosen_worst):
                best, chosen_worst, bits, share, inlet, outlet = lo, hi, found, power, a, b
    out.best[n] = best
    out.worst[n] = worst
    out.bits[n] = bits
    out.share[n] = share
    out.inlet[n] = inlet
    out.outlet[n] = outlet


@compiled
def _open_pair(
    r: Any,
    n: int,
    ship: int,
    berth: int,
    documents: int,
    stay_low: float,
    stay_high: float,
    useful_h: float,
    grades: Any,
    out: Any,
) -> None:
    """Mend row `n` of `out` where rows are only possible: the worst grade over all selections of rows that exist."""
    a0, a1 = r.ships[ship], r.ships[ship + 1]
    b0, b1 = r.berths[berth], r.berths[berth + 1]
    over_inlets = np.empty(a1 - a0, np.int64)
    over_outlets = np.empty(b1 - b0, np.int64)
    chosen_worst = IMPOSSIBLE
    for a in range(a0, a1):
        for b in range(b0, b1):
            _, _, hi, _ = _verdict(r, a, b, documents, stay_low, stay_high, useful_h, grades)
            over_outlets[b - b0] = hi
            if a == out.inlet[n] and b == out.outlet[n]:
                chosen_worst = hi
        over_inlets[a - a0] = _least(over_outlets, r.outlets, b0, b1)
    out.worst[n] = _least(over_inlets, r.inlets, a0, a1)
    sure = r.inlets[out.inlet[n]].exists and r.outlets[out.outlet[n]].exists
    if out.worst[n] != chosen_worst and not sure:
        out.bits[n] &= ~(_FREQUENCY << HALF)  # not known whether this voltage comes with this frequency


@compiled
def _least(worst: Any, rows: Any, start: int, stop: int) -> int:
    """Return the highest grade that somebody could be left with who takes the best of the rows that exist."""
    least = IMPOSSIBLE + 1
    for r in range(start, stop):
        row = rows[r]
        if row.exists:
            least = min(least, worst[r - start])
            continue
        same_kv, same_hz, same_set = 0, 0, 0
        for q in range(start, stop):
            other = rows[q]
            if other.group == row.group:
                w = worst[q - start]
                same_set = max(same_set, w)
                same_kv = max(same_kv, w) if other.kv_code == row.kv_code else same_kv
                same_hz = max(same_hz, w) if other.hz_code == row.hz_code else same_hz
        least = min(least, same_set)
        least = min(least, same_kv) if row.kv_code > 0 else least
        least = min(least, same_hz) if row.hz_code > 0 else least
    return least


def _judge(r: Any, ship: Any, berth: Any, documents: Any, stay_h: Any, useful_h: float, grades: Any, out: Any) -> None:
    """Judge pairs of ships and berths.

    Parameters
    ----------
    r
        `packing.Packed`.
    ship, berth
        Positions of the pairs.
    documents
        Check 13 of each pair.
    stay_h
        Stay of each pair [h]; nan is unknown.
    useful_h
        Shortest useful time on shore power [h].
    grades
        Grade by bits of failing checks.
    out
        `match.Found`, filled.
    """
    for n in range(len(ship)):
        s, b = ship[n], berth[n]
        known = not np.isnan(stay_h[n])
        low, high = stay_h[n] if known else 0.0, stay_h[n] if known else BIG
        _pair(r, n, s, b, documents[n], low, high, useful_h, grades, out)
        if r.ship_open[s] or r.berth_open[b]:
            _open_pair(r, n, s, b, documents[n], low, high, useful_h, grades, out)


judge = nb.njit(nogil=True, cache=True, error_model="numpy")(_judge)
