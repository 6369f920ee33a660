"""The bound that the prices of a certificate prove, added up in plain arithmetic (docs/shorepower_upgrades.md)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from sisterport.shorepower.restated import Case, Copy, floats
from sisterport.units import TINY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prices:
    """Prices per option (in order), place and phase, phase of the budget, upgrade over phases, floor and phase."""

    option: Any
    hour: Mapping[str, Any]
    mva: Mapping[str, Any]
    money: list[float]
    units: Mapping[str, float]
    floor: Any


def bound(case: Case) -> float:
    """Return the bound; prices must be finite and not negative.

    Raises
    ------
    ValueError
        If a price is negative or not finite, or their number does not fit the problem.
    """
    y = _prices(case)
    total = sum(price * budget for price, budget in zip(y.money, case.budget_usd, strict=True))
    total += sum(price * case.up[u]["most"] for u, price in y.units.items())
    lift = np.zeros((len(case.weights), len(case.link)))
    floor_price = iter(y.floor)
    for floor in case.floors:
        counted = case.counted(floor)
        for q in case.phases:
            if floor in case.floors_in(q):
                price = next(floor_price)
                total -= price * floor["share"] * counted.sum()
                lift[q] += price * counted
    worth = {(u, p): _unit_worth(case, (u, p), y) for u in case.up for p in case.phases}
    total += sum(case.up[u]["built"] * capacity for (u, p), (capacity, _) in worth.items() if p == 0)
    earned, asks = _asked(case, y)
    for copy, (capacity, cost) in worth.items():
        if copy[0] not in case.tried and case.may(*copy):
            more = capacity - cost
            total += max(0.0, earned[copy] + more, earned[copy] + more * case.useful(copy[0]))
    members: dict[str, list[int]] = {place: [] for place in case.hours_at}
    for i, row in enumerate(case.link):
        members.setdefault(row["berth_id"], []).append(i)
    return float(total) + sum(_berth(case, y, place, at, asks, lift, worth) for place, at in members.items())


def _prices(case: Case) -> _Prices:
    packed = {name: floats(text) for name, text in case.record["prices"].items()}
    if any((values < 0).any() or not np.isfinite(values).all() for values in packed.values()):
        raise ValueError("some prices are negative or not finite, so they prove nothing")
    phases = len(case.weights)
    hour = dict(zip(case.hours_at, packed["hour"].reshape(len(case.hours_at), phases), strict=True))
    for place, sources in case.hours_at.items():
        if set(sources) <= case.tried:  # these hours are respected exactly and need no price
            hour[place] = np.zeros(phases)
    shared = [
        u
        for u, row in case.up.items()
        if phases > 1 and row["makes_room"] and sum(case.exists((u, p)) for p in case.phases) > 1
    ]
    limit = [float(price) for price in packed["limit"]]
    return _Prices(
        option=packed["option"],
        hour=hour,
        mva=dict(zip(case.mva_at, packed["mva"].reshape(len(case.mva_at), phases), strict=True)),
        money=limit[:phases],
        units=dict(zip(shared, limit[phases:], strict=True)),
        floor=packed["floor"],
    )


def _unit_worth(case: Case, copy: Copy, y: _Prices) -> tuple[float, float]:
    """Return what one unit adds in priced hours and power, and what it costs at the price of money."""
    u, p = copy
    row = case.up[u]
    capacity = 0.0
    if row["outlet_hours_h"] is not None:
        capacity += row["outlet_hours_h"] * y.hour[row["berth_id"]][p:].sum()
    if row["plant_mva"] is not None:
        capacity += row["plant_mva"] * y.mva[row["plant_id"]][p:].sum()
    return float(capacity), row["usd"] * sum(y.money[p:]) + y.units.get(u, 0.0)


def _asked(case: Case, y: _Prices) -> tuple[dict[Copy, float], list[list[list[tuple[set[Copy], float]]]]]:
    """Return what each shared copy earns; per phase, link and need the tried copies and the least other price."""
    earned: dict[Copy, float] = defaultdict(float)
    prices = iter(y.option)
    asks = []
    for q in case.phases:
        of_phase = []
        for needs in case.needs:
            of_link = []
            for options in needs:
                tried, least = set(), np.inf
                for copy in [(u, p) for u in options for p in range(q + 1) if case.exists((u, p))]:
                    price = next(prices)
                    if copy[0] in case.tried:
                        tried.add(copy)
                    else:
                        earned[copy] += price
                        least = min(least, price)
                of_link.append((tried, least))
            of_phase.append(of_link)
        asks.append(of_phase)
    if next(prices, None) is not None:
        raise ValueError("more prices of options than options")
    return earned, asks


def _berth(
    case: Case, y: _Prices, place: str, at: list[int], asks: Any, lift: Any, worth: Mapping[Copy, tuple[float, float]]
) -> float:
    """Return the best worth of a berth over all combinations of the upgrades that are tried there."""
    sources = [u for u in case.hours_at.get(place, []) if u in case.tried]
    named = {copy for q in case.phases for i in at for tried, _ in asks[q][i] for copy in tried}
    named |= {(u, p) for u in sources for p in case.phases}
    copies = sorted(filter(case.exists, named))
    spans = [range(case.useful(u) + 1) if case.may(u, p) else range(1) for u, p in copies]
    exact = place in case.hours_at and set(case.hours_at[place]) <= case.tried
    best = -np.inf
    profits: dict[frozenset[Copy], list[tuple[Any, Any]]] = {}
    for combination in product(*spans):
        units = dict(zip(copies, combination, strict=True))
        if any(sum(units.get((u, p), 0) for p in case.phases) > case.useful(u) for u, _ in copies):
            continue
        there = frozenset(c for c, n in units.items() if n + (case.up[c[0]]["built"] if c[1] == 0 else 0) > 0)
        if there not in profits:
            profits[there] = [_profits(case, y, q, at, asks[q], there, lift[q]) for q in case.phases]
        total = sum(n * (worth[copy][0] - worth[copy][1]) for copy, n in units.items())
        for q in case.phases:
            room = np.inf
            if exact:
                have = {u: case.up[u]["built"] + sum(units.get((u, p), 0) for p in range(q + 1)) for u in sources}
                room = sum(case.up[u]["outlet_hours_h"] * n for u, n in have.items())
            total += _fill(*profits[there][q], room)
        best = max(best, total)
    return float(best)


def _profits(
    case: Case, y: _Prices, q: int, at: list[int], asks: Any, there: frozenset[Copy], lift: Any
) -> tuple[Any, Any]:
    """Return profit and hours of the links of a berth that pay, best profit per hour first."""
    found = []
    for i in at:
        row = case.link[i]
        hours = row["hours_h"] or 0.0
        value = case.weights[q] * case.gain[i] + lift[i]
        value -= y.hour[row["berth_id"]][q] * hours if row["berth_id"] in y.hour else 0.0
        value -= y.mva[row["plant_id"]][q] * case.mva(row) if row["plant_id"] in y.mva else 0.0
        value -= sum(0.0 if tried & there else least for tried, least in asks[i])
        if value > 0:
            found.append((value / max(hours, TINY), value, hours))
    found.sort(reverse=True)
    return np.array([value for _, value, _ in found]), np.array([hours for _, _, hours in found])


def _fill(profit: Any, hours: Any, room: float) -> float:
    """Return the most profit in so many hours, links in part."""
    before = np.cumsum(hours) - hours
    share = np.clip((room - before) / np.maximum(hours, TINY), 0.0, 1.0)
    return float(profit @ np.where(hours > 0, share, 1.0))
