"""The kernel's rules in plain Python: one ship, one row at a time, nothing shared with the kernel but the tables.

Kept simple on purpose: it is what the fast kernel is held against.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from sisterport.engines import propulsion_power
from sisterport.reference import load, value
from sisterport.voyages import modes

RULES = {"sisterport": modes._sisterport, "ghg4": modes._ghg4, "epa": modes._epa, "gfw": modes._gfw}


@dataclass
class Ship:
    v_ref_kn: float
    draught_ref_m: float
    factor: float
    bc_residual: float
    bc_distillate: float
    tanker: bool
    calm_water: Callable[[float, float | None], float] | None = None
    """Load by a resistance model at a speed [kn] and draught [m], where the law goes by one and the hull is known."""


@dataclass
class Segment:
    key: tuple
    start_s: float
    end_s: float = 0.0
    hours: float = 0.0
    distance_nm: float = 0.0
    positions: int = 0
    gap_max_h: float = 0.0
    hours_derived: float = 0.0
    hours_no_draught: float = 0.0
    sums: dict = field(default_factory=dict)


def great_circle_nm(lat1, lon1, lat2, lon2):
    p1, p2 = math.radians(lat1), math.radians(lat2)
    h = math.sin((p2 - p1) / 2) ** 2
    h += math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * value("earth_radius_nm") * math.asin(min(1, math.sqrt(h)))


def load_sums(lf, hours, sulphur_pct, ship):
    """The twelve load statistics of `hours` at load factor `lf`."""
    if lf <= 0:
        return {}
    closed = {r["pollutant"]: r for r in load("epa_ef_llaf_coefficients").iter_rows(named=True)}

    def low(pollutant):
        r = closed[pollutant]
        if lf > 0.2:
            return 1.0
        return (r["a"] * lf ** -r["x"] + r["b"]) / (r["a"] * 0.2 ** -r["x"] + r["b"])

    def low_so2():
        r = closed["so2"]
        if lf > 0.2:
            return 1.0

        def curve(load_factor):
            return r["a"] * (14.1205 / load_factor + 205.7169) * sulphur_pct + r["b"]

        return curve(lf) / curve(0.2)

    g = 0.455 * lf**2 - 0.710 * lf + 1.280
    e = lf * hours
    nox = e * low("nox")
    return {
        "lf_h": e,
        "lf_sfc_h": e * g,
        "lf_sfc_high_h": e * (g - 1) if lf >= 0.2 else 0.0,
        "lf_nox_h": nox if lf >= 0.25 else 0.0,
        "lf_nox_low_h": nox if lf < 0.25 else 0.0,
        "lf_pm_h": e * low("pm10"),
        "lf_hc_h": e * low("hc"),
        "lf_co_h": e * low("co"),
        "lf_co2_h": e * low("co2"),
        "lf_so2_h": e * low_so2(),
        "lf_bc_residual_h": e * g * max(lf, 0.02) ** -ship.bc_residual,
        "lf_bc_distillate_h": e * g * max(lf, 0.02) ** -ship.bc_distillate,
    }


def load_at(v, draught_m, ship, law):
    if v <= 0 or ship.v_ref_kn <= 0:
        return 0.0
    if ship.calm_water is None:
        calm = (v / ship.v_ref_kn) ** 3
        if law.draught_exponent and draught_m and ship.draught_ref_m > 0:
            calm *= held(draught_m / ship.draught_ref_m) ** law.draught_exponent
    else:
        calm = ship.calm_water(v, draught_m)
    lf = min(law.lf_max, max(law.lf_min, calm * ship.factor))
    return lf if lf >= law.lf_off else 0.0


def held(draught_ratio):
    return min(value("draught_ratio_max"), max(value("draught_ratio_min"), draught_ratio))


def by_model(hull, model):
    """Load by the model itself, at the very speed and draught; `hull` is one row of a frame of ships."""

    @cache
    def calm_water(v, draught_m):
        found = propulsion_power(hull, v, draught_m or None, model=model, margin_pct=0)
        return found["load_factor"][0]

    return calm_water


def by_table(hull, law):
    """Load as the kernel has it: the model over the cubic law, straight lines from node to node.

    Nodes: 25 draughts, each the same ratio above the one before, and every 1/32 of the reference speed.
    """
    exactly = by_model(hull, law.model)
    v_ref, t_ref = hull["v_ref_kn"][0], hull["draught_ref_m"][0]
    low, high = value("draught_ratio_min"), value("draught_ratio_max")
    draughts = [low * (high / low) ** (i / 24) for i in range(25)]
    speeds = [max(j, 1) / 32 for j in range(41)]

    @cache
    def node(i, j):
        return exactly(speeds[j] * v_ref, draughts[i] * t_ref) / (speeds[j] ** 3 * draughts[i] ** law.draught_exponent)

    @cache
    def calm_water(v, draught_m):
        ratio, x = held(draught_m / t_ref) if draught_m else 1.0, v / v_ref
        i = max(n for n in range(24) if draughts[n] <= ratio)
        j = min(int(x * 32), 39)
        up = (ratio - draughts[i]) / (draughts[i + 1] - draughts[i])
        on = min(x, 40 / 32) * 32 - j
        below = node(i, j) + on * (node(i, j + 1) - node(i, j))
        above = node(i + 1, j) + on * (node(i + 1, j + 1) - node(i + 1, j))
        return (below + up * (above - below)) * ratio**law.draught_exponent * x**3

    return calm_water


def run(fixes, ship, law, rules, where, kinds, *, hole_s=3600.0, cell_deg=None, sulphur=(0.1, 0.5)):
    """Segments and holes of one ship.

    `fixes`: rows (t_s, lat_e5, lon_e5, sog_dkn or None, draught_dm or None), sorted by time.
    """
    rows = observe(fixes, ship, law, rules, where, kinds, hole_s)
    settle(rows, rules.min_run_s)
    return accumulate(rows, ship, law, cell_deg, sulphur)


def observe(fixes, ship, law, rules, where, kinds, hole_s):
    rows, stopped, inside, v, draught = [], False, False, 0.0, None
    for i, (t, lat_e5, lon_e5, sog, draught_dm) in enumerate(fixes):
        lat, lon = lat_e5 * 1e-5, lon_e5 * 1e-5
        row = {
            "t": t,
            "e5": (lat_e5, lon_e5),
            "lat": lat,
            "lon": lon,
            "quality": "seen",
            "derived": sog is None,
            "nm": 0.0,
            "dt": 0,
        }
        if sog is not None:
            v = sog / 10
        if draught_dm and draught_dm > 0:
            draught = draught_dm / 10
        if i + 1 < len(fixes):
            row["dt"] = fixes[i + 1][0] - t
            row["nm"] = great_circle_nm(lat, lon, fixes[i + 1][1] * 1e-5, fixes[i + 1][2] * 1e-5)
            mean_kn = row["nm"] / row["dt"] * 3600 if row["dt"] > 0 else 0.0
            if row["dt"] > hole_s:
                row["derived"] = True
                under_way = min(v, speed_after(fixes, i + 1, hole_s)) >= value("hole_under_way_kn")
                if row["nm"] <= value("hole_stay_nm") and not under_way:
                    row["quality"], row["nm"], v = "stayed", 0.0, 0.0
                elif row["nm"] <= value("hole_shift_nm") and mean_kn < value("hole_rest_kn") and not under_way:
                    row["quality"], v = "shifted", 0.0
                else:
                    row["quality"] = "hole"
            elif sog is None and row["dt"] > 0:
                v = mean_kn
        if v < rules.stop_on_kn:
            stopped = True
        elif v >= rules.stop_off_kn:
            stopped = False
        place = where(lat, lon)
        near = place >> 16 & 3
        if rules.near_hysteresis:
            inside = {1: True, 0: False}.get(near, inside)
            near = int(inside)
        band = 0 if stopped else 1 + sum(v >= edge for edge in rules.edges_kn)
        high = 0
        if rules.needs_load:
            high = int(load_at(v, draught, ship, law) > value("low_load_limit")) if ship.v_ref_kn > 0 else 2
        mode, basis = RULES[rules.name](int(ship.tanker), band, high, int(kinds[place & 0xFFFF]), near, place >> 18 & 7)
        row |= {"v": v, "draught": draught, "mode": mode, "basis": basis, "place": place & 0x07E0FFFF}
        rows.append(row)
    return rows


def speed_after(fixes, i, hole_s):
    """Speed at the far end of a hole; unknown counts as at rest."""
    t, lat, lon, sog = fixes[i][:4]
    if sog is not None:
        return sog / 10
    if i + 1 < len(fixes) and 0 < fixes[i + 1][0] - t <= hole_s:
        nm = great_circle_nm(lat * 1e-5, lon * 1e-5, fixes[i + 1][1] * 1e-5, fixes[i + 1][2] * 1e-5)
        return nm / (fixes[i + 1][0] - t) * 3600
    return 0.0


def settle(rows, min_run_s):
    """Short runs take the mode before them."""
    if not min_run_s:
        return
    runs = []
    for row in rows:
        if runs and runs[-1][0]["mode"] == row["mode"]:
            runs[-1].append(row)
        else:
            runs.append([row])
    mode = None
    for n, run_rows in enumerate(runs):
        end = runs[n + 1][0]["t"] if n + 1 < len(runs) else rows[-1]["t"]
        if n == 0 or end - run_rows[0]["t"] >= min_run_s:
            mode = run_rows[0]["mode"]
        for row in run_rows:
            row["mode"] = mode


def accumulate(rows, ship, law, cell_deg, sulphur):
    segments, holes, waiting, current = [], [], 0, None
    max_s = value("hole_max_h") * 3600
    for row in rows:
        waiting += 1
        if row["dt"] <= 0:
            continue
        if row["quality"] == "hole" or (row["quality"] != "seen" and row["dt"] > max_s):
            holes.append(row["t"])
            current = None
            continue
        t, end = row["t"], row["t"] + row["dt"]
        while t < end:
            midnight = (t // 86400 + 1) * 86400
            upto = min(end, midnight)
            day = datetime.fromtimestamp(t, UTC).date()
            cell = tuple(e5 // round(1e5 * cell_deg) for e5 in row["e5"]) if cell_deg else None
            key = (
                row["place"],
                modes.MODES[row["mode"]],
                modes.BASES[row["basis"]],
                day,
                row["quality"],
                cell,
            )
            if current is None or current.key != key:
                current = Segment(key, t)
                segments.append(current)
            add(current, row, t, upto, ship, law, sulphur)
            current.positions += waiting
            waiting = 0
            t = upto
    if current is not None:
        current.positions += waiting
    return segments, holes


def add(segment, row, t, upto, ship, law, sulphur):
    hours = (upto - t) / 3600
    segment.end_s = upto
    segment.hours += hours
    segment.distance_nm += row["nm"] * (upto - t) / row["dt"]
    segment.gap_max_h = max(segment.gap_max_h, row["dt"] / 3600)
    segment.hours_derived += hours if row["derived"] else 0.0
    segment.hours_no_draught += hours if row["draught"] is None else 0.0
    if modes.MODES[row["mode"]] in ("cruise", "manoeuvring"):
        lf = load_at(row["v"], row["draught"], ship, law)
        in_zone = row["place"] >> 21 & 31
        for name, amount in load_sums(lf, hours, sulphur[0 if in_zone else 1], ship).items():
            segment.sums[name] = segment.sums.get(name, 0.0) + amount
