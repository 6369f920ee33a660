"""Check a plan constraint by constraint: ships by their ages, tanks leg by leg, everything else added up again.

Nothing here comes from the optimiser: it reads the frames of the plan and the problem. The tanks of a variant are
sailed around the ring of calls, burning what they hold as early as they can, which keeps them as empty as can be.
"""
# ruff: noqa: N806 (sizes carry the letters of the maths)

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from sisterport.corridor.plan_frames import SHORE_POWER, Plan
from sisterport.corridor.problem import OIL, Floats, Problem

TOLERANCE = 1e-6
"""Relative difference that counts as none."""

_USD_PER_MUSD = 1e6


def verify(p: Problem, plan: Plan, *, cost_musd: float | None = None, emissions_t: float | None = None) -> list[str]:
    """Return what is wrong with a plan; an empty list says that it holds everything and costs what it says.

    Parameters
    ----------
    p
        The problem.
    plan
        Its plan.
    cost_musd, emissions_t
        What the plan is said to cost (present value) and to emit, to be checked as well.

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> from sisterport.corridor.plan import plan
    >>> from sisterport.corridor.solve import solve
    >>> solved = solve(problem_of(example("shanghai-hamburg")), gap=0.01)
    >>> made = plan(solved)
    >>> verify(solved.problem, made, cost_musd=solved.cost_musd)
    []
    >>> verify(solved.problem, made, cost_musd=1.0)[0].startswith("cost: ")
    True
    """
    try:
        case = _Case(p, plan)
    except (ValueError, KeyError) as error:
        return [f"plan and problem do not fit: {error}"]
    checks = (_ships, _sailings, _energy, _tanks, _places, _shore, _supply, _scopes, _accounts, _pledges)
    faults = [fault for check in checks for fault in check(case)]
    for what, unit, said, true in (
        ("cost", "MUSD", cost_musd, case.cost()),
        ("cost in the frame", "MUSD", plan.cost_musd, case.cost()),
        ("emissions", "t", emissions_t, case.emissions()),
    ):
        if said is not None and _differs(said, true):
            faults.append(f"{what}: {true:.8g} {unit}, the plan says {said:.8g}")
    return faults


class _Case:
    """The frames of a plan as arrays."""

    def __init__(self, p: Problem, plan: Plan) -> None:
        self.p, self.plan = p, plan
        self.of = {
            "service": _numbers(p.services), "variant": _numbers(p.variants), "year": _numbers(p.years),
            "fuel": _numbers(p.fuels), "port": _numbers(p.ports), "family": _numbers(p.families),
        }  # fmt: skip
        S, V, Y, C, F, K, G = (p.sizes()[i] for i in "SVYCFKG")
        self.x, self.built, self.out = (
            self._array(plan.ships, ("service", "variant", "year"), name, (S, V, Y))
            for name in ("ships_n", "built_n", "chartered_out_years")
        )
        self.of["group"], self.of["speed_option"] = _numbers(range(G)), _numbers(range(1, K + 1))
        self.r = self._array(plan.conversions, ("group", "variant", "year"), "ships_n", (G, V, Y))
        self.w = self._array(plan.sailings, ("service", "variant", "speed_option", "year"), "sailings_n", (S, V, K, Y))
        self.of["place"] = self._places()
        self.q = self._array(_placed(plan.fuel), ("place", "fuel", "year"), "energy_tj", (C, F, Y))
        self.b = self._array(_placed(plan.tanks), ("place", "variant", "year"), "energy_tj", (C, V, Y))
        self.h = self._array(_placed(plan.shore), ("place", "variant", "year"), "energy_tj", (C, V, Y))
        self.a = [
            self._array(plan.counted.filter(pl.col("scope") == k), ("service", "fuel", "year"), "energy_tj", (S, F, Y))
            for k in range(len(p.scopes))
        ]
        self.opened = {(r["port"], r["opened"]): r["year"] for r in plan.openings.to_dicts()}
        self.sailed = self.w.sum(axis=2)
        self.at_berth = p.berth_tj[:, :, None] * self.sailed[p.call_service]
        self.at_sea = np.einsum("cvk,cvky->cvy", p.sea_tj, self.w[p.call_service])

    def _places(self) -> dict[Any, int]:
        count: dict[int, int] = defaultdict(int)
        found = {}
        for c, (s, port) in enumerate(zip(self.p.call_service, self.p.call_port, strict=True)):
            count[int(s)] += 1
            found[self.p.services[s], count[int(s)], self.p.ports[port]] = c
        return found

    def _array(self, frame: pl.DataFrame, keys: Sequence[str], value: str, shape: tuple[int, ...]) -> Floats:
        array = np.zeros(shape)
        index = tuple([self.of[key][name] for name in frame[key].to_list()] for key in keys)
        np.add.at(array, index, frame[value].to_numpy().astype(float))
        return array

    def open_from(self, port: int, what: str) -> int:
        """Index of the first year in which something is open at a port; the number of years if it never is."""
        p = self.p
        year = self.opened.get((p.ports[port], what))
        return len(p.years) if year is None else p.years.index(year)

    def missed_duty(self) -> Floats:
        due = self.p.duty * self.at_berth.sum(axis=1) - self.h.sum(axis=1)
        return np.maximum(np.where(self.p.duty > 0, due, 0.0), 0.0)

    def counted(self, number: int) -> Floats:
        """[S, Y] what an account counts."""
        p, a = self.p, self.p.accounts[number]
        total = np.zeros((len(p.services), len(p.years)))
        if a.scope is None:
            for c, s in enumerate(p.call_service):
                total[s] += (a.fuel * self.q[c]).sum(axis=0)
        else:
            used = self.a[[np.array_equal(a.scope, k) for k in p.scopes].index(True)]
            total += np.einsum("fy,sfy->sy", a.fuel, used)
        for c, s in enumerate(p.call_service):
            total[s] += a.shore[p.call_port[c]] * p.shore_per_fuel * self.h[c].sum(axis=0)
        return total

    def emissions(self) -> float:
        p = self.p
        electric = self.h.sum(axis=1) * p.shore_per_fuel
        return float((self.q.sum(axis=0) * p.fuel_t_tj).sum() + (electric * p.shore_t_tj[p.call_port]).sum())

    def cost(self) -> float:
        """Present value of everything [MUSD]."""
        p, total = self.p, np.zeros(len(self.p.years))
        for number, price in ((self.built, p.new_musd), (self.r, p.convert_musd)):
            total += np.where(number > 0, number * np.where(number > 0, price, 0.0), 0.0).sum(axis=(0, 1))
        total += ((self.x - self.out) * p.own_musd - self.out * p.charter_musd).sum(axis=(0, 1))
        for c, port in enumerate(p.call_port):
            bought = self.q[c] > 0
            total += np.where(bought, self.q[c] * np.where(bought, p.price_usd_gj[:, port], 0.0), 0.0).sum(axis=0) / 1e3
            total += self.h[c].sum(axis=0) * p.shore_per_fuel * p.shore_usd_gj[port] / 1e3
        for i in range(len(p.ports)):
            for t, family in enumerate(p.families):
                if t != OIL and p.open_first[i, t] >= 0:
                    total += _opening(self.open_from(i, family), p.open_musd[i, t], p.open_run_musd[i, t])
            if p.shore_first[i] >= 0:
                total += _opening(self.open_from(i, SHORE_POWER), p.shore_musd[i], p.shore_run_musd[i])
        missed = self.missed_duty()
        total += (missed * np.where(np.isfinite(p.duty_usd_gj), p.duty_usd_gj, 0.0)).sum(axis=0) / 1e3
        for account, a in enumerate(p.accounts):
            for k, limit in enumerate(a.limit):
                above = np.maximum(self.counted(account)[a.pool == k].sum(axis=0) - limit, 0.0)
                total += (
                    np.where(np.isfinite(a.price_usd), above * np.nan_to_num(a.price_usd, posinf=0.0), 0.0)
                    / _USD_PER_MUSD
                )
        return float((total * p.discount).sum())


def _numbers(names: Any) -> dict[Any, int]:
    return {name: number for number, name in enumerate(names)}


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with one column `place` for service, call and port."""
    return frame.with_columns(
        place=pl.Series(list(zip(frame["service"], frame["call"], frame["port"], strict=True)), dtype=pl.Object)
    )


def _opening(first: int, once: Floats, run: float) -> Floats:
    paid = np.zeros(once.size)
    if first < once.size:
        paid[first] = once[first]
        paid[first:] += run
    return paid


def _differs(a: Any, b: Any) -> bool:
    close = abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))
    return not (close and np.isfinite(a) and np.isfinite(b))


def _above(values: Any, limits: Any) -> Any:
    """Where values are above limits by more than rounding."""
    return values > limits + TOLERANCE * np.maximum(1.0, np.abs(limits))


def _where(case: _Case, mask: Any, what: str, *, call: bool = False, variant: bool = True) -> Iterator[str]:
    """Name the first place where something is wrong, and count the others."""
    at = np.argwhere(mask)
    if not at.size:
        return
    p, first = case.p, at[0]
    s = p.call_service[first[0]] if call else first[0]
    place = f"service '{p.services[s]}'" + (f" at {p.ports[p.call_port[first[0]]]}" if call else "")
    kind = f", {p.variants[first[1]]}" if variant else ""
    more = f" (and {len(at) - 1} more)" if len(at) > 1 else ""
    yield f"{what}: {place}{kind}, {p.years[first[-1]]}{more}"


def _ships(case: _Case) -> Iterator[str]:
    """Follow each ship from its first year to its end."""
    p, Y = case.p, len(case.p.years)
    there = np.zeros_like(case.x)
    for g, (s, v) in enumerate(zip(p.group_service, p.group_variant, strict=True)):
        end = min(int(p.group_end[g]), Y)
        if case.r[g].sum() > p.group_ships[g]:
            yield f"ships: more conversions than ships in group {g} of '{p.services[s]}'"
        there[s, v, :end] += p.group_ships[g]
        for to, year in np.argwhere(case.r[g] > 0):
            if year >= end or not np.isfinite(p.convert_musd[g, to, year]):
                yield f"ships: group {g} of '{p.services[s]}' cannot become {p.variants[to]} in {p.years[year]}"
            there[s, v, year:end] -= case.r[g, to, year]
            there[s, to, year:end] += case.r[g, to, year]
    for s, v, year in np.argwhere(case.built > 0):
        there[s, v, year : year + int(p.life[v])] += case.built[s, v, year]
    yield from _where(case, (case.built > 0) & ~np.isfinite(p.new_musd), "ships that cannot be had")
    yield from _where(case, case.x != there, "ships that do not follow from those before")
    too_many = case.built.sum(axis=1) > p.new_max[:, None]
    yield from _where(case, too_many, "more new ships than the yards deliver", variant=False)
    for values in (case.x, case.built, case.r):
        if (values < 0).any() or (values != np.rint(values)).any():
            yield "ships: some number is negative or not whole"


def _sailings(case: _Case) -> Iterator[str]:
    p = case.p
    if min(case.w.min(), case.out.min(), case.q.min(), case.b.min(), case.h.min(initial=0.0)) < -TOLERANCE:
        yield "some amount is below zero"
    used = np.einsum("sk,svky->svy", p.days, case.w) / p.ship_days
    yield from _where(case, _above(used, case.x - case.out), "more sailings than the ships have days for")
    sailed = case.sailed.sum(axis=1)
    few = _above(p.sailings_min[:, None], sailed)
    yield from _where(case, few, "fewer sailings than the stated frequency", variant=False)
    carried = np.einsum("sv,svy->sy", p.teu, case.sailed)
    yield from _where(case, _above(p.demand_teu, carried), "less cargo than stated", variant=False)


def _energy(case: _Case) -> Iterator[str]:
    p = case.p
    need, given = np.zeros((len(p.services), len(p.years))), np.zeros((len(p.services), len(p.years)))
    np.add.at(need, p.call_service, (case.at_sea + case.at_berth).sum(axis=1))
    np.add.at(given, p.call_service, case.q.sum(axis=1) + case.h.sum(axis=1))
    off = np.abs(need - given) > TOLERANCE * np.maximum(1.0, need)
    yield from _where(case, off, "energy bought is not energy needed", variant=False)


def _tanks(case: _Case) -> Iterator[str]:
    """Sail each variant around its ring twice: a first time to fill what is carried over, a second time to check."""
    p = case.p
    for s in range(len(p.services)):
        ring = np.nonzero(p.call_service == s)[0]
        for v in np.nonzero(p.variant_family != OIL)[0]:
            burns = (1 - p.pilot[v]) * (case.at_sea + case.at_berth - case.h)[ring, v]
            room = p.tank_tj[s, v] * case.sailed[s, v]
            content, full = np.zeros(len(p.years)), np.zeros(len(p.years))
            for c in (*range(ring.size), *range(ring.size)):
                content += case.b[ring[c], v]
                full = np.maximum(full, content)
                content -= np.minimum(content, burns[c])
            taken, slack = case.b[ring, v].sum(axis=0), TOLERANCE * np.maximum(1.0, room)
            for wrong, what in (
                (taken > burns.sum(axis=0) + slack, "more bunkered than can be burnt beside the pilot fuel"),
                (full > room + slack, "tanks too small"),
            ):
                for year in np.nonzero(wrong)[0][:1]:
                    yield f"{what}: service '{p.services[s]}', {p.variants[v]}, {p.years[year]}"
    for t in range(1, len(p.families)):
        in_tanks = case.b[:, p.variant_family == t].sum(axis=1)
        bought = case.q[:, p.fuel_family == t].sum(axis=1)
        off = np.abs(in_tanks - bought) > TOLERANCE * np.maximum(1.0, bought)
        yield from _where(
            case, off, f"{p.families[t]} bought is not {p.families[t]} in tanks", call=True, variant=False
        )


def _places(case: _Case) -> Iterator[str]:
    """Fuel is sold where it is bought, and bunkering of its family is open."""
    p, years = case.p, np.arange(len(case.p.years))
    for c, f in np.argwhere((case.q > TOLERANCE).any(axis=2)):
        port, bought = int(p.call_port[c]), case.q[c, f] > TOLERANCE
        if (bought & ~np.isfinite(p.price_usd_gj[f, port])).any():
            yield f"{p.fuels[f]} is not sold at {p.ports[port]}"
        t = int(p.fuel_family[f])
        if t != OIL and (bought & (years < case.open_from(port, p.families[t]))).any():
            yield f"{p.fuels[f]} bunkered at {p.ports[port]} before {p.families[t]} bunkering is open"
    for (port_name, what), year in case.opened.items():
        port = case.of["port"][port_name]
        first = p.shore_first[port] if what == SHORE_POWER else p.open_first[port, case.of["family"][what]]
        if p.years.index(year) < first:
            yield f"{what} at {port_name} opens in {year}, before it can"


def _shore(case: _Case) -> Iterator[str]:
    p, years = case.p, np.arange(len(case.p.years))
    most = p.connect[:, None, None] * case.at_berth
    yield from _where(case, _above(case.h, most), "more shore energy than can connect", call=True)
    for c in np.nonzero(case.h.any(axis=(1, 2)))[0]:
        if ((case.h[c].sum(axis=0) > TOLERANCE) & (years < case.open_from(int(p.call_port[c]), SHORE_POWER))).any():
            yield f"shore energy at {p.ports[p.call_port[c]]} before shore power is open"
    hard = _above(case.missed_duty(), 0.0) & np.isinf(p.duty_usd_gj)
    yield from _where(case, hard, "less shore energy than the law wants", call=True, variant=False)


def _supply(case: _Case) -> Iterator[str]:
    p = case.p
    total = np.zeros(p.supply_tj.shape)
    for c, f in np.argwhere(p.supply_region[:, p.call_port].T >= 0):
        total[p.supply_region[f, p.call_port[c]]] += case.q[c, f]
    for row, year in np.argwhere(_above(total, p.supply_tj))[:3]:
        fuel = p.fuels[int(np.argwhere(p.supply_region == row)[0][0])]
        amounts = f"{total[row, year]:.6g} TJ of {p.supply_tj[row, year]:.6g}"
        yield f"more {fuel} than is supplied: {amounts}, {p.years[year]}"


def _scopes(case: _Case) -> Iterator[str]:
    p = case.p
    for scope, used in zip(p.scopes, case.a, strict=True):
        inside, bought = np.zeros(used[:, 0].shape), np.zeros(used.shape)
        np.add.at(inside, p.call_service, scope[:, None] * (case.at_sea + case.at_berth - case.h).sum(axis=1))
        np.add.at(bought, p.call_service, case.q)
        if (used < -TOLERANCE).any() or _above(used, bought).any():
            yield "a rule counts more of a fuel than was bunkered"
        off = np.abs(used.sum(axis=1) - inside) > TOLERANCE * np.maximum(1.0, inside)
        yield from _where(case, off, "the energy counted is not that of the legs in scope", variant=False)


def _accounts(case: _Case) -> Iterator[str]:
    p = case.p
    for number, a in enumerate(p.accounts):
        for k, limit in enumerate(a.limit):
            above = _above(case.counted(number)[a.pool == k].sum(axis=0), limit) & np.isposinf(a.price_usd)
            for year in np.nonzero(above)[0][:1]:
                yield f"'{a.name}' is not kept in {p.years[year]}"


def _pledges(case: _Case) -> Iterator[str]:
    p = case.p
    for pledge in p.pledges:
        ships = case.x[pledge.services][:, pledge.variants].sum(axis=(0, 1))
        for year in np.nonzero(ships[pledge.from_year :] < pledge.ships)[0][:1]:
            yield f"'{pledge.name}': fewer than {pledge.ships} ships in {p.years[pledge.from_year + year]}"
