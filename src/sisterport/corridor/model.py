"""The corridor problem as a mixed-integer linear programme: each row block is one line of the maths in `problem`."""
# ruff: noqa: N806 (sizes carry the letters of the maths)

from typing import Any

import numpy as np

from sisterport.corridor.problem import OIL, Floats, Ints, Problem
from sisterport.corridor.program import NONE, Index, Program

KILO = 1e3
"""Accounts are in kt, cargo in thousands of TEU, so that all rows are of one size; 1 USD/GJ is 1 MUSD per 1000 TJ."""


def model(p: Problem) -> Program:
    """Return columns and rows of a corridor problem, with cost [MUSD, present value] and emissions [t].

    Parameters
    ----------
    p
        The problem, checked.
    """
    m = Program()
    _fleet(m, p)
    _sailing(m, p)
    _fuels(m, p)
    _openings(m, p)
    _shore(m, p)
    _supply(m, p)
    for number in range(len(p.accounts)):
        _account(m, p, number)
    _pledges(m, p)
    return m


def _fleet(m: Program, p: Problem) -> None:
    S, V, Y, G = (p.sizes()[i] for i in "SVYG")
    year = np.arange(Y)
    most = np.bincount(p.group_service, p.group_ships, S)[:, None] + p.new_max[:, None] * (year + 1)
    can_build, can_convert = np.isfinite(p.new_musd), np.isfinite(p.convert_musd)
    can_convert &= (year < p.group_end[:, None])[:, None, :]
    owner = np.arange(S)[:, None, None]
    x = m.columns("x", (S, V, Y), high=most[:, None, :], cost=p.discount * p.own_musd, owner=owner)
    n = m.columns(
        "n", (S, V, Y), where=can_build & (p.new_max > 0)[:, None, None], high=p.new_max[:, None, None],
        cost=p.discount * np.where(can_build, p.new_musd, 0.0), whole=True, owner=owner,
    )  # fmt: skip
    r = m.columns(
        "r", (G, V, Y), where=can_convert, high=p.group_ships[:, None, None],
        cost=p.discount * np.where(can_convert, p.convert_musd, 0.0), whole=True, owner=owner[p.group_service],
    )  # fmt: skip

    of_group = p.group_service, p.group_variant
    change = np.zeros((S, V, Y))  # of the ships there are at the start: they come before the first year and end
    first: Any = (*of_group, 0)
    np.add.at(change, first, p.group_ships)
    ends = p.group_end < Y
    np.add.at(change, (p.group_service[ends], p.group_variant[ends], p.group_end[ends]), -p.group_ships[ends])
    fleet = m.rows("fleet", (S, V, Y), low=change, high=change)
    m.add(fleet, x)
    m.add(fleet[:, :, 1:], x[:, :, :-1], -1)
    m.add(fleet, n, -1)
    for v, life in enumerate(p.life):
        m.add(fleet[:, v, life:], n[:, v, : max(Y - life, 0)])
    m.add(fleet[p.group_service], r, -1)
    m.add(fleet[of_group][:, None, :], r)
    at_end = np.full((G, V, 1), NONE, np.int32)
    at_end[ends, :, 0] = fleet[p.group_service[ends], :, p.group_end[ends]]
    m.add(at_end, r)
    from_end = np.take_along_axis(at_end, p.group_variant[:, None, None], axis=1)
    m.add(from_end, r, -1)

    group = m.rows("group", (G,), high=p.group_ships)
    m.add(group[:, None, None], r)
    yard = m.rows("yard", (S, Y), where=(p.new_max > 0)[:, None], high=p.new_max[:, None])
    m.add(yard[:, None, :], n)


def _sailing(m: Program, p: Problem) -> None:
    S, V, Y, K = (p.sizes()[i] for i in "SVYK")
    x = m.blocks["x"]
    owner = np.arange(S)[:, None, None]
    i = m.columns("i", (S, V, Y), high=m.high[x], cost=-p.discount * (p.own_musd + p.charter_musd), owner=owner)
    w = m.columns("w", (S, V, K, Y), high=p.sailings_max[:, :, None, :], owner=owner[..., None])

    time = m.rows("time", (S, V, Y), high=0.0)
    m.add(time[:, :, None, :], w, p.days[:, None, :, None] / p.ship_days)
    m.add(time, i)
    m.add(time, x, -1)
    sailings = m.rows("sailings", (S, Y), low=p.sailings_min[:, None])
    m.add(sailings[:, None, None, :], w)
    enough = m.rows("enough", (S, Y), high=1.0)
    m.add(enough[:, None, None, :], w, 1 / p.sailings_max[:, :, None, :])
    cargo = m.rows("cargo", (S, Y), low=p.demand_teu / KILO)
    m.add(cargo[:, None, None, :], w, p.teu[:, :, None, None] / KILO)


def most_bunkered(p: Problem) -> Floats:
    """[C, T, Y] the most energy of a family that a service can take at one call in a year [TJ]."""
    held = p.tank_most[:, :, None] * p.sailings_max
    most = np.stack([held[:, p.variant_family == t].max(axis=1) for t in range(len(p.families))], axis=1)
    of_call: Floats = most[p.call_service]
    return of_call


def sold(p: Problem) -> Any:
    """[C, F, Y] whether a fuel can be bunkered at a call."""
    year = np.arange(len(p.years))
    first = np.where(p.fuel_family[:, None] == OIL, NONE, p.open_first[:, p.fuel_family].T)
    at_port = np.isfinite(p.price_usd_gj) & (p.supply_most > 0) & (year >= first[:, :, None])
    return at_port[:, p.call_port].transpose(1, 0, 2)


def _fuels(m: Program, p: Problem) -> None:
    C, V, Y, F, T, S = (p.sizes()[i] for i in "CVYFTS")
    service, sailings = p.call_service, p.sailings_max[p.call_service]
    there = sold(p)
    of_family = p.fuel_family == p.variant_family[:, None]  # [V, F]
    own = (there[:, None] & of_family[:, :, None]).any(axis=2) & (p.variant_family != OIL)[:, None]
    price = np.where(there, p.price_usd_gj[:, p.call_port].transpose(1, 0, 2), 0.0)
    shore = p.shore_per_fuel * p.discount * p.shore_usd_gj / KILO
    owner = service[:, None, None]
    b = m.columns("b", (C, V, Y), where=own, high=p.tank_most[service][:, :, None] * sailings, owner=owner)
    h = m.columns(
        "h", (C, V, Y), where=(p.connect > 0)[:, None, None],
        high=(p.connect[:, None] * p.berth_tj)[:, :, None] * sailings,
        cost=shore[p.call_port][:, None, :], emits=(p.shore_t_tj * p.shore_per_fuel)[p.call_port][:, None, :],
        owner=owner,
    )  # fmt: skip
    q = m.columns(
        "q", (C, F, Y), where=there, high=most_bunkered(p)[:, p.fuel_family], cost=p.discount * price / KILO,
        emits=p.fuel_t_tj, owner=owner,
    )  # fmt: skip
    green = (np.arange(T) != OIL)[:, None]
    bunker = m.rows("bunker", (C, T, Y), where=green, low=0.0, high=0.0)
    m.add(bunker[:, p.variant_family], b)
    m.add(bunker[:, p.fuel_family], q, -1)
    for s, calls in enumerate(p.calls_of):
        _tanks(m, p, s, calls)
    energy = m.rows("energy", (S, Y), low=0.0, high=0.0)[service][:, None, :]  # [C, 1, Y]
    m.add(energy, q)
    m.add(energy, h)
    m.add(energy[:, :, None, :], m.blocks["w"][service], -p.energy_tj[:, :, :, None])


def _tanks(m: Program, p: Problem, s: int, calls: Ints) -> None:
    """Write the ring of one rotation, and the stretches of it on which the tanks can be too small."""
    V, Y = len(p.variants), len(p.years)
    b, h, w = m.blocks["b"], m.blocks["h"], m.blocks["w"][s]
    share = (1 - p.pilot)[:, None]

    def burnt(way: Ints) -> Floats:
        """[V, K] the most of the own family that a sailing burns on some legs."""
        most: Floats = share * p.energy_tj[way].sum(axis=0)
        return most

    def fits(name: str, taken: Ints, way: Ints, room: Floats, where: Any) -> None:
        """Write that what is taken at some calls fits into the room: that of the tanks, and what the way burns."""
        rows = m.rows(name, (V, Y), where=where, high=0.0)
        m.add(rows, b[taken])
        m.add(rows, h[way], share)
        m.add(rows[:, None, :], w, -room[:, :, None])

    fits(f"pilot {s}", calls, calls, burnt(calls), (b[calls] != NONE).any(axis=0))
    for first in range(calls.size):
        for length in range(1, calls.size + 1):
            stretch = np.roll(calls, -first)[:length]
            room = p.tank_tj[s][:, None] + burnt(stretch[:-1])
            binds = (room < burnt(calls)).any(axis=1)[:, None]  # else the ring says more
            sells = (b[stretch[[0, -1]]] != NONE).all(axis=0)  # else a shorter stretch says more
            fits(f"tank {s} {first} {length}", stretch, stretch[:-1], room, binds & sells)


def _opening_cost(p: Problem, once: Floats, run: Floats, first: Ints) -> tuple[Any, Any, Floats]:
    """Return where an opening is a column, whether it is open from the start, and its cost in the year it is open.

    Opening in year y costs once[y] and what is open stays open: sum_y once[y] (o[y] - o[y-1]), put on o[y].
    """
    year = np.arange(len(p.years))
    there = (year >= first[..., None]) & np.isfinite(once)
    started = np.broadcast_to(first[..., None] < 0, there.shape)
    present = p.discount * np.where(there, once, 0.0)
    later = np.concatenate([present[..., 1:], np.zeros_like(present[..., :1])], axis=-1)
    cost = present - later + p.discount * run[..., None]
    return there, started, np.where(started, 0.0, cost)


def _openings(m: Program, p: Problem) -> None:
    P, T, Y, C = (p.sizes()[i] for i in "PTYC")
    there, started, cost = _opening_cost(p, p.open_musd, p.open_run_musd, p.open_first)
    there = (there | started) & (np.arange(T) != OIL)[:, None]
    o = m.columns("o", (P, T, Y), where=there, low=started, high=1.0, cost=cost, whole=True)
    once = m.rows("once", (P, T, Y - 1), where=there[:, :, :-1], low=0.0)
    m.add(once, o[:, :, 1:])
    m.add(once, o[:, :, :-1], -1)
    b, port, most = m.blocks["b"], p.call_port, (p.tank_most[:, :, None] * p.sailings_max)[p.call_service]
    open_ = m.rows("open", (C, T, Y), where=there[port] & ~started[port], high=0.0)
    m.add(open_[:, p.variant_family], b, 1 / most)
    m.add(open_, o[port], -1)


def _shore(m: Program, p: Problem) -> None:
    P, V, Y, C = (p.sizes()[i] for i in "PVYC")
    there, started, cost = _opening_cost(p, p.shore_musd, p.shore_run_musd, p.shore_first)
    e = m.columns("e", (P, Y), where=there | started, low=started, high=1.0, cost=cost, whole=True)
    once = m.rows("shore once", (P, Y - 1), where=(there | started)[:, :-1], low=0.0)
    m.add(once, e[:, 1:])
    m.add(once, e[:, :-1], -1)
    h, w, port = m.blocks["h"], m.blocks["w"][p.call_service], p.call_port
    can = p.connect > 0
    plug = m.rows("plug", (C, V, Y), where=can[:, None, None], high=0.0)
    m.add(plug, h)
    m.add(plug[:, :, None, :], w, -(p.connect[:, None] * p.berth_tj)[:, :, None, None])
    shore = m.rows("shore", (C, Y), where=can[:, None] & ~started[port], high=0.0)
    at_berth = p.berth_tj[:, :, None] * p.sailings_max[p.call_service]
    m.add(shore[:, None, :], h, 1 / np.maximum(p.connect[:, None, None] * at_berth, np.finfo(float).tiny))
    m.add(shore, e[port], -1)

    due = p.duty > 0
    paid = np.isfinite(p.duty_usd_gj)
    d = m.columns(
        "d", (C, Y), where=due & paid, high=p.duty * at_berth.max(axis=1), owner=p.call_service[:, None],
        cost=p.discount * np.where(paid, p.duty_usd_gj, 0.0) / KILO,
    )  # fmt: skip
    duty = m.rows("duty", (C, Y), where=due, low=0.0)
    m.add(duty[:, None, :], h)
    m.add(duty, d)
    m.add(duty[:, None, None, :], w, -p.duty[:, None, None, :] * p.berth_tj[:, :, None, None])


def _supply(m: Program, p: Problem) -> None:
    R, F, P, Y = (p.sizes()[i] for i in "RFPY")
    q, port = m.blocks["q"], p.call_port
    region = np.where(p.supply_region[:, port].T[:, :, None] >= 0, p.supply_region[:, port].T[:, :, None], R)
    limited = np.isfinite(p.supply_tj)
    supply = m.rows("supply", (R, Y), where=limited, high=np.where(limited, p.supply_tj, 0.0))
    with_none = np.concatenate([supply, np.full((1, Y), NONE, np.int32)])
    m.add(with_none[region[:, :, 0]], q)

    # the same per port, times the opening: where supply binds this makes openings whole in the relaxation
    most = p.supply_most
    o = m.blocks["o"][:, p.fuel_family].transpose(1, 0, 2)  # [F, P, Y]
    at_port = m.rows("port supply", (F, P, Y), where=np.isfinite(most) & (o != NONE) & (most > 0), high=0.0)
    m.add(at_port[:, port].transpose(1, 0, 2), q)
    m.add(at_port, o, -np.where(np.isfinite(most), most, 0.0))


def _scoped(m: Program, p: Problem, scope: Floats) -> Index:
    """Return the columns [S, F, Y] of the fuels counted on the legs in scope; made once for each scope."""
    number = next(k for k, known in enumerate(p.scopes) if np.array_equal(known, scope))
    if f"a {number}" in m.blocks:
        return m.blocks[f"a {number}"]
    S, F, Y = (p.sizes()[i] for i in "SFY")
    service, part = p.call_service, scope[:, None, None]
    touched = np.bincount(service, scope, S) > 0
    most = np.zeros((S, F, Y))
    np.add.at(most, service, most_bunkered(p)[:, p.fuel_family])
    a = m.columns(f"a {number}", (S, F, Y), where=touched[:, None, None], high=most, owner=np.arange(S)[:, None, None])
    scoped = m.rows(f"scope {number}", (S, Y), where=touched[:, None], low=0.0, high=0.0)
    m.add(scoped[:, None, :], a)
    m.add(scoped[service][:, None, :], m.blocks["h"], part)
    m.add(scoped[service][:, None, None, :], m.blocks["w"][service], -part[..., None] * p.energy_tj[:, :, :, None])
    bought = m.rows(f"bought {number}", (S, F, Y), where=touched[:, None, None], high=0.0)
    m.add(bought, a)
    m.add(bought[service], m.blocks["q"], -1)
    return a


def _account(m: Program, p: Problem, number: int) -> None:
    account = p.accounts[number]
    Y, pools = len(p.years), account.limit.shape[0]
    force = ~np.isnan(account.price_usd)
    price = np.where(np.isfinite(account.price_usd), account.price_usd, 0.0)
    free = np.isfinite(account.price_usd)
    used = _most_counted(p, account)
    alone = np.array([NONE if (account.pool == k).sum() != 1 else np.argmax(account.pool == k) for k in range(pools)])
    z = m.columns(
        f"z {number}", (pools, Y), where=force & free, high=used, cost=p.discount * price / KILO, owner=alone[:, None]
    )
    rows = m.rows(f"account {number}", (pools, Y), where=force, high=account.limit / KILO)
    m.add(rows, z, -1)
    of_service = np.where((account.pool >= 0)[:, None], rows[account.pool], NONE)  # [S, Y]
    factor = account.fuel / KILO
    if account.scope is None:
        m.add(of_service[p.call_service][:, None, :], m.blocks["q"], factor)
    else:
        m.add(of_service[:, None, :], _scoped(m, p, account.scope), factor)
    electricity = (account.shore * p.shore_per_fuel / KILO)[p.call_port][:, None, :]
    m.add(of_service[p.call_service][:, None, :], m.blocks["h"], electricity)


def _most_counted(p: Problem, account: Any) -> Floats:
    """[pools, Y] more than an account can ever miss [kt]."""
    most = most_bunkered(p)[:, p.fuel_family].max(axis=1)  # [C, Y] of any fuel
    worst = np.maximum(account.fuel, 0.0).max(axis=0) + np.maximum(account.shore, 0.0).max(axis=0)
    total = np.zeros(account.limit.shape)
    held = account.pool[p.call_service] >= 0
    np.add.at(total, account.pool[p.call_service][held], (most * worst)[held])
    most_kt: Floats = (total * len(p.families) + np.abs(account.limit)) / KILO
    return most_kt


def _pledges(m: Program, p: Problem) -> None:
    Y, x = len(p.years), m.blocks["x"]
    for number, pledge in enumerate(p.pledges):
        held = np.arange(Y) >= pledge.from_year
        rows = m.rows(f"pledge {number}", (Y,), where=held, low=pledge.ships)
        m.add(rows, x[pledge.services][:, pledge.variants])
